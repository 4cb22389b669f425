"""Bars one after the other, for files: as many as there are, a few thousand in memory."""

from collections.abc import Iterator
from datetime import date, datetime
from typing import Any

import numpy as np

from common.events import instant
from titan_core.data import BarPanel
from titan_core.data.instants import as_bounds
from titan_core.errors import DataUnavailable
from trading.models import Series, Symbol
from trading.services.market_data import MarketDataService
from trading.services.price_stores import price_store
from trading.utils import as_datetime, as_datetime64, finite_or_none

__all__ = ["bar_rows"]

_FIELDS = ("open", "high", "low", "close", "volume")
_AT_ONCE = 5_000
_MICROSECOND = np.timedelta64(1, "us")


def bar_rows(
    symbol: Symbol, *, timeframe: str, start: date | datetime | None, end: date | datetime | None
) -> Iterator[dict[str, Any]]:
    """A symbol's bars, oldest first: those `MarketDataService.bars` gives, which are not all read before the first.

    Raises
    ------
    DataUnavailable
        The symbol has no bars of this timeframe.
    InvalidInput
        The window ends before it starts.
    """
    first, last = as_bounds(start, end)
    series = MarketDataService().best_series_sync([symbol.ticker], timeframe=timeframe)[symbol.ticker]
    if series.timeframe == timeframe:
        return _stored(symbol, series, first, last)
    # weeks and months of days are few
    return _rows(MarketDataService().bars_sync(symbol, timeframe=timeframe, start=start, end=end).bars)


def _stored(
    symbol: Symbol, series: Series, first: np.datetime64 | None, last: np.datetime64 | None
) -> Iterator[dict[str, Any]]:
    """Window after window: the store's connection is held for one, not for as long as a client reads."""
    if series.first_timestamp is None or series.last_timestamp is None:
        return
    since, until = as_datetime64(series.first_timestamp), as_datetime64(series.last_timestamp)
    pieces = max(1, -(-series.n_bars // _AT_ONCE))
    step = (until - since) // pieces + _MICROSECOND
    for begin in since + step * np.arange(pieces):
        low, high = begin, begin + step - _MICROSECOND
        low = low if first is None else max(low, first)
        high = high if last is None else min(high, last)
        if high < low:
            continue
        try:
            bars = price_store().read_bars({symbol.ticker: series.pk}, start=low, end=high, adjustment="raw")
        except DataUnavailable:
            continue  # nothing traded in this window
        yield from _rows(bars)


def _rows(bars: BarPanel) -> Iterator[dict[str, Any]]:
    columns = {name: getattr(bars, name) for name in _FIELDS}
    for at, stamp in enumerate(bars.timestamps):
        numbers = {
            name: None if values is None else finite_or_none(float(values[at, 0]))
            for name, values in columns.items()
        }
        yield {"timestamp": instant(as_datetime(stamp))} | numbers
