"""Delistings as a user tells them, by day, as the engine takes them, by instant; refused where bars contradict them.

They are refused when they are told, and once more when a run is asked for: bars may have come in between.
"""

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from django.utils import timezone

from titan_core.data.resampling import period_start
from titan_core.simulation import Delisting
from titan_core.types import Timeframe
from trading.models import Series, Symbol
from trading.services.backtesting.bars import load_bars
from trading.services.refusals import Refusal
from trading.utils import as_datetime64

__all__ = ["check_delistings", "check_told_delisting", "delistings_of", "kept_delistings"]

FIRST_YEAR = 1900
AHEAD = dt.timedelta(days=366)  # announced, and not yet done
MOST_RETURNED = 10.0

_BARS = {"1d": "daily", "1wk": "weekly", "1mo": "monthly"}
_JUST_AFTER = np.timedelta64(1, "us")
_INTO_THE_NEXT: dict[str, tuple[Timeframe, np.timedelta64]] = {
    "1wk": ("1wk", np.timedelta64(7, "D")),
    "1mo": ("1mo", np.timedelta64(31, "D")),
}


def delistings_of(symbols: Sequence[Symbol], timeframe: str) -> tuple[Delisting, ...]:
    """Those known of these symbols, each at the earliest instant a bar without it can have.

    A bar stamped midnight is of the day before, and the bar of a week or month is known at its end and may hold days
    before the delisting: neither contradicts it.
    """
    return tuple(
        Delisting(symbol.ticker, _gone_at(symbol.delisted_on, timeframe), symbol.delisting_return)
        for symbol in sorted(symbols, key=lambda symbol: symbol.ticker)
        if symbol.delisted_on is not None
    )


def check_told_delisting(symbol: Symbol | None, *, day: dt.date | None, value: float | None) -> None:
    """Refuse what no run could use: a day or a return that can't be meant, or bars after the day.

    None leaves a part unchecked; `symbol` is None where it is new and has no bars.
    """
    if value is not None and not -1.0 <= value <= MOST_RETURNED:
        raise Refusal(
            f"From -1 (everything is lost) to {MOST_RETURNED:g} (+{MOST_RETURNED * 100:,.0f} %) of the last close; "
            f"-0.3 is -30 %. This is {value:g}.",
            field="delisting_return",
        )
    if day is None:
        return
    latest = timezone.now().date() + AHEAD
    if day.year < FIRST_YEAR or day > latest:
        raise Refusal(
            f"{day} can't be meant: give a day from {FIRST_YEAR} to {latest}, a year ahead.",
            field="delisted_on",
        )
    for series in _that_stand_for(symbol) if symbol is not None else ():
        last = series.last_timestamp
        if last is not None and as_datetime64(last) >= _gone_at(day, series.timeframe):
            raise Refusal(
                f"{symbol} still has bars on {day} or later: its {_BARS[series.timeframe]} bars from "
                f"{series.source} go on to {last:%Y-%m-%d}. Give the first day it traded no more, or correct "
                "those bars first.",
                field="delisted_on",
            )


def _that_stand_for(symbol: Symbol) -> list[Series]:
    """The series a run would read, one a timeframe that is stored."""
    best: dict[str, Series] = {}
    for series in sorted(symbol.series.with_bars(), key=lambda one: one.preference, reverse=True):
        best[series.timeframe] = series
    return [best[name] for name in sorted(best)]


def kept_delistings(inputs: Mapping[str, Any]) -> tuple[Delisting, ...]:
    """Those a run was asked with, from what it keeps."""
    return tuple(
        Delisting(name, np.datetime64(at), value) for name, at, value in inputs.get("delistings", ())
    )


def check_delistings(
    delistings: Sequence[Delisting], *, timeframe: str, start: dt.date, end: dt.date, field: str
) -> None:
    """Refuse a delisting of a symbol that still has bars after it in the window; reads only bars of those delisted."""
    if not delistings:
        return
    bars = load_bars([one.symbol for one in delistings], timeframe=timeframe, start=start, end=end)
    for one in delistings:
        close = bars.close[:, bars.symbols.index(one.symbol)]
        if np.isfinite(close[bars.timestamps >= one.timestamp]).any():
            raise Refusal(
                f"{one.symbol} still has bars after its delisting on {one.timestamp.astype('datetime64[D]')}: correct "
                "the date on the Data page.",
                field=field,
                code="invalid_input",
            )


def _gone_at(day: dt.date, timeframe: str) -> np.datetime64:
    first: np.datetime64 = np.datetime64(day, "us") + _JUST_AFTER
    if timeframe not in _INTO_THE_NEXT:
        return first
    period, span = _INTO_THE_NEXT[timeframe]
    begins = period_start(first, period)
    return first if begins == first else period_start(begins + span, period)
