"""How complete the stored bars of a universe are: by symbol and month, beside the sessions its exchange held."""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np
import numpy.typing as npt
from django.core.cache import cache
from django.db.models import Count
from django.db.models.functions import TruncMonth

from titan_core.data.calendars import sessions_between
from titan_core.errors import DataUnavailable, InvalidInput
from trading.models import QuarantinedBar, Series, Symbol, Universe
from trading.services.market_data import MarketDataService
from trading.services.price_stores import price_store

__all__ = ["SymbolQuality", "UniverseQuality", "universe_quality"]

_AT_A_TIME = 200  # symbols read at once: a bounded panel however large the universe
_REMEMBER_SECONDS = 3_600
Months = npt.NDArray[np.datetime64]


@dataclass(frozen=True, slots=True)
class SymbolQuality:
    """One symbol's bars by month; ``expected`` counts sessions between its own first and last bar.

    ``quarantined`` counts days with rows of uploads set aside; ``n_quarantined`` also those outside the months shown.
    """

    ticker: str
    counts: list[int]
    expected: list[int]
    quarantined: list[int]
    quality: float
    n_missing: int
    n_quarantined: int
    first: datetime | None
    last: datetime | None


@dataclass(frozen=True, slots=True)
class UniverseQuality:
    """Months in order, one entry a symbol, and bars there are over bars there should be."""

    months: list[str]
    symbols: list[SymbolQuality]
    quality: float | None


def universe_quality(universe: Universe) -> UniverseQuality:
    """Measured on each symbol's best daily series; remembered until a bar or a report changes."""
    symbols = list(universe.symbols.order_by("ticker"))
    best = MarketDataService().coverage_sync([symbol.pk for symbol in symbols])
    state = [
        (symbol.ticker, symbol.calendar, str(one.pk), str(one.updated_at)) if one else (symbol.ticker,)
        for symbol in symbols
        for one in (best.get(symbol.pk),)
    ]
    newest = QuarantinedBar.objects.order_by("-id").values_list("id", flat=True).first()
    key = f"quality:{hashlib.sha256(repr((state, newest)).encode()).hexdigest()}"
    known: UniverseQuality | None = cache.get(key)
    if known is None:
        known = _measured(symbols, best)
        cache.set(key, known, _REMEMBER_SECONDS)
    return known


def _measured(symbols: Sequence[Symbol], best: Mapping[int, Series]) -> UniverseQuality:
    held = [best[symbol.pk] for symbol in symbols if symbol.pk in best]
    months = _months(held)
    aside = _set_aside([symbol.ticker for symbol in symbols])
    days = dict(_days(held))
    rows = []
    for symbol in symbols:
        series = best.get(symbol.pk)
        have = days.get(symbol.ticker, np.empty(0, "M8[D]"))
        should = _sessions(symbol, have)
        missing = np.setdiff1d(should, have).size
        set_aside = aside.get(symbol.ticker, {})
        rows.append(
            SymbolQuality(
                ticker=symbol.ticker,
                counts=_by_month(have, months),
                expected=_by_month(should, months),
                quarantined=[set_aside.get(str(month), 0) for month in months],
                quality=1.0 - missing / should.size if should.size else 0.0,
                n_missing=missing,
                n_quarantined=sum(set_aside.values()),
                first=series.first_timestamp if series else None,
                last=series.last_timestamp if series else None,
            )
        )
    expected, missing = sum(sum(row.expected) for row in rows), sum(row.n_missing for row in rows)
    return UniverseQuality(
        months=[str(month) for month in months],
        symbols=rows,
        quality=1.0 - missing / expected if expected else None,
    )


def _months(held: Sequence[Series]) -> Months:
    """Every month from the first bar of any series to the last."""
    firsts = [series.first_timestamp for series in held if series.first_timestamp]
    lasts = [series.last_timestamp for series in held if series.last_timestamp]
    if not firsts:
        return np.empty(0, "M8[M]")
    first, last = (np.datetime64(moment.date(), "M") for moment in (min(firsts), max(lasts)))
    return np.arange(first, last + 1)


def _days(held: Sequence[Series]) -> Iterator[tuple[str, npt.NDArray[np.datetime64]]]:
    """The days on which each series has a bar, as its closes fall in UTC."""
    for start in range(0, len(held), _AT_A_TIME):
        part = {series.symbol.ticker: series.pk for series in held[start : start + _AT_A_TIME]}
        try:
            panel = price_store().read_prices(part, adjustment="raw")
        except DataUnavailable:
            continue
        for j, ticker in enumerate(panel.symbols):
            there = ~np.isnan(panel.values[:, j])
            # an instant right at midnight closes the day before (24/7 markets)
            yield ticker, np.unique((panel.timestamps[there] - np.timedelta64(1, "us")).astype("M8[D]"))


def _sessions(symbol: Symbol, have: npt.NDArray[np.datetime64]) -> npt.NDArray[np.datetime64]:
    """Days its exchange was open between its first and last bar; the bars' own days where no calendar tells."""
    if not have.size:
        return have
    try:
        return sessions_between(symbol.calendar, have[0], have[-1])
    except InvalidInput:
        return have


def _by_month(days: npt.NDArray[np.datetime64], months: Months) -> list[int]:
    if not months.size:
        return []
    at = (days.astype("M8[M]") - months[0]).astype(np.int64)
    counts: list[int] = np.bincount(at[(at >= 0) & (at < months.size)], minlength=months.size).tolist()
    return counts


def _set_aside(tickers: Sequence[str]) -> dict[str, dict[str, int]]:
    """Rows of uploads that were not stored, by ticker and month ("2013-01"; "" where the day could not be read)."""
    rows: Any = (
        QuarantinedBar.objects.filter(symbol__in=tickers, is_warning=False)
        .order_by()
        .annotate(month=TruncMonth("timestamp"))
        .values_list("symbol", "month")
        .annotate(n=Count("timestamp", distinct=True))
    )
    found: dict[str, dict[str, int]] = {}
    for ticker, month, n in rows:
        found.setdefault(ticker, {})[month.strftime("%Y-%m") if month else ""] = n
    return found
