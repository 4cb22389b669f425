"""The total-return index: right by its definition, and never changed by a later bar."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.core.panel_strategies import raw_bars
from titan_core.causality import assert_causal
from titan_core.data import BarPanel, CorporateAction
from titan_core.errors import InvalidInput

DAYS = np.arange("2020-01-01", "2020-01-07", dtype="M8[D]")


def bars_of(close, *actions, adjustment="raw"):
    close = np.asarray(close, float)[:, None]
    return BarPanel(("A",), DAYS[: len(close)], None, None, None, close, None, actions, adjustment)


def naive_index(bars, symbol, *, with_cash):
    """One share bought at the first close, its splits taken and its cash reinvested, told as an investor would."""
    j = bars.symbols.index(symbol)
    actions = [a for a in bars.actions if a.symbol == symbol]
    index, shares, last = [], None, None
    for t, price in zip(bars.timestamps, bars.close[:, j], strict=True):
        if np.isnan(price):
            index.append(np.nan)
            continue
        if shares is None:
            shares = 1.0
        else:
            cash = 0.0
            since = [a for a in actions if last < a.timestamp <= t]
            for when in sorted({a.timestamp for a in since}):
                today = {a.kind: a.value for a in since if a.timestamp == when}
                cash += (
                    shares * today.get("dividend", 0.0) if with_cash else 0.0
                )  # on the shares before the split
                shares *= today.get("split", 1.0)
            shares += cash / price
        last = t
        index.append(shares * price)
    return np.array(index)


@given(raw_bars())
def test_equals_an_investor_who_reinvests(bars):
    for adjustment, with_cash in (("total_return", True), ("split", False)):
        panel = bars.prices(adjustment)
        assert panel.adjustment == adjustment
        for j, symbol in enumerate(bars.symbols):
            np.testing.assert_allclose(
                panel.values[:, j], naive_index(bars, symbol, with_cash=with_cash), rtol=1e-12, atol=0.0
            )


@given(raw_bars(), st.data())
def test_later_bars_never_change_the_index(bars, data):
    cut = data.draw(st.integers(1, bars.n_bars - 1))
    for adjustment in ("split", "total_return"):
        whole = bars.prices(adjustment).values
        until = bars.between(None, bars.timestamps[cut - 1]).prices(adjustment).values
        np.testing.assert_array_equal(whole[:cut], until)  # to the last bit


def test_causality_prover_agrees():
    rng = np.random.default_rng(5)
    n_bars = 60
    axis = np.arange(n_bars).astype("M8[D]").astype("M8[us]")
    close = 50 * np.exp(np.cumsum(rng.normal(0, 0.02, (n_bars, 1)), axis=0))
    splits = np.where(rng.random(n_bars) < 0.1, 2.0, 1.0)
    dividends = np.where(rng.random(n_bars) < 0.2, 0.5, 0.0)

    def index(axis, close, splits, dividends):
        actions = [
            CorporateAction("A", t, "split", float(s)) for t, s in zip(axis, splits, strict=True) if s != 1.0
        ]
        actions += [
            CorporateAction("A", t, "dividend", float(d)) for t, d in zip(axis, dividends, strict=True)
        ]
        return (
            BarPanel(("A",), axis, None, None, None, close, None, tuple(actions))
            .prices("total_return")
            .values
        )

    assert_causal(index, axis, close, splits, dividends, rng=rng)


@pytest.mark.parametrize(
    ("close", "actions", "expected"),
    [
        # four-for-one: the price falls to a quarter, the index does not move
        ([100, 25, 26], [("split", 1, 4.0)], [100, 100, 104]),
        # a dividend of 2 on a price that falls by 2
        ([100, 98, 98], [("dividend", 1, 2.0)], [100, 100, 100]),
        # both on one ex-date: the cash is for one old share
        ([100, 49, 49], [("split", 1, 2.0), ("dividend", 1, 2.0)], [100, 100, 100]),
        # the symbol has no bar on the ex-date: it takes effect on the next one it has
        ([100, np.nan, 50], [("split", 1, 2.0)], [100, np.nan, 100]),
        # two actions between two bars, in order of time: cash for each new share, or for the old one
        ([100, np.nan, 50], [("split", 1, 2.0), ("dividend", 2, 1.0)], [100, np.nan, 102]),
        ([100, np.nan, 50], [("dividend", 1, 1.0), ("split", 2, 2.0)], [100, np.nan, 101]),
        # before, and on, the first bar: the buyer of the first close has missed it
        ([np.nan, 10, 10], [("split", 0, 2.0), ("dividend", 1, 1.0)], [np.nan, 10, 10]),
        # after the last bar: not yet
        ([10, 10, np.nan], [("dividend", 2, 1.0)], [10, 10, np.nan]),
    ],
)
def test_worked_examples(close, actions, expected):
    panel = bars_of(close, *(CorporateAction("A", DAYS[i], kind, value) for kind, i, value in actions))
    np.testing.assert_allclose(panel.prices("total_return").values[:, 0], expected, rtol=1e-15)


def test_without_actions_the_close_itself():
    close = np.array([0.1, 0.3, 0.7]) / 3
    for adjustment in ("raw", "split", "total_return"):
        np.testing.assert_array_equal(bars_of(close).prices(adjustment).values[:, 0], close)


def test_split_adjusted_bars_take_dividends_and_ignore_splits():
    actions = (CorporateAction("A", DAYS[1], "split", 2.0), CorporateAction("A", DAYS[1], "dividend", 1.0))
    bars = bars_of([10, 9], *actions, adjustment="split")
    np.testing.assert_array_equal(bars.prices("split").values[:, 0], [10, 9])
    np.testing.assert_allclose(bars.prices("total_return").values[:, 0], [10, 10])


def test_total_return_passes_through():
    actions = (CorporateAction("A", DAYS[1], "split", 2.0),)
    assert bars_of([10, 5], *actions, adjustment="total_return").prices("total_return").values.tolist() == [
        [10],
        [5],
    ]


@pytest.mark.parametrize(
    ("have", "asked"), [("total_return", "raw"), ("total_return", "split"), ("split", "raw")]
)
def test_an_adjustment_is_not_undone(have, asked):
    with pytest.raises(InvalidInput, match=f"bars are {have} and {asked} was asked"):
        bars_of([1, 2], adjustment=have).prices(asked)


def test_unknown_adjustment_is_refused():
    with pytest.raises(InvalidInput, match="'close' is none of raw, split, total_return"):
        bars_of([1, 2]).prices("close")


def test_a_dividend_is_not_reinvested_at_a_price_of_zero():
    with pytest.raises(InvalidInput, match=r"A closed at 0.0 on 2020-01-02.*its dividend of 1.0"):
        bars_of([10, 0], CorporateAction("A", DAYS[1], "dividend", 1.0)).prices("total_return")


@pytest.mark.parametrize(
    ("kind", "value", "message"),
    [
        ("spinoff", 1.0, "kind 'spinoff' is not split or dividend"),
        ("split", 0.0, "ratio 0.0"),
        ("split", -2.0, "ratio -2.0"),
        ("dividend", -0.1, "pays -0.1"),
        ("dividend", np.nan, "value nan"),
        ("split", np.inf, "value inf"),
    ],
)
def test_actions_that_make_no_sense(kind, value, message):
    with pytest.raises(InvalidInput, match=message):
        CorporateAction("A", DAYS[0], kind, value)
