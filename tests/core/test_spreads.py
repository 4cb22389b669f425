"""Spreads: definitions against plain loops, causality, and refusals."""

import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.core.conftest import price_path
from tests.core.naive import cointegration as naive
from titan_core.analysis import half_life, rolling_z_score, spread
from titan_core.errors import DegenerateSeries, InvalidInput, TooFewBars


@given(price_path())
def test_half_life_is_that_of_the_regression(path):
    np.testing.assert_allclose(half_life(path), naive.half_life(path), rtol=1e-6)


@pytest.mark.parametrize("true", [5.0, 20.0])
def test_half_life_of_an_ar1_is_recovered(true):
    root, rng = 0.5 ** (1.0 / true), np.random.default_rng(8)
    x = np.zeros(50_000)
    for t in range(1, x.size):
        x[t] = root * x[t - 1] + rng.normal()
    assert half_life(x) == pytest.approx(true, rel=0.12)  # three and a half standard errors of the estimate


def test_half_life_at_the_edges():
    assert half_life([1.0, 2.0, 4.0, 8.0, 16.0]) == math.inf
    assert half_life([1.0, -1.0, 1.0, -1.0, 1.0]) == 0.0
    with pytest.raises(DegenerateSeries):
        half_life(np.full(50, 0.1))
    with pytest.raises(TooFewBars):
        half_life([1.0, 2.0])


def test_spread_is_arithmetic():
    np.testing.assert_allclose(
        spread([1.0, 2.0, np.nan], [2.0, 4.0, 1.0], hedge_ratio=0.5, intercept=-1.0), [1.0, 1.0, np.nan]
    )
    with pytest.raises(InvalidInput, match="bar for bar"):
        spread([1.0], [1.0, 2.0], hedge_ratio=1.0)
    with pytest.raises(InvalidInput, match="hedge_ratio"):
        spread([1.0], [1.0], hedge_ratio=np.nan)


@given(price_path(), st.integers(2, 40))
def test_z_score_equals_pandas(path, window):
    theirs = pd.Series(path).rolling(window)
    expected = (pd.Series(path) - theirs.mean()) / theirs.std()
    np.testing.assert_allclose(rolling_z_score(path, window), expected, rtol=1e-5, atol=1e-6)


@given(price_path(), st.integers(2, 40), st.integers(1, 25), st.floats(-1e6, 1e6))
def test_z_score_never_changes_when_the_future_does(path, window, k, shock):
    changed = path.copy()
    changed[-k:] += shock
    np.testing.assert_array_equal(rolling_z_score(changed, window)[:-k], rolling_z_score(path, window)[:-k])


def test_z_score_is_missing_until_the_window_is_full_and_around_gaps():
    x = np.random.default_rng(1).normal(size=30)
    x[15] = np.nan
    missing = np.flatnonzero(np.isnan(rolling_z_score(x, 5)))
    np.testing.assert_array_equal(missing, [0, 1, 2, 3, 15, 16, 17, 18, 19])


def test_z_score_of_a_flat_stretch_is_missing_and_of_a_short_series_empty():
    assert np.isnan(rolling_z_score(np.full(20, 0.1), 5)).all()
    assert np.isnan(rolling_z_score([1.0, 2.0], 5)).all()
    assert rolling_z_score([], 5).size == 0
    with pytest.raises(InvalidInput, match="window must be at least 2"):
        rolling_z_score([1.0, 2.0], 1)
