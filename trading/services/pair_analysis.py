"""One pair at a time: the test with its verdict in words, the spread, registering and fitting again."""

from datetime import date
from typing import Any, cast

import numpy as np
from django.db import IntegrityError, transaction
from django.db.models import Q

from titan_core.analysis import CointegrationTest, rolling_z_score
from titan_core.types import Trend
from trading.models import Series, Symbol, Timeframe, TradingPair
from trading.services.base_service import BaseService, async_form
from trading.services.market_data import MarketDataService
from trading.services.pair_fits import Legs, PairFit, common_bars, fit_pair, fitted_spread, with_later_bars
from trading.services.refusals import Refusal
from trading.services.spreads import frozen_spread, trailing_moments
from trading.services.verdicts import verdict
from trading.services.windows import check_window, known_symbols, resolve_window
from trading.utils import as_datetime
from users.models import User

__all__ = ["PairAnalysisService"]

SCALE = "log"


class PairAnalysisService(BaseService):
    """Everything about single pairs."""

    def analyze_sync(
        self,
        symbol_1: str,
        symbol_2: str,
        start_date: date | None = None,
        end_date: date | None = None,
        timeframe: str = "1d",
        min_correlation: float = 0.6,
        significance_level: float = 0.05,
        window: int = 60,
        trend: Trend = "c",
        *,
        after: bool = False,
    ) -> dict[str, Any]:
        """Whether two symbols are cointegrated in one window, in numbers, in words and as series.

        Log total-return prices, `symbol_1` dependent. With `after` the series run on past the window to the last
        bar, their coefficients frozen; every statistic stays the window's. Raises `Refusal` in words for whatever
        can't be tested.
        """
        symbols = self._two(symbol_1, symbol_2)
        best, (start, end) = self._window(symbols, timeframe, start_date, end_date)
        fit = fit_pair(common_bars(symbols, timeframe, start, end), trend)
        legs, test, reverse = fit.legs, fit.test, fit.reverse
        shown = with_later_bars(legs, timeframe) if after else legs
        correlation = legs.correlation
        pair = _registered(symbols, timeframe)
        return {
            "symbol_1": _named(legs.symbol_1),
            "symbol_2": _named(legs.symbol_2),
            "pair_id": pair.pk if pair else None,
            "timeframe": timeframe,
            "start_date": start,
            "end_date": end,
            "trend": trend,
            "scale": SCALE,
            "statistic": test.statistic,
            "pvalue": test.pvalue,
            "critical_values": test.critical_values,
            "lag": test.lag,
            "hedge_ratio": test.hedge_ratio,
            "intercept": test.intercept,
            "correlation": correlation,
            "half_life": fit.half_life,
            "n_obs": test.n_obs,
            "reverse": {
                "statistic": reverse.statistic,
                "pvalue": reverse.pvalue,
                "hedge_ratio": reverse.hedge_ratio,
            },
            "hypothesis_pvalue": fit.hypothesis_pvalue,
            "is_cointegrated": fit.hypothesis_pvalue <= significance_level,
            "passes_correlation": correlation is not None and correlation >= min_correlation,
            "verdict": verdict(
                (legs.symbol_1.ticker, legs.symbol_2.ticker),
                test=test,
                reverse=reverse,
                half_life=fit.half_life,
                correlation=correlation,
                min_correlation=min_correlation,
                significance_level=significance_level,
                timeframe=timeframe,
            ),
            "source": " / ".join(dict.fromkeys(one.source for one in best)),
            "adjustment": "total_return",
            "last_timestamp": shown.timestamps[-1],
            "series": _series(shown, test, window=window, n_fitted=legs.timestamps.size),
        }

    analyze = async_form(analyze_sync)

    def spread_sync(
        self,
        *,
        pair: TradingPair,
        start_date: date | None = None,
        end_date: date | None = None,
        window: int = 60,
    ) -> dict[str, Any]:
        """The spread of a registered pair, its coefficients frozen at the fit, with trailing, causal figures."""
        check_window(start_date, end_date)
        # all earlier bars are read, so that the first ones shown have a full window behind them
        legs = common_bars((pair.symbol_1, pair.symbol_2), pair.timeframe, None, end_date)
        fit = (legs.timestamps >= _instant(pair.fit_start)) & (legs.timestamps <= _instant(pair.fit_end))
        log_1, log_2 = legs.logs
        spread = frozen_spread(
            log_1, log_2, hedge_ratio=pair.hedge_ratio, intercept=pair.intercept, trend=pair.trend, fit=fit
        )
        mean, deviation = trailing_moments(spread, window)
        since = (
            0
            if start_date is None
            else int(np.searchsorted(legs.timestamps, np.datetime64(start_date, "us")))
        )
        shown = slice(since, None)
        return {
            "timestamps": legs.timestamps[shown],
            "price_1": legs.price_1[shown],
            "price_2": legs.price_2[shown],
            "spread": spread[shown],
            "z_score": rolling_z_score(spread, window)[shown],
            "mean": mean[shown],
            "std": deviation[shown],
            "in_sample": fit[shown],
            "hedge_ratio": pair.hedge_ratio,
            "intercept": pair.intercept,
            "window": window,
            "fit_start": pair.fit_start,
            "fit_end": pair.fit_end,
        }

    spread = async_form(spread_sync)

    def register_sync(
        self,
        *,
        symbol_1: str,
        symbol_2: str,
        created_by: User,
        start_date: date | None = None,
        end_date: date | None = None,
        timeframe: str = "1d",
        trend: Trend = "c",
    ) -> TradingPair:
        """Register a pair with the figures its stored bars give."""
        symbols = self._two(symbol_1, symbol_2)
        known = _registered(symbols, timeframe)
        if known is not None:
            raise _already(known)
        _, (start, end) = self._window(symbols, timeframe, start_date, end_date)
        fit = fit_pair(common_bars(symbols, timeframe, start, end), trend)
        figures = _figures(fit)
        try:
            with transaction.atomic():
                return TradingPair.objects.create(
                    symbol_1=symbols[0],
                    symbol_2=symbols[1],
                    timeframe=timeframe,
                    created_by=created_by,
                    **figures,
                )
        except IntegrityError as error:  # someone else registered it meanwhile
            known = _registered(symbols, timeframe)
            if known is None:
                raise
            raise _already(known) from error

    register = async_form(register_sync)

    def refit_sync(
        self,
        *,
        pair: TradingPair,
        start_date: date | None = None,
        end_date: date | None = None,
        trend: Trend | None = None,
        is_active: bool | None = None,
    ) -> TradingPair:
        """Fit a pair again where a window or trend is given, and retire it or bring it back."""
        if start_date is not None or end_date is not None or trend is not None:
            symbols = (pair.symbol_1, pair.symbol_2)
            _, (start, end) = self._window(symbols, pair.timeframe, start_date, end_date)
            legs = common_bars(symbols, pair.timeframe, start, end)
            # the q-value belonged to the scan's fit, and a fit of its own has none
            figures = _figures(fit_pair(legs, trend or cast(Trend, pair.trend))) | {
                "qvalue": None,
                "stability_score": None,
            }
            for name, value in figures.items():
                setattr(pair, name, value)
        if is_active is not None:
            pair.is_active = is_active
        pair.save()
        return pair

    refit = async_form(refit_sync)

    def _two(self, symbol_1: str, symbol_2: str) -> tuple[Symbol, Symbol]:
        [first] = known_symbols([symbol_1], field="symbol_1")
        [second] = known_symbols([symbol_2], field="symbol_2")
        if first.pk == second.pk:
            raise Refusal(
                f"{first.ticker} is given twice: a symbol is always collinear with itself. Choose another second leg.",
                field="symbol_2",
                code="same_symbol",
            )
        return first, second

    def _window(
        self, symbols: tuple[Symbol, Symbol], timeframe: str, start: date | None, end: date | None
    ) -> tuple[list[Series], tuple[date, date]]:
        if timeframe not in Timeframe.values:
            raise Refusal(
                f"{timeframe!r} is no timeframe; there are {', '.join(Timeframe.values)}.", field="timeframe"
            )
        window = resolve_window(symbols, timeframe=timeframe, start=start, end=end)
        best = MarketDataService().best_series_sync(
            [symbol.ticker for symbol in symbols], timeframe=timeframe
        )
        return list(best.values()), window


def _series(legs: Legs, test: CointegrationTest, *, window: int, n_fitted: int) -> dict[str, Any]:
    """What the charts draw, the first `n_fitted` bars being those of the fit."""
    fit = np.arange(legs.timestamps.size) < n_fitted
    spread = fitted_spread(legs, test, fit)
    mean, deviation = trailing_moments(spread, window)
    return {
        "timestamps": legs.timestamps,
        "price_1": legs.price_1,
        "price_2": legs.price_2,
        "spread": spread,
        "mean": mean,
        "std": deviation,
        "z_score": rolling_z_score(spread, window),
        "in_sample": fit,
    }


def _figures(fit: PairFit) -> dict[str, Any]:
    """A fit as the columns of a pair."""
    return {
        "trend": fit.test.trend,
        "scale": SCALE,
        "cointegration_pvalue": fit.test.pvalue,
        "statistic": fit.test.statistic,
        "half_life": fit.half_life,
        "correlation": fit.legs.correlation,
        "hedge_ratio": fit.test.hedge_ratio,
        "intercept": fit.test.intercept,
        "fit_start": as_datetime(fit.legs.timestamps[0]),
        "fit_end": as_datetime(fit.legs.timestamps[-1]),
        "n_obs": fit.test.n_obs,
    }


def _registered(symbols: tuple[Symbol, Symbol], timeframe: str) -> TradingPair | None:
    """The pair of these symbols, either way round, this way first."""
    first, second = symbols
    known = list(
        TradingPair.objects.with_symbols().filter(
            Q(symbol_1=first, symbol_2=second) | Q(symbol_1=second, symbol_2=first), timeframe=timeframe
        )
    )
    return min(known, key=lambda pair: pair.symbol_1_id != first.pk, default=None)


def _already(pair: TradingPair) -> Refusal:
    state = "" if pair.is_active else " and retired: set is_active to bring it back"
    return Refusal(
        f"{pair} is registered already as pair {pair.pk}{state}.", field="symbol_1", code="conflict"
    )


def _named(symbol: Symbol) -> dict[str, str]:
    return {"ticker": symbol.ticker, "name": symbol.name, "sector": symbol.sector}


def _instant(moment: Any) -> Any:
    return np.datetime64(moment.replace(tzinfo=None), "us")
