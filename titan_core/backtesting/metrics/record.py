"""A metric: its value, how many observations are behind it, and how far off it may be."""

import math
from dataclasses import dataclass

__all__ = ["Metric"]


@dataclass(frozen=True, slots=True)
class Metric:
    """One number of a backtest; `definitions.DEFINITIONS` says what each is.

    Attributes
    ----------
    value : float
        NaN where the sample defines none (no trades, no movement); inf where it is really without bound.
    n : int
        Observations behind it: bars or trades, as its definition says.
    standard_error : float
        NaN where none is known.
    """

    value: float
    n: int
    standard_error: float = math.nan

    def as_dict(self) -> dict[str, float | int]:
        """Plain values."""
        return {"value": self.value, "n": self.n, "standard_error": self.standard_error}
