"""One pair: equal to statsmodels in every option, and clear about what it can't test."""

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from statsmodels.tsa.stattools import adfuller, coint

from tests.core.conftest import cointegrated_pair, price_path, random_walks, stocks
from tests.core.naive import cointegration as naive
from titan_core.analysis import engle_granger
from titan_core.analysis.cointegration.engle_granger import AUTOLAGS, TRENDS
from titan_core.errors import CollinearSeries, DegenerateSeries, InvalidInput, TooFewBars


def assert_equals_statsmodels(y, x, trend="c", max_lag=None, autolag="aic"):
    ours = engle_granger(y, x, trend=trend, max_lag=max_lag, autolag=autolag)
    statistic, pvalue, critical = coint(y, x, trend=trend, maxlag=max_lag, autolag=autolag)
    lag = adfuller(ours.residual, maxlag=max_lag, autolag=autolag, regression="n", result_object=False)[2]
    assert ours.lag == lag
    assert abs(ours.statistic - statistic) <= 1e-8 * max(1.0, abs(statistic))
    np.testing.assert_allclose(ours.pvalue, pvalue, rtol=1e-6, atol=1e-12)
    np.testing.assert_allclose(list(ours.critical_values.values()), critical, rtol=1e-13)


@pytest.mark.parametrize(("trend", "autolag"), list(itertools.product(TRENDS, AUTOLAGS)))
@pytest.mark.parametrize("max_lag", [None, 0, 5])
def test_equals_statsmodels(trend, autolag, max_lag):
    values = stocks(11, 260, 5)
    for a, b in ((0, 1), (3, 2), (4, 0)):
        assert_equals_statsmodels(values[:, a], values[:, b], trend, max_lag, autolag)


@pytest.mark.parametrize("trend", TRENDS)
def test_equals_statsmodels_on_ten_years(trend):
    values = stocks(12, 2_520, 2)
    assert_equals_statsmodels(values[:, 0], values[:, 1], trend)


@given(cointegrated_pair(), st.sampled_from(TRENDS), st.sampled_from(AUTOLAGS))
def test_equals_statsmodels_whatever_the_scale(pair, trend, autolag):
    assert_equals_statsmodels(pair.y, pair.x, trend, None, autolag)


@given(cointegrated_pair(), st.sampled_from(TRENDS), st.sampled_from(AUTOLAGS))
def test_equals_the_naive_form(pair, trend, autolag):
    ours, theirs = (
        f(pair.y, pair.x, trend=trend, autolag=autolag) for f in (engle_granger, naive.engle_granger)
    )
    assert ours.lag == theirs["lag"]
    assert ours.n_obs == theirs["n_obs"]
    for name in ("statistic", "hedge_ratio", "intercept"):
        np.testing.assert_allclose(
            getattr(ours, name), theirs[name], rtol=1e-7, atol=1e-9 * np.abs(pair.y).max()
        )


@given(cointegrated_pair(), st.floats(0.01, 100.0), st.floats(-50.0, 50.0))
def test_units_and_origin_do_not_matter(pair, scale, shift):
    plain = engle_granger(pair.y, pair.x)
    moved = engle_granger(scale * pair.y + shift, pair.x - shift)
    np.testing.assert_allclose(moved.statistic, plain.statistic, rtol=1e-7)
    np.testing.assert_allclose(moved.hedge_ratio, scale * plain.hedge_ratio, rtol=1e-9)
    assert moved.lag == plain.lag


@given(cointegrated_pair(), st.sampled_from(TRENDS))
def test_the_residual_is_what_the_coefficients_leave(pair, trend):
    test = engle_granger(pair.y, pair.x, trend=trend)
    t = np.arange(1.0, pair.y.size + 1)
    fitted = test.hedge_ratio * pair.x + np.vander(t, 3, increasing=True) @ test.trend_coefficients
    np.testing.assert_allclose(test.residual, pair.y - fitted, atol=1e-8 * np.abs(pair.y).max())
    assert test.intercept == test.trend_coefficients[0]
    assert abs(test.residual @ pair.x) <= 1e-8 * np.linalg.norm(test.residual) * np.linalg.norm(pair.x)


def test_a_textbook_cointegrated_pair_is_found_and_a_random_one_is_not():
    walks = random_walks(1, 1_000, 2)
    noise = 0.02 * np.random.default_rng(2).normal(size=1_000)
    assert engle_granger(1.5 * walks[:, 0] + noise, walks[:, 0]).pvalue < 1e-6
    assert engle_granger(walks[:, 0], walks[:, 1]).pvalue > 0.05


def test_near_collinear_pairs_keep_their_digits():
    # R² up to the limit of collinearity: statsmodels' own digits end with the conditioning, so the tolerance follows
    x = random_walks(3, 400, 1)[:, 0]
    rng = np.random.default_rng(4)
    for size in (1e-3, 1e-4, 2.5e-5):
        y = 0.7 * x + 1.0 + size * 5.0 * rng.normal(size=x.size)
        assert_equals_statsmodels(y, x)


@pytest.mark.parametrize("trend", TRENDS)
def test_collinear_legs_are_refused(trend):
    x = random_walks(5, 300, 1)[:, 0]
    with pytest.raises(CollinearSeries, match="same series"):
        engle_granger(2.0 * x + (0.0 if trend == "n" else 1.0), x, trend=trend)
    with pytest.raises(CollinearSeries):
        engle_granger(x, x, trend=trend)


@pytest.mark.parametrize("trend", TRENDS)
def test_constant_legs_are_refused(trend):
    x, flat = random_walks(5, 300, 1)[:, 0], np.full(300, 4.7)
    for y, other in ((flat, x), (x, flat), (np.zeros(300), x)):
        with pytest.raises(DegenerateSeries, match="does not move"):
            engle_granger(y, other, trend=trend)


def test_a_leg_that_is_only_trend_is_refused():
    x, line = random_walks(5, 300, 1)[:, 0], 3.0 + 0.01 * np.arange(300)
    with pytest.raises(DegenerateSeries, match="only follows the trend"):
        engle_granger(x, line, trend="ct")
    assert np.isfinite(engle_granger(x, line, trend="c").statistic)


def test_a_residual_that_repeats_itself_is_refused():
    x = np.tile([0.0, 1.0, 0.0, -1.0], 50)
    y = np.tile([1.0, 0.0, -1.0, 0.0], 50)
    with pytest.raises(DegenerateSeries, match="repeats itself"):
        engle_granger(y, x)


def test_too_few_bars_are_counted_in_the_message():
    y, x = random_walks(6, 20, 2).T
    with pytest.raises(TooFewBars, match="20 bars; lags up to 9 need 21"):
        engle_granger(y, x)
    with pytest.raises(TooFewBars, match="lags up to 30 need 63"):
        engle_granger(y, x, max_lag=30)
    assert np.isfinite(engle_granger(y, x, max_lag=2).statistic)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"trend": "t"}, "trend must be one of"),
        ({"autolag": "hqic"}, "autolag must be one of"),
        ({"max_lag": -1}, "max_lag must be at least 0"),
        ({"max_lag": 2.5}, "max_lag must be a whole number"),
    ],
)
def test_unknown_options_are_refused(options, words):
    y, x = random_walks(6, 60, 2).T
    with pytest.raises(InvalidInput, match=words):
        engle_granger(y, x, **options)


@given(price_path(30, 60))
def test_missing_bars_are_named(path):
    broken = path.copy()
    broken[7] = np.nan
    with pytest.raises(InvalidInput, match=r"y holds 1 missing .* position 7"):
        engle_granger(broken, path)


def test_bic_counts_the_observations_all_orders_share():
    # with 45 bars ln(35) and ln(45) choose differently for three of these
    values = stocks(53, 45, 60)
    for k in range(0, 60, 2):
        assert_equals_statsmodels(values[:, k], values[:, k + 1], autolag="bic")
