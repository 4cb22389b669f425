"""A search finds what is there, says how often it looked, and gives the same answer again."""

import math
import sys

import numpy as np
import pytest

from tests.core.test_naive_market import PAIR, market
from titan_core.backtesting import Range, backtest_pair, search, search_pair, sweep_pair
from titan_core.backtesting.overfitting import judge_sweep, probabilistic_sharpes
from titan_core.errors import Cancelled, InvalidInput, TitanError
from titan_core.simulation import Costs
from titan_core.strategy import Rule

BARS = market(17, 300)
KEPT = {"costs": Costs(half_spread_bps=2.0), "capital": 1e5, "max_jump": 9.0}
SPACE = {
    "window": Range(10, 60),
    "entry_z": Range(0.5, 3.0),
    "exit_z": Range(-1.0, 1.5),
    "time_stop": [0, 5, 20],
}


def found(result):
    return probabilistic_sharpes(result.sweep.metrics)[result.best]


def test_every_point_is_the_backtest_of_its_rule_and_one_trial():
    told = []
    result = search_pair(
        BARS, PAIR, space=SPACE, n_trials=60, seed=1, progress=lambda *at: told.append(at), **KEPT
    )
    assert told == [(16, 60), (32, 60), (48, 60), (60, 60)]
    assert result.sweep.n_combinations + result.n_left_out + result.n_repeated == 60
    assert result.n_left_out > 0
    assert result.tally.count == result.sweep.n_combinations
    assert result.tally == judge_sweep(result.sweep.metrics, result.sweep.blocks).tally
    for row in (0, 7, result.best):
        alone = backtest_pair(BARS, PAIR, rule=result.sweep.rule_at(row), **KEPT)
        for name, value in alone.metrics.items():
            np.testing.assert_array_equal(result.sweep.metrics[name][row], value, name)
        np.testing.assert_array_equal(result.sweep.blocks[:, :, row], alone.blocks)
    values = probabilistic_sharpes(result.sweep.metrics)
    assert values[result.best] == np.nanmax(values)
    assert result.rule == result.sweep.rule_at(result.best)
    assert result.sweep.manifest.seed == 1


def test_same_seed_same_answer_on_any_number_of_threads():
    one, two, other = (
        search_pair(BARS, PAIR, space=SPACE, n_trials=40, seed=seed, n_threads=n, **KEPT)
        for seed, n in ((3, 1), (3, 3), (4, 1))
    )
    for name in SPACE:
        np.testing.assert_array_equal(one.sweep.parameters[name], two.sweep.parameters[name])
    np.testing.assert_array_equal(one.sweep.blocks, two.sweep.blocks)
    assert (one.best, one.tally, one.sweep.manifest) == (two.best, two.tally, two.sweep.manifest)
    assert one.sweep.manifest != other.sweep.manifest


def planted(monkeypatch):
    """A surface with one hill, in place of the market's; the score falls with the distance from (30, 2, 0.4)."""

    def hill(metrics):
        return metrics["hill"]

    def run(bars, pair, *, grid, should_stop=None, **terms):
        result = sweep_pair(bars, pair, grid=grid, **terms)
        columns = {name: np.asarray(values, float) for name, values in result.parameters.items()}
        distance = (
            ((columns["window"] - 30) / 25) ** 2
            + ((columns["entry_z"] - 2.0) / 1.25) ** 2
            + ((columns["exit_z"] - 0.4) / 1.25) ** 2
        )
        result.metrics["hill"] = np.exp(-distance)
        return result

    monkeypatch.setattr(search, "sweep_pair", run)
    monkeypatch.setattr(search, "probabilistic_sharpes", hill)


def test_the_order_in_which_a_space_is_told_means_nothing():
    told = dict(reversed(SPACE.items()))  # as a database may give it back
    one, other = (
        search_pair(BARS, PAIR, space=space, n_trials=20, seed=3, **KEPT) for space in (SPACE, told)
    )
    assert (one.rule, one.sweep.manifest) == (other.rule, other.sweep.manifest)
    np.testing.assert_array_equal(one.sweep.blocks, other.sweep.blocks)


def test_finds_a_planted_hill_better_than_chance(monkeypatch):
    planted(monkeypatch)
    space = {name: SPACE[name] for name in ("window", "entry_z", "exit_z")}
    searched, by_chance = [], []
    for seed in range(5):
        result = search_pair(BARS, PAIR, space=space, n_trials=120, seed=seed, **KEPT)
        searched.append(result.sweep.metrics["hill"][result.best])
        rng = np.random.default_rng(seed)
        points = {
            "window": rng.integers(10, 61, 120),
            "entry_z": rng.uniform(0.5, 3.0, 120),
            "exit_z": rng.uniform(-1.0, 1.5, 120),
        }
        fits = np.abs(points["exit_z"]) < points["entry_z"]
        distance = sum(
            ((points[name] - at) / width) ** 2
            for name, at, width in (("window", 30, 25), ("entry_z", 2.0, 1.25), ("exit_z", 0.4, 1.25))
        )
        by_chance.append(np.exp(-distance)[fits].max())
    assert min(searched) > 0.97
    assert np.mean(searched) > np.mean(by_chance)
    assert sum(ours >= theirs for ours, theirs in zip(searched, by_chance, strict=True)) >= 4


def test_points_asked_for_again_are_run_and_counted_once():
    result = search_pair(
        BARS, PAIR, space={"window": [10, 20], "entry_z": [1.0, 1.5]}, n_trials=30, seed=0, **KEPT
    )
    assert result.sweep.n_combinations == result.tally.count == 4
    assert result.n_repeated == 26
    grid = sweep_pair(BARS, PAIR, grid={"window": [10, 20], "entry_z": [1.0, 1.5]}, **KEPT)
    assert found(result) == probabilistic_sharpes(grid.metrics).max()


def test_points_that_never_trade_are_trials():
    result = search_pair(BARS, PAIR, space={"entry_z": [1.0, 40.0]}, n_trials=12, seed=0, **KEPT)
    assert result.tally.count == 2
    assert result.rule == Rule(entry_z=1.0)
    with pytest.raises(InvalidInput, match="no point ever traded"):
        search_pair(BARS, PAIR, space={"entry_z": Range(40, 50)}, n_trials=5, seed=0, **KEPT)


@pytest.mark.parametrize(
    ("space", "words"),
    [
        ({}, "names nothing"),
        ({"colour": [1]}, "no colour"),
        ({"entry_z": []}, "no value"),
        ({"entry_z": [1.0], "exit_z": Range(1.5, 2)}, "every point contradicts itself"),
        ({"window": Range(10.5, 20)}, "whole numbers"),
        ({"name": Range(0, 1)}, "values, not a range"),
        ({"window": Range(2, 20)}, "at least 5 bars"),
        ({"entry_z": Range(-1, 2)}, "above 0"),
        ({"window": Range(10, 20, step=2.5)}, "whole numbers"),
        ({"exit_z": Range(2, 3)}, "every point contradicts itself"),
        ({"stop_z": Range(0.5, 1.5)}, "every point contradicts itself"),
    ],
)
def test_senseless_spaces_are_refused(space, words):
    with pytest.raises(InvalidInput, match=words):
        search_pair(BARS, PAIR, space=space, n_trials=6, seed=0, **KEPT)


@pytest.mark.parametrize(
    ("low", "high", "is_log"), [(2, 1, False), (1, 1, False), (0, 1, True), (1, math.inf, False)]
)
def test_empty_ranges_are_refused(low, high, is_log):
    with pytest.raises(InvalidInput, match="range"):
        Range(low, high, is_log)


@pytest.mark.parametrize(("terms", "words"), [({"is_log": True}, "no step"), ({}, "step of a range")])
def test_senseless_steps_are_refused(terms, words):
    with pytest.raises(InvalidInput, match=words):
        Range(1.0, 2.0, step=0.1 if terms else 1.5, **terms)


def test_steps_are_kept():
    space = {
        "window": Range(10, 29, step=5),
        "entry_z": Range(0.5, 3.0, step=0.3),
        "exit_z": Range(0.01, 0.4, True),
    }
    result = search_pair(BARS, PAIR, space=space, n_trials=60, seed=2, **KEPT)
    told = result.sweep.parameters
    assert set(told["window"].tolist()) == {10, 15, 20, 25}
    assert set(told["entry_z"].tolist()) <= {0.5, 0.8, 1.1, 1.4, 1.7, 2.0, 2.3, 2.6, 2.9}
    assert told["exit_z"].min() >= 0.01
    assert told["exit_z"].max() <= 0.4


@pytest.mark.parametrize("n_kept", [0, 1, 3])
def test_an_interrupted_search_ends_as_if_it_had_not_been(monkeypatch, n_kept):
    """Batches kept are told again, not run again; every bit is the uninterrupted search's."""
    kept = []
    whole = search_pair(
        BARS,
        PAIR,
        space=SPACE,
        n_trials=60,
        seed=5,
        on_batch=lambda at, part: kept.append((at, part)),
        **KEPT,
    )
    assert [at for at, _ in kept] == [0, 1, 2, 3]
    run = []
    monkeypatch.setattr(
        search, "sweep_pair", lambda *args, **terms: run.append(1) or sweep_pair(*args, **terms)
    )
    done = [part for _, part in kept[:n_kept]]
    again = search_pair(BARS, PAIR, space=SPACE, n_trials=60, seed=5, done=done, **KEPT)
    assert len(run) == 4 - n_kept
    for name in SPACE:
        np.testing.assert_array_equal(again.sweep.parameters[name], whole.sweep.parameters[name])
    np.testing.assert_array_equal(again.sweep.blocks, whole.sweep.blocks)
    assert (again.best, again.tally, again.sweep.manifest) == (whole.best, whole.tally, whole.sweep.manifest)


def test_batches_of_another_search_are_not_believed():
    kept = []
    search_pair(
        BARS, PAIR, space=SPACE, n_trials=32, seed=6, on_batch=lambda at, part: kept.append(part), **KEPT
    )
    alone = search_pair(BARS, PAIR, space=SPACE, n_trials=32, seed=7, **KEPT)
    misled = search_pair(BARS, PAIR, space=SPACE, n_trials=32, seed=7, done=kept, **KEPT)
    np.testing.assert_array_equal(alone.sweep.blocks, misled.sweep.blocks)


def test_a_stop_is_heard():
    with pytest.raises(Cancelled):
        search_pair(BARS, PAIR, space=SPACE, n_trials=6, seed=0, should_stop=lambda: True, **KEPT)


def test_without_optuna_it_says_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "optuna", None)
    with pytest.raises(TitanError, match=r"titan-trading\[search\]"):
        search_pair(BARS, PAIR, space=SPACE, n_trials=6, seed=0, **KEPT)


def test_paired_rows_are_those_of_the_grid():
    rows = {"entry_z": [1.0, 1.5, 1.0, 0.2], "exit_z": [0.0, 0.5, 0.9, 0.9], "window": [10, 20, 10, 10]}
    sweep = sweep_pair(BARS, PAIR, grid=rows, paired=True, **KEPT)
    assert (sweep.n_combinations, sweep.n_left_out) == (3, 1)
    assert sweep.parameters["entry_z"].tolist() == [1.0, 1.5, 1.0]
    alone = backtest_pair(BARS, PAIR, rule=Rule(window=10, entry_z=1.0, exit_z=0.9), **KEPT)
    assert sweep.metrics["final_equity"][2] == alone.equity[-1]
    with pytest.raises(InvalidInput, match="as many values"):
        sweep_pair(BARS, PAIR, grid={"entry_z": [1.0], "window": [10, 20]}, paired=True, **KEPT)
