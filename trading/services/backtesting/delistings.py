"""Delistings as a user tells them, by day, as the engine takes them, by instant; refused where bars contradict them."""

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from titan_core.data.resampling import period_start
from titan_core.simulation import Delisting
from titan_core.types import Timeframe
from trading.models import Symbol
from trading.services.backtesting.bars import load_bars
from trading.services.refusals import Refusal

__all__ = ["check_delistings", "delistings_of", "kept_delistings"]

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
