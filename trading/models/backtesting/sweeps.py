"""Sweeps and searches of a rule's settings."""

from django.db import models

from trading.models.backtesting.asked import AskedFor

__all__ = ["Sweep"]


class Sweep(AskedFor):
    """A rule over a grid of parameters, or searched through ranges, on one pair; every combination is a trial."""

    class Method(models.TextChoices):
        """How combinations are chosen."""

        GRID = "grid", "Every combination of the values"
        SEARCH = "search", "Points chosen by what earlier ones gave"

    method = models.CharField(
        max_length=6, choices=Method.choices, default=Method.GRID, db_default=Method.GRID
    )
    grid = models.JSONField(default=dict, help_text="By parameter: the values tried.")
    ranges = models.JSONField(
        default=dict, db_default={}, help_text="By parameter of a search: from, to, step, log."
    )
    n_trials = models.PositiveIntegerField(null=True, blank=True, help_text="Points a search asks for.")
    seed = models.PositiveBigIntegerField(null=True, blank=True, help_text="Decides every point of a search.")
    n_combinations = models.PositiveIntegerField(default=0)
    n_left_out = models.PositiveIntegerField(default=0)
    n_repeated = models.PositiveIntegerField(
        default=0, db_default=0, help_text="Points a search asked for again: run and counted once."
    )
    summary = models.JSONField(default=dict, help_text="Best, plateau, deflated Sharpe ratio, PBO.")

    def __str__(self) -> str:
        return self.name or f"sweep {self.pk}"

    @property
    def settings(self) -> list[str]:
        """The parameters that vary."""
        return list(self.grid or self.ranges)
