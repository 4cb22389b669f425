"""The scan's own null: what a draw keeps and what it breaks, the step-down by hand and by loops, and its size."""

import os

import numpy as np
import pytest

from tests.core.conftest import log_panel, random_walks, stocks, with_gaps
from titan_core.analysis import (
    NullTally,
    block_length_for,
    default_draws,
    lowest_statistics,
    null_panel,
    scan_null,
    scan_pairs,
)
from titan_core.errors import Cancelled, InvalidInput
from titan_core.statistics import optimal_block_length, stationary_indices

ROUNDS = int(os.environ.get("TITAN_TEST_ROUNDS", "1"))


def test_a_draw_is_the_joint_rows_of_differences_cumulated():
    values = stocks(81, 300, 5)
    drawn = null_panel(log_panel(values), seed=7, draw=3, block_length=12.0)
    generator = np.random.default_rng(np.random.SeedSequence(7, spawn_key=(3,)))
    rows = stationary_indices(299, 12.0, generator)
    expected = [values[0]]
    for row in rows:
        expected.append(expected[-1] + values[row + 1] - values[row])
    np.testing.assert_allclose(drawn.values, expected, atol=1e-12)
    assert drawn.scale == "log"


def test_draws_differ_and_come_again():
    panel = log_panel(stocks(82, 200, 3))
    first, again, second, seeded = (
        null_panel(panel, seed=seed, draw=draw).values for seed, draw in ((1, 0), (1, 0), (1, 1), (2, 0))
    )
    np.testing.assert_array_equal(first, again)
    assert (first[1:] != second[1:]).any()
    assert (first[1:] != seeded[1:]).any()


def test_missing_bars_stay_missing_and_every_step_is_the_symbols_own():
    values = with_gaps(5, stocks(83, 240, 8))
    values[:, 7] = np.nan
    values[:239, 6] = np.nan
    panel = log_panel(values)
    drawn = null_panel(panel, seed=3, draw=0, block_length=5.0)
    np.testing.assert_array_equal(np.isnan(drawn.values), np.isnan(values))
    for column in (1, 5):  # listed late, no gaps: each step of the draw is one of its own
        own = np.diff(values[:, column][~np.isnan(values[:, column])])
        steps = np.diff(drawn.values[:, column][~np.isnan(values[:, column])])
        assert np.abs(steps[:, None] - own).min(axis=1).max() < 1e-12


def test_a_symbol_listed_late_moves_with_the_others_on_its_own_days():
    values = random_walks(93, 1_000, 1) + np.zeros((1_000, 2))
    values[:200, 1] = np.nan  # the same walk, listed later
    drawn = null_panel(log_panel(values), seed=2, draw=0).values[200:]
    together = np.isclose(np.diff(drawn[:, 0]), np.diff(drawn[:, 1]), atol=1e-12)
    assert together.mean() == pytest.approx(
        0.8, abs=0.1
    )  # on resampled days of the first 200 it has no move of its own


def test_what_moves_together_still_does_and_cointegration_is_gone():
    rng = np.random.default_rng(84)
    walks = random_walks(84, 1_500, 6)
    values = np.column_stack((walks, walks + 0.02 * rng.normal(size=walks.shape)))
    values[:, 6:] += 0.3 * np.cumsum(0.0 * walks, axis=0)
    panel = log_panel(values)
    real = scan_pairs(panel)
    assert real.n_discoveries >= 6
    drawn = scan_pairs(null_panel(panel, seed=1, draw=0))
    np.testing.assert_allclose(drawn.correlation, real.correlation, atol=0.12)
    assert drawn.n_discoveries <= 1


def test_the_block_length_is_the_median_symbols_or_the_cube_root():
    panel = log_panel(random_walks(85, 1_000, 7))
    assert block_length_for(panel) == pytest.approx(10.0)
    rng = np.random.default_rng(86)
    steps = np.zeros((1_000, 3))
    for t in range(1, 1_000):
        steps[t] = 0.8 * steps[t - 1] + rng.normal(size=3)
    slow = 4.0 + np.cumsum(0.01 * steps, axis=0)
    lengths = [1.0, *(optimal_block_length(np.diff(slow[:, k])) for k in range(3))]
    assert block_length_for(log_panel(slow)) == pytest.approx(np.median(lengths))
    assert np.median(lengths) > 12.0


def test_draws_asked_for_by_nobody_are_bounded_by_the_work():
    assert [default_draws(n) for n in (0, 15, 32_000, 64_000, 124_750, 700_000, 4_498_500)] == [
        *(20, 20, 20, 10, 5),
        *(1, 1),
    ]
    # 200 lags cost 55 times what 27 do, one lag next to nothing
    assert [default_draws(19_900, lag) for lag in (None, 27, 54, 200, 1)] == [20, 20, 8, 1, 20]


def naive_step_down(observed, draws):
    """Romano–Wolf as written: the strongest hypothesis against the maximum over all, then over those left."""
    left = sorted(range(len(observed)), key=lambda k: observed[k])
    found, before = {}, 0.0
    while left:
        strongest = left[0]
        as_low = sum(min(draw[k] for k in left) <= observed[strongest] for draw in draws)
        before = max(before, (1 + as_low) / (1 + len(draws)))
        found[strongest] = before
        left = left[1:]
    return [found[k] for k in range(len(observed))]


def test_the_step_down_by_hand(monkeypatch):
    # lowest of all three: -3.5, -2, -4.5, -3; of the two weaker: -3.5, -1, -2.5, -3; of the last: -1, -1, -2.5, -.5
    observed = np.array([-3.0, -4.0, -1.5])
    draws = iter([[-3.5, -2.0, -1.0], [-1.0, -2.0, -1.0], [-2.0, -4.5, -2.5], [-3.0, 0.0, -0.5]])
    tally = tally_of(monkeypatch, observed, draws, 4)
    # the strongest (-4) is met once: (1+1)/5; the next (-3) twice: 3/5; the last (-1.5) once, but stays at 3/5
    np.testing.assert_allclose(tally.fwer_pvalues(), [0.4, 0.6, 0.6])


def tally_of(monkeypatch, observed, draws, n_draws):
    from titan_core.analysis.cointegration import null

    class Made:
        codes = np.zeros(observed.size)
        n_discoveries = 0
        hypothesis_pvalue = np.ones(observed.size)

    monkeypatch.setattr(null, "scan_pairs", lambda *_, **__: Made())
    monkeypatch.setattr(null, "lowest_statistics", lambda _: np.array(next(draws)))
    panel = log_panel(random_walks(87, 40, 3))
    return scan_null(panel, observed, draws=n_draws, seed=1, n_kept=observed.size)


def test_the_step_down_equals_its_definition(monkeypatch):
    rng = np.random.default_rng(88)
    observed = rng.normal(size=12).round(1)  # ties too
    observed[5] = np.nan
    draws = rng.normal(size=(60, 12)).round(1)
    draws[3, 2] = np.nan  # a pair that can't be tested on a draw finds nothing there
    tally = tally_of(monkeypatch, observed, iter(draws), 60)
    tested = [k for k in np.argsort(observed, kind="stable") if k != 5]
    rows = [{k: np.inf if np.isnan(v := draw[k]) else v for k in tested} for draw in draws]
    values = {k: observed[k] for k in tested}
    expected = naive_step_down([values[k] for k in tested], [[row[k] for k in tested] for row in rows])
    np.testing.assert_allclose(tally.fwer_pvalues(), expected)


def test_counts_are_those_of_the_draws_and_a_run_resumes():
    panel = log_panel(with_gaps(2, stocks(89, 300, 9)))
    options = {"min_overlap": 150, "fdr": "bh", "alpha": 0.3, "trend": "ct", "max_lag": 3}
    observed = lowest_statistics(scan_pairs(panel, **options))
    seen, steps = [], []
    whole = scan_null(
        panel,
        observed,
        draws=4,
        seed=11,
        n_kept=20,
        on_draw=seen.append,
        progress=lambda *at: steps.append(at),
        **options,
    )
    made = [scan_pairs(null_panel(panel, seed=11, draw=k), **options) for k in range(4)]
    assert whole.discoveries == tuple(scan.n_discoveries for scan in made)
    assert whole.nominal == tuple(int((scan.hypothesis_pvalue <= 0.05).sum()) for scan in made)
    assert whole.mean_discoveries == np.mean(whole.discoveries)
    assert [tally.n_draws for tally in seen] == [1, 2, 3, 4]
    assert steps[-1] == (4 * 36, 4 * 36)
    kept = NullTally.from_dict(seen[1].as_dict())
    resumed = scan_null(panel, observed, draws=4, seed=11, n_kept=20, tally=kept, **options)
    assert resumed.as_dict() == whole.as_dict()
    assert whole.exceeded.size == 20


def test_stopping_and_pairs_of_another_scan():
    panel = log_panel(stocks(90, 260, 4))
    with pytest.raises(Cancelled):
        scan_null(panel, np.zeros(6), draws=2, seed=1, should_stop=lambda: True)
    with pytest.raises(InvalidInput, match="observed holds 5 pairs; this scan forms 6"):
        scan_null(panel, np.zeros(5), draws=1, seed=1)
    assert np.isnan(scan_null(panel, np.zeros(6), draws=0, seed=1).mean_discoveries)


def test_family_wise_size_where_there_is_nothing_to_find():
    # 40 markets of 6 walks with a common factor: a false discovery at 10 % in 4 of them on average
    markets, alpha, rejected = 40 * ROUNDS, 0.10, 0
    for market in range(markets):
        rng = np.random.default_rng(9_000 + market)
        factor = np.cumsum(0.01 * rng.normal(size=(300, 1)), axis=0)
        panel = log_panel(random_walks(9_000 + market, 300, 6) + factor)
        observed = lowest_statistics(scan_pairs(panel, max_lag=2))
        tally = scan_null(panel, observed, draws=59, seed=market, n_kept=1, max_lag=2, n_threads=1)
        rejected += int(tally.fwer_pvalues()[0] <= alpha)
    slack = 3.0 * np.sqrt(alpha * (1.0 - alpha) / markets)
    assert rejected / markets <= alpha + slack
    assert rejected > 0


def test_a_real_pair_survives_the_family_wise_correction():
    walks = random_walks(91, 800, 5)
    spread = 0.02 * np.random.default_rng(92).normal(size=800)
    panel = log_panel(np.column_stack((walks, walks[:, 0] + spread)))
    scan = scan_pairs(panel)
    tally = scan_null(panel, lowest_statistics(scan), draws=59, seed=5, n_kept=15)
    pvalues = tally.fwer_pvalues()
    assert pvalues[0] == pytest.approx(1 / 60)
    assert pvalues[1] > 0.05
    assert (np.diff(pvalues) >= 0.0).all()
