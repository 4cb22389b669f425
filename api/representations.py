"""Rows gathered for reading: a bounded number of queries whatever the page holds."""

from typing import Any

import numpy as np
from django.db.models import (
    Aggregate,
    Case,
    Count,
    Max,
    Min,
    OuterRef,
    Prefetch,
    QuerySet,
    Subquery,
    Sum,
    When,
)
from django.db.models.functions import Coalesce

from trading.models import PlantedPair, Series, Symbol, TradingPair, Universe
from trading.services.market_data import SeriesBars

__all__ = ["best_series", "covered_pairs", "covered_symbols", "covered_universes", "price_columns"]


def covered_symbols(symbols: QuerySet[Symbol]) -> QuerySet[Symbol]:
    """Symbols with their series that hold bars, in one query more."""
    return symbols.prefetch_related(
        Prefetch("series", queryset=Series.objects.filter(n_bars__gt=0), to_attr="covered_series")
    )


def covered_pairs(pairs: QuerySet[TradingPair]) -> QuerySet[TradingPair]:
    """Pairs with both legs and their series that hold bars."""
    legs = [
        Prefetch(f"{leg}__series", queryset=Series.objects.filter(n_bars__gt=0), to_attr="covered_series")
        for leg in ("symbol_1", "symbol_2")
    ]
    return pairs.select_related("symbol_1", "symbol_2").prefetch_related(*legs)


def best_series(symbol: Symbol) -> Series | None:
    """The series that stands for a symbol's coverage: daily before longer bars, then what an analysis would read."""
    held: list[Series] | None = getattr(symbol, "covered_series", None)
    if held is None:  # one row read by itself
        held = list(symbol.series.filter(n_bars__gt=0))
    return min(held, key=lambda series: (series.timeframe != "1d", series.preference), default=None)


def covered_universes(universes: QuerySet[Universe], *, members: bool) -> QuerySet[Universe]:
    """Universes with counts and coverage; with members and planted pairs where one is read.

    Coverage is that of the series that stand for the symbols, not of every series they have.
    """
    counted = universes.annotate(
        n_symbols=Count("symbols", distinct=True),
        first=_over_chosen(Min("symbol__series__first_timestamp")),
        last=_over_chosen(Max("symbol__series__last_timestamp")),
        n_bars=Coalesce(_over_chosen(Sum("symbol__series__n_bars")), 0),
    )
    if not members:
        return counted
    return counted.prefetch_related(
        Prefetch("symbols", queryset=covered_symbols(Symbol.objects.order_by("ticker"))),
        Prefetch("planted_pairs", queryset=PlantedPair.objects.select_related("symbol_1", "symbol_2")),
    )


def _over_chosen(total: Aggregate) -> Subquery:
    """An aggregate over the series `best_series` chooses for each member of a universe."""
    shipped = Case(When(source__in=Series.SHIPPED_WITH_TITAN, then=1), default=0)
    adjustment = Case(*(When(adjustment=one, then=rank) for rank, one in enumerate(Series.PREFERRED)))
    chosen = (
        Series.objects.with_bars()
        .filter(symbol=OuterRef("symbol_id"))
        .order_by(Case(When(timeframe="1d", then=0), default=1), shipped, adjustment, "-n_bars", "pk")
    )
    members = Universe.symbols.through.objects.filter(
        universe_id=OuterRef("pk"), symbol__series=Subquery(chosen.values("pk")[:1])
    )
    found: Any = members.order_by().values("universe_id").annotate(found=total)
    return Subquery(found.values("found"))


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
