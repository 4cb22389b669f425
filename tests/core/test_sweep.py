"""A sweep's rows are backtests, to the last bit, on any number of threads."""

import math

import numpy as np
import pytest

from tests.core.test_naive_market import PAIR, market
from titan_core.backtesting import METRICS, backtest_pair, sweep_pair
from titan_core.errors import Cancelled, InvalidInput
from titan_core.risk import Sizing
from titan_core.simulation import Borrow, Commission, Costs, Financing, Impact
from titan_core.strategy import Rule

BARS = market(17, 300, gaps=0.02, actions=3)
COSTS = Costs(
    half_spread_bps=2.0, commission=Commission(1.0, minimum=1.0), impact=Impact(0.3, 0.2, 10), borrow=Borrow(0.03),
    financing=Financing(0.05, 0.01), limit_bps=80.0,
)  # fmt: skip
GRID = {
    "name": ["rolling", "ou", "ewma", "kalman"],
    "entry_z": [0.8, 1.4],
    "window": [10, 25],
    "exit_z": [0.0, 0.9],
    "stop_z": [2.5, math.inf],
    "max_half_life": [8.0, math.inf],
    "time_stop": [0, 6],
    "rebalance_every": [0, 3],
    "stop_loss": [0.02, math.inf],
}
KEPT = {"costs": COSTS, "capital": 1e5, "max_jump": 9.0}


def test_every_row_is_the_backtest_of_its_rule():
    sweep = sweep_pair(BARS, PAIR, grid=GRID, n_threads=2, **KEPT)
    assert sweep.n_combinations + sweep.n_left_out == 4 * 2**8
    assert sweep.n_left_out == 4 * 2**6  # exit at 0.9 with entry at 0.8
    assert set(sweep.metrics) == set(METRICS)
    for row in np.random.default_rng(0).choice(sweep.n_combinations, 60, replace=False):
        alone = backtest_pair(BARS, PAIR, rule=sweep.rule_at(int(row)), **KEPT)
        for name, value in alone.metrics.items():
            np.testing.assert_array_equal(sweep.metrics[name][row], value, name)
        np.testing.assert_array_equal(sweep.blocks[:, :, row], alone.blocks)
    assert np.unique(sweep.metrics["final_equity"]).size > 100


def test_threads_don_t_change_a_bit():
    one, many = (sweep_pair(BARS, PAIR, grid=GRID, n_threads=n, **KEPT) for n in (1, 3))
    for name in METRICS:
        np.testing.assert_array_equal(one.metrics[name], many.metrics[name])
    np.testing.assert_array_equal(one.blocks, many.blocks)
    assert one.manifest == many.manifest


def test_rows_come_in_the_order_of_the_grid_and_go_to_tables():
    sweep = sweep_pair(BARS, PAIR, grid={"entry_z": [1.0, 1.5], "window": [10, 20, 30]}, **KEPT)
    frame = sweep.to_pandas()
    assert frame["entry_z"].tolist() == [1.0] * 3 + [1.5] * 3
    assert frame["window"].tolist() == [10, 20, 30] * 2
    best = sweep.best()
    assert frame["sharpe_ratio"].max() == sweep.metrics["sharpe_ratio"][best]
    assert sweep.rule_at(best) == Rule(entry_z=frame["entry_z"][best], window=int(frame["window"][best]))


def test_sized_by_volatility_too():
    sizing = Sizing("volatility_target", risk=0.1, window=30)
    sweep = sweep_pair(BARS, PAIR, grid={"window": [10, 20]}, sizing=sizing, **KEPT)
    alone = backtest_pair(BARS, PAIR, rule=Rule(window=20), sizing=sizing, **KEPT)
    assert sweep.metrics["final_equity"][1] == alone.equity[-1]


@pytest.mark.parametrize(
    ("grid", "words"),
    [
        ({}, "names nothing"),
        ({"colour": [1]}, "no colour"),
        ({"entry_z": []}, "no value"),
        ({"entry_z": [1.0, -1.0]}, "entry_z"),
        ({"window": [10, 2]}, "window"),
        ({"entry_z": [1.0], "exit_z": [1.0, 2.0]}, "contradicts itself"),
    ],
)
def test_senseless_grids_are_refused(grid, words):
    with pytest.raises(InvalidInput, match=words):
        sweep_pair(BARS, PAIR, grid=grid, **KEPT)


def test_kelly_and_unknown_metrics_are_refused():
    with pytest.raises(InvalidInput, match="kelly"):
        sweep_pair(BARS, PAIR, grid={"window": [10]}, sizing=Sizing("kelly"), **KEPT)
    sweep = sweep_pair(BARS, PAIR, grid={"entry_z": [40.0, 50.0]}, **KEPT)
    with pytest.raises(InvalidInput, match="there is no metric"):
        sweep.best("luck")
    with pytest.raises(InvalidInput, match="none of them traded"):
        sweep.best("win_rate")


def test_progress_is_told_and_a_stop_is_heard():
    told = []
    sweep_pair(BARS, PAIR, grid=GRID, progress=lambda done, total: told.append((done, total)), **KEPT)
    assert told[-1] == (768, 768)
    assert told == sorted(told)
    with pytest.raises(Cancelled):
        sweep_pair(BARS, PAIR, grid=GRID, should_stop=lambda: True, **KEPT)
