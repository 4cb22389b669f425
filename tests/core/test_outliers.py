"""The re-test without influential bars: equal to leaving rows out one by one; jumps are caught, real pairs are not."""

import numpy as np
import pytest
from statsmodels.regression.linear_model import OLS

from tests.core.conftest import log_panel, random_walks, stocks
from tests.core.naive import outliers as naive
from titan_core.analysis import engle_granger, retest_without_outliers, scan_pairs
from titan_core.analysis.cointegration import kernels, mackinnon
from titan_core.data import PricePanel
from titan_core.errors import Cancelled, InvalidInput


def better(scan):
    """Symbols of each pair's better direction, the dependent one first, and its lag."""
    direction = np.argmin(scan.numbers[:, :, 0], axis=1)
    rows = np.arange(direction.size)
    legs = [(scan.symbols[a], scan.symbols[b]) for a, b in zip(scan.first, scan.second, strict=True)]
    pairs = [(a, b) if way == 0 else (b, a) for (a, b), way in zip(legs, direction, strict=True)]
    return pairs, scan.lag[rows, direction]


def in_twos(panel):
    return {symbol: str(i // 2) for i, symbol in enumerate(panel.symbols)}


def retested(values):
    """Columns 2k and 2k+1 as pairs: the scan, the re-test, and which findings at 5 % it strikes out."""
    panel = log_panel(values)
    scan = scan_pairs(panel, families=in_twos(panel))
    again = retest_without_outliers(panel, *better(scan))
    return scan, again, again.crosses(scan.hypothesis_pvalue, 0.05)


def reverting(seed, n_bars, n_pairs, half_life):
    """Columns 2k and 2k+1: a walk plus an AR(1) spread of this half-life, and the walk."""
    rng = np.random.default_rng(seed)
    x = 4.0 + np.cumsum(0.01 * rng.normal(size=(n_bars, n_pairs)), axis=0)
    e = np.zeros((n_bars, n_pairs))
    for t in range(1, n_bars):
        e[t] = 0.5 ** (1.0 / half_life) * e[t - 1] + 0.01 * rng.normal(size=n_pairs)
    return np.stack((x + e, x), axis=2).reshape(n_bars, -1)


@pytest.mark.parametrize("trend", ["n", "c", "ct", "ctt"])
@pytest.mark.parametrize("lag", [0, 1, 5])
def test_equals_leaving_rows_out_one_by_one(trend, lag):
    values = stocks(61, 120, 4)
    panel = log_panel(values)
    again = retest_without_outliers(panel, [("S0", "S1"), ("S3", "S2")], [lag, lag], trend=trend)
    for p, (a, b) in enumerate(((0, 1), (3, 2))):
        statistic, bars = naive.retest(values[:, a], values[:, b], lag, trend)
        np.testing.assert_allclose(again.statistic[p], statistic, rtol=1e-8)
        np.testing.assert_array_equal(again.bars[p], bars)
    expected = np.minimum(1.0, 2.0 * mackinnon.pvalue(again.statistic, trend))
    np.testing.assert_array_equal(again.hypothesis_pvalue, expected)


@pytest.mark.parametrize("lag", [0, 3])
def test_influence_is_dfbetas_as_statsmodels_has_it(lag):
    values = stocks(62, 150, 2)
    residual = engle_granger(values[:, 0], values[:, 1]).residual
    weights = np.full(150, np.nan)
    assert kernels.influence(residual, lag, weights)
    right, columns, bars = naive.regression(values[:, 0], values[:, 1], lag, "c")
    theirs = OLS(right, columns).fit().get_influence().dfbetas[:, 0]
    np.testing.assert_allclose(weights[bars], theirs, rtol=1e-7, atol=1e-10)
    assert not weights[: lag + 1].any()


def test_no_bar_left_out_is_the_test_itself():
    values = stocks(63, 300, 2)
    test = engle_granger(values[:, 0], values[:, 1])
    none = np.empty(0, dtype=np.int64)
    again = kernels.dickey_fuller_without(test.residual, test.lag, none)
    np.testing.assert_allclose(again, test.statistic, rtol=1e-9)


def test_a_single_jump_that_fakes_cointegration_is_caught():
    # independent walks; one leg stands 38 % lower from its eleventh bar on: a spin-off that was missed
    walks = random_walks(64, 1_000, 400)
    innocent = retested(walks)[0]
    jumped = walks.copy()
    jumped[:10, ::2] -= np.log(0.62)
    scan, again, driven = retested(jumped)
    faked = (scan.hypothesis_pvalue <= 0.05) & (innocent.hypothesis_pvalue > 0.2)
    assert faked.sum() >= 80  # most of them look cointegrated now
    assert driven[faked].mean() >= 0.9
    assert (again.bars[faked & driven] == 10).any(axis=1).mean() >= 0.95


def test_pairs_that_revert_are_left_alone():
    for half_life, n_bars, allowed in ((5, 500, 0.02), (10, 1_000, 0.01), (20, 2_520, 0.005)):
        scan, _, driven = retested(reverting(65, n_bars, 300, half_life))
        found = scan.hypothesis_pvalue <= 0.05
        assert found.mean() > 0.95
        assert driven[found].mean() <= allowed


def test_a_bad_print_does_not_cost_a_real_pair_its_place():
    values = reverting(66, 1_000, 200, 10)
    rng = np.random.default_rng(67)
    values[rng.integers(50, 950, 200), 2 * np.arange(200)] += 0.1
    scan, _, driven = retested(values)
    found = scan.hypothesis_pvalue <= 0.05
    assert found.mean() > 0.95
    assert driven[found].mean() <= 0.01


def test_bars_are_rows_of_the_panel_and_only_common_ones_count():
    values = stocks(68, 200, 2)
    sparse = np.full((400, 2), np.nan)
    sparse[::2] = values
    sparse[1::4, 0] = 3.0  # bars of one leg only
    plain = retest_without_outliers(log_panel(values), [("S0", "S1")], [2])
    spread = retest_without_outliers(log_panel(sparse), [("S0", "S1")], [2])
    np.testing.assert_array_equal(spread.statistic, plain.statistic)
    np.testing.assert_array_equal(spread.bars, 2 * plain.bars)


def test_what_cannot_be_tested_again_crosses():
    values = random_walks(69, 300, 2)
    values = np.column_stack((values, 2.0 * values[:, 0], np.where(np.arange(300) < 292, np.nan, 1.0)))
    again = retest_without_outliers(log_panel(values), [("S2", "S0"), ("S3", "S0")], [0, 1])
    assert np.isnan(again.statistic).all()
    assert (again.bars == -1).all()
    np.testing.assert_array_equal(again.crosses([0.01, 0.2], 0.05), [True, False])


def test_crossing_is_from_at_most_alpha_to_above_it():
    panel = log_panel(stocks(70, 260, 2))
    again = retest_without_outliers(panel, [("S0", "S1")], [1])
    p = float(again.hypothesis_pvalue[0])
    assert again.crosses([p / 2], p).tolist() == [False]
    assert again.crosses([p / 2], p * 0.99).tolist() == [True]
    assert again.crosses([p], p * 0.99).tolist() == [False]


def test_threads_pairs_and_progress_do_not_change_anything():
    panel = log_panel(stocks(71, 260, 12))
    scan = scan_pairs(panel)
    seen = []
    one, many = (
        retest_without_outliers(panel, *better(scan), n_threads=n, progress=lambda *at: seen.append(at))
        for n in (1, 3)
    )
    assert one.statistic.tobytes() == many.statistic.tobytes()
    assert seen[-1] == (66, 66)
    with pytest.raises(Cancelled):
        retest_without_outliers(panel, *better(scan), should_stop=lambda: True)
    assert retest_without_outliers(panel, [], []).bars.shape == (0, 3)


def test_unknown_symbols_and_odd_lags_are_refused():
    panel = PricePanel(("A", "B"), log_panel(stocks(72, 60, 2)).timestamps, stocks(72, 60, 2))
    with pytest.raises(InvalidInput, match="no C"):
        retest_without_outliers(panel, [("A", "C")], [1])
    with pytest.raises(InvalidInput, match="one lag order for each of 1 pairs"):
        retest_without_outliers(panel, [("A", "B")], [1, 2])
    with pytest.raises(InvalidInput, match="trend must be one of"):
        retest_without_outliers(panel, [("A", "B")], [1], trend="t")
