"""What a strategy said about a pair at a bar's close."""

from django.db import models

from trading.models.pairs import TradingPair

__all__ = ["Signal"]


class Signal(models.Model):
    """One causal signal: everything in it was known at `timestamp`."""

    class Type(models.TextChoices):
        """What it says to do."""

        ENTRY_LONG = "ENTRY_LONG", "Buy the spread"
        ENTRY_SHORT = "ENTRY_SHORT", "Sell the spread"
        EXIT_LONG = "EXIT_LONG", "Leave the bought spread"
        EXIT_SHORT = "EXIT_SHORT", "Leave the sold spread"
        STOP_LONG = "STOP_LONG", "Stop out of the bought spread"
        STOP_SHORT = "STOP_SHORT", "Stop out of the sold spread"

    pair = models.ForeignKey(TradingPair, on_delete=models.CASCADE, related_name="signals")
    timestamp = models.DateTimeField()
    signal_type = models.CharField(max_length=12, choices=Type.choices)
    z_score = models.FloatField()
    spread_value = models.FloatField()
    confidence_score = models.FloatField(null=True, blank=True)
    regime = models.CharField(max_length=40, blank=True)
    processed = models.BooleanField(default=False)

    class Meta:
        ordering = ("-timestamp", "-id")
        constraints = (
            models.UniqueConstraint(fields=("pair", "timestamp", "signal_type"), name="signal_once"),
            models.CheckConstraint(
                condition=models.Q(confidence_score__isnull=True) | models.Q(confidence_score__range=(0, 1)),
                name="signal_confidence_in_range",
            ),
        )
        indexes = (models.Index(fields=("processed", "timestamp"), name="signal_to_process"),)

    def __str__(self) -> str:
        return f"{self.signal_type} {self.pair} at {self.timestamp.isoformat()}"
