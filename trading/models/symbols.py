"""What can be traded, and named sets of it."""

from django.core.validators import RegexValidator
from django.db import models
from django.db.models.functions import Upper

from users.models import User

__all__ = ["AssetClass", "PlantedPair", "Symbol", "Universe"]

TICKER = RegexValidator(
    r"^[A-Z0-9][A-Z0-9.\-=^/]{0,19}\Z",
    "a ticker is 1 to 20 capital letters, digits and . - = ^ /, such as KO or BRK.B",
)


class AssetClass(models.TextChoices):
    """What kind of thing a symbol is."""

    EQUITY = "equity", "Equity"
    ETF = "etf", "Exchange-traded fund"
    CRYPTO = "crypto", "Crypto"
    FUTURE = "future", "Future"
    FX = "fx", "Currency"
    SYNTHETIC = "synthetic", "Synthetic"


class SymbolQuerySet(models.QuerySet["Symbol"]):
    """Questions asked of symbols."""

    def active(self) -> "SymbolQuerySet":
        """Not deactivated."""
        return self.filter(is_active=True)

    def tickers(self) -> list[str]:
        """Their tickers, in order."""
        return list(self.values_list("ticker", flat=True))


class Symbol(models.Model):
    """Something with a price: shared reference data, deactivated rather than deleted."""

    ticker = models.CharField(max_length=20, unique=True, validators=[TICKER])
    name = models.CharField(max_length=200, blank=True)
    sector = models.CharField(max_length=100, blank=True, db_index=True)
    exchange = models.CharField(max_length=40, blank=True)
    currency = models.CharField(max_length=3, default="USD")
    asset_class = models.CharField(max_length=12, choices=AssetClass.choices, default=AssetClass.EQUITY)
    calendar = models.CharField(
        max_length=20, default="XNYS", help_text="Exchange calendar, such as XNYS or 24/7."
    )
    delisted_on = models.DateField(null=True, blank=True, help_text="First day it trades no more.")
    delisting_return = models.FloatField(
        null=True,
        blank=True,
        help_text="Return of the last close after it was delisted, -0.3 for -30 %; unknown where null.",
    )
    is_active = models.BooleanField(default=True, db_index=True)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    objects = SymbolQuerySet.as_manager()

    class Meta:
        ordering = ("ticker",)
        constraints = (
            models.CheckConstraint(
                condition=models.Q(ticker=Upper("ticker")), name="symbol_ticker_is_upper_case"
            ),
            models.CheckConstraint(condition=~models.Q(ticker=""), name="symbol_ticker_is_not_empty"),
            models.CheckConstraint(
                condition=models.Q(delisting_return=None)
                | models.Q(delisted_on__isnull=False, delisting_return__gte=-1.0),
                name="symbol_delisting_return_is_of_a_delisting",
            ),
        )

    def __str__(self) -> str:
        return self.ticker

    def deactivate(self) -> None:
        """Hide it from new work; what refers to it stays readable."""
        self.set_active(False)

    def set_active(self, active: bool) -> None:  # noqa: FBT001 - the name says what it is
        """Hide it from new work, or bring it back."""
        self.is_active = active
        self.save(update_fields=["is_active", "updated_at"])


class UniverseQuerySet(models.QuerySet["Universe"]):
    """Questions asked of universes."""

    def visible_to(self, user: User) -> "UniverseQuerySet":
        """Universes are shared reference data: whoever may view them sees them all."""
        return self if user.has_perm("trading.view_universe") else self.none()


class Universe(models.Model):
    """A named set of symbols that scans run over."""

    class Source(models.TextChoices):
        """Where the set comes from."""

        DEMO = "demo", "Demo data"
        SYNTHETIC = "synthetic", "Synthetic, with known truth"
        USER = "user", "Made here"

    name = models.CharField(max_length=100, unique=True)
    slug = models.SlugField(max_length=100, unique=True)
    description = models.TextField(blank=True)
    source = models.CharField(max_length=10, choices=Source.choices, default=Source.USER)
    symbols = models.ManyToManyField(Symbol, related_name="universes", blank=True)
    created_by = models.ForeignKey(
        User, null=True, blank=True, on_delete=models.SET_NULL, related_name="universes"
    )
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    objects = UniverseQuerySet.as_manager()

    class Meta:
        ordering = ("name",)

    def __str__(self) -> str:
        return self.name


class PlantedPair(models.Model):
    """A pair whose nature is known because it was made: what a scan of a synthetic universe is compared with."""

    class Kind(models.TextChoices):
        """What was planted."""

        COINTEGRATED = "cointegrated", "Cointegrated throughout"
        BREAKING = "breaking", "Cointegrated until it breaks"

    universe = models.ForeignKey(Universe, on_delete=models.CASCADE, related_name="planted_pairs")
    symbol_1 = models.ForeignKey(Symbol, on_delete=models.CASCADE, related_name="planted_as_first")
    symbol_2 = models.ForeignKey(Symbol, on_delete=models.CASCADE, related_name="planted_as_second")
    kind = models.CharField(max_length=12, choices=Kind.choices)
    hedge_ratio = models.FloatField()
    half_life = models.FloatField(help_text="Bars.")
    break_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("id",)
        constraints = (
            models.UniqueConstraint(fields=("universe", "symbol_1", "symbol_2"), name="planted_pair_once"),
            models.CheckConstraint(
                condition=~models.Q(symbol_1=models.F("symbol_2")), name="planted_pair_has_two_symbols"
            ),
            models.CheckConstraint(
                condition=models.Q(kind="cointegrated", break_at__isnull=True)
                | models.Q(kind="breaking", break_at__isnull=False),
                name="planted_pair_breaks_when_it_says_so",
            ),
        )

    def __str__(self) -> str:
        return f"{self.symbol_1}/{self.symbol_2} ({self.kind})"
