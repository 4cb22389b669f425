"""What a strategy said about a pair at a bar's close."""

from django.db import models

from trading.models.pairs import TradingPair

__all__ = ["Signal"]


class Signal(models.Model):
    """One causal signal: everything in it was known at `timestamp`."""

    class Type(models.TextChoices):
        """What it says to do."""

        ENTRY_LONG = "entry_long", "Enter long the spread"
        ENTRY_SHORT = "entry_short", "Enter short the spread"
        EXIT = "exit", "Exit"
        STOP = "stop", "Stop out"

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
