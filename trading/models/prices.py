"""Bars: which series exist (``default``), and their rows (``timescale``), keyed as the engine keys them."""

from django.db import models

from common.fields import InstantField
from common.models import TimescaleModel
from trading.models.symbols import Symbol

__all__ = ["Adjustment", "CorporateAction", "Price", "PriceRevision", "PriceWrites", "Series", "Timeframe"]


class Timeframe(models.TextChoices):
    """Length of a bar."""

    DAILY = "1d", "Daily"
    WEEKLY = "1wk", "Weekly"
    MONTHLY = "1mo", "Monthly"


class Adjustment(models.TextChoices):
    """What has been done to a price since it was quoted."""

    RAW = "raw", "As quoted"
    SPLIT = "split", "Adjusted for splits"
    TOTAL_RETURN = "total_return", "Total-return index"


class SeriesQuerySet(models.QuerySet["Series"]):
    """Questions asked of series."""

    def with_bars(self) -> "SeriesQuerySet":
        """Only those that hold data."""
        return self.filter(n_bars__gt=0)


class Series(models.Model):
    """One symbol's bars from one source in one adjustment: where they came from, and how far they reach.

    `Price` rows point here by a plain integer, for no foreign key crosses databases.
    """

    symbol = models.ForeignKey(Symbol, on_delete=models.PROTECT, related_name="series")
    timeframe = models.CharField(max_length=3, choices=Timeframe.choices, default=Timeframe.DAILY)
    source = models.CharField(max_length=40, help_text="Provider, file or generator the bars came from.")
    adjustment = models.CharField(max_length=12, choices=Adjustment.choices)
    first_timestamp = models.DateTimeField(null=True, blank=True)
    last_timestamp = models.DateTimeField(null=True, blank=True)
    n_bars = models.PositiveIntegerField(default=0)
    updated_at = models.DateTimeField(auto_now=True, help_text="When its bars last changed.")

    objects = SeriesQuerySet.as_manager()

    # Sources whose bars come with TITAN, to try it on: whoever brings a symbol's own bars wants those.
    SHIPPED_WITH_TITAN = ("skfolio", "synthetic")
    # Analyses run on total-return indices. Raw bars come second: the index is built from them and their actions.
    PREFERRED = (Adjustment.TOTAL_RETURN, Adjustment.RAW, Adjustment.SPLIT)

    class Meta:
        ordering = ("symbol__ticker", "timeframe", "source", "adjustment")
        verbose_name_plural = "series"
        constraints = (
            models.UniqueConstraint(
                fields=("symbol", "timeframe", "source", "adjustment"), name="series_once"
            ),
            models.CheckConstraint(
                condition=models.Q(n_bars=0, first_timestamp__isnull=True, last_timestamp__isnull=True)
                # not null said outright: a comparison with NULL is unknown, and a check lets the unknown pass
                | models.Q(
                    n_bars__gt=0,
                    first_timestamp__isnull=False,
                    last_timestamp__isnull=False,
                    last_timestamp__gte=models.F("first_timestamp"),
                ),
                name="series_coverage_is_whole",
            ),
        )

    def __str__(self) -> str:
        return f"{self.symbol} {self.timeframe} {self.source} {self.adjustment}"

    @property
    def preference(self) -> tuple[bool, int, int, int]:
        """Which series stands for its symbol, the lowest: one people brought, the preferred adjustment, the longest."""
        shipped = self.source in self.SHIPPED_WITH_TITAN
        return shipped, self.PREFERRED.index(Adjustment(self.adjustment)), -self.n_bars, self.pk


class Price(TimescaleModel):
    """One bar. Written in bulk by the engine's store; this model is for reading, and for migrations."""

    pk = models.CompositePrimaryKey("series_id", "timestamp")
    series_id = models.BigIntegerField()
    timestamp = InstantField(help_text="The instant the bar became known: its close.")
    open = models.FloatField(null=True)
    high = models.FloatField(null=True)
    low = models.FloatField(null=True)
    close = models.FloatField(null=True)
    volume = models.FloatField(null=True)

    class Meta:
        db_table = "price"
        ordering = ("series_id", "timestamp")

    def __str__(self) -> str:
        return f"series {self.series_id} at {self.timestamp.isoformat()}"


class PriceRevision(TimescaleModel):
    """What a bar was until a later delivery changed it; written by the engine's store beside the change."""

    pk = models.CompositePrimaryKey("series_id", "timestamp", "revised_at")
    series_id = models.BigIntegerField()
    timestamp = InstantField()
    revised_at = InstantField(help_text="When the store replaced these values.")
    open = models.FloatField(null=True)
    high = models.FloatField(null=True)
    low = models.FloatField(null=True)
    close = models.FloatField(null=True)
    volume = models.FloatField(null=True)

    class Meta:
        db_table = "price_revision"
        ordering = ("series_id", "timestamp", "revised_at")

    def __str__(self) -> str:
        return f"series {self.series_id} at {self.timestamp.isoformat()} until {self.revised_at.isoformat()}"


class CorporateAction(TimescaleModel):
    """A split (new shares per old) or cash dividend (per share) of one series."""

    class Kind(models.TextChoices):
        """What happened."""

        SPLIT = "split", "Split"
        DIVIDEND = "dividend", "Cash dividend"

    pk = models.CompositePrimaryKey("series_id", "timestamp", "kind")
    series_id = models.BigIntegerField()
    timestamp = InstantField()
    kind = models.TextField(choices=Kind.choices)
    value = models.FloatField()

    class Meta:
        db_table = "corporate_action"
        ordering = ("series_id", "timestamp", "kind")

    def __str__(self) -> str:
        return f"{self.kind} {self.value} of series {self.series_id} at {self.timestamp.isoformat()}"


class PriceWrites(TimescaleModel):
    """How many transactions wrote bars or actions: one row, moved on by the engine's store inside each of them."""

    id = models.BigIntegerField(primary_key=True)
    count = models.BigIntegerField()

    class Meta:
        db_table = "price_writes"

    def __str__(self) -> str:
        return f"{self.count} writes"
