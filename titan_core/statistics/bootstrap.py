"""The stationary bootstrap: resampling a dependent series in blocks of random length."""

import math

import numpy as np
from numpy.typing import ArrayLike

from titan_core.checks import as_count, as_number, as_series
from titan_core.errors import DegenerateSeries, InvalidInput
from titan_core.types import Float1D, Float2D, Int1D

__all__ = [
    "as_block_length",
    "circular_indices",
    "optimal_block_length",
    "stationary_counts",
    "stationary_indices",
]


def stationary_indices(n_rows: int, block_length: float, generator: np.random.Generator) -> Int1D:
    """Rows to draw, in order: blocks that start anywhere, run on from the last row to the first, and end by chance.

    Each row starts a new block with probability 1/block_length, so lengths are geometric with that mean and the
    resampled series is stationary. Taking whole rows keeps what happens to all columns on one day together.

    Parameters
    ----------
    n_rows : rows to choose from, and to choose; at least 1.
    block_length : mean length of a block, at least 1 (which draws rows independently).
    generator : source of randomness; the same state gives the same rows.

    Returns
    -------
    ndarray of shape (n_rows,), int64, in 0 … n_rows - 1.

    Raises
    ------
    InvalidInput
        n_rows or block_length is under 1.

    References
    ----------
    Politis & Romano (1994), "The stationary bootstrap", JASA 89(428), 1303–1313, section 2.
    """
    n = as_count(n_rows, "n_rows", minimum=1)
    mean = as_block_length(block_length)
    starts = generator.integers(n, size=n)
    new = generator.random(n) < 1.0 / mean
    new[0] = True
    at = np.arange(n)
    block = np.maximum.accumulate(np.where(new, at, 0))  # where the row's block began
    return np.asarray((starts[block] + at - block) % n, dtype=np.int64)


def as_block_length(block_length: float) -> float:
    """A mean block length in bars: a finite number of at least 1."""
    mean = as_number(block_length, "block_length")
    if mean < 1.0:
        raise InvalidInput(f"block_length must be at least 1; it is {mean}")
    return mean


def stationary_counts(
    n_rows: int, block_length: float, n_draws: int, generator: np.random.Generator
) -> Float2D:
    """How often each draw of `stationary_indices` takes each row, shape (n_draws, n_rows), float64.

    Sums over a draw are then a matrix product, ``counts @ values``: all that means and variances need.
    """
    draws = as_count(n_draws, "n_draws", minimum=1)
    counts = np.empty((draws, as_count(n_rows, "n_rows", minimum=1)))
    for draw in range(draws):
        rows = stationary_indices(n_rows, block_length, generator)
        counts[draw] = np.bincount(rows, minlength=n_rows)
    return counts


def circular_indices(n_rows: int, block_length: int, generator: np.random.Generator) -> Int1D:
    """Rows in blocks of one fixed length that start anywhere and run on from the last row to the first.

    Parameters
    ----------
    n_rows : rows to choose from, and to choose.
    block_length : bars of a block, 1 … n_rows; the last block is cut off where it doesn't fit.

    Returns
    -------
    ndarray of shape (n_rows,), int64, in 0 … n_rows - 1.

    References
    ----------
    Politis & Romano (1992), "A circular block-resampling procedure for stationary data".
    """
    n = as_count(n_rows, "n_rows", minimum=1)
    length = as_count(block_length, "block_length", minimum=1)
    if length > n:
        raise InvalidInput(f"block_length is {length}, more than the {n} rows there are")
    starts = generator.integers(n, size=-(-n // length))
    return np.asarray(((starts[:, None] + np.arange(length)) % n).reshape(-1)[:n], dtype=np.int64)


def optimal_block_length(series: ArrayLike) -> float:
    """Mean block length that is best for the variance of the series' mean, by its own autocorrelation.

    b = (2 G² / D)^⅓ n^⅓ with G = Σ λ(k/M)|k| R(k), D = 2 (Σ λ(k/M) R(k))², λ the flat-top window (1 up to ½, then
    down to 0), R the autocovariance. M is twice the lag after which K autocorrelations in a row are within
    2 √(log₁₀ n / n) of zero, K = max(5, √log₁₀ n rounded up).

    Parameters
    ----------
    series : array-like of shape (n_bars,), finite, at least 20, oldest first.

    Returns
    -------
    float
        Between 1 and min(3√n, n/3).

    Raises
    ------
    DegenerateSeries
        The series is constant.

    References
    ----------
    Politis & White (2004), "Automatic block-length selection for the dependent bootstrap", Econometric Reviews 23(1),
    53–70; Patton, Politis & White (2009), its correction, 28(4), 372–375.
    """
    x = as_series(series, "series", min_size=20)
    n = x.size
    deviations = x - x.mean()
    largest = math.ceil(min(3.0 * math.sqrt(n), n / 3.0))
    run = max(5, math.ceil(math.sqrt(math.log10(n))))
    furthest = math.ceil(math.sqrt(n)) + run
    covariance = np.array([deviations[k:] @ deviations[: n - k] / n for k in range(furthest + 1)])
    if not covariance[0] > 1e-28 * float(x @ x):
        raise DegenerateSeries("the series is constant: it has no autocorrelation to measure")
    bandwidth = _bandwidth(covariance / covariance[0], run, 2.0 * math.sqrt(math.log10(n) / n))
    return min(max(1.0, _flat_top_length(covariance, bandwidth, n)), float(largest))


def _flat_top_length(covariance: Float1D, bandwidth: int, n: int) -> float:
    """The length as a formula of the autocovariances up to the bandwidth; inf where the long-run variance is zero."""
    lags = np.arange(1, bandwidth + 1)
    window = np.minimum(1.0, 2.0 * (1.0 - lags / bandwidth))
    weighted = 2.0 * window * covariance[1 : bandwidth + 1]
    slope, long_run = float(weighted @ lags), float(covariance[0] + weighted.sum())
    return math.inf if long_run == 0.0 else float(np.cbrt(slope**2 / long_run**2 * n))


def _bandwidth(correlation: Float1D, run: int, limit: float) -> int:
    """Twice the last lag before ``run`` negligible ones; as far as was measured where there are none such."""
    furthest = correlation.size - 1
    small = np.abs(correlation) < limit
    for lag in range(furthest - run + 1):
        if small[lag + 1 : lag + run + 1].all():
            return min(2 * max(lag, 1), furthest)
    return furthest
