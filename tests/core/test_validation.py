"""Rules of bars: each against a list, as a person would hold it; actions and moves against the formula."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.core.naive import validation as naive
from titan_core.data import BarPanel, CorporateAction
from titan_core.data.calendars import sessions_between
from titan_core.data.files import Batch, FileOptions, RowReport
from titan_core.data.files.batches import NUMBERS
from titan_core.data.validation import check_bars, order, resolve_adjustment, rows
from titan_core.errors import InvalidInput

SESSIONS = sessions_between("XNYS", "2019-01-02", "2021-12-31").astype(np.int64)
EVERY = frozenset(NUMBERS)
OHLCV = frozenset({"open", "high", "low", "close", "volume"})


def batch_of(rows_, **columns):
    """A batch of (code, day) rows; columns not given are NaN."""
    n = len(rows_)
    made = {name: np.full(n, np.nan) for name in NUMBERS} | {
        k: np.asarray(v, np.float64) for k, v in columns.items()
    }
    code, day = (np.array([r[i] for r in rows_], np.int64) for i in (0, 1))
    times = made.pop("time", np.zeros(n)).astype(np.int64)
    return Batch(row=np.arange(2, n + 2), code=code, day=day, time=times, **made)


def series(closes, *, code=0, start=0, **columns):
    """One symbol's closes on sessions that follow each other."""
    days = SESSIONS[start : start + len(closes)]
    return batch_of([(code, int(d)) for d in days], close=closes, **columns)


def check(
    batch, *, fields=frozenset({"close"}), adjustment="raw", symbols=("AAA", "BBB", "CCC"), calendar="XNYS"
):
    report = RowReport()
    found = check_bars(batch, list(symbols), report, calendar=calendar, adjustment=adjustment, fields=fields)
    return found, report


def index_of(found, symbol="AAA"):
    """The total-return index that the stored bars and actions make."""
    actions = found.actions
    rows_ = zip(actions.timestamps, actions.kinds, actions.values, strict=True)
    panel = BarPanel(
        (symbol,), found.timestamps, None, None, None, found.bars.close[:, None],
        actions=tuple(CorporateAction(symbol, t, k, float(v)) for t, k, v in rows_),
    )  # fmt: skip
    return panel.prices("total_return").values[:, 0]


def walk(n, seed=0, sigma=0.01):
    return 100 * np.exp(np.cumsum(np.random.default_rng(seed).normal(0, sigma, n)))


# ---------------------------------------------------------------- single rows

PRICE = st.one_of(
    st.floats(0.5, 100),
    st.sampled_from([math.nan, math.inf, -math.inf, 0.0, -1.0, 1e308, 1e-300, 10.0, 10.000001, 9.99]),
)
ACTION = st.sampled_from([math.nan, 0.0, 1.0, 0.5, -1.0, math.inf])


@settings(max_examples=200, deadline=None)
@given(st.lists(st.tuples(*([PRICE] * 6), ACTION, ACTION), min_size=1, max_size=30))
def test_row_rules_are_those_of_the_list(table):
    columns = {name: [row[i] for row in table] for i, name in enumerate(NUMBERS)}
    batch = batch_of([(0, int(d)) for d in SESSIONS[: len(table)]], **columns)
    good, broken = rows.first_broken(batch)
    told = {i: reason for reason, mask in broken.items() for i in np.flatnonzero(mask).tolist()}
    wanted = {i: naive.broken_rule(dict(zip(NUMBERS, row, strict=True))) for i, row in enumerate(table)}
    assert told == {i: reason for i, reason in wanted.items() if reason}
    assert np.flatnonzero(good).tolist() == [i for i, reason in wanted.items() if not reason]
    for i, reason in told.items():
        assert rows.described(batch, i, reason)


@pytest.mark.parametrize(
    ("change", "reason", "words"),
    [
        ({"close": math.nan}, "not_finite", "the close is empty or NaN"),
        ({"high": math.inf}, "not_finite", "high is inf"),
        ({"close": 1e308, "high": 1e308}, "absurd_price", "close is 1e+308"),
        ({"low": -1.0}, "non_positive", "low is -1"),
        ({"volume": -5.0}, "negative_volume", "volume is -5"),
        ({"high": 8.0}, "high_below_low", "high 8 is below low 9"),
        ({"low": 11.001}, "high_below_low", "high 11 is below low 11.001"),
        ({"close": 12.0}, "close_outside", "close 12 is outside 9 to 11"),
        ({"open": 8.5}, "close_outside", "open 8.5 is outside 9 to 11"),
        ({"split": -2.0}, "bad_number", "split is -2"),
    ],
)
def test_one_bad_row_among_good_ones(change, reason, words):
    n = 5
    columns = {
        "open": 10.0,
        "high": 11.0,
        "low": 9.0,
        "close": 10.5,
        "volume": 100.0,
        "dividend": 0.0,
        "split": 1.0,
    }
    table = {name: np.full(n, value) for name, value in columns.items()}
    for name, value in change.items():
        table[name][2] = value
    found, report = check(series(table.pop("close"), **table), fields=frozenset(columns))
    assert found.bars.row.tolist() == [2, 3, 5, 6]
    [rejected] = report.rows
    assert (rejected.row, rejected.symbol, rejected.reason) == (4, "AAA", reason)
    assert words in rejected.message
    assert str(rejected.timestamp)[:10] == "2019-01-04"
    assert report.by_symbol == {"AAA": 1}


# ---------------------------------------------------------------- order, duplicates, sessions


@settings(max_examples=150, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 2), st.integers(0, 12)), min_size=1, max_size=40), st.booleans())
def test_the_fewest_rows_are_out_of_order(table, backwards):
    table.sort(key=lambda row: row[0])
    code, day = (np.array([row[i] for row in table], np.int64) for i in (0, 1))
    day = -day if backwards else day
    out, shuffled = order.disorder(code, day)
    for one in np.unique(code):
        mine = np.flatnonzero(code == one)
        steps = np.diff(day[mine])
        ups, downs = int((steps > 0).sum()), int((steps < 0).sum())
        days = day[mine] if ups >= downs else -day[mine]
        fewest = mine.size - naive.longest_rising(days.tolist()) if ups and downs else 0
        if one in shuffled:
            assert fewest > order.SHUFFLED_SHARE * mine.size
            assert not out[mine].any()
        else:
            assert out[mine].sum() == fewest
            kept = days[~out[mine]]
            assert not (ups and downs) or (np.diff(kept) >= 0).all()


@settings(max_examples=150, deadline=None)
@given(
    st.lists(
        st.tuples(st.integers(0, 2), st.integers(0, 4), st.sampled_from([1.0, 2.0, math.nan])), max_size=30
    )
)
def test_duplicates_are_those_of_the_list(table):
    table.sort(key=lambda row: row[:2])
    batch = batch_of([(c, d) for c, d, _ in table], close=[x for *_, x in table])
    repeated, conflicting = order.duplicates(batch)
    wanted = naive.duplicates(table)
    assert (set(np.flatnonzero(repeated)), set(np.flatnonzero(conflicting))) == wanted


def test_one_misplaced_row_and_a_file_without_order():
    found, report = check(batch_of([(0, int(SESSIONS[i])) for i in (0, 1, 2, 9, 3, 4, 5)], close=[10.0] * 7))
    assert report.reasons == {
        "out_of_order": 1,
    }
    assert report.rows[0].row == 5
    assert found.bars.n_rows == 6
    mixed = [5, 1, 4, 0, 3, 2]
    found, report = check(batch_of([(0, int(SESSIONS[i])) for i in mixed], close=[10.0] * 6))
    assert report.reasons == {"shuffled": 1}
    assert found.bars.day.tolist() == SESSIONS[:6].tolist()


def test_newest_first_is_an_order():
    found, report = check(batch_of([(0, int(d)) for d in SESSIONS[:6][::-1]], close=[10.0] * 6))
    assert (report.reasons, found.bars.day.tolist()) == ({}, SESSIONS[:6].tolist())


def test_a_holiday_a_weekend_and_missing_sessions():
    holiday, saturday = (np.datetime64(day).astype(int) for day in ("2019-01-21", "2019-01-12"))
    days = sorted(
        {*SESSIONS[:14].tolist(), int(holiday), int(saturday)}
        - {int(SESSIONS[3]), int(SESSIONS[6]), int(SESSIONS[7])}
    )
    found, report = check(batch_of([(0, d) for d in days], close=[10.0] * len(days)))
    assert report.reasons == {"holiday": 2, "missing_session": 2}
    told = [r.message for r in report.rows if r.reason == "missing_session"]
    assert told == ["AAA has no bar on 2019-01-07", "AAA has no bar on 2019-01-10 to 2019-01-11 (2 sessions)"]
    assert report.n_rejected == 2
    assert report.n_warnings == 2
    assert "is no session of XNYS" in report.rows[0].message
    assert found.bars.n_rows == 11


def test_timestamps_are_the_closes_of_the_sessions():
    early = np.datetime64("2019-07-03").astype(int)  # closed at one in the afternoon
    found, _ = check(batch_of([(0, int(SESSIONS[0])), (0, int(early))], close=[1.0, 1.0]))
    assert found.timestamps.astype(str).tolist() == [
        "2019-01-02T21:00:00.000000",
        "2019-07-03T17:00:00.000000",
    ]
    found, report = check(
        batch_of([(0, int(np.datetime64("2021-01-02").astype(int)))], close=[1.0]), calendar="24/7"
    )
    assert (found.timestamps.astype(str).tolist(), report.reasons) == (["2021-01-03T00:00:00.000000"], {})


def test_intraday_bars_are_refused_in_words():
    days = np.repeat(SESSIONS[:10], 3)
    hours = np.tile([34_200e6, 36_000e6, 57_600e6], 10)
    with pytest.raises(InvalidInput, match=r"AAA has several bars on 2019-01-02: .*intraday"):
        check(batch_of([(0, int(d)) for d in days], close=np.full(30, 10.0), time=hours))


# ---------------------------------------------------------------- moves


@pytest.mark.parametrize("ratio", [2.0, 3.0, 1.5, 0.1, 0.5, 4.0, 20.0, 1 / 15])
def test_an_unadjusted_split_is_set_aside_and_its_move_left_out(ratio):
    true = walk(60, seed=int(ratio * 100))
    closes = true.copy()
    closes[30:] /= ratio
    found, report = check(series(closes))
    assert report.reasons == {"unadjusted_split": 1}
    assert report.rows[0].row == 32
    index = index_of(found)
    kept = np.delete(np.arange(60), 30)
    # every day's return is the true one, except that of the day set aside, which is left out
    moves, wanted = np.diff(np.log(index)), np.diff(np.log(true))
    np.testing.assert_allclose(np.delete(moves, 29), np.delete(wanted, [29, 30]), atol=1e-12)
    np.testing.assert_allclose(moves[29], wanted[30], atol=1e-12)
    assert kept.size == index.size


def test_a_split_that_is_told_is_no_jump():
    closes = walk(40)
    closes[20:] /= 2
    split = np.ones(40)
    split[20] = 2.0
    found, report = check(series(closes, split=split), fields=frozenset({"close", "split"}))
    assert report.reasons == {}
    assert found.actions.kinds == ("split",)
    np.testing.assert_allclose(index_of(found), naive.total_return(closes, np.zeros(40), split), rtol=1e-12)


def test_a_split_told_wrongly_is_set_aside():
    closes = walk(40)
    closes[20:] *= 7 * 0.62  # one for seven, and a third was spun off
    split = np.ones(40)
    split[20] = 1 / 7
    found, report = check(series(closes, split=split), fields=frozenset({"close", "split"}))
    assert report.reasons == {"unadjusted_split": 1}
    assert "does not explain" in report.rows[0].message
    assert np.abs(np.diff(np.log(index_of(found)))).max() < 0.05


def test_a_crash_on_news_is_no_split():
    closes, volume = walk(60), np.full(60, 1e6)
    closes[30:] *= 0.5
    volume[30] = 20e6
    assert check(series(closes, volume=volume), fields=frozenset({"close", "volume"}))[1].reasons == {}
    volume[30] = 2e6  # twice the shares at half the price: a split
    assert check(series(closes, volume=volume), fields=frozenset({"close", "volume"}))[1].reasons == {
        "unadjusted_split": 1
    }


def test_a_move_of_the_whole_market_is_no_split():
    parts = []
    for code in range(6):
        closes = walk(60, seed=code)
        closes[30:] *= 0.5
        parts.append(series(closes, code=code))
    symbols = [f"S{i}" for i in range(6)]
    assert check(Batch.join(parts), symbols=symbols)[1].reasons == {}


def test_a_share_that_falls_by_a_third_in_a_crash_of_the_market_is_no_split():
    for market, reasons in ((0.92, {}), (0.97, {"unadjusted_split": 1})):
        parts = []
        for code in range(6):
            closes = walk(60, seed=code)
            closes[30:] *= 0.5 * market if code == 0 else market
            parts.append(series(closes, code=code))
        assert check(Batch.join(parts), symbols=[f"S{i}" for i in range(6)])[1].reasons == reasons


def test_a_wrong_price_is_one_bad_row():
    closes = walk(60)
    closes[30] *= 10
    found, report = check(series(closes))
    assert [(r.row, r.reason) for r in report.rows] == [(32, "unadjusted_split")]
    assert found.actions.size == 0
    np.testing.assert_allclose(index_of(found), np.delete(closes, 30))


def test_adjusted_prices_keep_their_jumps_with_a_warning():
    closes = walk(60)
    closes[30:] /= 2
    found, report = check(series(closes), adjustment="total_return")
    assert report.reasons == {"large_move": 1}
    assert report.n_rejected == 0
    assert found.bars.n_rows == 60


def provider(closes, dividend, split):
    """The provider's back-adjusted close of the same returns."""
    index = np.array(naive.total_return(closes, dividend, split))
    return index * closes[-1] / index[-1]


@settings(max_examples=30, deadline=None)
@given(
    st.integers(0, 1000),
    st.integers(1, 38),
    st.sampled_from([0.3, 1.0, 5.0]),
    st.sampled_from([1.0, 2.0, 0.5, 3.0]),
)
def test_rebuilt_equals_the_providers(seed, at, paid, ratio):
    closes, dividend, split = walk(40, seed=seed), np.zeros(40), np.ones(40)
    closes[at:] /= ratio
    dividend[at], split[at] = paid, ratio
    adjusted = provider(closes, dividend, split)
    batch = series(closes, dividend=dividend, split=split, adjusted=adjusted)
    found, report = check(batch, fields=frozenset({"close", "dividend", "split", "adjusted"}))
    assert report.reasons == {}
    np.testing.assert_allclose(index_of(found), naive.total_return(closes, dividend, split), rtol=1e-12)
    moves = np.diff(np.log(index_of(found)))
    np.testing.assert_allclose(moves, np.diff(np.log(adjusted)), atol=1e-9)


def test_a_day_that_the_provider_denies_is_set_aside():
    closes, dividend, split = walk(40), np.zeros(40), np.ones(40)
    adjusted = provider(closes, dividend, split)
    dividend[20] = 0.05 * closes[20]  # a dividend that the adjusted close knows nothing of
    batch = series(closes, dividend=dividend, split=split, adjusted=adjusted)
    found, report = check(batch, fields=frozenset({"close", "dividend", "split", "adjusted"}))
    assert [(r.row, r.reason) for r in report.rows] == [(22, "rebuilt_differs")]
    assert found.actions.kinds == ("split",)
    moves = np.diff(np.log(index_of(found)))
    np.testing.assert_allclose(moves, np.delete(np.diff(np.log(closes)), 19), atol=1e-12)
    dividend[20] = 0.009 * closes[20]  # below one per cent
    batch = series(closes, dividend=dividend, split=split, adjusted=adjusted)
    assert check(batch, fields=frozenset({"close", "dividend", "split", "adjusted"}))[1].reasons == {}


def test_a_wrong_close_that_the_provider_denies_is_one_bad_row():
    closes, none, ones = walk(40), np.zeros(40), np.ones(40)
    adjusted = provider(closes, none, ones)
    closes[20] *= 1.08
    batch = series(closes, dividend=none, split=ones, adjusted=adjusted)
    found, report = check(batch, fields=frozenset({"close", "dividend", "split", "adjusted"}))
    assert [(r.row, r.reason) for r in report.rows] == [(22, "rebuilt_differs")]
    assert found.actions.size == 0


@pytest.mark.parametrize("decimals", [2, 4, 6])
def test_dividends_and_splits_that_an_adjusted_close_implies(decimals):
    closes, dividend, split = walk(300), np.zeros(300), np.ones(300)
    dividend[[50, 110, 170]] = 0.8
    closes[220:] /= 2
    split[220] = 2.0
    adjusted = np.round(provider(closes, dividend, split), decimals)
    found, report = check(series(closes, adjusted=adjusted), fields=frozenset({"close", "adjusted"}))
    assert report.reasons == {}
    assert sorted(found.actions.kinds) == ["dividend"] * 3 + ["split"]
    wanted = np.array(naive.total_return(closes, dividend, split))
    np.testing.assert_allclose(index_of(found) / wanted, 1.0, atol=5e-3 if decimals == 2 else 1e-4)


def test_an_action_on_a_row_set_aside_takes_effect_on_the_next():
    closes, dividend, split = walk(40), np.zeros(40), np.ones(40)
    closes[20:] /= 2
    dividend[20], split[20] = 1.0, 2.0
    closes_bad = closes.copy()
    closes_bad[20] = -1.0
    batch = series(closes_bad, dividend=dividend, split=split)
    found, report = check(batch, fields=frozenset({"close", "dividend", "split"}))
    assert report.reasons == {"non_positive": 1}
    assert sorted(found.actions.kinds) == ["dividend", "split"]
    growth = index_of(found)[20] / index_of(found)[19]
    assert growth == pytest.approx((2.0 * closes[21] + 1.0) / closes[19])


def test_a_dividend_on_a_row_set_aside_is_no_quarrel_with_the_provider():
    closes, dividend, split = walk(40), np.zeros(40), np.ones(40)
    dividend[20] = 10.0
    adjusted = provider(closes, dividend, split)
    closes[20] = -1.0
    batch = series(closes, dividend=dividend, split=split, adjusted=adjusted)
    _, report = check(batch, fields=frozenset({"close", "dividend", "split", "adjusted"}))
    assert report.reasons == {"non_positive": 1}


# ---------------------------------------------------------------- adjustment


@pytest.mark.parametrize(
    ("fields", "wanted", "words"),
    [
        ({"close"}, "raw", "neither dividends nor splits"),
        ({"close", "adjusted"}, "raw", "ratio"),
        ({"close", "dividend"}, "raw", "as quoted"),
        ({"adjusted"}, "total_return", "Only adjusted"),
    ],
)
def test_what_the_prices_are(fields, wanted, words):
    adjustment, said = resolve_adjustment(FileOptions(), frozenset(fields))
    assert adjustment == wanted
    assert words in said
    assert resolve_adjustment(FileOptions(adjustment="split"), frozenset(fields)) == ("split", "")


def test_total_return_scales_the_whole_bar():
    n = 5
    columns = {"open": 10.0, "high": 12.0, "low": 8.0, "adjusted": 5.0, "volume": 7.0}
    batch = series(np.full(n, 10.0), **{k: np.full(n, v) for k, v in columns.items()})
    found, _ = check(batch, fields=OHLCV | {"adjusted"}, adjustment="total_return")
    bar = [getattr(found.bars, name)[0] for name in ("open", "high", "low", "close", "volume")]
    assert bar == [5.0, 6.0, 4.0, 5.0, 7.0]
    assert found.actions.size == 0


def test_a_split_of_zero_is_none():
    found, report = check(series(walk(5), split=np.zeros(5)), fields=frozenset({"close", "split"}))
    assert (report.reasons, found.actions.size) == ({}, 0)
