"""What a run is asked with: a strategy, a kind, and all that decides it."""

from django.db import models

from trading.models.prices import Timeframe
from trading.models.scans import Scan
from trading.models.symbols import Universe
from users.models import User

__all__ = ["AskedFor", "BacktestKind", "Strategy"]


class Strategy(models.Model):
    """A rule and its parameters under a name."""

    owner = models.ForeignKey(User, on_delete=models.CASCADE, related_name="strategies")
    name = models.CharField(max_length=80)
    description = models.CharField(max_length=400, blank=True)
    rule = models.CharField(max_length=20, help_text="Name of the rule in the engine's registry.")
    parameters = models.JSONField(default=dict, help_text="What differs from the rule's defaults.")
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        ordering = ("name",)
        verbose_name_plural = "strategies"
        constraints = (models.UniqueConstraint(fields=("owner", "name"), name="strategy_named_once"),)

    def __str__(self) -> str:
        return self.name


class BacktestKind(models.TextChoices):
    """What is traded."""

    PAIR = "pair", "One pair on an account of its own"
    LIST = "list", "Pairs on one account"
    SELECTION = "selection", "The best candidates of a scan on one account"


class AskedFor(models.Model):
    """What every run is asked with; a run never changes, so that it can be run again to the same bits."""

    owner = models.ForeignKey(User, on_delete=models.CASCADE, related_name="%(class)ss")
    name = models.CharField(max_length=120, blank=True)
    universe = models.ForeignKey(Universe, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    scan = models.ForeignKey(Scan, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    strategy = models.ForeignKey(Strategy, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    pairs = models.JSONField(default=list, help_text="[symbol_1, symbol_2] each, the dependent leg first.")
    rule = models.CharField(max_length=20)
    parameters = models.JSONField(default=dict, help_text="Every parameter of the rule.")
    costs = models.JSONField(default=dict)
    sizing = models.JSONField(default=dict)
    limits = models.JSONField(default=dict)
    capital = models.FloatField()
    timeframe = models.CharField(max_length=3, choices=Timeframe.choices, default=Timeframe.DAILY)
    start_date = models.DateField()
    end_date = models.DateField()
    fit_end = models.DateField(
        null=True,
        blank=True,
        help_text="Last day the hedge ratios were fitted on, before the first decision.",
    )
    inputs = models.JSONField(
        default=dict, help_text="Hash of the bars it runs on, and its pairs with their hedge ratios."
    )
    family = models.CharField(
        max_length=64, db_index=True, help_text="Hash of rule, universe and period: trials are counted in it."
    )
    manifest = models.JSONField(null=True, blank=True)
    result_hash = models.CharField(max_length=64, blank=True, help_text="SHA-256 of equity and trades.")
    warnings = models.JSONField(default=list)
    created_at = models.DateTimeField(auto_now_add=True, db_index=True)
    completed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        abstract = True
        ordering = ("-created_at", "-id")

    @property
    def is_complete(self) -> bool:
        """Whether it has a result."""
        return self.completed_at is not None
