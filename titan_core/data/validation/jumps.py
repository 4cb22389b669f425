"""Moves that nothing explains: unadjusted splits, and days that the provider's own adjusted series denies."""

from dataclasses import dataclass

import numpy as np

from titan_core.data.files.batches import Batch
from titan_core.types import BoolArray, Float1D, Int1D

__all__ = ["SPLIT_RATIOS", "TOLERANCE", "Jumps", "find_jumps"]

TOLERANCE = 0.01  # of a day's return, against the provider's adjusted close
# New shares for one old, and the other way round.
_FORWARD = (
    1.25,
    4 / 3,
    1.5,
    2.0,
    2.5,
    3.0,
    4.0,
    5.0,
    6.0,
    7.0,
    8.0,
    10.0,
    12.0,
    15.0,
    20.0,
    25.0,
    30.0,
    40.0,
    50.0,
    100.0,
)
SPLIT_RATIOS: Float1D = np.sort(np.array([*_FORWARD, *(1 / ratio for ratio in _FORWARD)]))
_LEAST_RATIO = 1.4  # smaller splits can't be told from a bad day
_NEAR = 0.045  # how far a move may be from a ratio, in logs: the day's own return
# Dollar volume against its median over 20 bars: a crash is traded, a split is not. Where the provider's own adjusted
# close has the move too, less of it is enough to believe the move.
_NEWS, _NEWS_AGREED = 2.5, 1.4
_NEWS_BARS, _NEWS_LEAST = 20, 5
_UNEXPLAINED = 0.22  # log move left on the day of a split that should explain it
_MARKET_LEAST = 5  # symbols that make a market
_TURMOIL = 0.05  # a market that moves so much moves some of its shares by a third


@dataclass(frozen=True, slots=True)
class Jumps:
    """Rows that don't follow from the row before.

    Attributes
    ----------
    previous : ndarray of shape (n,), int64; position of the symbol's row before, -1 at its first
    growth : ndarray of shape (n,); (S·P + D)/P of the row before, NaN at the first
    split : rows that look like a split that is not told, or told wrongly
    differs : rows whose growth differs from the provider's by more than `TOLERANCE`
    provider : ndarray of shape (n,); growth of the adjusted close, NaN where it has none
    ratio : ndarray of shape (n,); the common split ratio a suspected row is near, NaN elsewhere
    spike : those of ``split`` and ``differs`` that the next row undoes: a wrong price, not a wrong level
    """

    previous: Int1D
    growth: Float1D
    split: BoolArray
    differs: BoolArray
    provider: Float1D
    ratio: Float1D
    spike: BoolArray


def find_jumps(batch: Batch, *, with_provider: bool) -> Jumps:
    """Look at each row against the one before it.

    A move is suspected to be an unadjusted split where the market's median moved less than 5 % and the rest of the
    move lies near a common ratio of at least 1.4, no split is told, and the shares did not trade as on a day of news:
    dollar volume below 2.5 times its median of the 20 bars before, where volumes are known (1.4 times where the
    provider's adjusted close has the same move). On the day of a split that is told, any move beyond 25 % that is
    left is suspect. A spike that is undone by the next row is one bad row, not two.

    Parameters
    ----------
    batch : sorted by code and day, one row a day; ``dividend`` and ``split`` without NaN
    with_provider : whether ``adjusted`` is the provider's own total-return close
    """
    n = batch.n_rows
    previous = np.arange(-1, n - 1)
    if n:
        previous[np.flatnonzero(np.r_[True, batch.code[1:] != batch.code[:-1]])] = -1
    has = previous >= 0
    before = np.where(has, batch.close[previous], np.nan)
    growth = (batch.split * batch.close + batch.dividend) / before
    provider = np.full(n, np.nan)
    if with_provider:
        earlier = np.where(has, batch.adjusted[previous], np.nan)
        with np.errstate(divide="ignore", invalid="ignore"):
            provider = np.where((batch.adjusted > 0) & (earlier > 0), batch.adjusted / earlier, np.nan)
    market = _market(batch.day, np.log(growth))
    move = np.log(growth) - market
    told = np.abs(batch.split - 1.0) > 1e-9
    nearest = _nearest(np.exp(-move))
    near = np.abs(np.log(nearest) + move) < _NEAR
    large = np.abs(move) >= np.log(_LEAST_RATIO) - _NEAR / 2
    traded = _traded(batch, has)
    news = np.where(np.abs(growth / provider - 1.0) <= TOLERANCE, traded > _NEWS_AGREED, traded > _NEWS)
    suspect = ~told & near & large & (np.abs(np.log(nearest)) >= np.log(_LEAST_RATIO)) & ~news
    suspect &= np.abs(market) < _TURMOIL
    left = told & (np.abs(move) > _UNEXPLAINED)
    split = np.where(np.isnan(move), False, suspect | left)  # noqa: FBT003 - numpy's value
    off = np.log(growth / provider)
    differs = np.abs(growth / provider - 1.0) > TOLERANCE
    split, spike = _single_spikes(split & ~differs, move, 2 * _NEAR)
    differs, wrong_price = _single_spikes(differs, off, TOLERANCE)
    ratio = np.where(suspect, nearest, np.nan)
    return Jumps(previous, growth, split, differs, provider, ratio, spike | wrong_price)


def _market(day: Int1D, move: Float1D) -> Float1D:
    """Median move of each row's day over all symbols; 0 where too few trade for a market."""
    market = np.zeros(day.size)
    there = np.flatnonzero(~np.isnan(move))
    order = there[np.lexsort((move[there], day[there]))]
    if not order.size:
        return market
    days, first, count = np.unique(day[order], return_index=True, return_counts=True)
    values = move[order]
    median = (values[first + (count - 1) // 2] + values[first + count // 2]) / 2
    median = np.where(count >= _MARKET_LEAST, median, 0.0)
    at = np.minimum(np.searchsorted(days, day), days.size - 1)
    return np.where(days[at] == day, median[at], 0.0)


def _nearest(ratio: Float1D) -> Float1D:
    """The common split ratio nearest in logs."""
    edges = np.sqrt(SPLIT_RATIOS[1:] * SPLIT_RATIOS[:-1])
    return SPLIT_RATIOS[np.searchsorted(edges, np.where(np.isnan(ratio), 1.0, ratio))]


def _traded(batch: Batch, has: BoolArray) -> Float1D:
    """Dollar volume of rows that move, over its median of the bars before; 0 where volumes don't tell."""
    dollars = batch.close * batch.volume
    times = np.zeros(batch.n_rows)
    start = np.maximum.accumulate(np.where(has, 0, np.arange(batch.n_rows)))
    step = np.abs(np.diff(np.log(batch.close), prepend=np.nan))
    # only rows that move are looked at: there are few of them
    for i in np.flatnonzero(has & (step > np.log(_LEAST_RATIO) - 0.1)):
        window = dollars[max(start[i], i - _NEWS_BARS) : i]
        window = window[window > 0]
        if window.size >= _NEWS_LEAST and dollars[i] > 0:
            times[i] = dollars[i] / np.median(window)
    return times


def _single_spikes(flagged: BoolArray, off: Float1D, tolerance: float) -> tuple[BoolArray, BoolArray]:
    """Of two neighbours that undo each other only the first stays flagged, as a spike."""
    kept, spike = flagged.copy(), np.zeros(flagged.size, np.bool_)
    for i in np.flatnonzero(flagged[1:] & flagged[:-1]) + 1:
        if kept[i - 1] and not spike[i - 1] and abs(off[i - 1] + off[i]) < tolerance:
            kept[i], spike[i - 1] = False, True
    return kept, spike
