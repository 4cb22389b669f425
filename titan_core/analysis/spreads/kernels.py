"""Compiled recursions of spreads: the AR(1) slope, and the trailing z-score."""

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


def warm_up() -> None:
    """Compile the kernels of this module."""
    x = np.arange(4.0)
    ar1_slope(x)
    trailing_z_scores(x, 2, np.empty(4))
