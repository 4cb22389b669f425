"""The bars a run reads, and those that only settle what it holds."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from titan_core.backtesting.engine.prepare import as_bars
from titan_core.data import BarPanel
from titan_core.simulation import Delisting
from trading.models import Adjustment
from trading.services.market_data import MarketDataService
from trading.services.price_stores import price_store

__all__ = ["load_bars", "with_last_bars"]

_FIELDS = ("open", "high", "low", "close", "volume")


def load_bars(
    tickers: Sequence[str], *, timeframe: str, start: dt.date | None, end: dt.date | None
) -> BarPanel:
    """Bars as quoted where all symbols have such; else total-return closes."""
    best = MarketDataService().best_series_sync(tickers, timeframe=timeframe)
    kinds = {series.adjustment for series in best.values()}
    stored = all(series.timeframe == timeframe for series in best.values())
    if stored and kinds == {Adjustment.RAW.value}:
        keys = {ticker: series.pk for ticker, series in best.items()}
        return price_store().read_bars(keys, start=start, end=end, adjustment="raw")
    panel = MarketDataService().load_panel_sync(tickers, timeframe=timeframe, start=start, end=end)
    return as_bars(panel)


def with_last_bars(bars: BarPanel, delistings: Sequence[Delisting], end: dt.date | None) -> BarPanel:
    """`bars`, and a bar without prices for each delisting after the last of them, up to `end`.

    A position is settled at the first bar without its symbol. Where all symbols end together there would be none, and
    what the delisting returned would be missing from the account.
    """
    last = bars.timestamps[-1]
    late = sorted({d.timestamp for d in delistings if d.timestamp > last})
    if end is not None:
        late = [stamp for stamp in late if stamp.astype("datetime64[D]") <= np.datetime64(end)]
    if not late:
        return bars
    empty = np.full((len(late), bars.n_symbols), np.nan)
    fields: dict[str, Any] = {
        name: np.concatenate([values, empty])
        for name in _FIELDS
        if (values := getattr(bars, name)) is not None
    }
    stamps = np.concatenate([bars.timestamps, np.array(late, bars.timestamps.dtype)])
    return replace(bars, timestamps=stamps, **fields)
