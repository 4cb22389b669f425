"""Walk-forward: the calendar, what each window may know, resuming to the last bit, cancelling."""

import json
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from titan_core.analysis import engle_granger
from titan_core.backtesting.engine.pair import backtest_pair
from titan_core.backtesting.metrics import simple_returns
from titan_core.backtesting.overfitting import TrialTally
from titan_core.backtesting.walk_forward import (
    Choice,
    Chosen,
    Plan,
    Schedule,
    WindowResult,
    choose_window,
    walk_forward,
)
from titan_core.data import PricePanel
from titan_core.data.synthetic import synthetic_universe
from titan_core.errors import Cancelled, InvalidInput, TooFewBars
from titan_core.risk.sizing import Sizing
from titan_core.simulation.costs import Costs, Delisting
from titan_core.strategy.parameters import Rule

GRID = {"window": [20, 40], "entry_z": [1.5, 2.0], "exit_z": [0.0, 0.5]}


@pytest.fixture(scope="module")
def market():
    return synthetic_universe(seed=5, n_bars=1_000, n_cointegrated=3, n_breaking=1, n_random=4)


def plan(**changes):
    settings = {
        "schedule": Schedule(train_bars=400, test_bars=120, purge=30, embargo=40),
        "grid": GRID,
        "costs": Costs(half_spread_bps=1.0),
        "capital": 100_000.0,
        "choice": Choice(n_pairs=3, min_overlap=250),
        "rule": Rule(time_stop=30),
    }
    return Plan(**(settings | changes))


@pytest.fixture(scope="module")
def finished(market):
    return walk_forward(market.panel, plan())


@given(
    st.integers(60, 300),
    st.integers(10, 90),
    st.integers(0, 30),
    st.integers(0, 60),
    st.integers(80, 900),
    st.booleans(),
)
def test_the_calendar(train, test, purge, embargo, n_bars, anchored):
    schedule = Schedule(train, test, purge, embargo, anchored)
    try:
        windows = schedule.windows(n_bars)
    except TooFewBars:
        assert n_bars < train + purge + embargo + 3
        return
    for window in windows:
        assert 0 <= window.train_first < window.train_end
        assert window.test_first - window.train_end == purge + embargo
        assert window.train_first == 0 if anchored else window.train_end - window.train_first == train
        assert window.test_first < n_bars - 1
    for before, after in pairwise(windows):
        assert after.test_first == before.test_end  # no hole, no overlap
    assert windows[-1].test_end >= n_bars - 1
    assert schedule.windows(n_bars + 37)[: len(windows)] == windows  # history only adds


def test_what_a_walk_forward_leaves_behind(finished, market):
    panel = market.panel
    assert len(finished.windows) == 5
    assert finished.timestamps[0] == panel.timestamps[470]
    assert finished.timestamps[-1] == panel.timestamps[-1]
    assert finished.equity[0] == 100_000.0
    assert np.isfinite(finished.equity).all()
    assert finished.trades.n_trades == sum(len(w.trades) for w in finished.windows) > 0
    gained = sum(p.net_pnl for w in finished.windows for p in w.pairs)
    assert finished.equity[-1] - 100_000.0 == pytest.approx(gained, rel=1e-9)
    assert finished.metrics["sharpe_ratio"].n == finished.equity.size - 1
    tried = sum(w.tally.count for w in finished.windows)
    assert finished.tally.count == tried == 8 * sum(len(w.pairs) + len(w.skipped) for w in finished.windows)
    for window, after in pairwise(finished.windows):
        assert after.equity[0] == window.equity[-1]
        assert window.gross[-1] == 0.0  # positions are left before the next choice
    planted = {frozenset((t.symbol_1, t.symbol_2)) for t in market.truth}
    found = [
        frozenset((p.pair.symbol_1, p.pair.symbol_2)) in planted for w in finished.windows for p in w.pairs
    ]
    assert np.mean(found) > 0.5


def test_pairs_and_rules_are_those_of_the_training_and_results_those_of_a_backtest(finished, market):
    panel = market.panel
    result = finished.windows[2]
    window, chosen = result.window, result.pairs[0]
    legs = [
        np.log(panel.values[:, panel.symbols.index(s)]) for s in (chosen.pair.symbol_1, chosen.pair.symbol_2)
    ]
    train = slice(window.train_first, window.train_end)
    test = engle_granger(legs[0][train], legs[1][train])
    assert chosen.pair.hedge_ratio == pytest.approx(test.hedge_ratio, rel=1e-8)
    assert chosen.pvalue == pytest.approx(test.pvalue, rel=1e-6, abs=1e-12)
    stamps = panel.timestamps
    training = panel.between(stamps[window.train_first], stamps[window.train_end - 1])
    settings = {"costs": plan().costs, "capital": result.equity[0] / 3}
    in_sample = backtest_pair(training, chosen.pair, rule=chosen.rule, **settings)
    assert in_sample.metrics["sharpe_ratio"] == pytest.approx(chosen.in_sample_sharpe, rel=1e-12)
    bars = panel.between(stamps[window.train_first], stamps[window.test_end - 1])
    gate = np.zeros(bars.n_bars)
    gate[-5:] = 2
    out = backtest_pair(
        bars, chosen.pair, rule=chosen.rule, start=stamps[window.test_first], gate=gate, **settings
    )
    assert out.metrics["sharpe_ratio"] == pytest.approx(chosen.sharpe, rel=1e-12, nan_ok=True)
    assert out.equity[-1] - out.equity[0] == pytest.approx(chosen.net_pnl, rel=1e-9, abs=1e-9)


def test_nothing_knows_the_future(finished, market):
    panel = market.panel
    rng = np.random.default_rng(0)
    for cut in (520, 660, 873):
        values = panel.values.copy()
        values[cut:] *= np.exp(rng.normal(0.0, 0.05, values[cut:].shape))
        for changed in (
            PricePanel(panel.symbols, panel.timestamps, values),
            PricePanel(panel.symbols, panel.timestamps[:cut], panel.values[:cut]),
        ):
            again = walk_forward(changed, plan())
            known = cut - 470
            np.testing.assert_array_equal(again.equity[:known], finished.equity[:known])
            np.testing.assert_array_equal(again.gross[:known], finished.gross[:known])
            for before, after in zip(finished.windows, again.windows, strict=False):
                if before.window.test_first < cut:
                    assert [(p.pair, p.rule) for p in before.pairs] == [(p.pair, p.rule) for p in after.pairs]


def test_resuming_after_any_window_gives_the_same_bits(finished, market):
    kept = []
    with pytest.raises(Cancelled):
        walk_forward(market.panel, plan(), on_window=kept.append, should_stop=lambda: len(kept) == 2)
    assert len(kept) == 2
    restored = [WindowResult.from_dict(json.loads(json.dumps(w.as_dict(), allow_nan=False))) for w in kept]
    for window, again in zip(kept, restored, strict=True):
        assert (again.pairs, again.trades, again.tally) == (window.pairs, window.trades, window.tally) or any(
            p.sharpe != p.sharpe for p in window.pairs
        )
        np.testing.assert_array_equal(again.equity, window.equity)
    rest = []
    resumed = walk_forward(market.panel, plan(), done=restored, on_window=rest.append, n_threads=1)
    assert [w.window.index for w in rest] == [2, 3, 4]
    np.testing.assert_array_equal(resumed.equity, finished.equity)
    assert resumed.tally == finished.tally
    for name, column in resumed.trades.items():
        np.testing.assert_array_equal(column, finished.trades[name])
    assert resumed.manifest == finished.manifest
    with pytest.raises(InvalidInput, match="start again"):
        walk_forward(market.panel, plan(schedule=Schedule(410, 120, 30, 40)), done=restored)


def test_windows_chosen_elsewhere_give_the_same_bits(finished, market):
    asked = []

    def choose(window):
        asked.append(window)
        kept = json.dumps(choose_window(market.panel, plan(), window, n_threads=1).as_dict())
        return Chosen.from_dict(json.loads(kept))

    again = walk_forward(market.panel, plan(), choose=choose)
    assert asked == [result.window for result in finished.windows]
    assert again.equity.tobytes() == finished.equity.tobytes()
    assert [w.as_dict() for w in again.windows] == [w.as_dict() for w in finished.windows]


def test_progress_rises_to_the_end(market):
    seen = []
    result = walk_forward(
        market.panel.between(end=market.panel.timestamps[700]),
        plan(),
        progress=lambda a, b: seen.append(a / b),
    )
    assert seen == sorted(seen)
    assert seen[-1] == 1.0
    assert result.windows[-1].window.test_end >= 700


def test_without_discoveries_it_stays_in_cash():
    walks = np.exp(4.0 + np.cumsum(0.01 * np.random.default_rng(3).normal(size=(700, 5)), axis=0))
    panel = PricePanel(
        tuple("ABCDE"), np.datetime64("2015-01-01", "us") + np.arange(700) * np.timedelta64(1, "D"), walks
    )
    result = walk_forward(panel, plan(choice=Choice(n_pairs=2, selection="discoveries")))
    assert all(not w.pairs for w in result.windows)
    assert (result.equity == 100_000.0).all()
    assert result.tally == TrialTally()
    assert np.isnan(result.metrics["sharpe_ratio"].value)
    assert (simple_returns(result.equity) == 0.0).all()


def test_each_symbol_no_more_often_than_said(market):
    one = plan(choice=Choice(n_pairs=3, max_per_symbol=1))
    result = walk_forward(market.panel.between(end=market.panel.timestamps[600]), one)
    for window in result.windows:
        legs = [s for p in window.pairs for s in (p.pair.symbol_1, p.pair.symbol_2)]
        assert len(set(legs)) == len(legs)


def test_a_pair_that_can_not_be_traded_on_is_left_out(market):
    panel = market.panel.between(end=market.panel.timestamps[560])
    everything = walk_forward(panel, plan()).windows[0].pairs
    strongest = everything[0].pair
    values = panel.values.copy()
    values[395:470, panel.symbols.index(strongest.symbol_1)] = np.nan  # no bar as the training ends
    gone = walk_forward(PricePanel(panel.symbols, panel.timestamps, values), plan()).windows[0]
    assert strongest.symbol_1 not in {s for p in gone.pairs for s in (p.pair.symbol_1, p.pair.symbol_2)}
    inverse = values.copy()
    inverse[:, panel.symbols.index(strongest.symbol_1)] = (
        1e4 / panel.values[:, panel.symbols.index(strongest.symbol_1)]
    )
    mirrored = walk_forward(PricePanel(panel.symbols, panel.timestamps, inverse), plan()).windows[0]
    assert all(p.pair.hedge_ratio > 0.0 for p in mirrored.pairs)
    assert {strongest.symbol_1, strongest.symbol_2} not in [
        {p.pair.symbol_1, p.pair.symbol_2} for p in mirrored.pairs
    ]


def ends_at(panel, symbol, at):
    values = panel.values.copy()
    values[at:, panel.symbols.index(symbol)] = np.nan
    return PricePanel(panel.symbols, panel.timestamps, values)


def test_a_leg_delisted_by_the_first_day_of_the_test_gives_its_place_to_the_next_best(market):
    panel = market.panel.between(end=market.panel.timestamps[560])
    window = plan().schedule.windows(panel.n_bars)[0]
    assert (window.train_end, window.test_first) == (400, 470)
    gone = walk_forward(panel, plan()).windows[0].pairs[0].pair.symbol_1
    ranked = choose_window(panel, plan(choice=Choice(n_pairs=10, min_overlap=250)), window).candidates
    others = [c.pair for c in ranked if gone not in (c.pair.symbol_1, c.pair.symbol_2)][:3]
    for at in (420, 470):
        told = plan(delistings=(Delisting(gone, panel.timestamps[at], -0.3),))
        result = walk_forward(ends_at(panel, gone, at), told).windows[0]
        assert [p.pair for p in result.pairs] == others
        chosen = choose_window(ends_at(panel, gone, at), told, window)
        assert [c.pair for c in chosen.candidates] == others
        assert (result.n_tests, result.n_discoveries) == (chosen.n_tests, chosen.n_discoveries)
    # a bar later nobody knows it yet: it is chosen, held, and settled
    late = plan(delistings=(Delisting(gone, panel.timestamps[471], -0.3),))
    chosen = choose_window(ends_at(panel, gone, 471), late, window).candidates
    assert [c.pair for c in chosen] == [c.pair for c in ranked[:3]]


def test_what_makes_no_sense_is_refused(market):
    with pytest.raises(InvalidInput, match="embargo is 10 bars and the rules tried look back 40"):
        plan(schedule=Schedule(400, 120, 30, 10))
    with pytest.raises(InvalidInput, match="purge is 5 bars and trades may be held 30"):
        plan(schedule=Schedule(400, 120, 5, 40))
    with pytest.raises(InvalidInput, match="without time_stop"):
        plan(schedule=Schedule(400, 120, 0, 40), rule=Rule())
    with pytest.raises(InvalidInput, match="capital"):
        plan(capital=0.0)
    with pytest.raises(InvalidInput, match="a rule has no windwo"):
        plan(grid={"windwo": [20]})
    with pytest.raises(InvalidInput, match="contradicts itself"):
        plan(grid={"entry_z": [1.0], "exit_z": [2.0]})
    with pytest.raises(InvalidInput, match="kelly"):
        plan(sizing=Sizing("kelly"))
    with pytest.raises(TooFewBars, match="leave none to trade"):
        walk_forward(market.panel, plan(schedule=Schedule(900, 120, 60, 40)))
    with pytest.raises(InvalidInput, match="min_overlap"):
        walk_forward(market.panel, plan(choice=Choice(min_overlap=450)))
    with pytest.raises(InvalidInput, match="train_bars"):
        Schedule(10, 100, 0, 0)
