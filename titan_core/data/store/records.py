"""What a price store answers with: counts of a write, coverage, superseded bars."""

from dataclasses import dataclass

import numpy as np

from titan_core.data.instants import Instants
from titan_core.types import Float1D

__all__ = ["FIELDS", "Coverage", "Revisions", "WriteResult"]

FIELDS = ("open", "high", "low", "close", "volume")


@dataclass(frozen=True, slots=True)
class WriteResult:
    """What became of the rows of a write: each was new, replaced other values, or was there already."""

    inserted: int
    changed: int
    unchanged: int

    def __add__(self, other: "WriteResult") -> "WriteResult":
        return WriteResult(
            self.inserted + other.inserted, self.changed + other.changed, self.unchanged + other.unchanged
        )


@dataclass(frozen=True, slots=True)
class Coverage:
    """How many bars a series has, and from when to when (UTC; None where it has none)."""

    n_bars: int
    first: np.datetime64 | None
    last: np.datetime64 | None


@dataclass(frozen=True, slots=True, eq=False)
class Revisions:
    """Values that bars of one series had before they were changed, by bar, then by the time of the change.

    Attributes
    ----------
    timestamps : ndarray of shape (n_revisions,), datetime64[us], UTC
        The bar.
    revised_at : ndarray of shape (n_revisions,), datetime64[us], UTC
        When the store replaced it; strictly rising for one bar.
    open, high, low, close, volume : ndarray of shape (n_revisions,), float64
        What was stored until then; NaN = it had no such number.
    """

    timestamps: Instants
    revised_at: Instants
    open: Float1D
    high: Float1D
    low: Float1D
    close: Float1D
    volume: Float1D

    def __len__(self) -> int:
        return int(self.timestamps.size)
