"""Hedge ratios of a pair: least squares, total least squares, and least squares over a trailing window."""

import math
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import ArrayLike

from titan_core.analysis.spreads import kernels
from titan_core.checks import as_count, as_pair, one_dimension
from titan_core.errors import DegenerateSeries, InvalidInput
from titan_core.types import Float1D

__all__ = ["HedgeRatio", "RollingHedge", "hedge_ols", "hedge_tls", "rolling_hedge"]


@dataclass(frozen=True, slots=True)
class HedgeRatio:
    """A line y = intercept + hedge_ratio·x, fitted to ``n_obs`` bars.

    Attributes
    ----------
    hedge_ratio : float
        On log prices a ratio of dollars, on prices a ratio of shares.
    standard_error : float
        Of the hedge ratio, as if errors were independent and of one variance. Residuals of prices are neither: take
        it as a lower bound. NaN where there is none (total least squares).
    """

    hedge_ratio: float
    intercept: float
    standard_error: float
    n_obs: int


@dataclass(frozen=True, slots=True, eq=False)
class RollingHedge:
    """Hedge ratio and intercept of the window ending with each bar, shape (n_bars,) both; NaN until it is full."""

    hedge_ratio: Float1D = field(repr=False)
    intercept: Float1D = field(repr=False)
    window: int


def hedge_ols(y: ArrayLike, x: ArrayLike) -> HedgeRatio:
    """Least squares of y on x and a constant: errors are those of y.

    Parameters
    ----------
    y, x : array-like of shape (n_bars,), finite, at least 3 bars, all used: in sample for every one of them.

    Raises
    ------
    InvalidInput
        Legs of different length, or not finite.
    DegenerateSeries
        x does not move.
    """
    first, second = as_pair(y, x, min_size=3)
    slope, intercept = kernels.least_squares(first, second)
    if math.isnan(slope):
        raise DegenerateSeries("x does not move: it has no hedge ratio")
    residual = first - intercept - slope * second
    deviations = second - second.mean()
    variance = float(residual @ residual) / (first.size - 2) / float(deviations @ deviations)
    return HedgeRatio(float(slope), float(intercept), math.sqrt(variance), first.size)


def hedge_tls(y: ArrayLike, x: ArrayLike) -> HedgeRatio:
    """Total least squares: the line closest to the points across it, the same whichever leg is called y.

    β = (s_yy - s_xx + √((s_yy - s_xx)² + 4 s_xy²)) / (2 s_xy). It takes both legs' errors to be of one size, so it
    suits legs on one scale (logs); the hedge ratio of x on y is its reciprocal.

    Parameters
    ----------
    y, x : array-like of shape (n_bars,), finite, at least 3 bars, all used: in sample for every one of them.

    Raises
    ------
    InvalidInput
        Legs of different length, or not finite.
    DegenerateSeries
        A leg does not move, or they do not move together at all: no line is closest.

    References
    ----------
    Golub & Van Loan (2013), "Matrix computations", section 6.3, for one regressor with intercept.
    """
    first, second = as_pair(y, x, min_size=3)
    dy, dx = first - first.mean(), second - second.mean()
    syy, sxx, sxy = float(dy @ dy), float(dx @ dx), float(dx @ dy)
    if not (syy > 1e-24 * float(first @ first) and sxx > 1e-24 * float(second @ second)):
        raise DegenerateSeries("a leg does not move: no line is closest to the points")
    if abs(sxy) <= 1e-12 * math.sqrt(sxx * syy):
        raise DegenerateSeries("the legs are uncorrelated: no line is closest to the points")
    gap = syy - sxx
    root = math.hypot(gap, 2.0 * sxy)
    # of two equal forms the one that adds: the other cancels
    slope = (gap + root) / (2.0 * sxy) if gap > 0.0 else 2.0 * sxy / (root - gap)
    return HedgeRatio(slope, float(first.mean() - slope * second.mean()), math.nan, first.size)


def rolling_hedge(y: ArrayLike, x: ArrayLike, window: int) -> RollingHedge:
    """Least squares over the ``window`` bars that end with each bar: known at its close, no later bar changes it.

    Parameters
    ----------
    y, x : array-like of shape (n_bars,), oldest first; NaN = no bar, and none of the windows that hold it has a value.
    window : bars, at least 3.

    Raises
    ------
    InvalidInput
        Legs of different length, not numbers, or a window under 3.
    """
    first, second = one_dimension(y, "y"), one_dimension(x, "x")
    if first.size != second.size:
        raise InvalidInput(f"y has {first.size} bars and x has {second.size}; a pair needs them bar for bar")
    width = as_count(window, "window", minimum=3)
    slopes, intercepts = np.empty(first.size), np.empty(first.size)
    kernels.trailing_least_squares(first, second, width, slopes, intercepts)
    return RollingHedge(slopes, intercepts, width)
