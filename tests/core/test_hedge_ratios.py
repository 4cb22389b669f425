"""Hedge ratios and the Ornstein–Uhlenbeck fit: statsmodels, scipy, plain loops, known processes, causality."""

import math

import numpy as np
import pytest
import statsmodels.api as sm
from hypothesis import given
from hypothesis import strategies as st

from tests.core.conftest import cointegrated_pair, price_path
from titan_core.analysis.spreads import (
    fit_ornstein_uhlenbeck,
    half_life,
    hedge_ols,
    hedge_tls,
    rolling_hedge,
)
from titan_core.errors import DegenerateSeries, InvalidInput, TooFewBars


@given(cointegrated_pair())
def test_least_squares_equals_statsmodels(pair):
    ours, theirs = hedge_ols(pair.y, pair.x), sm.OLS(pair.y, sm.add_constant(pair.x)).fit()
    assert ours.hedge_ratio == pytest.approx(theirs.params[1], rel=1e-7)
    assert ours.standard_error == pytest.approx(theirs.bse[1], rel=1e-6)
    assert ours.intercept == pytest.approx(theirs.params[0], rel=1e-6, abs=1e-7 * np.abs(pair.y).max())


def test_total_least_squares_is_the_first_principal_axis():
    rng = np.random.default_rng(4)
    for slope in (0.4, 1.0, 2.5, -1.3):
        truth = np.cumsum(rng.normal(size=400))
        x, y = truth + 0.5 * rng.normal(size=400), 1.0 + slope * truth + 0.5 * rng.normal(size=400)
        points = np.column_stack([x - x.mean(), y - y.mean()])
        axis = np.linalg.svd(points, full_matrices=False)[2][0]
        ours = hedge_tls(y, x)
        assert ours.hedge_ratio == pytest.approx(axis[1] / axis[0], rel=1e-9)
        assert ours.intercept == pytest.approx(y.mean() - ours.hedge_ratio * x.mean(), rel=1e-9)


@given(cointegrated_pair())
def test_total_least_squares_does_not_care_which_leg_is_first(pair):
    ratio = hedge_tls(pair.y, pair.x).hedge_ratio
    assert hedge_tls(pair.x, pair.y).hedge_ratio == pytest.approx(1.0 / ratio, rel=1e-6)


@given(cointegrated_pair(), st.integers(3, 30), st.integers(1, 10), st.floats(0.5, 2.0))
def test_rolling_is_least_squares_of_each_window_and_knows_no_future(pair, window, k, factor):
    rolled = rolling_hedge(pair.y, pair.x, window)
    assert np.isnan(rolled.hedge_ratio[: window - 1]).all()
    for t in (window - 1, pair.y.size - 1):
        part = slice(t - window + 1, t + 1)
        alone = hedge_ols(pair.y[part], pair.x[part])
        assert (rolled.hedge_ratio[t], rolled.intercept[t]) == (alone.hedge_ratio, alone.intercept)
    y = pair.y.copy()
    y[-k:] *= factor
    np.testing.assert_array_equal(rolling_hedge(y, pair.x, window).hedge_ratio[:-k], rolled.hedge_ratio[:-k])


def test_rolling_has_no_value_where_a_window_lacks_a_bar_or_does_not_move():
    y, x = np.random.default_rng(0).normal(size=(2, 30)).cumsum(axis=1)
    y[10] = np.nan
    x[20:] = 3.0
    missing = np.flatnonzero(np.isnan(rolling_hedge(y, x, 5).hedge_ratio))
    np.testing.assert_array_equal(missing, [*range(4), *range(10, 15), *range(24, 30)])


def ornstein_uhlenbeck(rng, n, *, speed, mean, volatility):
    root = math.exp(-speed)
    deviation = volatility * math.sqrt((1.0 - root**2) / (2.0 * speed))
    s = np.empty(n)
    s[0] = mean + volatility / math.sqrt(2.0 * speed) * rng.normal()
    for t in range(1, n):
        s[t] = mean + root * (s[t - 1] - mean) + deviation * rng.normal()
    return s


def test_the_fit_recovers_a_known_process_and_its_errors_are_honest():
    rng = np.random.default_rng(9)
    truth = {"speed": 0.08, "mean": 2.0, "volatility": 0.3}
    fits = [fit_ornstein_uhlenbeck(ornstein_uhlenbeck(rng, 2_500, **truth)) for _ in range(250)]
    assert all(fit.reverts for fit in fits)
    for name, value in {**truth, "half_life": math.log(2.0) / 0.08}.items():
        found = np.array([getattr(fit, name) for fit in fits])
        errors = np.array([getattr(fit, f"{name}_error") for fit in fits])
        assert found.mean() == pytest.approx(value, rel=0.06), name
        # the spread of estimates over draws is what the errors promise, within sampling
        assert found.std() == pytest.approx(errors.mean(), rel=0.2), name
        covered = np.mean(np.abs(found - value) <= 1.96 * errors)
        assert covered >= 0.88, (name, covered)
    assert np.mean([fit.stationary_deviation for fit in fits]) == pytest.approx(0.75, rel=0.03)


@given(price_path())
def test_half_life_agrees_with_the_other_estimate(path):
    fit = fit_ornstein_uhlenbeck(path)
    assert fit.half_life == pytest.approx(half_life(path), rel=1e-6)
    regression = sm.OLS(path[1:], sm.add_constant(path[:-1])).fit()
    assert fit.slope_error == pytest.approx(regression.bse[1], rel=1e-5)


def test_the_error_of_the_mean_is_the_delta_methods():
    rng = np.random.default_rng(12)
    path = np.empty(120)
    path[0] = 40.0  # starts far out, so that bars are no sample of the mean and φ matters to it
    for t in range(1, 120):
        path[t] = 1.0 + 0.97 * (path[t - 1] - 1.0) + rng.normal()
    fit = sm.OLS(path[1:], sm.add_constant(path[:-1])).fit()
    c, phi = fit.params
    gradient = np.array([1.0 / (1.0 - phi), c / (1.0 - phi) ** 2])
    error = math.sqrt(gradient @ fit.cov_params() @ gradient)
    found = fit_ornstein_uhlenbeck(path)
    assert found.mean == pytest.approx(c / (1.0 - phi), rel=1e-8)
    assert found.mean_error == pytest.approx(error, rel=1e-6)


def test_the_edges_of_reversion():
    explosive = fit_ornstein_uhlenbeck(1.1 ** np.arange(40) + 0.01 * np.random.default_rng(0).normal(size=40))
    assert not explosive.reverts
    assert (explosive.half_life, explosive.speed) == (math.inf, 0.0)
    assert math.isnan(explosive.mean)
    hopping = fit_ornstein_uhlenbeck(
        np.tile([1.0, -1.0], 30) + 0.1 * np.random.default_rng(0).normal(size=60)
    )
    assert (hopping.half_life, hopping.speed) == (0.0, math.inf)
    assert hopping.mean == pytest.approx(0.0, abs=0.1)


def test_what_makes_no_sense_is_refused():
    line = np.arange(30.0)
    with pytest.raises(TooFewBars):
        fit_ornstein_uhlenbeck(line[:9])
    with pytest.raises(DegenerateSeries, match="constant"):
        fit_ornstein_uhlenbeck(np.full(30, 0.1))
    with pytest.raises(DegenerateSeries, match="exactly"):
        fit_ornstein_uhlenbeck(line)
    with pytest.raises(DegenerateSeries, match="does not move"):
        hedge_ols(line, np.ones(30))
    with pytest.raises(DegenerateSeries, match="does not move"):
        hedge_tls(line, np.ones(30))
    with pytest.raises(DegenerateSeries, match="uncorrelated"):
        hedge_tls([1.0, -1.0, 1.0, -1.0], [1.0, 1.0, -1.0, -1.0])
    with pytest.raises(InvalidInput, match="at least 3"):
        rolling_hedge(line, line, 2)
