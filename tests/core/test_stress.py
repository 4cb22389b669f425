"""Monte Carlo of a run, permutation tests, and the paired test of two Sharpe ratios."""

import math
from itertools import permutations, product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from titan_core.backtesting.comparison import compare_sharpe_ratios
from titan_core.backtesting.metrics import maximum_drawdown, sharpe_ratio
from titan_core.backtesting.stress import resampled_bars, shuffled_trades
from titan_core.errors import Cancelled, DegenerateSeries, InvalidInput, TooFewBars
from titan_core.statistics import circular_indices, stationary_counts, stationary_indices
from titan_core.statistics.permutation import (
    circular_shifts,
    label_permutation,
    permutation_pvalue,
    sign_flip,
)


def rng(seed=0):
    return np.random.default_rng(seed)


def test_bands_are_quantiles_of_paths_and_figures_those_of_metrics():
    returns = 0.01 * rng(1).standard_t(5, 300) + 0.0005
    stress = resampled_bars(
        returns, capital=1_000.0, periods_per_year=252, generator=rng(2), n_paths=64, block_length=5.0
    )
    generator = rng(2)
    paths = [returns[stationary_indices(300, 5.0, generator)] for _ in range(64)]
    curves = np.array([1_000.0 * np.concatenate(([1.0], np.cumprod(1.0 + path))) for path in paths])
    np.testing.assert_allclose(
        stress.bands, np.quantile(curves, stress.levels, axis=0)[:, stress.at], rtol=1e-9
    )
    np.testing.assert_allclose(
        stress.maximum_drawdown, [maximum_drawdown(c).value for c in curves], rtol=1e-9
    )
    np.testing.assert_allclose(stress.sharpe_ratio, [sharpe_ratio(p, 252).value for p in paths], rtol=1e-9)
    np.testing.assert_allclose(stress.total_return, curves[:, -1] / 1_000.0 - 1.0, rtol=1e-9, atol=1e-12)
    assert (stress.at[0], stress.at[-1]) == (0, 300)
    assert stress.quantiles("sharpe_ratio")[0.5] == pytest.approx(np.median(stress.sharpe_ratio))
    assert stress.n_paths == 64
    assert stress.ruin_share == 0.0


def test_the_spread_of_bootstrapped_ratios_is_the_ratios_error():
    returns = 0.01 * rng(3).normal(size=1_000) + 0.0005
    stress = resampled_bars(returns, capital=1.0, periods_per_year=252, generator=rng(4), n_paths=600)
    assert stress.sharpe_ratio.std() == pytest.approx(sharpe_ratio(returns, 252).standard_error, rel=0.15)


@given(st.integers(0, 2**32 - 1), st.integers(2, 40))
def test_shuffling_keeps_the_sum_and_only_the_order_matters(seed, n):
    pnl = 10.0 * rng(seed).normal(size=n)
    stress = shuffled_trades(pnl, capital=1_000.0, generator=rng(seed), n_paths=20)
    np.testing.assert_allclose(stress.total_return, pnl.sum() / 1_000.0, rtol=1e-9, atol=1e-12)
    np.testing.assert_allclose(stress.bands[:, -1], 1_000.0 + pnl.sum())
    losses_first = np.sort(pnl)
    worst = maximum_drawdown(1_000.0 + np.concatenate(([0.0], np.cumsum(losses_first)))).value
    assert stress.maximum_drawdown.max() <= max(worst, stress.observed_drawdown) + 0.05
    assert 0.0 <= stress.drawdown_share <= 1.0


def test_shuffled_drawdowns_are_those_of_all_orders():
    pnl = np.array([30.0, -20.0, 10.0, -25.0, 5.0])
    all_orders = [
        maximum_drawdown(100.0 + np.concatenate(([0.0], np.cumsum(order)))).value
        for order in permutations(pnl)
    ]
    stress = shuffled_trades(pnl, capital=100.0, generator=rng(5), n_paths=4_000)
    assert stress.maximum_drawdown.mean() == pytest.approx(np.mean(all_orders), rel=0.02)
    assert set(np.round(stress.maximum_drawdown, 9)) == set(np.round(all_orders, 9))


def test_ruin_is_counted_and_final():
    ruin = np.full(40, 0.01)
    ruin[3] = -1.5
    stress = resampled_bars(ruin, capital=1.0, periods_per_year=252, generator=rng(6), n_paths=200)
    assert stress.ruin_share == pytest.approx(np.mean(stress.total_return == -1.0))
    assert 0.3 < stress.ruin_share < 0.9
    broke = shuffled_trades([-80.0, 90.0, -80.0, 90.0], capital=100.0, generator=rng(7), n_paths=300)
    assert broke.ruin_share == pytest.approx(1 / 6, abs=0.08)


def test_stress_is_the_same_for_the_same_state_and_stops_when_asked():
    returns = 0.01 * rng(8).normal(size=100)
    first, again = (
        resampled_bars(returns, capital=1.0, periods_per_year=252, generator=rng(9), n_paths=70, progress=p)
        for p in (None, lambda done, total: None)
    )
    np.testing.assert_array_equal(first.bands, again.bands)
    with pytest.raises(Cancelled):
        resampled_bars(returns, capital=1.0, periods_per_year=252, generator=rng(9), should_stop=lambda: True)
    with pytest.raises(InvalidInput, match="capital"):
        shuffled_trades([1.0, 2.0], capital=0.0, generator=rng())
    with pytest.raises(InvalidInput, match="no distribution"):
        first.quantiles("bands")
    flat = resampled_bars(np.zeros(30), capital=1.0, periods_per_year=252, generator=rng(), n_paths=5)
    assert np.isnan(flat.sharpe_ratio).all()
    assert math.isnan(flat.quantiles("sharpe_ratio")[0.5])


# --- permutation


def test_exact_sign_flips_equal_all_patterns_and_scipy():
    x = rng(10).normal(size=9) + 0.5
    found = sign_flip(x, generator=rng(), n_draws=9_999, alternative="greater")
    patterns = np.array(list(product((1.0, -1.0), repeat=9))) @ x / 9
    assert found.exact
    assert found.pvalue == pytest.approx((patterns >= x.mean() - 1e-12).mean())
    theirs = stats.permutation_test(
        (x,),
        lambda v, axis: v.mean(axis=axis),
        permutation_type="samples",
        alternative="greater",
        n_resamples=np.inf,
    )
    assert found.pvalue == pytest.approx(theirs.pvalue)


def test_drawn_permutations_are_near_the_t_test():
    x, y = rng(11).normal(size=60) + 0.25, rng(12).normal(size=50)
    found = sign_flip(x, generator=rng(13), n_draws=4_000)
    assert not found.exact
    assert found.pvalue == pytest.approx(stats.ttest_1samp(x, 0.0).pvalue, abs=0.02)
    found = label_permutation(x, y, generator=rng(14), n_draws=2_000)
    assert found.pvalue == pytest.approx(stats.ttest_ind(x, y).pvalue, abs=0.03)
    less = label_permutation(x, y, generator=rng(14), n_draws=500, alternative="less")
    assert less.pvalue > 0.5


def test_permutation_p_values_are_uniform_under_the_null():
    generator = rng(15)
    p = [
        sign_flip(generator.standard_t(3, 25), generator=generator, n_draws=199, alternative="greater").pvalue
        for _ in range(400)
    ]
    assert stats.kstest(p, "uniform").statistic < 0.07
    assert permutation_pvalue(1.0, [0.0, 2.0, 1.0]) == 0.75
    assert permutation_pvalue(-3.0, [0.0, 2.0, 1.0], "two-sided") == 0.25
    with pytest.raises(InvalidInput, match="alternative"):
        permutation_pvalue(1.0, [0.0], "bigger")


def test_shifts_are_different_and_keep_their_distance():
    shifts = circular_shifts(300, 199, rng(16), smallest=20)
    assert len(set(shifts.tolist())) == 199
    assert shifts.min() >= 20
    assert shifts.max() <= 280
    with pytest.raises(TooFewBars):
        circular_shifts(100, 199, rng(), smallest=5)


def test_counts_are_those_of_the_indices_and_circular_blocks_run_on():
    counts = stationary_counts(40, 4.0, 3, rng(17))
    generator = rng(17)
    for row in counts:
        np.testing.assert_array_equal(row, np.bincount(stationary_indices(40, 4.0, generator), minlength=40))
    rows = circular_indices(23, 5, rng(18))
    assert rows.size == 23
    for at in range(0, 20, 5):
        np.testing.assert_array_equal(np.diff(rows[at : at + 5]) % 23, 1)
    with pytest.raises(InvalidInput, match="more than"):
        circular_indices(4, 5, rng())


# --- two Sharpe ratios


@pytest.mark.parametrize("means", [(0.1, 0.05), (1.5, 0.7)])
def test_the_standard_error_is_the_delta_methods(means):
    generator = rng(19)
    x = generator.multivariate_normal(means, [[1.0, 0.6], [0.6, 2.0]], size=4_000)
    found = compare_sharpe_ratios(x[:, 0], x[:, 1], periods_per_year=1, generator=generator, n_draws=99)
    s1, s2 = (v.mean() / v.std() for v in x.T)
    rho = np.corrcoef(x.T)[0, 1]
    # Jobson & Korkie (1981) as corrected by Memmel (2003), for normal returns
    memmel = (2.0 - 2.0 * rho + 0.5 * (s1**2 + s2**2 - 2.0 * s1 * s2 * rho**2)) / 4_000
    assert found.difference == pytest.approx(s1 - s2)
    assert found.standard_error == pytest.approx(math.sqrt(memmel), rel=0.06)
    assert found.low < found.difference < found.high
    yearly = compare_sharpe_ratios(x[:, 0], x[:, 1], periods_per_year=252, generator=rng(1), n_draws=99)
    assert yearly.difference == pytest.approx(found.difference * math.sqrt(252))


def test_size_and_power_of_the_paired_test():
    generator = rng(20)
    rejected, powerful = [], []
    for _ in range(120):
        common = generator.standard_t(5, 500)
        a, b = (0.05 + common + generator.standard_t(5, 500) for _ in range(2))
        rejected.append(
            compare_sharpe_ratios(a, b, periods_per_year=252, generator=generator, n_draws=199).pvalue
        )
        powerful.append(
            compare_sharpe_ratios(a + 0.25, b, periods_per_year=252, generator=generator, n_draws=199).pvalue
        )
    assert np.count_nonzero(np.array(rejected) <= 0.05) <= stats.binom.ppf(0.995, 120, 0.05)
    assert np.mean(np.array(powerful) <= 0.05) > 0.6


def test_runs_that_can_not_be_compared_are_refused():
    x = rng(21).normal(size=100)
    with pytest.raises(DegenerateSeries, match="same returns"):
        compare_sharpe_ratios(x, 2.0 * x, periods_per_year=252, generator=rng())
    with pytest.raises(DegenerateSeries, match="second run does not move"):
        compare_sharpe_ratios(x, np.zeros(100), periods_per_year=252, generator=rng())
    with pytest.raises(InvalidInput, match="bars both have"):
        compare_sharpe_ratios(x, x[:-1], periods_per_year=252, generator=rng())
