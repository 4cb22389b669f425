"""No rule sees the future; a live engine that steps bar by bar decides what the backtest decided."""

import math

import numpy as np
import pytest

from tests.core.test_naive_market import PAIR, market
from titan_core.backtesting import backtest_pair
from titan_core.backtesting.look_ahead import find_run_look_ahead, pair_look_ahead, trace_pair
from titan_core.data import PricePanel
from titan_core.risk import Sizing
from titan_core.simulation import Borrow, Commission, Costs, Financing, Impact
from titan_core.strategy import RULES, Rule, compute_signals, new_state
from titan_core.strategy import kernels as k

COSTS = Costs(
    fill="mid_range",
    half_spread_bps=3.0,
    commission=Commission(bps=1.0),
    impact=Impact(0.5, 0.2, 10),
    borrow=Borrow(0.02),
    financing=Financing(0.05, 0.01),
)
RULES_TRIED = [
    Rule("rolling", window=15, entry_z=1.2, exit_z=0.2, time_stop=9, cooldown=2),
    Rule("rolling", window=15, hedge_window=30, entry_z=1.2, exit_z=0.2, rebalance_every=2),
    Rule("ewma", window=15, hedge_window=25, entry_z=1.2, exit_z=0.2, stop_z=2.5),
    Rule("kalman", window=15, entry_z=1.0, exit_z=0.0, stop_loss=0.02, take_profit=0.01),
    Rule("ou", window=25, entry_z=1.0, exit_z=0.2, max_half_life=12.0, half_life_window=20),
]


@pytest.mark.parametrize("rule", RULES_TRIED, ids=lambda rule: f"{rule.name}{rule.hedge_window}")
@pytest.mark.parametrize(
    "sizing", [Sizing(), Sizing("volatility_target", risk=0.2, window=20)], ids=["all", "vol"]
)
def test_no_rule_sees_the_future(rule, sizing):
    bars = market(8, 140, gaps=0.03, actions=3)

    assert (
        backtest_pair(bars, PAIR, rule=rule, costs=COSTS, capital=1e5, max_jump=9.0).metrics["n_trades"] > 2
    )
    options = {"rule": rule, "costs": COSTS, "capital": 1e5, "sizing": sizing, "max_jump": 9.0}
    assert pair_look_ahead(bars, PAIR, generator=np.random.default_rng(5), n_cuts=6, **options) is None


def test_a_rule_that_peeks_one_bar_ahead_is_caught_and_named():
    bars, rule = market(8, 140), RULES_TRIED[0]

    def peeking(trial):
        spread = np.log(trial.close[:, 0]) - 0.9 * np.log(trial.close[:, 1])
        falls = np.append(np.diff(spread) < 0, np.False_)  # of the next bar
        gate = np.where(falls, 2, 0)
        return trace_pair(trial, PAIR, rule=rule, costs=COSTS, capital=1e5, gate=gate, max_jump=9.0)

    found = find_run_look_ahead(peeking, bars, generator=np.random.default_rng(5), min_bars=70, n_cuts=12)
    assert found is not None
    assert found.part == "decision"
    # the decision at the last bar that is left is the one that knew the next
    assert found.bar == found.cut - 1
    assert "the run looks ahead" in str(found)


def replay(bars, rule, costs, capital):
    """A live engine in small: one `step` a bar, one order under way, filled at the next close."""
    y, x = np.log(bars.prices("total_return").values).T
    state, p = new_state(rule), rule.vector(PAIR)
    held, target, working = np.zeros(2), np.zeros(2), k.NOTHING
    equity, start, gross = capital, 0.0, 0.0
    pnl = 0.0
    log = []
    for t in range(bars.n_bars):
        close = bars.close[t]
        if t:
            pnl += float(held @ (close - bars.close[t - 1]))
        if working != k.NOTHING:
            change = target - held
            if not held.any():
                start, gross = pnl, float(np.abs(change) @ close)
            pnl -= costs.half_spread_of("A") * float(np.abs(change) @ close)
            held, working = target.copy(), k.NOTHING
        equity = capital + pnl
        bar = np.zeros(k.N_BAR)
        bar[[k.B_Y, k.B_X, k.B_PRICE_1, k.B_PRICE_2]] = y[t], x[t], *close
        bar[[k.B_FACTOR_1, k.B_FACTOR_2]] = 1.0
        bar[[k.B_POSITION_1, k.B_POSITION_2]] = held
        bar[k.B_GROSS] = gross if held.any() else equity
        bar[k.B_PNL] = pnl
        bar[k.B_FLOOR] = start - rule.stop_loss * gross if gross else -math.inf
        bar[k.B_CEILING] = start + rule.take_profit * gross if gross else math.inf
        bar[k.B_FLAGS] = k.DECIDES | k.MAY_BUY | k.MAY_SELL
        one, two, action, reason = k.step(RULES[rule.name], state, p, bar)
        log.append((state[k.S_SIGNAL + k.Z], action, reason, one, two))
        if action != k.HOLD:
            target = np.array([one, two])
            working = k.LEAVING if action == k.LEAVE else k.ENTERING
    return log, equity


@pytest.mark.parametrize("rule", RULES_TRIED, ids=lambda rule: f"{rule.name}{rule.hedge_window}")
def test_replay_through_step_equals_the_backtest(rule):
    bars, costs = market(21, 400), Costs(half_spread_bps=4.0)
    result = backtest_pair(bars, PAIR, rule=rule, costs=costs, capital=1e5, max_jump=9.0)
    log, equity = replay(bars, rule, costs, 1e5)
    np.testing.assert_array_equal(result.signals.z_score, [row[0] for row in log])
    decided = [(t, row[2]) for t, row in enumerate(log[:-1]) if row[1] != k.HOLD]
    assert decided == list(zip(result.fills.decided.tolist(), result.fills.reason.tolist(), strict=True))
    after = np.array([log[t][3:] for t, _ in decided])
    aimed = np.array(
        [row[3:] if row[1] != k.HOLD else held for row, held in zip(log, result.positions, strict=True)]
    )
    np.testing.assert_allclose(aimed, result.targets, rtol=1e-12)
    np.testing.assert_allclose(after, result.positions[result.fills.bar], rtol=1e-12)
    assert equity == pytest.approx(result.equity[-1], rel=1e-12)
    assert len(decided) > 10


@pytest.mark.parametrize("rule", RULES_TRIED, ids=lambda rule: f"{rule.name}{rule.hedge_window}")
def test_batch_signals_are_a_loop_over_update(rule):
    y, x = np.log(market(4, 120).close).T
    y[40] = np.nan
    batch = compute_signals(y, x, rule, PAIR).values
    state, p = new_state(rule), rule.vector(PAIR)
    for t in range(120):
        if t == 40:
            assert np.isnan(batch[:, t]).all()
            continue
        k.update_signal(RULES[rule.name], state, p, y[t], x[t])
        np.testing.assert_array_equal(batch[:, t], state[k.S_SIGNAL : k.S_SIGNAL + k.N_SIGNAL])


def test_a_window_needs_nothing_before_it():
    # an engine that starts later with the window alone has the same signal, to the last bit
    y, x = np.log(market(4, 120).close).T
    rule = Rule("rolling", window=15, hedge_window=20)
    late = compute_signals(y[60:], x[60:], rule, PAIR).values
    np.testing.assert_array_equal(late[:, 20:], compute_signals(y, x, rule, PAIR).values[:, 80:])


def test_a_symbol_that_was_listed_late_is_cut_after_its_first_bar():
    """Before it there is no run to compare with: bars of a symbol that has none are refused."""
    rng = np.random.default_rng(1)
    close = 100.0 * np.exp(np.cumsum(rng.normal(0.0, 0.01, 400))[:, None] + rng.normal(0.0, 0.02, (400, 2)))
    close[:300, 1] = np.nan
    stamps = np.datetime64("2015-01-01T21:00", "us") + np.arange(400) * np.timedelta64(1, "D")
    bars = PricePanel(("A", "B"), stamps, close, "total_return")
    options = {"rule": Rule(name="kalman", entry_z=1.0, exit_z=0.0), "costs": Costs(), "capital": 1e5}
    assert backtest_pair(bars, ("A", "B"), **options).trades.rows()
    assert pair_look_ahead(bars, ("A", "B"), generator=np.random.default_rng(0), **options) is None
