"""Walk-forwards, window by window."""

from django.db import models

from trading.models.backtesting.asked import AskedFor

__all__ = ["WalkForwardRun", "WalkForwardWindow"]


class WalkForwardRun(AskedFor):
    """Optimised on the past, traded on what came after, window by window."""

    class Scheme(models.TextChoices):
        """Where a window's past begins."""

        ROLLING = "rolling", "The same length before each window"
        ANCHORED = "anchored", "Everything before each window"

    scheme = models.CharField(max_length=8, choices=Scheme.choices, default=Scheme.ROLLING)
    train_bars = models.PositiveIntegerField()
    test_bars = models.PositiveIntegerField()
    purge = models.PositiveIntegerField(help_text="Bars left out before each window: the longest holding.")
    embargo = models.PositiveIntegerField(help_text="Bars left out after each window: the longest lookback.")
    top = models.PositiveIntegerField(help_text="Pairs traded in a window, at most.")
    selection = models.CharField(max_length=12, default="strongest")
    symbols = models.JSONField(default=list)
    grid = models.JSONField(default=dict)
    n_windows = models.PositiveIntegerField(default=0)
    metrics = models.JSONField(default=dict)
    deflated = models.JSONField(default=dict)
    overfitting = models.JSONField(default=dict)
    monthly = models.JSONField(default=dict)
    costs_paid = models.JSONField(default=dict, help_text="Money by kind of cost.")
    monte_carlo = models.JSONField(default=dict)
    sparkline = models.JSONField(default=list)

    def __str__(self) -> str:
        return self.name or f"walk-forward {self.pk}"


class WalkForwardWindow(models.Model):
    """One window: what its past chose, and what that earned afterwards."""

    run = models.ForeignKey(WalkForwardRun, on_delete=models.CASCADE, related_name="windows")
    number = models.PositiveIntegerField()
    train_start = models.DateTimeField()
    train_end = models.DateTimeField()
    test_start = models.DateTimeField()
    test_end = models.DateTimeField()
    n_tests = models.PositiveIntegerField(help_text="Pairs tested in its past.")
    n_discoveries = models.PositiveIntegerField(default=0)
    n_trials = models.PositiveIntegerField(default=0)
    pairs = models.JSONField(default=list, help_text="What was chosen: symbols, hedge ratio, p and q.")
    parameters = models.JSONField(default=dict)
    in_sample = models.JSONField(default=dict)
    out_of_sample = models.JSONField(default=dict)
    skipped = models.JSONField(default=list)

    class Meta:
        ordering = ("run", "number")
        constraints = (models.UniqueConstraint(fields=("run", "number"), name="window_numbered_once"),)

    def __str__(self) -> str:
        return f"window {self.number} of {self.run}"
