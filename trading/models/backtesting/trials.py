"""Every configuration that was ever looked at."""

from django.db import models

from users.models import User

__all__ = ["Trial", "TrialSource"]


class TrialSource(models.TextChoices):
    """Where a configuration was looked at."""

    RUN = "run", "Backtest"
    SWEEP = "sweep", "Sweep"
    SEARCH = "search", "Search"
    SLIDER = "slider", "Slider"
    CLI = "cli", "Command line"
    WALK_FORWARD = "walk_forward", "Walk-forward"


class Trial(models.Model):
    """One configuration somebody saw the result of: what a Sharpe ratio is deflated by.

    A sweep's combinations are one row with their count, mean and variance; everything else is a row a configuration.
    """

    owner = models.ForeignKey(User, on_delete=models.CASCADE, related_name="trials")
    family = models.CharField(max_length=64)
    configuration = models.CharField(max_length=64, help_text="Hash of what distinguishes it in its family.")
    source = models.CharField(max_length=12, choices=TrialSource.choices)
    n_trials = models.PositiveIntegerField(default=1)
    n_obs = models.PositiveIntegerField()
    periods_per_year = models.FloatField(
        null=True,
        blank=True,
        help_text="Bars a year its Sharpe ratios are of; where null, as many as of the run it is counted with.",
    )
    mean_sharpe = models.FloatField(help_text="Per bar.")
    m2_sharpe = models.FloatField(default=0.0, help_text="Sum of squared deviations from the mean.")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ("id",)
        constraints = (
            models.UniqueConstraint(fields=("owner", "family", "configuration"), name="trial_counted_once"),
        )

    def __str__(self) -> str:
        return f"{self.n_trials} in {self.family[:8]}"
