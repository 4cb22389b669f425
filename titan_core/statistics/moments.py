"""Moments of one sample, as the laws of the Sharpe ratio take them, and the long-run variance of a dependent series."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from titan_core.checks import as_count, as_series

__all__ = ["Moments", "long_run_variance", "newey_west_lags"]


@dataclass(frozen=True, slots=True)
class Moments:
    """First four moments of ``n`` values.

    Attributes
    ----------
    n : int
    mean : float
    deviation : float
        Standard deviation with n - 1; 0 where the values do not move, but for rounding.
    skewness : float
        Third central moment over the deviation cubed, divisors n; NaN where the deviation is 0.
    kurtosis : float
        Raw: 3 for the normal law. Divisors n; NaN where the deviation is 0.
    """

    n: int
    mean: float
    deviation: float
    skewness: float
    kurtosis: float

    @property
    def ratio(self) -> float:
        """Mean / deviation: of returns, the Sharpe ratio of one bar. NaN where the deviation is 0."""
        return self.mean / self.deviation if self.deviation > 0.0 else math.nan

    @classmethod
    def of(cls, values: ArrayLike) -> "Moments":
        """Moments of a finite series of at least two values; errors as `titan_core.checks.as_series`."""
        x = as_series(values, "values", min_size=2)
        mean = float(x.mean())
        d = x - mean
        square = float(d @ d)
        if not square > 1e-24 * float(x @ x):
            return cls(x.size, mean, 0.0, math.nan, math.nan)
        spread = math.sqrt(square / x.size)
        d /= spread
        skewness, kurtosis = float((d**3).mean()), float((d**4).mean())
        return cls(x.size, mean, math.sqrt(square / (x.size - 1)), skewness, kurtosis)


def newey_west_lags(n: int) -> int:
    """⌊4 (n/100)^(2/9)⌋, the usual number of autocovariances: 8 for ten years of days.

    References
    ----------
    Newey & West (1994), Review of Economic Studies 61(4), 631–653.
    """
    return int(4.0 * (as_count(n, "n", minimum=1) / 100.0) ** (2.0 / 9.0))


def long_run_variance(values: ArrayLike, lags: int) -> float:
    """Variance of the mean of a dependent series, times n: Σ_{|k| ≤ lags} (1 - |k|/(lags + 1)) γ_k, γ with divisor n.

    Never negative. ``lags = 0`` is the plain variance (divisor n).

    References
    ----------
    Newey & West (1987), Econometrica 55(3), 703–708.
    """
    x = as_series(values, "values")
    d = x - x.mean()
    n, last = x.size, min(as_count(lags, "lags"), x.size - 1)
    total = float(d @ d)
    for k in range(1, last + 1):
        total += 2.0 * (1.0 - k / (lags + 1.0)) * float(d[k:] @ d[:-k])
    return float(np.maximum(total / n, 0.0))
