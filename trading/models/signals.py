"""What a rule said about a pair at a bar's close, and how far each pair has been read."""

from django.db import models

from trading.models.pairs import TradingPair

__all__ = ["Signal", "SignalState"]


class Signal(models.Model):
    """One decision of the rule at a close.

    Nothing in it depends on a later bar, except where `in_sample` says that the pair's own fit does.
    """

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
    confidence_score = models.FloatField(
        null=True,
        blank=True,
        help_text="Share of the rule's past trades on this pair that won; empty while too few.",
    )
    n_past = models.PositiveIntegerField(default=0, help_text="Past trades the confidence rests on.")
    in_sample = models.BooleanField(
        default=False, help_text="The pair was fitted on bars up to this one or later."
    )
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


class SignalState(models.Model):
    """How far a pair's signals are written: on which bars, by which fit and rule."""

    pair = models.OneToOneField(TradingPair, on_delete=models.CASCADE, related_name="signal_state")
    version = models.CharField(
        max_length=64, help_text="Hash of bars, fit and rule; the same = nothing to do."
    )
    last_bar = models.DateTimeField(null=True, blank=True)
    z_score = models.FloatField(null=True, blank=True)
    side = models.SmallIntegerField(default=0, help_text="+1 holds the spread, -1 has sold it, 0 is flat.")
    message = models.TextField(blank=True, default="", help_text="Why there are none, in words.")
    updated_at = models.DateTimeField(auto_now=True)

    def __str__(self) -> str:
        return f"signals of pair {self.pair_id} up to {self.last_bar}"
