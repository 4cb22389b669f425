"""Hypothesis strategies for panels, bars and corporate actions; every test of the data room draws from these."""

import numpy as np
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from titan_core.data import BarPanel, CorporateAction, PricePanel

ADJUSTMENTS = st.sampled_from(["raw", "split", "total_return"])
SYMBOLS = st.text("ABCXYZ.é-", min_size=1, max_size=6)
FINITE = st.floats(allow_nan=False, allow_infinity=False)
ANY = FINITE | st.just(np.nan)
SCALES = st.sampled_from(["price", "log"])
PRICES = st.floats(0.01, 1e5)


@st.composite
def time_axes(draw, min_size=0, max_size=12):
    steps = draw(st.lists(st.integers(1, 10**12), min_size=min_size, max_size=max_size))
    start = draw(st.integers(-(10**15), 10**15))
    return (start + np.cumsum(np.array(steps, np.int64))).view("M8[us]")


@st.composite
def panels(draw, elements=ANY, scale=SCALES, min_bars=0):
    symbols = draw(st.lists(SYMBOLS, unique=True, max_size=4))
    axis = draw(time_axes(min_bars))
    values = draw(hnp.arrays(np.float64, (axis.size, len(symbols)), elements=elements))
    return PricePanel(tuple(symbols), axis, values, draw(ADJUSTMENTS), draw(scale))


@st.composite
def raw_bars(draw, min_bars=2, max_bars=10):
    """Closes with gaps, splits and dividends on any instant: before, on, between and after the bars."""
    symbols = ("A", "B")
    axis = draw(time_axes(min_bars, max_bars))
    close = draw(hnp.arrays(np.float64, (axis.size, 2), elements=PRICES | st.just(np.nan)))
    first, last = int(axis[0].astype(int)) - 10, int(axis[-1].astype(int)) + 10
    instants = st.integers(first, last) | st.sampled_from([int(t) for t in axis.astype(int)])
    actions = []
    for symbol in symbols:
        for at in sorted(draw(st.sets(instants, max_size=4))):
            when = np.datetime64(at, "us")
            if draw(st.booleans()):
                actions.append(
                    CorporateAction(symbol, when, "split", draw(st.sampled_from([0.1, 0.5, 2.0, 3.0])))
                )
            if draw(st.booleans()):
                actions.append(CorporateAction(symbol, when, "dividend", draw(st.floats(0.0, 50.0))))
    return BarPanel(symbols, axis, None, None, None, close, None, tuple(actions), "raw")
