"""MacKinnon's surfaces against statsmodels', over the whole line."""

import numpy as np
import pytest
from statsmodels.tsa.adfvalues import mackinnoncrit, mackinnonp

from titan_core.analysis.cointegration import mackinnon
from titan_core.analysis.cointegration.engle_granger import TRENDS


@pytest.mark.parametrize("trend", TRENDS)
@pytest.mark.parametrize("n_series", [1, 2])
def test_p_values_equal_statsmodels(trend, n_series):
    grid = np.concatenate((np.linspace(-30.0, 6.0, 3_601), [-1e9, 1e9, -3.51, -2.62, 0.92, -18.86]))
    theirs = [mackinnonp(t, regression=trend, N=n_series) for t in grid]
    np.testing.assert_allclose(mackinnon.pvalue(grid, trend, n_series=n_series), theirs, rtol=1e-13, atol=0)


def test_p_values_at_the_ends():
    np.testing.assert_array_equal(mackinnon.pvalue([-np.inf, np.inf, np.nan], "c"), [0.0, 1.0, np.nan])
    assert mackinnon.pvalue(np.zeros((2, 3)), "ct").shape == (2, 3)


@pytest.mark.parametrize("n_obs", [30, 251, 2_519, np.inf])
@pytest.mark.parametrize(
    ("trend", "n_series"), [(t, n) for t in TRENDS for n in (1, 2) if (t, n) != ("n", 2)]
)
def test_critical_values_equal_statsmodels(trend, n_series, n_obs):
    ours = mackinnon.critical_values(trend, n_obs, n_series=n_series)
    theirs = mackinnoncrit(N=n_series, regression=trend, nobs=n_obs)
    np.testing.assert_allclose(list(ours.values()), theirs, rtol=1e-14)
    assert list(ours) == ["1%", "5%", "10%"]


def test_a_pair_without_constant_has_no_published_critical_values():
    assert np.isnan(list(mackinnon.critical_values("n", 100).values())).all()
