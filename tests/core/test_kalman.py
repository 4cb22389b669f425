"""The Kalman filter of a pair: against statsmodels, least squares, its own truth; causal; batch = updates."""

import math

import numpy as np
import pytest
import statsmodels.api as sm
from hypothesis import given
from hypothesis import strategies as st
from statsmodels.tsa.statespace.kalman_filter import KalmanFilter

from tests.core.conftest import cointegrated_pair
from titan_core.analysis.spreads import (
    KalmanNoise,
    KalmanState,
    diffuse_state,
    fit_kalman_noise,
    kalman_filter,
    kalman_update,
)
from titan_core.errors import DegenerateSeries, InvalidInput, TooFewBars


def drifting_pair(seed, n, *, observation=1e-4, intercept=0.0, slope=4e-6):
    rng = np.random.default_rng(seed)
    x = 4.0 + np.cumsum(0.01 * rng.normal(size=n))
    beta = 1.0 + np.cumsum(math.sqrt(slope) * rng.normal(size=n))
    alpha = 0.3 + np.cumsum(math.sqrt(intercept) * rng.normal(size=n))
    return alpha + beta * x + math.sqrt(observation) * rng.normal(size=n), x


def test_filter_equals_that_of_statsmodels():
    y, x = drifting_pair(1, 300)
    y[40], x[90] = np.nan, np.nan
    noise = KalmanNoise(1e-4, 2e-6, 3e-6)
    path = kalman_filter(y, x, noise=noise, initial=KalmanState(0.1, 0.9, (0.5, 0.1, 0.4)))
    seen = np.where(np.isnan(x), np.nan, y)
    design = np.stack([np.ones(300), np.nan_to_num(x)])[None]
    theirs = KalmanFilter(k_endog=1, k_states=2)
    theirs.bind(seen)
    theirs["design"], theirs["transition"], theirs["selection"] = design, np.eye(2), np.eye(2)
    theirs["obs_cov"], theirs["state_cov"] = np.array([[1e-4]]), np.diag([2e-6, 3e-6])
    prior = np.array([[0.5, 0.1], [0.1, 0.4]]) + np.diag([2e-6, 3e-6])  # theirs predicts after, ours before
    theirs.initialize_known(np.array([0.1, 0.9]), prior)
    result = theirs.filter()
    held = ~np.isnan(seen)
    np.testing.assert_allclose(path.hedge_ratio, result.predicted_state[1, :-1], rtol=1e-9)
    np.testing.assert_allclose(path.intercept, result.predicted_state[0, :-1], rtol=1e-7, atol=1e-10)
    np.testing.assert_allclose(path.innovation[held], result.forecasts_error[0, held], rtol=1e-7, atol=1e-11)
    np.testing.assert_allclose(path.variance[held], result.forecasts_error_cov[0, 0, held], rtol=1e-8)
    assert np.isnan(path.z_score[[40, 90]]).all()
    assert np.isfinite(path.z_score[held]).all()


def test_without_steps_it_is_recursive_least_squares():
    y, x = drifting_pair(2, 200, slope=0.0)
    state = kalman_filter(y, x, noise=KalmanNoise(1.0, 0.0, 0.0)).state
    fit = sm.OLS(y, sm.add_constant(x)).fit()
    np.testing.assert_allclose([state.intercept, state.hedge_ratio], fit.params, rtol=1e-3)


@given(cointegrated_pair(), st.floats(-8.0, 0.0), st.integers(0, 20))
def test_batch_is_the_loop_over_updates(pair, log_ratio, missing):
    noise = KalmanNoise(1.0, 0.1 * 10.0**log_ratio, 10.0**log_ratio)
    y = pair.y.copy()
    y[missing] = np.nan
    path = kalman_filter(y, pair.x, noise=noise)
    state = diffuse_state(noise)
    for t in range(y.size):
        assert (state.intercept, state.hedge_ratio) == (path.intercept[t], path.hedge_ratio[t])
        state, innovation, variance = kalman_update(state, y[t], pair.x[t], noise)
        np.testing.assert_array_equal([innovation, variance], [path.innovation[t], path.variance[t]])
    assert state == path.state
    assert state.covariance[0] >= 0.0
    assert state.covariance[2] >= 0.0


@given(cointegrated_pair(), st.integers(1, 15), st.floats(0.5, 2.0))
def test_neither_path_nor_fit_knows_the_future(pair, k, factor):
    cut = pair.y.size - k
    noise = fit_kalman_noise(pair.y, pair.x, fit_end=cut - 1)
    y, x = pair.y.copy(), pair.x.copy()
    y[cut:], x[cut:] = factor * y[cut:] + 1.0, x[cut:] / factor
    assert fit_kalman_noise(y, x, fit_end=cut - 1) == noise
    path, other = kalman_filter(pair.y, pair.x, noise=noise), kalman_filter(y, x, noise=noise)
    np.testing.assert_array_equal(path.z_score[:cut], other.z_score[:cut])
    np.testing.assert_array_equal(path.hedge_ratio[: cut + 1], other.hedge_ratio[: cut + 1])


def test_fitted_noise_is_near_the_truth_and_at_the_top_of_the_likelihood():
    slopes, observations = [], []
    for seed in range(12):
        y, x = drifting_pair(10 + seed, 1_500)
        noise = fit_kalman_noise(y, x, fit_end=1_499)
        slopes.append(noise.slope)
        observations.append(noise.observation)
        assert noise.n_obs == 1_500
    assert np.median(slopes) == pytest.approx(4e-6, rel=0.25)
    assert np.median(observations) == pytest.approx(1e-4, rel=0.05)
    likelihood = noise.log_likelihood
    path = kalman_filter(y, x, noise=noise)
    z, variance = path.z_score[2:], path.variance[2:]
    recomputed = -0.5 * (np.log(2.0 * np.pi * variance) + z**2).sum()
    assert likelihood == pytest.approx(recomputed, rel=1e-6)
    for factor in (0.5, 2.0):
        worse = KalmanNoise(noise.observation, noise.intercept, noise.slope * factor)
        z, variance = (
            kalman_filter(y, x, noise=worse).z_score[2:],
            kalman_filter(y, x, noise=worse).variance[2:],
        )
        assert -0.5 * (np.log(2.0 * np.pi * variance) + z**2).sum() < likelihood
    assert path.z_score[20:].std() == pytest.approx(1.0, abs=0.05)


def test_what_makes_no_sense_is_refused():
    y, x = drifting_pair(3, 60)
    with pytest.raises(TooFewBars, match="19 bars"):
        fit_kalman_noise(y, x, fit_end=18)
    with pytest.raises(InvalidInput, match="0 … 59"):
        fit_kalman_noise(y, x, fit_end=60)
    with pytest.raises(InvalidInput, match="bar for bar"):
        kalman_filter(y, x[:-1], noise=KalmanNoise(1.0, 0.0, 0.0))
    with pytest.raises(InvalidInput, match="observation"):
        KalmanNoise(0.0, 0.0, 0.0)
    with pytest.raises(InvalidInput, match="slope"):
        KalmanNoise(1.0, 0.0, -1.0)
    with pytest.raises(DegenerateSeries, match="does not move"):
        fit_kalman_noise(y, np.full(60, 2.0), fit_end=59)
    with pytest.raises(DegenerateSeries, match="straight line"):
        fit_kalman_noise(1.0 + 2.0 * x, x, fit_end=59)
