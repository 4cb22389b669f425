"""Rows gathered for reading: a bounded number of queries whatever the page holds."""

from typing import Any

import numpy as np
from django.db.models import Count, Max, Min, Prefetch, QuerySet, Sum
from django.db.models.functions import Coalesce

from trading.models import PlantedPair, Series, Symbol, Universe
from trading.services.market_data import SeriesBars

__all__ = ["best_series", "covered_symbols", "covered_universes", "price_columns"]


def covered_symbols(symbols: QuerySet[Symbol]) -> QuerySet[Symbol]:
    """Symbols with their series that hold bars, in one query more."""
    return symbols.prefetch_related(
        Prefetch("series", queryset=Series.objects.filter(n_bars__gt=0), to_attr="covered_series")
    )


def best_series(symbol: Symbol) -> Series | None:
    """The series that stands for a symbol's coverage: daily before longer bars, then what an analysis would read."""
    held: list[Series] = getattr(symbol, "covered_series", None) or []
    return min(held, key=lambda series: (series.timeframe != "1d", series.preference), default=None)


def covered_universes(universes: QuerySet[Universe], *, members: bool) -> QuerySet[Universe]:
    """Universes with counts and coverage; with members and planted pairs where one is read."""
    counted = universes.annotate(
        n_symbols=Count("symbols", distinct=True),
        first=Min("symbols__series__first_timestamp"),
        last=Max("symbols__series__last_timestamp"),
        n_bars=Coalesce(Sum("symbols__series__n_bars"), 0),
    )
    if not members:
        return counted
    return counted.prefetch_related(
        Prefetch("symbols", queryset=covered_symbols(Symbol.objects.order_by("ticker"))),
        Prefetch("planted_pairs", queryset=PlantedPair.objects.select_related("symbol_1", "symbol_2")),
    )


def price_columns(symbol: Symbol, found: SeriesBars) -> dict[str, Any]:
    """One symbol's bars as columns; those the source lacks are None."""

    def column(values: Any) -> Any:
        return None if values is None or bool(np.isnan(values).all()) else values[:, 0].copy()

    bars = found.bars
    return {
        "symbol": symbol.ticker,
        "timeframe": found.timeframe,
        "source": found.series.source,
        "adjustment": found.series.adjustment,
        "timestamps": bars.timestamps,
        "open": column(bars.open),
        "high": column(bars.high),
        "low": column(bars.low),
        "close": bars.close[:, 0].copy(),
        "volume": column(bars.volume),
    }
