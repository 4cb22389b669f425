"""Fits of one pair: the bars two symbols have in common, and both directions of the test on them."""

from dataclasses import dataclass, replace
from datetime import date
from typing import Any

import numpy as np

from titan_core.analysis import CointegrationTest, engle_granger, half_life
from titan_core.errors import CollinearSeries, DegenerateSeries, TooFewBars
from titan_core.types import BoolArray, Float1D, Trend
from trading.models import Symbol
from trading.services.market_data import MarketDataService
from trading.services.refusals import Refusal
from trading.services.spreads import frozen_spread
from trading.utils import as_datetime, finite_or_none

__all__ = ["MIN_BARS", "Legs", "PairFit", "common_bars", "fit_pair", "fitted_spread", "with_later_bars"]

MIN_BARS = 30


@dataclass(frozen=True, slots=True)
class Legs:
    """The bars two symbols have in common, oldest first."""

    symbol_1: Symbol
    symbol_2: Symbol
    timestamps: Any
    price_1: Float1D
    price_2: Float1D

    @property
    def logs(self) -> tuple[Float1D, Float1D]:
        """Natural logs of both."""
        return np.log(self.price_1), np.log(self.price_2)

    @property
    def correlation(self) -> float | None:
        """Of log returns between common bars; None where one does not move."""
        returns_1, returns_2 = (np.diff(log) for log in self.logs)
        if np.ptp(returns_1) == 0.0 or np.ptp(returns_2) == 0.0:
            return None
        return finite_or_none(float(np.corrcoef(returns_1, returns_2)[0, 1]))


@dataclass(frozen=True, slots=True)
class PairFit:
    """Both directions of the test on one window, and what is left after the hedge."""

    legs: Legs
    test: CointegrationTest
    reverse: CointegrationTest
    half_life: float | None

    @property
    def hypothesis_pvalue(self) -> float:
        """Of the unordered pair: min(1, 2·min(p₁, p₂))."""
        return min(1.0, 2.0 * min(self.test.pvalue, self.reverse.pvalue))


def common_bars(symbols: tuple[Symbol, Symbol], timeframe: str, start: date | None, end: date | None) -> Legs:
    """Common bars of a window; refused where there are too few to say anything."""
    first, second = symbols
    panel = MarketDataService().load_panel_sync(
        [first.ticker, second.ticker], timeframe=timeframe, start=start, end=end
    )
    both = np.isfinite(panel.values).all(axis=1)
    n_common = int(np.count_nonzero(both))
    if n_common < MIN_BARS:
        n_first, n_second = (int(np.count_nonzero(np.isfinite(panel.values[:, j]))) for j in (0, 1))
        raise Refusal(
            f"{first.ticker} and {second.ticker} have {n_common} bars in common between {start or 'the start'} "
            f"and {end or 'the end'} (of {n_first:,} and {n_second:,}); at least {MIN_BARS} are needed. "
            "Widen the window or choose symbols whose histories overlap.",
            field="start_date",
            code="too_few_bars",
        )
    prices = panel.values[both]
    if (prices <= 0.0).any():
        at_fault = first if (prices[:, 0] <= 0.0).any() else second
        raise Refusal(
            f"{at_fault.ticker} has a price at or below zero in this window, which has no log: correct the bar.",
            code="not_positive",
        )
    return Legs(first, second, panel.timestamps[both], prices[:, 0].copy(), prices[:, 1].copy())


def with_later_bars(legs: Legs, timeframe: str) -> Legs:
    """The same bars and those after them, as far as both symbols have a price that has a log.

    A later price at or below zero ends the run there: the window's own statistics must not be refused for it.
    """
    tickers = [legs.symbol_1.ticker, legs.symbol_2.ticker]
    panel = MarketDataService().load_panel_sync(
        tickers, timeframe=timeframe, start=as_datetime(legs.timestamps[-1])
    )
    both = np.isfinite(panel.values).all(axis=1) & (panel.timestamps > legs.timestamps[-1])
    later = panel.values[both]
    n_usable = int(np.argmin(np.append((later > 0.0).all(axis=1), False)))
    later = later[:n_usable]
    return replace(
        legs,
        timestamps=np.concatenate([legs.timestamps, panel.timestamps[both][:n_usable]]),
        price_1=np.concatenate([legs.price_1, later[:, 0]]),
        price_2=np.concatenate([legs.price_2, later[:, 1]]),
    )


def fit_pair(legs: Legs, trend: Trend) -> PairFit:
    """Both directions; what the engine refuses is said with the symbols' names."""
    log_1, log_2 = legs.logs
    names = f"{legs.symbol_1.ticker} and {legs.symbol_2.ticker}"
    for symbol, log in ((legs.symbol_1, log_1), (legs.symbol_2, log_2)):
        if np.ptp(log) == 0.0:
            raise Refusal(
                f"{symbol.ticker} does not move on the {log.size:,} bars both have: "
                "a constant leg can't be tested.",
                code="constant",
            )
    try:
        test, reverse = engle_granger(log_1, log_2, trend=trend), engle_granger(log_2, log_1, trend=trend)
    except CollinearSeries as error:
        raise Refusal(
            f"{names} are the same series up to scale and shift: no residual is left to test.",
            code="collinear",
        ) from error
    except (DegenerateSeries, TooFewBars) as error:
        raise Refusal(f"{names} can't be tested: {error}.", code=error.code) from error
    return PairFit(
        legs, test, reverse, _half_life(fitted_spread(legs, test, np.ones(log_1.size, dtype=np.bool_)))
    )


def fitted_spread(legs: Legs, test: CointegrationTest, fit: BoolArray) -> Float1D:
    """The spread with the coefficients of a test; `fit` marks the bars it was fitted on."""
    log_1, log_2 = legs.logs
    return frozen_spread(
        log_1, log_2, hedge_ratio=test.hedge_ratio, intercept=test.intercept, trend=test.trend, fit=fit
    )


def _half_life(spread: Float1D) -> float | None:
    """In bars; None where the spread does not revert."""
    return finite_or_none(half_life(spread))
