"""The peer of the REST benchmark: plain Django views with the same authentication, queries and bytes.

Each does by hand what the route it stands for does: the token is checked as ours is, the permission asked for where
ours asks, the same rows are read, and one dictionary goes through the same encoder.
"""

from collections.abc import Callable, Iterable
from typing import Any, cast
from urllib.parse import urlencode

from django.db.models import F
from django.http import HttpRequest, HttpResponse
from django.urls import include, path
from rest_framework.request import Request

from api.authentication import SessionAuthentication
from api.json import dumps
from titan_core.analysis import rolling_z_score
from trading.models import PlantedPair, Scan, ScanCandidate, Series, Symbol, TradingPair
from trading.services.market_data import MarketDataService
from trading.services.pair_fits import common_bars
from trading.services.spreads import frozen_spread, trailing_moments
from users.models import User

__all__ = ["urlpatterns"]

PAGE = 50
SYMBOL = (
    *("id", "ticker", "name", "sector", "exchange", "currency", "asset_class"),
    *("delisted_on", "delisting_return", "is_active"),
)
PAIR = (
    *("timeframe", "trend", "scale", "cointegration_pvalue", "qvalue", "statistic", "half_life"),
    *("correlation", "hedge_ratio", "intercept", "stability_score", "fit_start", "fit_end", "n_obs"),
)
View = Callable[..., HttpResponse]


def signed_in(view: Callable[..., dict[str, Any]]) -> View:
    """Check the token as the API does, and answer with JSON."""

    def answer(request: HttpRequest, **kwargs: Any) -> HttpResponse:
        found = SessionAuthentication().authenticate(Request(request))
        if found is None:
            return HttpResponse(status=401)
        request.user = cast(User, found[0])
        return HttpResponse(dumps(view(request, **kwargs)), content_type="application/json")

    return answer


def page_of(request: HttpRequest, count: int, results: list[Any]) -> dict[str, Any]:
    """The envelope of the first page, its links as the API writes them."""
    base = request.build_absolute_uri(request.path).replace("/bare/", "/api/v1/")
    following = f"{base}?{urlencode({'page': 2})}" if count > PAGE else None
    return {"count": count, "next": following, "previous": None, "results": results}


def coverage_of(symbol_ids: Iterable[int]) -> dict[int, dict[str, Any]]:
    """Each symbol's best series with bars."""
    best: dict[int, Series] = {}
    for series in Series.objects.filter(n_bars__gt=0, symbol_id__in=list(symbol_ids)):
        held = best.get(series.symbol_id)
        key = (series.timeframe != "1d", series.preference)
        if held is None or key < (held.timeframe != "1d", held.preference):
            best[series.symbol_id] = series
    return {
        pk: {
            "first": one.first_timestamp,
            "last": one.last_timestamp,
            "n_bars": one.n_bars,
            "source": one.source,
            "adjustment": one.adjustment,
        }
        for pk, one in best.items()
    }


def symbol_row(symbol: Symbol, covered: dict[int, dict[str, Any]]) -> dict[str, Any]:
    """One symbol."""
    return {name: getattr(symbol, name) for name in SYMBOL} | {"coverage": covered.get(symbol.pk)}


@signed_in
def symbols(request: HttpRequest) -> dict[str, Any]:
    """``symbols/``."""
    rows = Symbol.objects.filter(is_active=True)
    found = list(rows.order_by(F("ticker").asc(nulls_last=True), "pk")[:PAGE])
    covered = coverage_of(symbol.pk for symbol in found)
    return page_of(request, rows.count(), [symbol_row(symbol, covered) for symbol in found])


@signed_in
def symbol(request: HttpRequest, pk: int) -> dict[str, Any]:
    """``symbols/{id}/``."""
    found = Symbol.objects.get(pk=pk)
    return symbol_row(found, coverage_of([pk]))


def pair_row(pair: TradingPair, covered: dict[int, dict[str, Any]]) -> dict[str, Any]:
    """One pair."""
    return (
        {
            "id": pair.pk,
            "symbol_1": symbol_row(pair.symbol_1, covered),
            "symbol_2": symbol_row(pair.symbol_2, covered),
        }
        | {name: getattr(pair, name) for name in PAIR}
        | {
            "scan": pair.scan_id,
            "created_at": pair.created_at,
            "updated_at": pair.updated_at,
            "is_active": pair.is_active,
        }
    )


@signed_in
def pairs(request: HttpRequest) -> dict[str, Any]:
    """``pairs/``."""
    rows = TradingPair.objects.filter(is_active=True)
    ordered = rows.select_related("symbol_1", "symbol_2").order_by(F("statistic").asc(nulls_last=True), "pk")
    found = list(ordered[:PAGE])
    covered = coverage_of(pk for pair in found for pk in (pair.symbol_1_id, pair.symbol_2_id))
    return page_of(request, rows.count(), [pair_row(pair, covered) for pair in found])


@signed_in
def pair(request: HttpRequest, pk: int) -> dict[str, Any]:
    """``pairs/{id}/``."""
    found = TradingPair.objects.select_related("symbol_1", "symbol_2").get(pk=pk)
    return pair_row(found, coverage_of([found.symbol_1_id, found.symbol_2_id]))


@signed_in
def spread(request: HttpRequest, pk: int) -> dict[str, Any]:
    """``pairs/{id}/spread/``."""
    found = TradingPair.objects.select_related("symbol_1", "symbol_2").get(pk=pk)
    legs = common_bars((found.symbol_1, found.symbol_2), found.timeframe, None, None)
    since, until = (moment.replace(tzinfo=None) for moment in (found.fit_start, found.fit_end))
    fit = (legs.timestamps >= since) & (legs.timestamps <= until)
    log_1, log_2 = legs.logs
    values = frozen_spread(
        log_1, log_2, hedge_ratio=found.hedge_ratio, intercept=found.intercept, trend=found.trend, fit=fit
    )
    mean, deviation = trailing_moments(values, 60)
    return {
        "timestamps": legs.timestamps,
        "price_1": legs.price_1,
        "price_2": legs.price_2,
        "spread": values,
        "z_score": rolling_z_score(values, 60),
        "mean": mean,
        "std": deviation,
        "in_sample": fit,
        "hedge_ratio": found.hedge_ratio,
        "intercept": found.intercept,
        "window": 60,
        "fit_start": found.fit_start,
        "fit_end": found.fit_end,
    }


@signed_in
def prices(request: HttpRequest, pk: int) -> dict[str, Any]:
    """``symbols/{id}/prices/``."""
    found = Symbol.objects.get(pk=pk)
    held = MarketDataService().bars_sync(found)
    bars = held.bars
    return {
        "symbol": found.ticker,
        "timeframe": held.timeframe,
        "source": held.series.source,
        "adjustment": held.series.adjustment,
        "timestamps": bars.timestamps,
        "open": None,
        "high": None,
        "low": None,
        "close": bars.close[:, 0].copy(),
        "volume": None,
    }


@signed_in
def candidates(request: HttpRequest, pk: int) -> dict[str, Any]:
    """``scans/{id}/candidates/``."""
    assert isinstance(request.user, User)
    if not request.user.has_perm("trading.view_scancandidate"):
        return {}
    scan = Scan.objects.select_related("universe").get(pk=pk, owner=request.user)
    planted = {
        (first, second): kind
        for first, second, kind in PlantedPair.objects.filter(universe=scan.universe).values_list(
            "symbol_1__ticker", "symbol_2__ticker", "kind"
        )
    }
    rows = ScanCandidate.objects.filter(scan=scan)
    found = list(rows.select_related("symbol_1", "symbol_2").order_by("rank")[:PAGE])
    alpha = scan.parameters["alpha"]
    results = [candidate_row(one, alpha, planted) for one in found]
    return page_of(request, rows.count(), results)


def candidate_row(one: ScanCandidate, alpha: float, planted: dict[tuple[str, str], str]) -> dict[str, Any]:
    """One candidate."""
    first, second = one.symbol_1, one.symbol_2
    numbers = ("statistic", "pvalue", "hypothesis_pvalue", "qvalue", "lag", "hedge_ratio", "intercept")
    return {
        "id": one.pk,
        "rank": one.rank,
        "symbol_1": first.ticker,
        "symbol_2": second.ticker,
        "name_1": first.name,
        "name_2": second.name,
        "sector_1": first.sector,
        "sector_2": second.sector,
        **{name: getattr(one, name) for name in (*numbers, "correlation", "half_life", "n_obs")},
        "outlier_pvalue": one.outlier_pvalue,
        "outlier_driven": one.outlier_driven,
        "fwer_pvalue": one.fwer_pvalue,
        "is_discovery": one.qvalue <= alpha,
        "planted": planted.get((first.ticker, second.ticker)),
        "pair_id": one.pair_id,
        "sparkline": one.sparkline,
    }


urlpatterns = [
    path("bare/symbols/", symbols),
    path("bare/symbols/<int:pk>/", symbol),
    path("bare/symbols/<int:pk>/prices/", prices),
    path("bare/pairs/", pairs),
    path("bare/pairs/<int:pk>/", pair),
    path("bare/pairs/<int:pk>/spread/", spread),
    path("bare/scans/<int:pk>/candidates/", candidates),
    path("", include("titan.urls")),
]
