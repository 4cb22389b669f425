"""Augmented Dickey–Fuller with a constant, of many series at once.

For spreads whose coefficients were not estimated on the bars tested: there the plain test is right.
"""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import ArrayLike

from titan_core.analysis.cointegration import mackinnon
from titan_core.analysis.cointegration.kernels import default_max_lag
from titan_core.checks import as_count
from titan_core.errors import InvalidInput, TooFewBars
from titan_core.types import Float1D, Float2D, Int1D

__all__ = ["UnitRootTests", "unit_root_power", "unit_root_tests"]

_NUMBERS_AT_ONCE = 4_000_000
_HALF_LIVES = (1.0, 2.0, 3.0, 5.0, 8.0, 12.0, 20.0, 32.0, 50.0, 80.0, 125.0, 200.0, 400.0)


@dataclass(frozen=True, slots=True, eq=False)
class UnitRootTests:
    """Of each series: Dickey–Fuller t, MacKinnon's p-value for one series with a constant, and the lag AIC chose."""

    statistic: Float1D = field(repr=False)
    pvalue: Float1D = field(repr=False)
    lag: Int1D = field(repr=False)


def unit_root_tests(series: ArrayLike, *, max_lag: int | None = None) -> UnitRootTests:
    """ADF with a constant and the lag of smallest AIC, as statsmodels' ``adfuller``.

    Parameters
    ----------
    series : array-like of shape (n_series, n_bars), oldest first, finite. Series of other lengths are tested apart.
    max_lag : largest lag order; None for Schwert's ⌈12 (n/100)^¼⌉.

    Returns
    -------
    UnitRootTests
        NaN where a series does not move or its lags can't be told apart.

    Raises
    ------
    InvalidInput
        Not such a matrix.
    TooFewBars
        The lags leave no degree of freedom.

    References
    ----------
    Said & Dickey (1984), Biometrika 71(3); MacKinnon (1994), JBES 12(2).
    """
    values = np.asarray(series, dtype=np.float64)
    if values.ndim != 2 or not np.isfinite(values).all():
        raise InvalidInput(
            f"series must be of shape (n_series, n_bars), finite; they have shape {values.shape}"
        )
    n_series, n_bars = values.shape
    if n_bars < 12:
        raise TooFewBars(f"{n_bars} bars; the test needs at least 12")
    limit = min(default_max_lag(n_bars), n_bars // 2 - 3) if max_lag is None else as_count(max_lag, "max_lag")
    if 2 * limit + 4 > n_bars:
        raise TooFewBars(f"{n_bars} bars are too few for lags up to {limit}: {2 * limit + 4} are needed")
    statistic, lag = np.full(n_series, np.nan), np.zeros(n_series, dtype=np.int64)
    step = max(1, _NUMBERS_AT_ONCE // (n_bars * (limit + 3)))
    for at in range(0, n_series, step):
        part = values[at : at + step]
        part = part - part.mean(axis=1, keepdims=True)
        size = np.abs(values[at : at + step]).max(axis=1, initial=0.0)
        moves = part.std(axis=1) > 1e-12 * size
        chosen = np.zeros(part.shape[0], dtype=np.int64)
        chosen[moves] = _choose_lags(part[moves], limit)
        lag[at : at + step] = chosen
        for order in np.unique(chosen[moves]):
            rows = np.flatnonzero(moves & (chosen == order))
            statistic[at + rows] = _level_t(part[rows], int(order))
    return UnitRootTests(statistic, mackinnon.pvalue(statistic, "c", n_series=1), lag)


def unit_root_power(
    half_lives: ArrayLike,
    n_bars: int,
    *,
    generator: np.random.Generator,
    n_draws: int = 500,
    alpha: float = 0.05,
) -> Float1D:
    """How often the test rejects an AR(1) of each half-life over ``n_bars``, by simulation.

    Simulated at 13 half-lives from 1 to 400 bars and interpolated in their logarithm; shorter and longer ones get the
    first and the last. A spread that never reverts (inf) gets ``alpha``.

    Parameters
    ----------
    half_lives : array-like of shape (n,), bars, above 0.
    n_bars : length of the tested window.
    generator : source of randomness.
    n_draws : simulated series a half-life; the standard error is at most 0.5/√n_draws.
    alpha : level of the test.
    """
    lives = np.asarray(half_lives, dtype=np.float64)
    bars, draws = as_count(n_bars, "n_bars", minimum=12), as_count(n_draws, "n_draws", minimum=1)
    power = np.empty(len(_HALF_LIVES))
    for i, life in enumerate(_HALF_LIVES):
        root = 0.5 ** (1.0 / life)
        shocks = generator.normal(size=(bars, draws))
        shocks[0] /= np.sqrt(1.0 - root * root)
        for t in range(1, bars):
            shocks[t] += root * shocks[t - 1]
        power[i] = (unit_root_tests(shocks.T).pvalue <= alpha).mean()
    inside = np.clip(lives, _HALF_LIVES[0], _HALF_LIVES[-1])
    found = np.interp(np.log(inside), np.log(_HALF_LIVES), power)
    return np.where(np.isinf(lives), alpha, np.where(np.isnan(lives), np.nan, found))


def _regressors(s: Float2D, lag: int) -> Float2D:
    """Shape (n_series, n_rows, lag + 3): constant, level, lagged differences, and the difference to explain."""
    difference = np.diff(s, axis=1)
    rows = s.shape[1] - 1 - lag
    columns = np.empty((s.shape[0], rows, lag + 3))
    columns[:, :, 0] = 1.0
    columns[:, :, 1] = s[:, lag:-1]
    for k in range(1, lag + 1):
        columns[:, :, 1 + k] = difference[:, lag - k : difference.shape[1] - k]
    columns[:, :, -1] = difference[:, lag:]
    return columns


def _triangle(columns: Float2D) -> Float2D:
    """R of the QR factorisation of each series' regressors."""
    return np.asarray(np.linalg.qr(columns, mode="r"))


def _choose_lags(s: Float2D, limit: int) -> Int1D:
    """Lag order of smallest AIC on one sample; the residual squares of all orders fall out of one triangular factor."""
    if not s.size:
        return np.zeros(0, dtype=np.int64)
    columns = _regressors(s, limit)
    triangle = _triangle(columns)
    rows = columns.shape[1]
    projected = triangle[:, :, -1] ** 2  # the last entry is what no regressor explains
    left = np.cumsum(projected[:, ::-1], axis=1)[:, ::-1]
    squares = left[:, 2:]  # after constant and level: order 0, 1, …
    with np.errstate(divide="ignore"):
        criterion = rows * np.log(squares / rows) + 2.0 * np.arange(limit + 1)
    return np.asarray(criterion.argmin(axis=1), dtype=np.int64)


def _level_t(s: Float2D, lag: int) -> Float1D:
    """Statistic of the level, its column moved behind the lags so that the triangle gives it at once."""
    columns = _regressors(s, lag)
    order = [0, *range(2, lag + 2), 1, lag + 2]
    triangle = _triangle(columns[:, :, order])
    pivot, effect, rest = triangle[:, -2, -2], triangle[:, -2, -1], triangle[:, -1, -1] ** 2
    free = columns.shape[1] - lag - 2
    # slope = effect / pivot, its error √(rest / free) / |pivot|; the factor's signs are arbitrary
    with np.errstate(divide="ignore", invalid="ignore"):
        t = np.sign(pivot) * effect / np.sqrt(rest / free)
    return np.where(np.isfinite(t), t, np.nan)
