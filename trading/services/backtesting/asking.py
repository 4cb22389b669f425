"""From a request to something that can run: every check before anything runs, refused under the field at fault."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from titan_core.backtesting.engine.pair import check_leverage
from titan_core.backtesting.engine.prepare import first_bar, open_universe
from titan_core.data import BarPanel
from titan_core.errors import DataUnavailable, InvalidInput, TooFewBars
from titan_core.simulation import Costs
from titan_core.simulation.market import check_series
from titan_core.strategy import Rule, TradedPair
from trading.models import BacktestKind, Scan, Strategy, Symbol, TradingPair
from trading.services.backtesting.account import MAX_LEVERAGE, Terms
from trading.services.backtesting.delistings import delistings_of, kept_delistings
from trading.services.backtesting.inputs import Inputs, periods_per_year
from trading.services.backtesting.presets import preset_named
from trading.services.backtesting.terms import costs_of, limits_of, rule_of, said, sizing_of
from trading.services.refusals import Refusal
from users.models import TradingPreferences, User

__all__ = [
    "AskedPairs",
    "asked_pairs",
    "asked_rule",
    "asked_terms",
    "check_run",
    "chosen_costs",
    "own_scan",
    "own_strategy",
    "terms_of_run",
    "told_delistings",
]

DEFAULT_TOP = 10
MAX_PAIRS = 100


@dataclass(frozen=True, slots=True)
class AskedPairs:
    """Which pairs, and where they come from."""

    kind: str
    legs: list[tuple[str, str]]
    scan: Scan | None
    notes: list[str]


def own_strategy(owner: User, strategy_id: int | None) -> Strategy | None:
    """A strategy of one's own."""
    if strategy_id is None:
        return None
    found = Strategy.objects.filter(owner=owner, pk=strategy_id).first()
    if found is None:
        raise Refusal(
            f"You have no strategy {strategy_id}; see strategies/ for those you have.", field="strategy"
        )
    return found


def own_scan(owner: User, scan_id: int | None) -> Scan | None:
    """A scan of one's own."""
    if scan_id is None:
        return None
    found = Scan.objects.visible_to(owner).select_related("universe").filter(pk=scan_id).first()
    if found is None:
        raise Refusal(f"You have no scan {scan_id}; see scans/ for those you have.", field="scan")
    return found


def asked_rule(strategy: Strategy | None, rule: str | None, parameters: Mapping[str, Any] | None) -> Rule:
    """The rule asked for: a strategy's settings, and over them those given."""
    if strategy is not None and rule is not None and rule != strategy.rule:
        raise Refusal(
            f"The strategy {strategy.name} is of rule {strategy.rule}, not {rule}: leave the rule out, or it.",
            field="rule",
        )
    told = dict(strategy.parameters if strategy is not None else {}) | dict(parameters or {})
    return rule_of(rule or (strategy.rule if strategy is not None else "rolling"), told)


def asked_pairs(
    owner: User,
    *,
    kind: str | None,
    pairs: Sequence[Sequence[str]] | None,
    pair_ids: Sequence[int] | None,
    scan: Scan | None,
    top: int | None,
) -> AskedPairs:
    """Pairs by tickers, by ids, or a scan's best; exactly one of the three."""
    given = [name for name, value in (("pairs", pairs), ("pair_ids", pair_ids), ("scan", scan)) if value]
    if len(given) != 1:
        said_so = f"These are {' and '.join(given)}." if given else "None is given."
        raise Refusal(
            f"Give one of pairs, pair_ids and scan. {said_so}", field=given[-1] if given else "pairs"
        )
    notes: list[str] = []
    if scan is not None:
        legs = _best_of(scan, top or DEFAULT_TOP)
        chosen = kind or BacktestKind.SELECTION
        if chosen != BacktestKind.SELECTION:
            raise Refusal("A scan's candidates are of kind selection: leave kind out.", field="kind")
        return AskedPairs(chosen, legs, scan, notes)
    legs = (
        _named(pair_ids)
        if pair_ids
        else [(one.strip().upper(), two.strip().upper()) for one, two in pairs or ()]
    )
    for one, two in legs:
        if one == two:
            raise Refusal(f"A pair of {one} with itself has no spread: name two symbols.", field="pairs")
    if len({frozenset(pair) for pair in legs}) < len(legs):
        raise Refusal("A pair is named twice: name each once.", field="pairs")
    if len(legs) > MAX_PAIRS:
        raise Refusal(f"At most {MAX_PAIRS} pairs share an account; these are {len(legs)}.", field="pairs")
    chosen = kind or (BacktestKind.PAIR if len(legs) == 1 else BacktestKind.LIST)
    if chosen == BacktestKind.SELECTION:
        raise Refusal("Kind selection takes the best of a scan: give scan, or leave kind out.", field="scan")
    if chosen == BacktestKind.PAIR and len(legs) != 1:
        raise Refusal(f"Kind pair takes one pair and these are {len(legs)}: use kind list.", field="kind")
    return AskedPairs(chosen, legs, None, notes)


def _best_of(scan: Scan, top: int) -> list[tuple[str, str]]:
    """The scan's best candidates with a positive hedge ratio."""
    if not scan.is_complete:
        raise Refusal("This scan has no result yet: wait until its job has ended.", field="scan")
    rows = scan.candidates.filter(hedge_ratio__gt=0).order_by("rank")[:top]
    legs = [(str(one), str(two)) for one, two in rows.values_list("symbol_1__ticker", "symbol_2__ticker")]
    if not legs:
        raise Refusal("This scan kept no candidate that can be traded.", field="scan")
    return legs


def _named(pair_ids: Sequence[int]) -> list[tuple[str, str]]:
    found = {
        pk: (str(one), str(two))
        for pk, one, two in TradingPair.objects.filter(pk__in=pair_ids).values_list(
            "pk", "symbol_1__ticker", "symbol_2__ticker"
        )
    }
    unknown = [str(pk) for pk in pair_ids if pk not in found]
    if unknown:
        raise Refusal(
            f"There is no pair {', '.join(unknown[:5])}; see pairs/ for those there are.", field="pair_ids"
        )
    return [found[pk] for pk in dict.fromkeys(pair_ids)]


def chosen_costs(asked: str | Mapping[str, Any] | None, bars: BarPanel) -> Costs:
    """The costs asked for, or the preset that fits the bars; refused where they need what the bars lack."""
    if asked is None:
        asked = "retail" if bars.adjustment == "raw" and bars.open is not None else "index"
    costs = costs_of(preset_named(asked).costs if isinstance(asked, str) else asked)
    try:
        check_series(bars, costs)
    except InvalidInput as error:
        raise Refusal(said(error), field="costs", code=error.code) from error
    return costs


def asked_terms(
    owner: User,
    *,
    rule: Rule,
    costs: Costs,
    sizing: Mapping[str, Any] | None,
    limits: Mapping[str, Any] | None,
    capital: float | None,
    timeframe: str,
    n_pairs: int,
    symbols: Sequence[Symbol],
) -> Terms:
    """Sizes, bounds and money, by default one's preferences."""
    size = sizing_of(sizing, n_pairs=n_pairs)
    try:
        check_leverage(size, MAX_LEVERAGE)
    except InvalidInput as error:
        raise Refusal(said(error), field="sizing") from error
    money = float(capital if capital is not None else TradingPreferences.objects.of(owner).capital)
    periods = periods_per_year(timeframe, symbols)
    return Terms(rule, costs, size, limits_of(limits), money, periods, delistings_of(symbols, timeframe))


def told_delistings(terms: Terms) -> list[tuple[str, str, float | None]]:
    """Delistings as a run keeps them: what is learned later does not change it."""
    return [(d.symbol, str(d.timestamp), d.value) for d in terms.delistings]


def check_run(inputs: Inputs, terms: Terms) -> list[str]:
    """Run all of the engine's checks but not the engine; what should be known of the bars."""
    try:
        universe = open_universe(inputs.bars, inputs.pairs, terms.costs, terms.delistings, 0.85)
        first_bar(universe.bars, np.datetime64(inputs.start))
        for pair in inputs.pairs:
            terms.rule.check_pair(pair)
            first, second = universe.series(pair)
            _check_length(
                pair.name, int((np.isfinite(first) & np.isfinite(second)).sum()), terms.rule.lookback
            )
    except TooFewBars as error:
        raise Refusal(said(error), field="start_date", code=error.code) from error
    except Refusal:
        raise
    except (InvalidInput, DataUnavailable) as error:
        raise Refusal(said(error), field="pairs", code=error.code) from error
    return [said(InvalidInput(note)) for note in universe.notes]


def _check_length(name: str, shared: int, lookback: int) -> None:
    """Refuse a history that is over before the rule has seen enough."""
    if shared <= lookback:
        raise Refusal(
            f"{name} has {shared} bars that both legs have and the rule looks back {lookback}: widen the period, or "
            "shorten the rule's windows.",
            field="start_date",
            code="too_few_bars",
        )


def terms_of_run(run: Any, symbols: Sequence[Symbol]) -> Terms:
    """The terms a run was asked with, as the engine takes them."""
    return Terms(
        rule_of(run.rule, run.parameters),
        costs_of(run.costs),
        sizing_of(run.sizing),
        limits_of(run.limits or None),
        run.capital,
        run.inputs.get("periods_per_year") or periods_per_year(run.timeframe, symbols),
        kept_delistings(run.inputs),
    )


def pairs_of_run(run: Any) -> tuple[TradedPair, ...]:
    """The pairs a run trades, with the hedge ratios that were fitted when it was asked for."""
    return tuple(TradedPair(one, two, ratio, intercept) for one, two, ratio, intercept in run.inputs["pairs"])


def scan_notes(scan: Scan | None, start: dt.date) -> list[str]:
    """That a scan knew bars which the backtest trades."""
    if scan is None or scan.end_date is None or scan.end_date < start:
        return []
    words = (
        f"The scan chose these pairs on bars up to {scan.end_date}, and trading begins on {start}: the choice knew the "
        "future it is tested on, so this result is too good. A walk-forward chooses anew in every window."
    )
    return [words]
