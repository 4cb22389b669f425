"""Checks at the door: what passes, and what the message says where it does not."""

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from titan_core.checks import as_choice, as_count, as_fraction, as_number, as_pair, as_series, one_dimension
from titan_core.errors import InvalidInput, TooFewBars


@pytest.mark.parametrize(
    "values",
    [
        [1, 2, 3],
        (1.0, 2.0, 3.0),
        np.array([1, 2, 3], dtype=np.int32),
        np.arange(1.0, 7.0)[::2] / np.array([1.0, 1.5, 5.0 / 3.0]),
        pd.Series([1.0, 2.0, 3.0], index=["a", "b", "c"]),
        pa.array([1.0, 2.0, 3.0]),
    ],
)
def test_series_of_any_kind_become_contiguous_floats(values):
    series = as_series(values, "spread")
    assert series.dtype == np.float64
    assert series.flags.c_contiguous
    np.testing.assert_allclose(series, [1.0, 2.0, 3.0])


@pytest.mark.parametrize(
    ("values", "error", "words"),
    [
        (
            [1.0, np.nan, np.inf],
            InvalidInput,
            "spread holds 2 missing or infinite values, the first at position 1",
        ),
        ([[1.0, 2.0]], InvalidInput, r"shape \(1, 2\)"),
        (3.0, InvalidInput, r"shape \(\)"),
        (["a", "b"], InvalidInput, "spread must be numbers"),
        ([1.0], TooFewBars, "spread has 1 bars; at least 2 are needed"),
        (None, InvalidInput, "spread"),
    ],
)
def test_a_bad_series_is_refused_by_name(values, error, words):
    with pytest.raises(error, match=words):
        as_series(values, "spread", min_size=2)


def test_missing_values_pass_where_they_mean_something():
    assert np.isnan(one_dimension([1.0, None, 2.0], "x")[1])
    assert np.isnan(as_series([1.0, np.nan], "x", finite=False)[1])


def test_a_pair_has_one_length():
    with pytest.raises(InvalidInput, match="y has 3 bars and x has 2"):
        as_pair([1, 2, 3], [1, 2])


def test_choices():
    assert as_choice(None, "autolag", ("aic", None)) is None
    with pytest.raises(InvalidInput, match="trend must be one of 'n', 'c'; it is 'x'"):
        as_choice("x", "trend", ("n", "c"))
    with pytest.raises(InvalidInput):
        as_choice(1, "flag", (True, False))


@pytest.mark.parametrize("value", [1.0, "1", True, None, np.bool_(1)])
def test_counts_are_whole_numbers(value):
    with pytest.raises(InvalidInput, match="window must be a whole number"):
        as_count(value, "window")


def test_counts_have_a_floor():
    assert as_count(np.int32(3), "window", minimum=3) == 3
    with pytest.raises(InvalidInput, match="window must be at least 2; it is 1"):
        as_count(1, "window", minimum=2)


@pytest.mark.parametrize("value", [0.0, 1.0, -0.1, 2, np.nan, "x", None])
def test_levels_lie_between_nought_and_one(value):
    with pytest.raises(InvalidInput, match="alpha"):
        as_fraction(value, "alpha")
    assert as_fraction(np.float32(0.5), "alpha") == 0.5


@pytest.mark.parametrize("value", [np.inf, np.nan, "two", None])
def test_numbers_are_finite(value):
    with pytest.raises(InvalidInput, match="hedge_ratio must be"):
        as_number(value, "hedge_ratio")
