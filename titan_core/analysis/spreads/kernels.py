"""Compiled recursions of spreads: the AR(1) slope, the trailing z-score, the hedge ratio of a window."""

import math

import numpy as np

from titan_core.kernels import kernel
from titan_core.types import Float1D


@kernel
def ar1_slope(x: Float1D) -> float:
    """Slope of x_{t+1} on x_t and a constant; NaN where x does not move."""
    n = x.size - 1
    mean_x, mean_y = x[:-1].mean(), x[1:].mean()
    sxx = sxy = size = 0.0
    for t in range(n):
        d = x[t] - mean_x
        sxx += d * d
        sxy += d * (x[t + 1] - mean_y)
        size += x[t] * x[t]
    # a constant leaves rounding of its mean behind, not exactly zero
    return sxy / sxx if sxx > 1e-24 * size else np.nan


@kernel
def trailing_z_scores(x: Float1D, window: int, out: Float1D) -> None:
    """Z of each value in the window that ends with it (sample deviation, ddof 1); NaN until full, or where flat.

    Every window is summed afresh around its own mean: running sums would let one extreme bar blur all later ones.
    """
    for t in range(x.size):
        out[t] = np.nan
        if t < window - 1:
            continue
        part = x[t - window + 1 : t + 1]
        mean = part.sum() / window
        square = size = 0.0
        for i in range(window):
            square += (part[i] - mean) * (part[i] - mean)
            size += part[i] * part[i]
        if square > 1e-24 * size:
            out[t] = (x[t] - mean) / math.sqrt(square / (window - 1.0))


@kernel
def least_squares(y: Float1D, x: Float1D) -> tuple[float, float]:
    """Slope and intercept of y on x, around their means; NaN where a value is missing or x does not move."""
    n = x.size
    mean_y, mean_x = y.sum() / n, x.sum() / n
    sxx = sxy = size = 0.0
    for t in range(n):
        d = x[t] - mean_x
        sxx += d * d
        sxy += d * (y[t] - mean_y)
        size += x[t] * x[t]
    if not sxx > 1e-24 * size:
        return np.nan, np.nan
    slope = sxy / sxx
    return slope, mean_y - slope * mean_x


@kernel
def trailing_least_squares(y: Float1D, x: Float1D, window: int, slopes: Float1D, intercepts: Float1D) -> None:
    """`least_squares` of the window that ends with each bar; NaN until full."""
    for t in range(x.size):
        slopes[t] = np.nan
        intercepts[t] = np.nan
        if t >= window - 1:
            part_y, part_x = y[t - window + 1 : t + 1], x[t - window + 1 : t + 1]
            slopes[t], intercepts[t] = least_squares(part_y, part_x)


def warm_up() -> None:
    """Compile the kernels of this module."""
    x = np.arange(4.0)
    least_squares(x, x)
    trailing_least_squares(x, x, 3, np.empty(4), np.empty(4))
    ar1_slope(x)
    trailing_z_scores(x, 2, np.empty(4))
