"""Spreads: what is left of one leg after its hedge, how fast it comes back, and how far out it is."""

import math

import numpy as np
from numpy.typing import ArrayLike

from titan_core.analysis.spreads import kernels
from titan_core.checks import as_count, as_number, as_series, one_dimension
from titan_core.errors import DegenerateSeries, InvalidInput
from titan_core.types import Float1D

__all__ = ["half_life", "rolling_z_score", "spread"]


def half_life(spread: ArrayLike) -> float:
    """Half-life of mean reversion of a spread, in bars, from its AR(1) slope φ: -ln 2 / ln φ.

    Parameters
    ----------
    spread : array-like of shape (n_bars,), oldest first, finite, n_bars >= 3.

    Returns
    -------
    float
        ``inf`` where φ >= 1 (no reversion), 0.0 where φ <= 0 (reverts within a bar). An in-sample figure: φ is
        biased downwards in small samples, so true half-lives tend to be longer.

    Raises
    ------
    InvalidInput
        Not one series of finite numbers.
    TooFewBars
        Fewer than three bars.
    DegenerateSeries
        The spread is constant.
    """
    slope = float(kernels.ar1_slope(as_series(spread, "spread", min_size=3)))
    if math.isnan(slope):
        raise DegenerateSeries("spread is constant: it has no half-life")
    if slope >= 1.0:
        return math.inf
    return -math.log(2.0) / math.log(slope) if slope > 0.0 else 0.0


def spread(y: ArrayLike, x: ArrayLike, *, hedge_ratio: float, intercept: float = 0.0) -> Float1D:
    """Y - intercept - hedge_ratio·x, bar by bar.

    Parameters
    ----------
    y, x : array-like of shape (n_bars,), the scale the hedge ratio was estimated on; NaN = no bar, and no spread.
    hedge_ratio, intercept : finite; fit them on bars before those judged by the spread.

    Returns
    -------
    ndarray of shape (n_bars,), NaN where a leg has no bar.

    Raises
    ------
    InvalidInput
        The legs differ in length, are not numbers, or a coefficient is not finite.
    """
    first, second = one_dimension(y, "y"), one_dimension(x, "x")
    if first.size != second.size:
        raise InvalidInput(
            f"y has {first.size} bars and x has {second.size}; a spread needs them bar for bar"
        )
    result: Float1D = (
        first - as_number(intercept, "intercept") - as_number(hedge_ratio, "hedge_ratio") * second
    )
    return result


def rolling_z_score(spread: ArrayLike, window: int) -> Float1D:
    """Causal z-score: each bar against mean and deviation of the ``window`` bars that end with it.

    Parameters
    ----------
    spread : array-like of shape (n_bars,), oldest first; NaN = no bar.
    window : bars, at least 2.

    Returns
    -------
    ndarray of shape (n_bars,)
        (s_t - mean) / deviation (ddof 1). NaN until the window is full, where it holds a NaN, and where it is constant.
        No value depends on a later bar.

    Raises
    ------
    InvalidInput
        Not one series of numbers, or a window under 2.
    """
    values = one_dimension(spread, "spread")
    scores = np.empty(values.size)
    kernels.trailing_z_scores(values, as_count(window, "window", minimum=2), scores)
    return scores
