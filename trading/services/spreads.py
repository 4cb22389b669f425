"""Spreads of two legs with coefficients frozen at a fit: the same arithmetic for scans, analyses and pairs."""

import numpy as np

from titan_core.analysis import spread
from titan_core.types import BoolArray, Float1D, Int1D

__all__ = ["frozen_spread", "sampled", "trailing_moments"]

_DEGREE = {"ct": 1, "ctt": 2}
_BLOCK = 4_000_000  # numbers of a block of windows in memory at once


def frozen_spread(
    log_1: Float1D, log_2: Float1D, *, hedge_ratio: float, intercept: float, trend: str, fit: BoolArray
) -> Float1D:
    """log_1 − hedge_ratio·log_2 less the deterministic terms of the fit, carried on outside it, bar by bar.

    The terms of "ct" and "ctt" are the least-squares ones of the fit's bars at this hedge ratio, which are the
    joint regression's own. Arrays have shape (n_bars,), both legs finite; `fit` marks the bars fitted on.
    """
    if trend not in _DEGREE:
        return spread(log_1, log_2, hedge_ratio=hedge_ratio, intercept=intercept if trend == "c" else 0.0)
    raw = spread(log_1, log_2, hedge_ratio=hedge_ratio)
    clock = (np.arange(raw.size) - np.argmax(fit)) / max(1, int(np.count_nonzero(fit)))
    terms = np.polynomial.polynomial.polyfit(clock[fit], raw[fit], _DEGREE[trend])
    detrended: Float1D = raw - np.polynomial.polynomial.polyval(clock, terms)
    return detrended


def sampled(n_bars: int, most: int) -> Int1D:
    """At most so many bars, evenly spread, first and last among them."""
    return np.unique(np.linspace(0, n_bars - 1, min(n_bars, most)).round().astype(np.int64))


def trailing_moments(x: Float1D, window: int) -> tuple[Float1D, Float1D]:
    """Mean and standard deviation (ddof 1) of the `window` bars ending with each; NaN until the window is full."""
    mean, deviation = np.full(x.size, np.nan), np.full(x.size, np.nan)
    if x.size < window:
        return mean, deviation
    windows = np.lib.stride_tricks.sliding_window_view(x, window)
    step = max(1, _BLOCK // window)
    for at in range(0, windows.shape[0], step):
        block = windows[at : at + step]
        rows = slice(at + window - 1, at + window - 1 + block.shape[0])
        mean[rows], deviation[rows] = block.mean(axis=1), block.std(axis=1, ddof=1)
    return mean, deviation
