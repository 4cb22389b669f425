"""q-values: their definition, their order, and that untested hypotheses do not count."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from statsmodels.stats.multitest import multipletests

from tests.core.naive.cointegration import step_up
from titan_core.errors import InvalidInput
from titan_core.statistics import adjust, benjamini_hochberg, benjamini_yekutieli

pvalues = st.lists(st.one_of(st.floats(0.0, 1.0), st.just(0.01), st.just(float("nan"))), max_size=40)


@given(pvalues)
def test_q_is_the_lowest_level_that_rejects(p):
    np.testing.assert_allclose(benjamini_hochberg(p), step_up(p, dependent=False), rtol=1e-12)
    np.testing.assert_allclose(benjamini_yekutieli(p), step_up(p, dependent=True), rtol=1e-12)


@pytest.mark.parametrize(("method", "theirs"), [("bh", "fdr_bh"), ("by", "fdr_by")])
def test_equals_statsmodels(method, theirs):
    p = np.random.default_rng(3).beta(0.4, 2.0, size=1_000)
    np.testing.assert_allclose(adjust(p, method), multipletests(p, method=theirs)[1], rtol=1e-12)


@given(pvalues, st.integers(0, 5))
def test_untested_hypotheses_change_nothing(p, n_untested):
    padded = benjamini_yekutieli([*p, *[np.nan] * n_untested])
    np.testing.assert_array_equal(padded[: len(p)], benjamini_yekutieli(p))
    assert np.isnan(padded[len(p) :]).all()


@given(pvalues)
def test_q_keeps_the_order_of_p_and_is_no_smaller(p):
    p = np.array([value for value in p if value == value])
    q = benjamini_hochberg(p)
    assert (q >= p * (1 - 1e-12)).all()
    assert (q <= 1.0).all()
    assert (np.diff(q[np.argsort(p)]) >= 0).all()


def test_benjamini_hochberg_1995_worked_example():
    # the 15 p-values of the paper's section 3.2: four rejections at 5 %
    p = [0.0001, 0.0004, 0.0019, 0.0095, 0.0201, 0.0278, 0.0298, 0.0344, 0.0459, 0.3240, 0.4262, 0.5719]
    p += [0.6528, 0.7590, 1.0000]
    assert (benjamini_hochberg(p) <= 0.05).sum() == 4


@pytest.mark.parametrize("p", [[0.5, 1.5], [-0.1], [[0.1, 0.2]], ["x"], [np.inf]])
def test_what_is_no_p_value_is_refused(p):
    with pytest.raises(InvalidInput):
        benjamini_hochberg(p)


def test_unknown_method_is_refused():
    with pytest.raises(InvalidInput, match="'by', 'bh'"):
        adjust([0.1], "bonferroni")
