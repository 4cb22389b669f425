"""What a run reads: bars, and hedge ratios fitted strictly before its first decision."""

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from titan_core.analysis.spreads import hedge_ols
from titan_core.data import BarPanel
from titan_core.errors import DegenerateSeries
from titan_core.strategy import Rule, TradedPair
from titan_core.types import BoolArray, Float2D
from trading.models import Symbol
from trading.services.backtesting.bars import load_bars, with_last_bars
from trading.services.backtesting.delistings import delistings_of
from trading.services.refusals import Refusal
from trading.services.windows import known_symbols, resolve_window, years_before

__all__ = ["MIN_FORMATION", "Inputs", "estimates_hedge", "periods_per_year", "settle"]

MIN_FORMATION = 60  # bars a hedge ratio is fitted on, at least
FORMATION_YEARS = 5  # before a start that was given
_PERIODS = {"1d": 252.0, "1wk": 52.0, "1mo": 12.0}


@dataclass(frozen=True, slots=True)
class Inputs:
    """Bars, pairs with their hedge ratios, and the days of it.

    `counted_from` is where trading begins by the calendar alone: `start` lies a few bars to some years after it, for
    bars are of days or months and rules look back, and trials of all of them belong together.
    """

    bars: BarPanel
    pairs: tuple[TradedPair, ...]
    start: dt.date
    end: dt.date
    counted_from: dt.date
    fit_end: dt.date | None
    notes: list[str] = field(default_factory=list)

    def as_dict(self, name: str) -> dict[str, Any]:
        """What a run keeps of it."""
        pairs = [[p.symbol_1, p.symbol_2, p.hedge_ratio, p.intercept] for p in self.pairs]
        return {"bars": name, "pairs": pairs}


def estimates_hedge(rule: Rule) -> bool:
    """Whether a rule finds its hedge ratio by itself."""
    return rule.name == "kalman" or rule.hedge_window > 0


def periods_per_year(timeframe: str, symbols: Sequence[Symbol]) -> float:
    """Bars a year, by calendar."""
    if timeframe == "1d" and all(symbol.calendar == "24/7" for symbol in symbols):
        return 365.0
    return _PERIODS[timeframe]


def settle(
    pairs: Sequence[tuple[str, str]],
    *,
    rule: Rule,
    timeframe: str,
    start: dt.date | None,
    end: dt.date | None,
    load: Callable[..., BarPanel] = load_bars,
) -> Inputs:
    """Bars of the pairs, where trading begins, and hedge ratios of the bars before it.

    With a start given, up to five years before it fit; where there are too few, or no start is given, the first third
    of the window fits and the rest is traded.
    """
    tickers = list(dict.fromkeys(ticker.strip().upper() for pair in pairs for ticker in pair))
    symbols = known_symbols(tickers, field="pairs")
    since, until = resolve_window(symbols, timeframe=timeframe, start=start, end=end)
    load_from = since if start is None else years_before(since, FORMATION_YEARS)
    stored = load([s.ticker for s in symbols], timeframe=timeframe, start=load_from, end=until)
    bars = with_last_bars(stored, delistings_of(symbols, timeframe), end)
    days = bars.timestamps.astype("datetime64[D]")
    legs = [(one.strip().upper(), two.strip().upper()) for one, two in pairs]
    there = _present(bars)
    own = estimates_hedge(rule)
    least = rule.lookback if own else max(MIN_FORMATION, rule.lookback)
    notes: list[str] = []
    first = int(np.searchsorted(days, np.datetime64(since)))
    if start is None or min(_common(bars, there, pair, 0, first) for pair in legs) < least:
        if start is not None:
            notes.append(
                f"There are too few bars before {since} to fit on, so the first third of the window does that."
            )
        rest = bars.n_bars - first
        first += min(least, rest // 3) if own else max(rest // 3, min(least, rest))
    if first > bars.n_bars - 10:
        raise Refusal(
            f"{bars.n_bars} bars up to {until} leave {max(0, bars.n_bars - first)} to trade: rule {rule.name} needs "
            f"{least} before the first decision. Begin earlier, or shorten the rule's windows.",
            field="start_date",
            code="too_few_bars",
        )
    began = days[first].astype(dt.date)
    traded = [
        pair
        for pair in (_fitted(bars, there, legs_of, first, rule, notes, len(legs)) for legs_of in legs)
        if pair
    ]
    if not traded:
        raise Refusal("None of these pairs can be traded: " + " ".join(notes), field="pairs")
    fit_end = None if own or first == 0 else days[first - 1].astype(dt.date)
    if fit_end is not None:
        notes.insert(
            0,
            f"Hedge ratios were fitted on {days[0]} to {fit_end}, before the first decision; traded from {began}.",
        )
    counted_from = since if start is not None else since + (until - since) / 3
    return Inputs(bars, tuple(traded), began, until, counted_from, fit_end, notes)


def _present(bars: BarPanel) -> BoolArray:
    return ~np.isnan(bars.close)


def _columns(bars: BarPanel, pair: tuple[str, str]) -> list[int]:
    return [bars.symbols.index(symbol) for symbol in pair]


def _common(bars: BarPanel, there: BoolArray, pair: tuple[str, str], first: int, last: int) -> int:
    """Bars both legs have."""
    return int(there[first:last, _columns(bars, pair)].all(axis=1).sum())


def _fitted(
    bars: BarPanel,
    there: BoolArray,
    pair: tuple[str, str],
    first: int,
    rule: Rule,
    notes: list[str],
    n_pairs: int,
) -> TradedPair | None:
    """The pair with its hedge ratio; one of many that has none is left out with a note, a single one refused."""
    if estimates_hedge(rule):
        return TradedPair(*pair)
    at = _columns(bars, pair)
    rows = there[:first, at].all(axis=1)
    if rows.sum() < MIN_FORMATION:
        _left_out(
            f"{pair[0]} and {pair[1]} have {int(rows.sum())} bars in common before trading begins; "
            f"{MIN_FORMATION} are needed to fit a hedge ratio.",
            notes,
            n_pairs,
        )
        return None
    levels: Float2D = bars.select(pair).prices("total_return").values[:first][rows]
    if not (levels > 0.0).all():
        raise Refusal(f"{pair[0]} or {pair[1]} has a price at or below zero: correct the bar.", field="pairs")
    try:
        fit = hedge_ols(np.log(levels[:, 0]), np.log(levels[:, 1]))
    except DegenerateSeries:
        _left_out(f"{pair[1]} does not move before trading begins.", notes, n_pairs)
        return None
    slope = fit.hedge_ratio
    if slope <= 0.0:
        _left_out(
            f"{pair[0]} and {pair[1]} moved against each other before trading begins (hedge ratio {slope:.2f}): both "
            "legs would be on one side. Take another period, or a rule that finds its hedge ratio by itself.",
            notes,
            n_pairs,
        )
        return None
    return TradedPair(*pair, slope, fit.intercept)


def _left_out(words: str, notes: list[str], n_pairs: int) -> None:
    """One of many pairs is left out with a note; a single one is refused."""
    if n_pairs == 1:
        raise Refusal(words, field="pairs")
    notes.append(f"Left out: {words}")
