"""Causality of whole runs: every rule is blind to the future, and one that peeks is caught and named."""

from dataclasses import replace
from typing import get_args

import numpy as np
import pytest

from tests.core.conftest import days
from titan_core.backtesting.look_ahead import (
    find_run_look_ahead,
    pair_look_ahead,
    trace_pair,
    trace_walk_forward,
    walk_forward_look_ahead,
)
from titan_core.backtesting.walk_forward import Choice, Plan, Schedule, walk_forward
from titan_core.data import BarPanel, PricePanel
from titan_core.errors import InvalidInput
from titan_core.risk.sizing import Sizing
from titan_core.simulation.costs import Costs, Delisting
from titan_core.strategy.parameters import Rule, RuleName, TradedPair


@pytest.fixture(scope="module")
def bars():
    rng = np.random.default_rng(1)
    n = 320
    walk = np.cumsum(0.01 * rng.normal(size=n))
    spread = np.zeros(n)
    for t in range(1, n):
        spread[t] = 0.85 * spread[t - 1] + 0.01 * rng.normal()
    close = np.exp(4.0 + np.column_stack([walk + spread, walk]))
    open_ = close * np.exp(0.002 * rng.normal(size=close.shape))
    high, low = np.maximum(open_, close) * 1.005, np.minimum(open_, close) * 0.995
    return BarPanel(("AAA", "BBB"), days(n), open_, high, low, close, np.full(close.shape, 1e6))


@pytest.mark.parametrize("name", get_args(RuleName))
@pytest.mark.parametrize("fill", ["next_open", "next_close", "mid_range"])
def test_every_rule_is_blind_to_the_future(bars, name, fill):
    rule = Rule(name, window=30, entry_z=1.2, max_half_life=40.0, time_stop=20)
    costs = Costs(fill=fill, half_spread_bps=2.0)
    pair = TradedPair("AAA", "BBB", 1.0)
    trace = trace_pair(bars, pair, rule=rule, costs=costs, capital=1e5)
    assert np.abs(trace["fill"]).sum() > 0.0  # it does trade, so there is something to find
    options = {"rule": rule, "costs": costs, "capital": 1e5, "sizing": Sizing("equal_risk")}
    assert pair_look_ahead(bars, pair, generator=np.random.default_rng(2), n_cuts=4, **options) is None


def test_a_gate_and_a_start_are_cut_with_the_bars(bars):
    gate = np.zeros(bars.n_bars, dtype=int)
    gate[150:200] = 1
    options = {"rule": Rule(window=30), "costs": Costs(), "capital": 1e5, "gate": gate}
    found = pair_look_ahead(
        bars,
        TradedPair("AAA", "BBB", 1.0),
        generator=np.random.default_rng(3),
        start=bars.timestamps[60],
        **options,
    )
    assert found is None
    with pytest.raises(InvalidInput, match="rule is missing"):
        pair_look_ahead(bars, ("AAA", "BBB"), generator=np.random.default_rng(3))


def test_a_rule_that_peeks_one_bar_ahead_is_caught_and_named(bars):
    def peeking(part):
        honest = trace_pair(
            part, TradedPair("AAA", "BBB", 1.0), rule=Rule(window=30), costs=Costs(), capital=1e5
        )
        peek = np.append(honest["signal"][1:], np.full((1, 2), np.nan), axis=0)
        return {**honest, "signal": peek}

    found = find_run_look_ahead(peeking, bars, generator=np.random.default_rng(4), min_bars=40)
    assert found.part == "signal"
    assert found.bar == found.cut - 1  # the last bar before the cut already knows the first after it
    assert found.timestamp == bars.timestamps[found.bar]
    assert str(found).startswith(f"signal of bar {found.bar} (")


def test_a_hedge_ratio_fitted_on_everything_is_caught_and_named(bars):
    def fitted(part):
        slope = float(np.polyfit(np.log(part.close[:, 1]), np.log(part.close[:, 0]), 1)[0])
        pair = TradedPair("AAA", "BBB", slope)
        return trace_pair(part, pair, rule=Rule(window=30), costs=Costs(), capital=1e5)

    found = find_run_look_ahead(fitted, bars, generator=np.random.default_rng(5), min_bars=40)
    assert found.part == "hedge_ratio"
    for trace, words in (({}, "it is of none"), ({"sgnal": np.zeros(320)}, "it is of sgnal")):
        with pytest.raises(InvalidInput, match=words):
            find_run_look_ahead(
                lambda part, trace=trace: trace, bars, generator=np.random.default_rng(5), min_bars=40
            )


@pytest.fixture(scope="module")
def universe():
    rng = np.random.default_rng(6)
    n = 520
    walks = np.cumsum(0.01 * rng.normal(size=(n, 3)), axis=0)
    spread = np.zeros((n, 2))
    for t in range(1, n):
        spread[t] = 0.85 * spread[t - 1] + 0.008 * rng.normal(size=2)
    logs = np.column_stack(
        [walks[:, 0], walks[:, 0] + spread[:, 0], walks[:, 1], walks[:, 1] + spread[:, 1], walks[:, 2]]
    )
    return PricePanel(tuple("ABCDE"), days(n), np.exp(4.0 + logs))


PLAN = Plan(
    Schedule(260, 60, 20, 30),
    {"window": [20, 30], "entry_z": [1.0, 1.5]},
    Costs(),
    1e5,
    Choice(n_pairs=2, min_overlap=250),
    Rule(time_stop=20),
)


def test_a_walk_forward_is_blind_to_the_future(universe):
    assert walk_forward_look_ahead(universe, PLAN, generator=np.random.default_rng(7), n_cuts=3) is None


def delisted(universe, symbol, at):
    values = universe.values.copy()
    values[at:, universe.symbols.index(symbol)] = np.nan
    told = (Delisting(symbol, universe.timestamps[at], -0.3),)
    return PricePanel(universe.symbols, universe.timestamps, values), replace(PLAN, delistings=told)


def test_a_pair_passed_over_for_its_delisting_is_no_look_ahead(universe):
    """B ends between training and test; D within the test, which nobody knows when the pairs are chosen."""
    for symbol, at, is_chosen in (("B", 290, False), ("B", 310, False), ("D", 345, True)):
        bars, plan = delisted(universe, symbol, at)
        first = walk_forward(bars, plan).windows[0]
        assert len(first.pairs) == 2
        assert is_chosen == any(symbol in (p.pair.symbol_1, p.pair.symbol_2) for p in first.pairs)
        assert walk_forward_look_ahead(bars, plan, generator=np.random.default_rng(7), n_cuts=3) is None


def test_a_choice_that_knows_a_later_delisting_is_caught_and_named(universe, monkeypatch):
    monkeypatch.setattr(Plan, "gone_by", lambda plan, _: frozenset(d.symbol for d in plan.delistings))
    bars, plan = delisted(universe, "D", 345)
    found = walk_forward_look_ahead(bars, plan, generator=np.random.default_rng(7), n_cuts=6)
    assert found.part == "pairs"
    assert found.cut <= 345


def test_a_walk_forward_that_chooses_on_everything_is_caught_and_named(universe):
    def chooses_late(part):
        # pairs of a scan that has seen all bars, put in place of the first window's
        result = walk_forward(part, PLAN)
        trace = trace_walk_forward(result, part)
        late = trace["pairs"].copy()
        late[310:370] = trace["pairs"][-1]
        return {**trace, "pairs": late}

    found = find_run_look_ahead(
        chooses_late, universe, generator=np.random.default_rng(8), min_bars=330, cuts=[340, 400, 450]
    )
    assert found.part == "pairs"
    assert found.bar < found.cut
