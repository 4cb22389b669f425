"""Monte Carlo of a finished run: the stationary bootstrap of its bars, and its trades in another order.

Both look back on the run. The bootstrap asks how much of the result is the luck of this sample; the shuffle keeps the
trades and asks how much of the drawdown is the luck of their order. Neither knows a market the run has not seen.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import ArrayLike

from titan_core.checks import as_count, as_fraction, as_number, as_series
from titan_core.errors import Cancelled, DegenerateSeries, InvalidInput
from titan_core.statistics.bootstrap import as_block_length, optimal_block_length, stationary_indices
from titan_core.types import Float1D, Float2D, Int1D, Progress, ShouldStop

__all__ = ["LEVELS", "Stress", "resampled_bars", "shuffled_trades"]

LEVELS = (0.05, 0.25, 0.5, 0.75, 0.95)
_POINTS = 250
_PATHS_AT_ONCE = 64


@dataclass(frozen=True, slots=True, eq=False)
class Stress:
    """Paths that could have been.

    Attributes
    ----------
    at : ndarray of shape (n_points,), int64
        Positions along the path (bars or trades, 0 = the start) at which bands are given, 250 at most and one.
    levels : tuple of float
        Quantiles, rising.
    bands : ndarray of shape (n_levels, n_points)
        Quantiles of equity over paths, each point by itself.
    total_return, maximum_drawdown : ndarray of shape (n_paths,)
    sharpe_ratio : ndarray of shape (n_paths,)
        Annual; NaN where a path does not move. Of shuffled trades there is none: shape (0,).
    ruin_share : float
        Share of paths on which nothing was left at some point.
    observed_drawdown : float
        That of the run itself.
    block_length : float
        Mean block, bars; NaN for shuffled trades.
    """

    at: Int1D = field(repr=False)
    levels: tuple[float, ...]
    bands: Float2D = field(repr=False)
    total_return: Float1D = field(repr=False)
    maximum_drawdown: Float1D = field(repr=False)
    sharpe_ratio: Float1D = field(repr=False)
    ruin_share: float
    observed_drawdown: float
    block_length: float

    @property
    def n_paths(self) -> int:
        """Paths drawn."""
        return self.maximum_drawdown.size

    @property
    def drawdown_share(self) -> float:
        """Share of paths whose maximum drawdown is as deep as the run's own, or deeper: near 1, the run was lucky."""
        return float((self.maximum_drawdown >= self.observed_drawdown * (1.0 - 1e-12)).mean())

    def quantiles(self, name: str) -> dict[float, float]:
        """Of "total_return", "maximum_drawdown" or "sharpe_ratio", by level; paths without a value are left out."""
        if name not in {"total_return", "maximum_drawdown", "sharpe_ratio"}:
            raise InvalidInput(
                f"{name!r} is no distribution of a stress: total_return, maximum_drawdown, sharpe_ratio"
            )
        values = getattr(self, name)
        values = values[~np.isnan(values)]
        found = np.quantile(values, self.levels) if values.size else np.full(len(self.levels), math.nan)
        return dict(zip(self.levels, found.tolist(), strict=True))


def resampled_bars(
    returns: ArrayLike,
    *,
    capital: float,
    periods_per_year: float,
    generator: np.random.Generator,
    n_paths: int = 1_000,
    block_length: float | None = None,
    levels: Sequence[float] = LEVELS,
    progress: Progress | None = None,
    should_stop: ShouldStop | None = None,
) -> Stress:
    """Paths of as many bars, drawn in blocks from the run's own returns, compounded.

    Parameters
    ----------
    returns : array-like of shape (n_bars,), simple, finite, at least 20.
    capital : first equity of every path, money.
    periods_per_year : of the Sharpe ratios.
    generator : source of randomness; the same state gives the same paths, whatever ``progress`` is.
    n_paths : paths to draw.
    block_length : mean block of the stationary bootstrap; None for `optimal_block_length`.
    levels : quantiles of the bands, within (0, 1).
    progress, should_stop : called between paths.

    Raises
    ------
    InvalidInput
        Returns that are not finite, capital or a level out of range.
    Cancelled
        ``should_stop`` returned True.

    References
    ----------
    Politis & Romano (1994), "The stationary bootstrap", JASA 89(428), 1303–1313.
    """
    x = as_series(returns, "returns", min_size=20)
    start, periods = _positive(capital, "capital"), _positive(periods_per_year, "periods_per_year")
    quantiles, paths = _levels(levels), as_count(n_paths, "n_paths", minimum=1)
    length = _length(x) if block_length is None else as_block_length(block_length)
    at = _points(x.size)
    equity = np.empty((paths, at.size))
    drawdown, sharpe, ruined = np.empty(paths), np.full(paths, math.nan), np.zeros(paths, dtype=np.bool_)
    for path in range(paths):
        _between(path, paths, progress, should_stop)
        drawn = x[stationary_indices(x.size, length, generator)]
        curve = _compound(drawn)
        equity[path], drawdown[path], ruined[path] = curve[at], _depth(curve), curve[-1] <= 0.0
        deviation = float(drawn.std(ddof=1))
        if deviation > 1e-12 * float(np.abs(drawn).max()):
            sharpe[path] = float(drawn.mean()) / deviation * math.sqrt(periods)
    return Stress(
        at=at,
        levels=quantiles,
        bands=start * np.quantile(equity, quantiles, axis=0),
        total_return=equity[:, -1] - 1.0,
        maximum_drawdown=drawdown,
        sharpe_ratio=sharpe,
        ruin_share=float(ruined.mean()),
        observed_drawdown=_depth(_compound(x)),
        block_length=length,
    )


def shuffled_trades(
    net_pnl: ArrayLike,
    *,
    capital: float,
    generator: np.random.Generator,
    n_paths: int = 1_000,
    levels: Sequence[float] = LEVELS,
    progress: Progress | None = None,
    should_stop: ShouldStop | None = None,
) -> Stress:
    """Paths of the same trades one after the other in another order; P&L in money adds up, so all end alike.

    Trades that overlapped in life are taken one by one here: with many at once, the order says less.

    Parameters
    ----------
    net_pnl : array-like of shape (n_trades,), money, finite, at least 2, by exit.
    capital : before the first trade, money.
    generator, n_paths, levels, progress, should_stop : as in `resampled_bars`.
    """
    pnl = as_series(net_pnl, "net_pnl", min_size=2)
    start = _positive(capital, "capital")
    quantiles, paths = _levels(levels), as_count(n_paths, "n_paths", minimum=1)
    at = _points(pnl.size)
    equity = np.empty((paths, at.size))
    drawdown, ruined = np.empty(paths), np.zeros(paths, dtype=np.bool_)
    for path in range(paths):
        _between(path, paths, progress, should_stop)
        curve = np.concatenate(([start], start + np.cumsum(generator.permutation(pnl))))
        equity[path], drawdown[path], ruined[path] = curve[at], _depth(curve), (curve <= 0.0).any()
    own = np.concatenate(([start], start + np.cumsum(pnl)))
    return Stress(
        at=at,
        levels=quantiles,
        bands=np.quantile(equity, quantiles, axis=0),
        total_return=equity[:, -1] / start - 1.0,
        maximum_drawdown=drawdown,
        sharpe_ratio=np.empty(0),
        ruin_share=float(ruined.mean()),
        observed_drawdown=_depth(own),
        block_length=math.nan,
    )


def _compound(returns: Float1D) -> Float1D:
    """Equity from 1, shape (n + 1,); once nothing is left, nothing comes back."""
    growth = np.maximum(1.0 + returns, 0.0)
    return np.concatenate(([1.0], np.cumprod(growth)))


def _depth(equity: Float1D) -> float:
    return float((1.0 - equity / np.maximum.accumulate(equity)).max())


def _points(n: int) -> Int1D:
    """Start, end, and evenly between."""
    return np.unique(np.linspace(0, n, min(n, _POINTS) + 1).astype(np.int64))


def _length(returns: Float1D) -> float:
    try:
        return optimal_block_length(returns)
    except DegenerateSeries:
        return 1.0


def _levels(levels: Sequence[float]) -> tuple[float, ...]:
    return tuple(sorted(as_fraction(level, "level") for level in levels))


def _positive(value: float, name: str) -> float:
    number = as_number(value, name)
    if number <= 0.0:
        raise InvalidInput(f"{name} must be above 0; it is {number}")
    return number


def _between(path: int, paths: int, progress: Progress | None, should_stop: ShouldStop | None) -> None:
    if path % _PATHS_AT_ONCE:
        return
    if should_stop is not None and should_stop():
        raise Cancelled("the stress was stopped")
    if progress is not None:
        progress(path, paths)
