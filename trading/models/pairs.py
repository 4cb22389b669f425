"""Pairs that were promoted: shared reference data that strategies will trade."""

from django.db import models

from trading.models.prices import Timeframe
from trading.models.symbols import Symbol
from users.models import User

__all__ = ["TradingPair"]


class Trend(models.TextChoices):
    """Deterministic terms of the cointegrating regression."""

    NONE = "n", "None"
    CONSTANT = "c", "Constant"
    LINEAR = "ct", "Constant and trend"
    QUADRATIC = "ctt", "Constant, trend and its square"


class Scale(models.TextChoices):
    """What the hedge ratio is a ratio of."""

    LOG = "log", "Log prices: dollars per dollar"
    PRICE = "price", "Prices: shares per share"


class TradingPairQuerySet(models.QuerySet["TradingPair"]):
    """Questions asked of pairs."""

    def active(self) -> "TradingPairQuerySet":
        """Not retired."""
        return self.filter(is_active=True)

    def visible_to(self, user: User) -> "TradingPairQuerySet":
        """Pairs are shared: whoever may view them sees them all."""
        return self if user.has_perm("trading.view_tradingpair") else self.none()

    def with_symbols(self) -> "TradingPairQuerySet":
        """With both legs fetched in the same query."""
        return self.select_related("symbol_1", "symbol_2")


class TradingPair(models.Model):
    """Two symbols and the relation between them as fitted once; `symbol_1` is the dependent leg."""

    symbol_1 = models.ForeignKey(Symbol, on_delete=models.PROTECT, related_name="pairs_as_first")
    symbol_2 = models.ForeignKey(Symbol, on_delete=models.PROTECT, related_name="pairs_as_second")
    timeframe = models.CharField(max_length=3, choices=Timeframe.choices, default=Timeframe.DAILY)
    trend = models.CharField(max_length=3, choices=Trend.choices, default=Trend.CONSTANT)
    scale = models.CharField(max_length=5, choices=Scale.choices, default=Scale.LOG)
    cointegration_pvalue = models.FloatField()
    qvalue = models.FloatField(null=True, blank=True, help_text="Empty when the pair was tested on its own.")
    statistic = models.FloatField()
    half_life = models.FloatField(
        null=True, blank=True, help_text="Bars; empty when the spread does not revert."
    )
    correlation = models.FloatField(null=True, blank=True, help_text="Of log returns.")
    hedge_ratio = models.FloatField()
    intercept = models.FloatField(default=0.0)
    stability_score = models.FloatField(null=True, blank=True, help_text="Empty until it has been estimated.")
    fit_start = models.DateTimeField()
    fit_end = models.DateTimeField()
    n_obs = models.PositiveIntegerField()
    scan = models.ForeignKey(
        "trading.Scan", null=True, blank=True, on_delete=models.SET_NULL, related_name="pairs"
    )
    created_by = models.ForeignKey(
        User, null=True, blank=True, on_delete=models.SET_NULL, related_name="pairs"
    )
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)
    is_active = models.BooleanField(default=True, db_index=True)

    objects = TradingPairQuerySet.as_manager()

    class Meta:
        ordering = ("cointegration_pvalue", "id")
        constraints = (
            models.UniqueConstraint(fields=("symbol_1", "symbol_2", "timeframe"), name="pair_once"),
            models.CheckConstraint(
                condition=~models.Q(symbol_1=models.F("symbol_2")), name="pair_has_two_symbols"
            ),
            models.CheckConstraint(
                condition=models.Q(cointegration_pvalue__range=(0, 1)), name="pair_pvalue_in_range"
            ),
            models.CheckConstraint(
                condition=models.Q(stability_score__isnull=True) | models.Q(stability_score__range=(0, 1)),
                name="pair_stability_in_range",
            ),
            models.CheckConstraint(
                condition=models.Q(fit_start__lte=models.F("fit_end")), name="pair_fit_starts_before_it_ends"
            ),
        )

    def __str__(self) -> str:
        return f"{self.symbol_1}/{self.symbol_2}"

    def deactivate(self) -> None:
        """Retire it: no longer listed, its history stays."""
        self.set_active(False)

    def set_active(self, active: bool) -> None:  # noqa: FBT001 - the name says what it is
        """Retire it, or bring it back."""
        self.is_active = active
        self.save(update_fields=["is_active", "updated_at"])
