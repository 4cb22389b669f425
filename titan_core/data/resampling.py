"""Longer bars from daily ones: weeks and months, each made of days and known at its last day's close.

A bar belongs to the UTC day on which its span ended: the day of the instant just before its timestamp, so that a bar
stamped midnight is the day before's. A week is an ISO week (Monday to Sunday), a month a calendar month.

A period's bar carries the instant of the panel's last bar in it, which is when it became known. A last period that may
still get bars is left out: it would change, and nobody could have acted on it. It is over when a later period has begun
in the data, or when no calendar of `calendars` has a session left in it.
"""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from titan_core.data.adjustments import growth_factors
from titan_core.data.calendars import sessions_between
from titan_core.data.instants import Instant, Instants, as_instant
from titan_core.data.panels import FIELDS, BarPanel, PricePanel
from titan_core.errors import InvalidInput
from titan_core.types import Float2D, Int1D, Timeframe

__all__ = ["period_start", "resample_bars", "resample_prices"]

_JUST_BEFORE = np.timedelta64(1, "us")
_MONDAY = 3  # days from Monday to 1970-01-01, a Thursday


def resample_prices(panel: PricePanel, timeframe: Timeframe, *, calendars: Iterable[str] = ()) -> PricePanel:
    """Prices at the end of each week or month: a symbol's last price in it, NaN where it has none.

    Parameters
    ----------
    panel : PricePanel of daily bars, prices or logs
    timeframe : "1wk" or "1mo"; "1d" returns the panel as it is
    calendars : exchange calendars the symbols trade by, to tell whether the last period is over

    Raises
    ------
    InvalidInput
        The timeframe or a calendar is not known.
    """
    if timeframe == "1d":
        return panel
    starts = _starts(panel.timestamps, timeframe)
    kept = _n_over(panel.timestamps, starts, timeframe, calendars)
    ends = _ends(starts, panel.n_bars)[:kept]
    return replace(panel, timestamps=panel.timestamps[ends], values=_last_known(panel.values, starts)[:kept])


def resample_bars(bars: BarPanel, timeframe: Timeframe, *, calendars: Iterable[str] = ()) -> BarPanel:
    """Weekly or monthly bars: first open, highest high, lowest low, last close, sum of volumes.

    What a day lacks (NaN) is passed over: the first open is the first that is known, and a number is NaN only where
    no day of the period has it. On raw bars a split inside a period restates the days before it in the shares of the
    period's end (prices divided, volumes multiplied), so that one bar has one unit. Actions stay beside the bars; an
    adjusted series is to be made from days and then resampled, for here a dividend would be reinvested at the period's
    close.

    Parameters, errors
        As `resample_prices`.
    """
    if timeframe == "1d":
        return bars
    starts = _starts(bars.timestamps, timeframe)
    kept = _n_over(bars.timestamps, starts, timeframe, calendars)
    ends = _ends(starts, bars.n_bars)
    days = _in_units_of_the_end(bars, starts, ends)
    made: dict[str, Any] = {}
    for name, of_period in _RULES.items():
        values = days[name]
        made[name] = None if values is None else of_period(values, starts)[:kept]
    return replace(bars, timestamps=bars.timestamps[ends[:kept]], **made)


def period_start(moment: Instant, timeframe: Timeframe) -> np.datetime64:
    """Earliest timestamp a bar of the day, week or month of ``moment`` can have: load from here to have it whole."""
    day = (as_instant(moment, "moment") - _JUST_BEFORE).astype("datetime64[D]")
    if timeframe == "1mo":
        day = day.astype("datetime64[M]").astype("datetime64[D]")
    elif timeframe == "1wk":
        day = day - (day.astype(np.int64) + _MONDAY) % 7
    first: np.datetime64 = day.astype("datetime64[us]") + _JUST_BEFORE
    return first


def _periods(timestamps: Instants, timeframe: Timeframe) -> Int1D:
    """Number of the week or month of each bar, rising with time."""
    days = (timestamps - _JUST_BEFORE).astype("datetime64[D]")
    if timeframe == "1wk":
        return (days.astype(np.int64) + _MONDAY) // 7
    if timeframe == "1mo":
        return days.astype("datetime64[M]").astype(np.int64)
    raise InvalidInput(f"timeframe {timeframe!r} is none of 1d, 1wk, 1mo")


def _starts(timestamps: Instants, timeframe: Timeframe) -> Int1D:
    """Row at which each period begins."""
    periods = _periods(timestamps, timeframe)
    begins = np.flatnonzero(periods[1:] != periods[:-1]) + 1
    return np.concatenate(([0], begins)).astype(np.int64) if periods.size else np.empty(0, np.int64)


def _ends(starts: Int1D, n_bars: int) -> Int1D:
    """Last row of each period."""
    return np.append(starts[1:], n_bars)[: starts.size] - 1


def _n_over(timestamps: Instants, starts: Int1D, timeframe: Timeframe, calendars: Iterable[str]) -> int:
    """How many periods are over: all, or all but the last."""
    if not starts.size:
        return 0
    last_day = (timestamps[-1] - _JUST_BEFORE).astype("datetime64[D]")
    if timeframe == "1wk":
        until = last_day + (6 - (last_day.astype(np.int64) + _MONDAY) % 7)
    else:
        until = (last_day.astype("datetime64[M]") + 1).astype("datetime64[D]") - 1
    names = set(calendars)
    left = last_day < until and any(sessions_between(name, last_day + 1, until).size for name in names)
    # without a calendar only the period's last day itself says that it is over
    over = not left if names else last_day == until
    return int(starts.size) if over else int(starts.size) - 1


def _in_units_of_the_end(bars: BarPanel, starts: Int1D, ends: Int1D) -> Mapping[str, Float2D | None]:
    """The fields, days before a split inside their period restated in the shares of its end."""
    fields: dict[str, Float2D | None] = {name: getattr(bars, name) for name in FIELDS}
    splits = [action for action in bars.actions if action.kind == "split"]
    if bars.adjustment != "raw" or not splits or not starts.size:
        return fields
    of_end = np.repeat(ends, np.diff(np.append(starts, bars.n_bars)))
    for column, symbol in enumerate(bars.symbols):
        own = [action for action in splits if action.symbol == symbol]
        if not own:
            continue
        shares = growth_factors(bars.timestamps, bars.close[:, column], own)
        ratio = shares / shares[of_end]
        for name, values in fields.items():
            if values is not None:
                restated = np.array(values, order="F")
                restated[:, column] *= 1.0 / ratio if name == "volume" else ratio
                fields[name] = restated
    return fields


def _last_known(values: Float2D, starts: Int1D) -> Float2D:
    rows = np.where(np.isnan(values), -1, np.arange(values.shape[0])[:, None])
    return _at(values, np.maximum.reduceat(rows, starts, axis=0) if starts.size else rows)


def _first_known(values: Float2D, starts: Int1D) -> Float2D:
    n_bars = values.shape[0]
    rows = np.where(np.isnan(values), n_bars, np.arange(n_bars)[:, None])
    first = np.minimum.reduceat(rows, starts, axis=0) if starts.size else rows
    return _at(values, np.where(first == n_bars, -1, first))


def _at(values: Float2D, rows: "np.ndarray[Any, np.dtype[np.int64]]") -> Float2D:
    """The value of each column at these rows; NaN at row -1."""
    if not rows.size:
        return np.empty(rows.shape)
    return np.asarray(np.where(rows < 0, np.nan, np.take_along_axis(values, np.maximum(rows, 0), axis=0)))


def _highest(values: Float2D, starts: Int1D) -> Float2D:
    return np.asarray(np.fmax.reduceat(values, starts, axis=0)) if starts.size else values[:0]


def _lowest(values: Float2D, starts: Int1D) -> Float2D:
    return np.asarray(np.fmin.reduceat(values, starts, axis=0)) if starts.size else values[:0]


def _sum(values: Float2D, starts: Int1D) -> Float2D:
    if not starts.size:
        return values[:0]
    known = ~np.isnan(values)
    # one memory layout: the order of a sum, and so its last bit, must not depend on where the panel came from
    total = np.add.reduceat(np.asfortranarray(np.where(known, values, 0.0)), starts, axis=0)
    return np.asarray(np.where(np.logical_or.reduceat(known, starts, axis=0), total, np.nan))


_RULES = {"open": _first_known, "high": _highest, "low": _lowest, "close": _last_known, "volume": _sum}
