"""The prover finds look-ahead where it is, names the bar, and clears what is causal."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from titan_core.analysis import rolling_z_score
from titan_core.causality import LookAheadFound, assert_causal, find_look_ahead
from titan_core.errors import InvalidInput

PRICES = 100 + np.cumsum(np.random.default_rng(1).normal(size=200))
OTHER = 50 + np.cumsum(np.random.default_rng(2).normal(size=200))


def rng():
    return np.random.default_rng(3)


def expanding_mean(x):
    return np.cumsum(x) / np.arange(1, x.size + 1)


def lagged(x):
    return np.concatenate([[np.nan], x[:-1]])


CAUSAL = {
    "cumsum": np.cumsum,
    "expanding mean": expanding_mean,
    "lag, NaN first": lagged,
    "recursion": lambda x: np.array([hash(tuple(x[: i + 1])) % 1000 for i in range(x.size)]),
    "text": lambda x: np.where(x > lagged(x), "up", "down"),
    "constant": lambda x: np.zeros(x.size),
    "two dimensions": lambda x: np.column_stack([x, lagged(x)]),
}
LOOKING_AHEAD = {
    "mean of all": lambda x: x - x.mean(),
    "sign of tomorrow": lambda x: np.append(np.sign(np.diff(x)), 0.0),
    "centred window": lambda x: np.convolve(x, np.ones(5) / 5)[2:-2],
    "maximum of all": lambda x: x / x.max(),
    "rank among all": lambda x: np.argsort(np.argsort(x)),
    "length": lambda x: np.full(x.size, x.size),
    "backward fill": lambda x: np.append(x[1:], x[-1]),
    "filled from the end": lambda x: np.where(np.arange(x.size) < 3, x[-1], x),
    "nothing known in the end": lambda x: np.full(x.size, np.nan if x.size == 200 else 1.0),
    "only in the second column": lambda x: np.column_stack([x, np.full(x.size, x.min())]),
}


@pytest.mark.parametrize("name", CAUSAL)
def test_clears_what_is_causal(name):
    assert find_look_ahead(CAUSAL[name], PRICES, rng=rng()) is None


@pytest.mark.parametrize("name", LOOKING_AHEAD)
def test_finds_what_looks_ahead(name):
    found = find_look_ahead(LOOKING_AHEAD[name], PRICES, rng=rng())
    assert found is not None
    assert found.bar < found.cut


@given(st.integers(1, 30), st.integers(40, 199))
def test_names_the_first_bar_that_changes(reach, cut):
    """A peek ``reach`` bars ahead first shows ``reach`` bars before the cut."""

    def peek(x):
        return np.append(x[reach:], np.zeros(reach))

    found = find_look_ahead(peek, PRICES, rng=rng(), cuts=[cut])
    assert (found.bar, found.cut, found.kind, found.output) == (cut - reach, cut, "truncated", 0)
    assert found.known == PRICES[cut]
    assert found.again == 0.0


def test_perturbation_finds_what_truncation_can_not():
    """A function that asks for the whole length, as one with a fixed calendar would."""

    def knows_the_end(x):
        return (
            np.full(x.size, x[150] if x.size > 150 else 0.0) if x.size > 150 else np.full(x.size, PRICES[150])
        )

    found = find_look_ahead(knows_the_end, PRICES, rng=rng(), cuts=[100])
    assert (found.kind, found.bar) == ("perturbed", 0)


def test_every_input_is_cut_and_perturbed():
    assert find_look_ahead(lambda y, x: y - x, PRICES, OTHER, rng=rng()) is None
    assert find_look_ahead(lambda y, x: y - x.mean(), PRICES, OTHER, rng=rng()) is not None
    # equal legs whose ratio alone is used: noise must differ between inputs
    found = find_look_ahead(
        lambda y, x: y[0] + np.zeros(y.size) + ((y / x)[-1] if y.size == 200 else 1.0),
        PRICES,
        PRICES,
        rng=rng(),
        cuts=[50],
    )
    assert found is not None
    assert found.kind == "perturbed"


def test_the_earliest_of_several_outputs_is_named():
    found = find_look_ahead(lambda x: (np.cumsum(x), x - x.mean()), PRICES, rng=rng())
    assert (found.output, found.bar) == (1, 0)
    late = lambda x: np.where(np.arange(x.size) < 20, x, x.size)  # noqa: E731 - one of a pair of outputs
    for outputs, first in ((lambda x: (late(x), x - x.mean()), 1), (lambda x: (x - x.mean(), late(x)), 0)):
        found = find_look_ahead(outputs, PRICES, rng=rng(), cuts=[50])
        assert (found.output, found.bar) == (first, 0)


def test_times_are_cut_but_not_perturbed():
    days = np.arange(PRICES.size).astype("M8[D]")

    def weekday_mean(t, x):
        assert (np.diff(t) > np.timedelta64(0, "D")).all()
        return np.cumsum(x) + t.astype(int)

    assert find_look_ahead(weekday_mean, days, PRICES, rng=rng()) is None
    assert find_look_ahead(lambda t, x: (t[-1] - t).astype(int), days, PRICES, rng=rng()).kind == "truncated"


def test_rows_stay_rows_when_reordered():
    high = np.random.default_rng(4).integers(0, 10**9, 200)
    seen = []

    def bar_range(h, low):
        seen.append((h - low == 7).all())
        return h - low

    assert find_look_ahead(bar_range, high, high - 7, rng=rng()) is None
    assert all(seen)


def test_positive_stays_positive_by_default():
    def log_returns(x):
        assert (x > 0).all()
        return np.diff(np.log(x), prepend=0.0)

    assert find_look_ahead(log_returns, np.abs(PRICES) + 1, rng=rng()) is None


def test_tolerance():
    def rounding(x):
        return np.cumsum(x) * (1 + 1e-12 * x.size)

    assert find_look_ahead(rounding, PRICES, rng=rng()) is not None
    assert find_look_ahead(rounding, PRICES, rng=rng(), rtol=1e-8) is None


def test_assert_causal_carries_the_proof():
    with pytest.raises(LookAheadFound, match=r"bar 0 of output 0 is .* it looks ahead") as caught:
        assert_causal(lambda x: x - x.mean(), PRICES, rng=rng())
    assert caught.value.proof.bar == 0
    assert isinstance(caught.value, AssertionError)
    assert_causal(np.cumsum, PRICES, rng=rng())


def test_min_bars_is_respected():
    def needs_ten(x):
        assert x.size >= 10
        return np.cumsum(x)

    assert_causal(needs_ten, PRICES, rng=rng(), min_bars=10)


def test_careless_functions_do_not_spoil_the_comparison():
    def scribbles(x):
        x[-1] = 0.0
        return x

    with pytest.raises(ValueError, match="read-only"):
        find_look_ahead(scribbles, PRICES, rng=rng())


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: find_look_ahead(np.sum, PRICES, rng=rng()), r"output 0 has shape \(\) for 200 bars"),
        (lambda: find_look_ahead(lambda x: x[1:], PRICES, rng=rng()), r"shape \(199,\) for 200 bars"),
        (
            lambda: find_look_ahead(lambda y, x: y, PRICES, OTHER[:9], rng=rng()),
            r"got shapes \(200,\), \(9,\)",
        ),
        (lambda: find_look_ahead(np.cumsum, rng=rng()), "got shapes none"),
        (lambda: find_look_ahead(np.cumsum, [1.0], rng=rng()), "1 bars can't be cut"),
        (lambda: find_look_ahead(np.cumsum, PRICES, rng=rng(), cuts=[200]), "cut 200 is outside 1..199"),
        (lambda: find_look_ahead(lambda x: (x,) * x.size, PRICES, rng=rng(), cuts=[7]), "200 arrays, then 7"),
        (
            lambda: find_look_ahead(lambda x: np.zeros((x.size, x.size)), PRICES, rng=rng(), cuts=[7]),
            "output's width",
        ),
    ],
)
def test_misuse_is_said_in_words(call, message):
    with pytest.raises(InvalidInput, match=message):
        call()


@given(st.integers(2, 40))
def test_the_engines_z_score_is_causal(window):
    with_gaps = PRICES.copy()
    with_gaps[[17, 90, 91]] = np.nan
    assert_causal(lambda s: rolling_z_score(s, window), PRICES, rng=rng())
    assert_causal(lambda s: rolling_z_score(s, window), with_gaps, rng=rng())
