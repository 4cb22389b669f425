"""Weeks and months against the plain way of making them: a walk through the days of each symbol."""

import datetime as dt
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.core.stores import new_store
from titan_core.causality import assert_causal
from titan_core.data import BarPanel, CorporateAction, PricePanel
from titan_core.data.calendars import session_closes, sessions_between
from titan_core.data.resampling import period_start, resample_bars, resample_prices
from titan_core.errors import InvalidInput

FIELDS = ("open", "high", "low", "close", "volume")
LONGER = ("1wk", "1mo")


def key_of(stamp: np.datetime64, timeframe: str) -> tuple[int, int]:
    day = (stamp.item() - dt.timedelta(microseconds=1)).date()
    return day.isocalendar()[:2] if timeframe == "1wk" else (day.year, day.month)


def naive(bars: BarPanel, timeframe: str) -> dict[str, list[list[float]]]:
    """Every period's five numbers of every symbol, one loop inside the other; no splits."""
    keys = [key_of(stamp, timeframe) for stamp in bars.timestamps]
    made = {name: [] for name in FIELDS}
    for key in sorted(set(keys)):
        rows = [i for i, other in enumerate(keys) if other == key]
        for name in FIELDS:
            of_symbols = []
            for j in range(bars.n_symbols):
                known = [float(v) for i in rows if not math.isnan(v := getattr(bars, name)[i, j])]
                if not known:
                    of_symbols.append(math.nan)
                elif name == "volume":
                    of_symbols.append(sum(known))
                else:
                    pick = {"open": lambda k: k[0], "high": max, "low": min, "close": lambda k: k[-1]}
                    of_symbols.append(pick[name](known))
            made[name].append(of_symbols)
    return made


@st.composite
def daily_bars(draw: st.DrawFn) -> BarPanel:
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    n_days, n_symbols = draw(st.integers(1, 130)), draw(st.integers(1, 3))
    first = np.datetime64("2019-01-01") + draw(st.integers(0, 800))
    days = first + np.cumsum(rng.integers(1, 4, n_days))
    hour = draw(st.sampled_from((np.timedelta64(21, "h"), np.timedelta64(24, "h"), np.timedelta64(6, "h"))))
    fields = {name: rng.integers(1, 1000, (n_days, n_symbols)).astype(float) for name in FIELDS}
    for values in fields.values():
        values[rng.random(values.shape) < draw(st.sampled_from((0.0, 0.3, 0.9)))] = np.nan
    names = tuple("ABC"[:n_symbols])
    return BarPanel(names, days.astype("M8[us]") + hour, **fields, adjustment="split")


@pytest.mark.parametrize("timeframe", LONGER)
@given(bars=daily_bars())
def test_equals_a_walk_through_the_days(timeframe, bars):
    made, expected = resample_bars(bars, timeframe, calendars=["24/7"]), naive(bars, timeframe)
    n_over = made.n_bars
    n_periods = len(expected["close"])
    assert n_over in (n_periods, n_periods - 1)
    for name in FIELDS:
        np.testing.assert_array_equal(
            getattr(made, name), np.array(expected[name])[:n_over].reshape(n_over, bars.n_symbols)
        )
    keys = [key_of(stamp, timeframe) for stamp in bars.timestamps]
    lasts = [
        max(s for s, k in zip(bars.timestamps, keys, strict=True) if k == key) for key in sorted(set(keys))
    ]
    np.testing.assert_array_equal(made.timestamps, np.array(lasts[:n_over], "M8[us]"))
    # the last period is there exactly if its last day is
    last_day = (bars.timestamps[-1] - np.timedelta64(1, "us")).astype("M8[D]").item()
    tomorrow = np.datetime64(last_day + dt.timedelta(days=1), "us") + np.timedelta64(1, "us")
    assert (n_over == n_periods) == (key_of(tomorrow, timeframe) != keys[-1])


@pytest.mark.parametrize("timeframe", LONGER)
@given(bars=daily_bars())
def test_prices_are_the_closes_of_the_bars(timeframe, bars):
    assert resample_prices(bars.prices("split"), timeframe) == resample_bars(bars, timeframe).prices("split")
    logs = bars.prices("split").log()
    np.testing.assert_array_equal(
        resample_prices(logs, timeframe).values, resample_prices(bars.prices("split"), timeframe).log().values
    )


@pytest.mark.parametrize("timeframe", LONGER)
def test_what_comes_later_changes_no_finished_bar(timeframe):
    """Each prefix of the days gives a prefix of the bars."""
    rng = np.random.default_rng(5)
    days = session_closes("XNYS", sessions_between("XNYS", "2020-01-01", "2020-04-19"))
    panel = PricePanel(("A", "B"), days, rng.random((days.size, 2)))
    whole = resample_prices(panel, timeframe, calendars=["XNYS"])
    for n in range(1, days.size):
        part = resample_prices(
            PricePanel(panel.symbols, days[:n], panel.values[:n]), timeframe, calendars=["XNYS"]
        )
        assert part.timestamps.tolist() == whole.timestamps[: part.n_bars].tolist()
        np.testing.assert_array_equal(part.values, whole.values[: part.n_bars])
    assert whole.n_bars == {"1wk": 16, "1mo": 3}[timeframe]


def test_no_decision_sees_the_future():
    """As a decision of each day sees it: the last finished week's close."""
    days = np.arange(100).astype("M8[D]").astype("M8[us]") + np.timedelta64(21, "h")

    def last_week(prices):
        weekly = resample_prices(PricePanel(("A",), days[: prices.size], prices[:, None]), "1wk")
        rows = np.searchsorted(weekly.timestamps, days[: prices.size], side="right") - 1
        return np.where(rows < 0, np.nan, np.append(weekly.values[:, 0], np.nan)[rows])

    assert_causal(last_week, np.random.default_rng(1).random(100) + 1.0, rng=np.random.default_rng(2))


# ---------------------------------------------------------------- when a period is over


def weekly(days, *, calendars=()):
    closes = np.array(days, "M8[us]") + np.timedelta64(21, "h")
    panel = PricePanel(("A",), closes, np.arange(1.0, closes.size + 1.0)[:, None])
    return resample_prices(panel, "1wk", calendars=calendars).values[:, 0].tolist()


def test_a_week_ends_on_its_last_session():
    week = ["2024-03-25", "2024-03-26", "2024-03-27", "2024-03-28"]  # Good Friday is the 29th
    assert weekly(week) == []  # nobody said when the exchange is shut
    assert weekly(week, calendars=["XNYS"]) == [4.0]
    assert weekly(week, calendars=["XNYS", "24/7"]) == []
    assert weekly(week[:3], calendars=["XNYS"]) == []
    assert weekly([*week, "2024-04-01"]) == [4.0]


def test_a_month_ends_on_its_last_session():
    sessions = sessions_between("XNYS", "2024-03-01", "2024-05-31")
    closes = session_closes("XNYS", sessions)
    panel = PricePanel(("A",), closes, np.arange(closes.size, dtype=float)[:, None])
    assert resample_prices(panel, "1mo", calendars=["XNYS"]).timestamps.astype("M8[D]").tolist() == [
        dt.date(2024, 3, 28),  # Good Friday
        dt.date(2024, 4, 30),
        dt.date(2024, 5, 31),
    ]
    assert resample_prices(panel.between(end="2024-05-30"), "1mo", calendars=["XNYS"]).n_bars == 2


def test_a_bar_stamped_midnight_is_the_day_befores():
    days = np.arange("2024-03-01", "2024-03-18", dtype="M8[D]")  # bars of 29 February to 16 March
    panel = PricePanel(("BTC",), days.astype("M8[us]"), np.arange(17.0)[:, None])
    assert resample_prices(panel, "1mo").values[:, 0].tolist() == [0.0]
    weeks = resample_prices(panel, "1wk")
    assert weeks.timestamps.astype("M8[D]").tolist() == [dt.date(2024, 3, 4), dt.date(2024, 3, 11)]


def test_periods_are_loaded_whole():
    for timeframe in LONGER:
        for moment in ("2024-03-01", "2024-03-04", "2024-03-06T21:00:00Z", "2024-03-04T00:00:00.000001"):
            first = period_start(moment, timeframe)
            instant = np.datetime64(moment.rstrip("Z"), "us")
            assert key_of(first, timeframe) == key_of(instant, timeframe)
            assert key_of(first - np.timedelta64(1, "us"), timeframe) != key_of(instant, timeframe)
    assert period_start("2024-03-06", "1d") == np.datetime64("2024-03-05T00:00:00.000001")


def test_nothing_stays_nothing_and_days_stay_days():
    empty = PricePanel(("A",), np.empty(0, "M8[us]"), np.empty((0, 1)))
    bars = BarPanel(("A",), np.empty(0, "M8[us]"), None, None, None, np.empty((0, 1)), np.empty((0, 1)))
    for timeframe in LONGER:
        assert resample_prices(empty, timeframe) == empty
        assert resample_bars(bars, timeframe) == bars
    assert resample_prices(empty, "1d") is empty
    assert resample_bars(bars, "1d") is bars
    with pytest.raises(InvalidInput, match="timeframe '1h' is none of 1d, 1wk, 1mo"):
        resample_prices(empty, "1h")


# ---------------------------------------------------------------- splits


def test_a_split_inside_a_week_leaves_one_unit():
    days = np.arange("2024-03-04", "2024-03-16", dtype="M8[D]").astype("M8[us]")[[0, 1, 2, 3, 4, 7]]
    close = np.array([[100.0], [102.0], [51.0], [50.0], [52.0], [53.0]])
    bars = BarPanel(
        ("A",),
        days + np.timedelta64(21, "h"),
        *(close + 1.0, close + 2.0, close - 2.0, close),
        volume=np.array([[10.0], [10.0], [20.0], [20.0], [20.0], [20.0]]),
        actions=(CorporateAction("A", days[2], "split", 2.0), CorporateAction("A", days[3], "dividend", 1.0)),
    )
    made = resample_bars(bars, "1wk")
    assert [made.open[0, 0], made.high[0, 0], made.low[0, 0], made.close[0, 0]] == [50.5, 54.0, 48.0, 52.0]
    assert made.volume[0, 0] == 20.0 + 20.0 + 60.0
    assert made.actions == bars.actions
    # before the split's own week nothing is restated
    later = resample_bars(bars.between(end="2024-03-05"), "1wk", calendars=["XNYS"])
    assert later.n_bars == 0


# ---------------------------------------------------------------- the same from every store


@pytest.mark.postgres
def test_both_stores_give_the_same_bars(tmp_path):
    rng = np.random.default_rng(11)
    closes = session_closes("XNYS", sessions_between("XNYS", "2019-06-03", "2020-09-16"))
    fields = {name: rng.random((closes.size, 3)) * 100.0 + 1.0 for name in FIELDS}
    for values in fields.values():
        values[rng.random(values.shape) < 0.1] = np.nan
    fields["close"] = np.where(np.isnan(fields["close"]), 7.0, fields["close"])
    made = {}
    for kind in ("sqlite", "postgres"):
        with new_store(kind, tmp_path) as store:
            for j in range(3):
                store.write(j + 1, closes, **{name: values[:, j] for name, values in fields.items()})
            bars = store.read_bars({"A": 1, "B": 2, "C": 3}, adjustment="split")
            made[kind] = [resample_bars(bars, timeframe, calendars=["XNYS"]) for timeframe in LONGER]
    assert made["sqlite"] == made["postgres"]
    assert [bars.n_bars for bars in made["sqlite"]] == [67, 15]
    assert made["sqlite"][0].volume.tobytes() == made["postgres"][0].volume.tobytes()
