"""The price stores against a dictionary, and what they refuse: the same on every database."""

from datetime import date

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.core.stores import KINDS, new_store, rows
from titan_core.data import CorporateAction
from titan_core.data.store import Coverage, WriteResult
from titan_core.errors import DataUnavailable, InvalidInput

FIELDS = ("open", "high", "low", "close", "volume")
DAYS = np.arange("2020-01-01", "2020-01-05", dtype="M8[D]").astype("M8[us]")
CLOSE = np.array([1.0, 2.0, 3.0, 4.0])


@pytest.fixture(params=KINDS)
def store(request, tmp_path):
    with new_store(request.param, tmp_path) as store:
        yield store


# ---------------------------------------------------------------- against an oracle

NUMBER = st.none() | st.floats(-1e9, 1e9)
BAR = st.tuples(*[NUMBER] * 5).filter(lambda bar: any(v is not None for v in bar[:4]))
BATCH = st.tuples(st.integers(1, 3), st.dictionaries(st.integers(-5, 15), BAR, max_size=8))


@pytest.mark.parametrize("kind", KINDS)
@settings(max_examples=60)
@given(batches=st.lists(BATCH, max_size=6), shuffle=st.randoms(use_true_random=False))
def test_equals_a_dictionary(tmp_path_factory, kind, batches, shuffle):
    store = new_store(kind, tmp_path_factory.mktemp("store"))
    oracle = {}
    with store:
        for series_id, batch in batches:
            order = list(batch)
            shuffle.shuffle(order)
            expected = [0, 0, 0]
            for t in order:
                key = (series_id, t)
                expected[0 if key not in oracle else 1 if oracle[key] != batch[t] else 2] += 1
            columns = {name: [batch[t][i] for t in order] for i, name in enumerate(FIELDS)}
            result = store.write(series_id, np.array(order, "M8[us]"), **columns)
            oracle |= {(series_id, t): bar for t, bar in batch.items()}
            assert result == WriteResult(*expected)
            assert rows(store) == [(*key, *oracle[key]) for key in sorted(oracle)]
        check_reads(store, oracle)


def check_reads(store, oracle):
    series = {"A": 1, "B": 2, "C": 3}
    instants = sorted({t for _, t in oracle})
    coverage = store.coverage([3, 1, 2, 99])
    for key in (1, 2, 3, 99):
        own = [t for s, t in oracle if s == key]
        ends = (np.datetime64(min(own), "us"), np.datetime64(max(own), "us")) if own else (None, None)
        assert coverage[key] == Coverage(len(own), *ends)
    if not oracle:
        with pytest.raises(DataUnavailable):
            store.read_bars(series, adjustment="raw")
        return
    bars = store.read_bars(series, adjustment="raw")
    assert bars.timestamps.astype(int).tolist() == instants
    for i, name in enumerate(FIELDS):
        values = [[oracle.get((s, t), (None,) * 5)[i] for s in series.values()] for t in instants]
        known = np.array(values, np.float64)
        found = getattr(bars, name)
        assert (found is None) == bool(np.isnan(known).all() and name != "close")
        np.testing.assert_array_equal(known if found is None else found, known)
    prices = store.read_prices(series, adjustment="raw")
    assert prices == bars.prices("raw")


# ---------------------------------------------------------------- writing


def test_writing_twice_changes_nothing(store):
    columns = {"open": CLOSE + 1, "close": CLOSE, "volume": [10.0, None, np.nan, 40.0]}
    assert store.write(1, DAYS, **columns) == WriteResult(4, 0, 0)
    before = rows(store)
    assert store.write(1, DAYS, **columns) == WriteResult(0, 0, 4)
    assert rows(store) == before


def test_a_row_is_replaced_whole(store):
    store.write(1, DAYS, open=CLOSE, close=CLOSE)
    assert store.write(1, DAYS[:1], close=[1.0]) == WriteResult(0, 1, 0)
    assert rows(store)[0][2:] == (None, None, None, 1.0, None)


@pytest.mark.parametrize("field", FIELDS)
def test_a_change_in_any_field_is_a_change(store, field):
    columns = dict.fromkeys(FIELDS, CLOSE)
    store.write(1, DAYS, **columns)
    changed = CLOSE.copy()
    changed[2] = 3.5
    assert store.write(1, DAYS, **columns | {field: changed}) == WriteResult(0, 1, 3)
    assert (
        store.write(1, DAYS, **columns | {field: None if field != "close" else CLOSE * np.nan}).changed == 4
    )


def test_series_do_not_touch(store):
    store.write(1, DAYS, close=CLOSE)
    store.write(2, DAYS, close=CLOSE * 2)
    store.write(1, DAYS, close=CLOSE * 3)
    assert store.read_prices({"B": 2}, adjustment="raw").values[:, 0].tolist() == [2, 4, 6, 8]


def test_nothing_to_write(store):
    assert store.write(1, [], close=[]) == WriteResult(0, 0, 0)
    assert store.write_actions(1, [], [], []) == WriteResult(0, 0, 0)


def test_close_may_be_missing_if_another_price_is_there(store):
    store.write(1, DAYS, open=CLOSE, close=None)
    assert np.isnan(store.read_bars({"A": 1}, adjustment="raw").close).all()


def test_numbers_survive_to_the_last_bit(store):
    awkward = np.array([0.1, 1 / 3, 5e-324, 1.7976931348623157e308])
    store.write(1, DAYS, close=awkward)
    assert store.read_prices({"A": 1}, adjustment="raw").values[:, 0].tobytes() == awkward.tobytes()


def test_times_before_1970_and_microseconds(store):
    times = np.array([-1, 1], "M8[us]")
    store.write(1, times, close=[1.0, 2.0])
    assert [row[1] for row in rows(store)] == [-1, 1]
    np.testing.assert_array_equal(store.read_prices({"A": 1}, adjustment="raw").timestamps, times)


@pytest.mark.parametrize(
    ("timestamps", "columns", "message"),
    [
        (DAYS, {"close": [1.0, np.inf, 3.0, 4.0]}, r"row 1 \(2020-01-02.*close is inf"),
        (DAYS, {"close": CLOSE, "volume": [1.0, 2.0, 3.0, -np.inf]}, r"row 3 \(2020-01-04.*volume is -inf"),
        (DAYS, {"close": [1.0, 2.0, np.nan, 4.0]}, r"row 2 \(2020-01-03.*has no price"),
        (DAYS, {"close": None, "volume": CLOSE}, r"row 0 \(2020-01-01.*has no price"),
        (DAYS, {"close": [1.0, 2.0]}, r"close has shape \(2,\), but there are 4 timestamps"),
        (DAYS, {"close": ["a", "b", "c", "d"]}, "close must be numbers"),
        (DAYS[[0, 1, 2, 1]], {"close": CLOSE}, "rows 1 and 3 are both at 2020-01-02"),
        ([1, 2, 3, 4], {"close": CLOSE}, "convert numbers with their unit"),
        (np.array(["2020-01-01", "NaT"], "M8[D]"), {"close": [1.0, 2.0]}, "not a time"),
    ],
)
def test_bad_rows_are_named_and_nothing_is_kept(store, timestamps, columns, message):
    with pytest.raises(InvalidInput, match=message):
        store.write(1, timestamps, **columns)
    assert rows(store) == []


# ---------------------------------------------------------------- actions


def test_actions_come_back_with_the_bars(store):
    store.write(1, DAYS, close=[100, 25, 25, 24])
    store.write(2, DAYS, close=CLOSE)
    kinds = ["split", "dividend"]
    assert store.write_actions(1, DAYS[[1, 3]], kinds, [4.0, 1.0]) == WriteResult(2, 0, 0)
    assert store.write_actions(1, DAYS[[1, 3]], kinds, [4.0, 1.5]) == WriteResult(0, 1, 1)
    assert store.write_actions(2, DAYS[[1, 1]], kinds, [2.0, 0.5]) == WriteResult(2, 0, 0)
    bars = store.read_bars({"A": 1}, adjustment="raw")
    assert bars.actions == (
        CorporateAction("A", DAYS[1], "split", 4.0),
        CorporateAction("A", DAYS[3], "dividend", 1.5),
    )
    np.testing.assert_allclose(bars.prices("total_return").values[:, 0], [100, 100, 100, 102])
    window = store.read_bars({"A": 1, "B": 2}, end="2020-01-02", adjustment="raw")
    assert [(a.symbol, a.kind) for a in window.actions] == [("A", "split"), ("B", "dividend"), ("B", "split")]


@pytest.mark.parametrize(
    ("kinds", "values", "message"),
    [
        (["split", "merger"], [2.0, 1.0], "row 1: .*'merger' is not split or dividend"),
        (["split", "split"], [2.0, -1.0], "row 1: .*ratio -1.0"),
        (["dividend", "dividend"], [0.5, np.nan], "row 1: .*value nan"),
        (["split"], [2.0, 3.0], "2 timestamps, 1 kinds and 2 values"),
    ],
)
def test_bad_actions_are_named_and_nothing_is_kept(store, kinds, values, message):
    with pytest.raises(InvalidInput, match=message):
        store.write_actions(1, DAYS[:2], kinds, values)
    assert rows(store, "corporate_action") == []


def test_two_dividends_at_one_instant_are_refused(store):
    with pytest.raises(InvalidInput, match="row 1 repeats the dividend at 2020-01-01"):
        store.write_actions(1, DAYS[[0, 0]], ["dividend", "dividend"], [0.5, 0.5])


# ---------------------------------------------------------------- reading


def test_bounds_include_both_ends(store):
    closes = DAYS + np.timedelta64(21, "h")
    store.write(1, closes, close=CLOSE)

    def read(**window):
        return store.read_prices({"A": 1}, adjustment="raw", **window).values[:, 0].tolist()

    assert read(start="2020-01-02", end="2020-01-03") == [2, 3]
    assert read(start=date(2020, 1, 3)) == [3, 4]
    assert read(start=closes[1], end=closes[2]) == [2, 3]
    assert read(start=closes[1] + np.timedelta64(1, "us"), end=closes[2]) == [3]
    with pytest.raises(InvalidInput, match="end 2020-01-01 is before start 2020-01-02"):
        read(start="2020-01-02", end="2020-01-01")


def test_unequal_histories_lie_on_one_axis(store):
    store.write(1, DAYS[1:3], close=[20.0, 30.0])
    store.write(2, DAYS[[0, 3]], close=[1.0, 4.0])
    panel = store.read_prices({"B": 2, "none": 77, "A": 1}, adjustment="split")
    assert panel.symbols == ("B", "none", "A")
    assert panel.adjustment == "split"
    np.testing.assert_array_equal(panel.timestamps, DAYS)
    nan = np.nan
    np.testing.assert_array_equal(
        panel.values, [[1, nan, nan], [nan, nan, 20], [nan, nan, 30], [4, nan, nan]]
    )


def test_the_last_bars_are_those_a_whole_read_ends_with(store):
    store.write(1, DAYS, close=CLOSE, volume=CLOSE * 10)
    store.write(2, DAYS[1:3], close=CLOSE[1:3])
    series = {"B": 2, "A": 1, "B again": 2, "none": 99}
    whole = store.read_bars(series, adjustment="raw")
    for n_bars in (1, 2, 3, 9):
        last = store.read_latest(series, n_bars=n_bars, adjustment="raw")
        assert last.symbols == tuple(series)
        for j, symbol in enumerate(series):
            for field in ("close", "volume"):
                read, ours = getattr(whole, field)[:, j], getattr(last, field)
                expected = read[~np.isnan(whole.close[:, j])][-n_bars:]
                found = ours[~np.isnan(last.close[:, j]), j]
                assert found.tobytes() == expected.tobytes(), (n_bars, symbol, field)
        assert last.open is None
    assert store.read_latest({"A": 1}, adjustment="raw").timestamps.tolist() == DAYS[-1:].tolist()
    with pytest.raises(InvalidInput, match="ask for one bar at least"):
        store.read_latest(series, n_bars=0, adjustment="raw")
    with pytest.raises(DataUnavailable, match="no bars of none"):
        store.read_latest({"none": 99}, adjustment="raw")


def test_no_bar_at_all_is_said(store):
    store.write(1, DAYS, close=CLOSE)
    with pytest.raises(DataUnavailable, match="no bars of A between 2021-01-01 and now"):
        store.read_prices({"A": 1}, start="2021-01-01", adjustment="raw")
    many = {f"S{i}": 100 + i for i in range(9)}
    with pytest.raises(DataUnavailable, match="S0, S1, S2, S3, S4 and 4 more"):
        store.read_bars(many, adjustment="raw")
    with pytest.raises(DataUnavailable, match="no symbols"):
        store.read_bars({}, adjustment="raw")


def test_coverage_of_more_series_than_a_query_takes_parameters(store):
    store.write(70_000, DAYS, close=CLOSE)
    coverage = store.coverage(range(300_000))
    assert len(coverage) == 300_000
    assert coverage[70_000] == Coverage(4, DAYS[0], DAYS[-1])
    assert coverage[0] == Coverage(0, None, None)


def test_panels_are_taken_over_without_a_copy(store):
    """1.26 M bars are 10 MB a field: the panel must be the matrix that was filled."""
    store.write(1, DAYS, close=CLOSE)
    panel = store.read_prices({"A": 1}, adjustment="raw")
    assert not panel.values.flags.writeable
    assert panel.values.flags.f_contiguous


# ---------------------------------------------------------------- many series at once


def test_many_series_in_one_call(store):
    store.write(2, DAYS[:2], close=[1.0, 9.0])
    series = np.array([3, 1, 2, 3, 2, 1, 2])
    result = store.write_many(
        series,
        DAYS[[1, 0, 0, 0, 1, 3, 2]],
        close=[31.0, 10.0, 1.0, 30.0, 2.0, 13.0, 3.0],
        volume=np.arange(7.0),
    )
    # series 2: two bars were there, one as it is but for its volume
    assert result == {1: WriteResult(2, 0, 0), 2: WriteResult(1, 2, 0), 3: WriteResult(2, 0, 0)}
    day = int(DAYS[0].astype(int))
    step = 86_400_000_000
    assert [(s, (t - day) // step, c, v) for s, t, _, _, _, c, v in rows(store)] == [
        *((1, 0, 10.0, 1.0), (1, 3, 13.0, 5.0)),
        *((2, 0, 1.0, 2.0), (2, 1, 2.0, 4.0), (2, 2, 3.0, 6.0)),
        *((3, 0, 30.0, 3.0), (3, 1, 31.0, 0.0)),
    ]
    again = store.write_many(
        series, DAYS[[1, 0, 0, 0, 1, 3, 2]], close=[31, 10, 1, 30, 2, 13, 3], volume=np.arange(7)
    )
    assert again == {1: WriteResult(0, 0, 2), 2: WriteResult(0, 0, 3), 3: WriteResult(0, 0, 2)}
    assert store.write_many([], [], close=[]) == {}


def test_many_series_are_all_kept_or_none(store):
    store.write(2, DAYS, close=CLOSE)
    before = rows(store)
    for series_ids, days, close, message in (
        ([1, 2, 1], DAYS[[0, 0, 0]], [1.0, 2.0, 3.0], "rows 0 and 2 of series 1 are both at 2020-01-01"),
        ([1, 2], DAYS[:2], [1.0, np.inf], r"row 1 \(2020-01-02.*close is inf"),
        ([1, 2, 3], DAYS[:2], [1.0, 2.0], r"series_ids has shape \(3,\), but there are 2 timestamps"),
        ([1.5, 2.0], DAYS[:2], [1.0, 2.0], "series numbers must be whole numbers, got float64"),
        (
            [1, 2],
            np.array(["2020-01-01", "20000-01-01"], "M8[us]"),
            [1.0, 2.0],
            "row 1 is at 20000.*years 1 and 9999",
        ),
    ):
        with pytest.raises(InvalidInput, match=message):
            store.write_many(series_ids, days, close=close)
    assert rows(store) == before


def test_the_same_however_it_is_written(store, tmp_path):
    """One call, a call a series, and many calls in one transaction leave the same rows."""
    rng = np.random.default_rng(8)
    series, days = np.repeat([7, 8, 9], 50), np.tile(np.arange(50).astype("M8[D]"), 3)
    close = rng.random(150) * 100.0
    store.write_many(series, days, close=close)
    expected = rows(store)
    with new_store("sqlite", tmp_path) as other:
        for key in (9, 7, 8):
            other.write(key, days[series == key], close=close[series == key])
        assert rows(other) == expected
    with new_store("sqlite", tmp_path) as third:
        with third.writing() as batch:
            for row in rng.permutation(150).reshape(10, 15):
                batch.write_many(series[row], days[row], close=close[row])
        assert rows(third) == expected


# ---------------------------------------------------------------- revisions


def test_a_changed_bar_keeps_what_it_was(store):
    store.write(1, DAYS, open=CLOSE, close=CLOSE)
    assert len(store.revisions(1)) == 0
    store.write(1, DAYS[1:3], open=CLOSE[1:3], close=[2.5, 3.0])
    store.write(1, DAYS, close=CLOSE)
    store.write(2, DAYS, close=CLOSE)
    kept = store.revisions(1)
    assert kept.timestamps.tolist() == DAYS[[0, 1, 1, 2, 3]].tolist()
    assert kept.close.tolist() == [1.0, 2.0, 2.5, 3.0, 4.0]
    assert kept.open.tolist() == [1.0, 2.0, 2.0, 3.0, 4.0]
    assert np.isnan(kept.volume).all()
    assert kept.revised_at[1] < kept.revised_at[2]
    assert abs(kept.revised_at[-1] - np.datetime64("now")) < np.timedelta64(1, "h")
    assert len(rows(store, "price_revision")) == 5
    assert len(store.revisions(2)) == 0


def test_a_clock_that_stands_still_loses_no_revision(store, monkeypatch):
    from titan_core.data.store.postgres import writer as postgres_writer
    from titan_core.data.store.sqlite import writer as sqlite_writer

    for module in (sqlite_writer, postgres_writer):
        monkeypatch.setattr(module, "now_microseconds", lambda: 1_600_000_000_000_000)
    for value in (1.0, 2.0, 3.0, 4.0):
        store.write(1, DAYS[:1], close=[value])
    kept = store.revisions(1)
    assert kept.close.tolist() == [1.0, 2.0, 3.0]
    assert kept.revised_at.astype(int).tolist() == [1_600_000_000_000_000 + i for i in range(3)]


def test_what_failed_leaves_no_revision(store):
    store.write(1, DAYS, close=CLOSE)

    def fail():
        with store.writing() as batch:
            batch.write(1, DAYS, close=CLOSE * 2)
            raise RuntimeError("mine")

    with pytest.raises(RuntimeError, match="mine"):
        fail()
    assert len(store.revisions(1)) == 0


# ---------------------------------------------------------------- reading less


def test_fields_that_are_not_read_are_none(store):
    store.write(1, DAYS, open=CLOSE, high=CLOSE, low=CLOSE, close=CLOSE, volume=CLOSE)
    store.write_actions(1, DAYS[1:2], ["split"], [2.0])
    bars = store.read_bars({"A": 1}, adjustment="raw", fields=("volume",))
    assert (bars.open, bars.high, bars.low) == (None, None, None)
    assert bars.close[:, 0].tolist() == bars.volume[:, 0].tolist() == CLOSE.tolist()
    assert len(bars.actions) == 1


def test_one_series_under_two_names(store):
    store.write(1, DAYS, close=CLOSE)
    store.write_actions(1, DAYS[1:2], ["split"], [2.0])
    bars = store.read_bars({"A": 1, "B": 1}, adjustment="raw")
    assert (bars.close[:, 0] == bars.close[:, 1]).all()
    assert [action.symbol for action in bars.actions] == ["A", "B"]
