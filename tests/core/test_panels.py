"""Panels: what they refuse, what they keep, and the ways in and out."""

import pickle
from datetime import UTC, date, datetime, timedelta, timezone

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.core.panel_strategies import FINITE, PRICES, panels, raw_bars
from titan_core.data import BarPanel, CorporateAction, PricePanel
from titan_core.data.arrays import frozen
from titan_core.errors import DataUnavailable, InvalidInput

DAYS = np.arange("2020-01-01", "2020-01-05", dtype="M8[D]")
VALUES = np.array([[1.0, 10.0], [2.0, np.nan], [3.0, 30.0], [4.0, 40.0]])


def small(**changes):
    return PricePanel(**({"symbols": ("A", "B"), "timestamps": DAYS, "values": VALUES} | changes))


class TestRefusals:
    @pytest.mark.parametrize(
        ("changes", "message"),
        [
            ({"symbols": ("A",)}, r"shape \(4, 2\), but there are 4 bars × 1 symbols"),
            ({"symbols": ("A", "A")}, "symbol A is there twice"),
            ({"symbols": ("A", "")}, r"symbols\[1\] is ''"),
            ({"symbols": ("A", 7)}, r"symbols\[1\] is 7"),
            ({"symbols": "AB"}, "one string 'AB'"),
            ({"timestamps": DAYS[:3]}, "3 bars"),
            ({"timestamps": DAYS[[0, 2, 1, 3]]}, r"timestamps\[2\] = 2020-01-02.* comes after 2020-01-03"),
            ({"timestamps": DAYS[[0, 1, 1, 3]]}, r"timestamps\[2\] repeats 2020-01-02"),
            ({"timestamps": [1, 2, 3, 4]}, "convert numbers with their unit"),
            ({"timestamps": np.array([*DAYS[:3], "NaT"], "M8[D]")}, r"timestamps\[3\] is not a time"),
            ({"timestamps": DAYS.reshape(2, 2)}, "one-dimensional"),
            ({"values": VALUES.astype(str)}, "must be numbers"),
            ({"values": VALUES > 2}, "must be numbers"),
            ({"values": np.where(VALUES == 30.0, np.inf, VALUES)}, "B at 2020-01-03.* is inf"),
            ({"values": np.where(VALUES == 4.0, -np.inf, VALUES)}, "A at 2020-01-04.* is -inf"),
            ({"adjustment": "adjusted"}, "adjustment 'adjusted' is none of raw, split, total_return"),
            ({"scale": "logs"}, "scale 'logs' is none of log, price"),
        ],
    )
    def test_says_what_and_where(self, changes, message):
        with pytest.raises(InvalidInput, match=message):
            small(**changes)

    @pytest.mark.parametrize("bad", [0.0, -1.5])
    def test_log_names_symbol_and_bar(self, bad):
        values = VALUES.copy()
        values[2, 1] = bad
        with pytest.raises(InvalidInput, match=rf"B at 2020-01-03T00:00:00.000000 is {bad}"):
            small(values=values).log()

    def test_select_names_what_is_missing(self):
        with pytest.raises(DataUnavailable, match="no column for C, D: the panel has A, B"):
            small().select(["A", "C", "D"])

    def test_bars_need_closes_and_known_symbols(self):
        with pytest.raises(InvalidInput, match="close is None"):
            BarPanel(("A", "B"), DAYS, VALUES, None, None, None)
        with pytest.raises(InvalidInput, match="high has shape"):
            BarPanel(("A", "B"), DAYS, VALUES, VALUES[:3], None, VALUES)
        stray = CorporateAction("C", DAYS[0], "split", 2.0)
        with pytest.raises(InvalidInput, match="is of C, which has no column"):
            BarPanel(("A", "B"), DAYS, None, None, None, VALUES, None, (stray,))


class TestImmutability:
    def test_callers_array_and_panel_do_not_share_memory(self):
        values, days = VALUES.copy(), DAYS.astype("M8[us]")
        panel = small(values=values, timestamps=days)
        values[:] = 99.0
        days[:] = days[0]
        assert panel == small()
        assert values.flags.writeable

    def test_a_read_only_view_of_writable_memory_is_copied(self):
        base = VALUES.copy()
        view = base[:]
        view.flags.writeable = False
        panel = small(values=view)
        base[0, 0] = 99.0
        assert panel.values[0, 0] == 1.0

    def test_what_nobody_can_write_to_is_taken_over(self):
        """So a store's 1.26 M bars are not copied once more."""
        base = VALUES.copy()
        view = frozen(base[:, :])
        assert small(values=view).values is view
        assert not base.flags.writeable

    def test_arrays_refuse_writing(self):
        panel = small()
        for array in (panel.values, panel.timestamps, panel.log().values, panel.select(["B"]).values):
            with pytest.raises(ValueError, match="read-only"):
                array[0] = array[1]

    def test_pickled_panels_are_equal_and_read_only(self):
        for panel in (small(), BarPanel(("A", "B"), DAYS, None, None, None, VALUES)):
            again = pickle.loads(pickle.dumps(panel))
            assert again == panel
            assert not again.timestamps.flags.writeable

    def test_panels_have_no_python_hash(self):
        with pytest.raises(TypeError):
            hash(small())


class TestValues:
    def test_types_are_the_engines(self):
        panel = small(values=VALUES.astype(np.float32), timestamps=[date(2020, 1, d) for d in (1, 2, 3, 4)])
        assert panel.values.dtype == np.float64
        assert panel.timestamps.dtype == np.dtype("M8[us]")
        assert (panel.n_bars, panel.n_symbols) == (4, 2)

    def test_equality_sees_every_field(self):
        other = VALUES.copy()
        other[1, 1] = 5.0
        variants = [
            small(values=other),
            small(symbols=("A", "C")),
            small(timestamps=DAYS + 1),
            small(adjustment="raw"),
            small(scale="log"),
        ]
        assert all(small() != variant for variant in variants)
        assert small() == small()
        assert small() != "a panel"

    @given(panels(PRICES | st.just(np.nan), st.just("price")))
    def test_log_is_the_log_and_only_once(self, panel):
        logs = panel.log()
        np.testing.assert_array_equal(logs.values, np.log(panel.values))
        assert logs.scale == "log"
        assert logs.adjustment == panel.adjustment
        assert logs.log() is logs

    @given(panels(), st.data())
    def test_select_is_the_columns_in_order(self, panel, data):
        wanted = data.draw(
            st.permutations(panel.symbols).flatmap(lambda p: st.integers(0, len(p)).map(lambda k: p[:k]))
        )
        chosen = panel.select(wanted)
        assert chosen.symbols == tuple(wanted)
        for j, symbol in enumerate(wanted):
            np.testing.assert_array_equal(chosen.values[:, j], panel.values[:, panel.symbols.index(symbol)])

    @given(panels(min_bars=1), st.data())
    def test_between_includes_both_ends(self, panel, data):
        i, j = sorted(data.draw(st.tuples(*[st.integers(0, panel.n_bars - 1)] * 2)))
        part = panel.between(panel.timestamps[i], panel.timestamps[j])
        np.testing.assert_array_equal(part.timestamps, panel.timestamps[i : j + 1])
        np.testing.assert_array_equal(part.values, panel.values[i : j + 1])
        later = panel.between(panel.timestamps[i] + np.timedelta64(1, "us"))
        np.testing.assert_array_equal(later.timestamps, panel.timestamps[i + 1 :])


class TestWindows:
    CLOSES = np.array(["2020-01-02T21:00", "2020-01-03T21:00", "2020-01-06T21:00"], "M8[us]")

    @pytest.mark.parametrize(
        ("start", "end", "n_bars"),
        [
            (None, None, 3),
            ("2020-01-03", "2020-01-03", 1),
            (date(2020, 1, 3), date(2020, 1, 6), 2),
            (np.datetime64("2020-01-03"), np.datetime64("2020-01-06", "D"), 2),
            ("2020-01", None, None),
            (None, datetime(2020, 1, 3), 1),  # noqa: DTZ001 - naive on purpose: it means UTC
            (None, datetime(2020, 1, 3, 21, tzinfo=UTC), 2),
            (datetime(2020, 1, 3, 16, 0, 0, 1, tzinfo=timezone(timedelta(hours=-5))), None, 1),
            ("2020-01-03T21:00:00.000001Z", None, 1),
            (None, pd.Timestamp("2020-01-03 16:00", tz="America/New_York"), 2),
            ("2021-01-01", None, 0),
        ],
    )
    def test_bounds(self, start, end, n_bars):
        panel = PricePanel(("A",), self.CLOSES, [[1.0], [2.0], [3.0]])
        if n_bars is None:
            with pytest.raises(InvalidInput, match="no ISO date"):
                panel.between(start, end)
        else:
            assert panel.between(start, end).n_bars == n_bars

    @pytest.mark.parametrize("bad", ["yesterday", 5, np.datetime64("NaT"), pd.NaT])
    def test_what_is_no_time_is_refused(self, bad):
        with pytest.raises(InvalidInput, match="start"):
            small().between(bad)

    def test_end_before_start_is_refused(self):
        with pytest.raises(InvalidInput, match="end 2020-01-01 is before start 2020-01-02"):
            small().between("2020-01-02", "2020-01-01")

    def test_bars_keep_the_actions_of_the_window(self):
        actions = tuple(CorporateAction("A", day, "dividend", 0.1) for day in DAYS)
        bars = BarPanel(("A", "B"), DAYS, VALUES, None, None, VALUES, None, actions)
        part = bars.between("2020-01-02", "2020-01-03").select(["A"])
        assert [a.timestamp for a in part.actions] == list(DAYS[1:3])
        assert part == BarPanel(
            ("A",), DAYS[1:3], VALUES[1:3, :1], None, None, VALUES[1:3, :1], None, actions[1:3]
        )
        assert bars.select(["B"]).actions == ()


class TestFrames:
    @given(panels())
    def test_pandas_round_trip(self, panel):
        again = PricePanel.from_pandas(panel.to_pandas(), adjustment=panel.adjustment, scale=panel.scale)
        assert again == panel

    @given(panels())
    def test_arrow_round_trip_keeps_adjustment_and_scale(self, panel):
        assert PricePanel.from_arrow(panel.to_arrow()) == panel

    def test_no_bar_is_null_in_arrow(self):
        table = small().to_arrow()
        assert table["B"].null_count == 1
        assert table.schema.field("timestamp").type == pa.timestamp("us", "UTC")

    @given(panels())
    def test_polars_round_trip(self, panel):
        frame = pl.from_arrow(panel.to_arrow())
        assert PricePanel.from_arrow(frame, adjustment=panel.adjustment, scale=panel.scale) == panel

    @given(raw_bars())
    def test_bars_of_bars_are_equal(self, bars):
        assert bars.select(bars.symbols).between(bars.timestamps[0], bars.timestamps[-1]).prices(
            "raw"
        ) == bars.prices("raw")

    def test_any_frame_with_the_interchange_protocol(self):
        class OnlyInterchange:
            def __init__(self, frame):
                self.__dataframe__ = frame.__dataframe__

        table = pa.table({"when": pa.array(DAYS.astype("M8[us]")), "A": [1.0, None, 3.0, 4.0]})
        panel = PricePanel.from_arrow(OnlyInterchange(table))
        np.testing.assert_array_equal(panel.values[:, 0], [1.0, np.nan, 3.0, 4.0])
        np.testing.assert_array_equal(panel.timestamps, DAYS)

    def test_new_york_index_becomes_utc(self):
        index = pd.DatetimeIndex(["2020-07-01 16:00", "2020-12-01 16:00"], tz="America/New_York")
        panel = PricePanel.from_pandas(pd.DataFrame({"A": [1, 2]}, index=index))
        np.testing.assert_array_equal(
            panel.timestamps, np.array(["2020-07-01T20:00", "2020-12-01T21:00"], "M8[us]")
        )

    @pytest.mark.parametrize(
        ("frame", "message"),
        [
            (pd.DataFrame({"A": [1.0]}), "must be a DatetimeIndex"),
            (pd.DataFrame({1: [1.0]}, index=pd.DatetimeIndex(["2020"])), "column 1 is no symbol"),
            (pd.DataFrame({"A": ["x"]}, index=pd.DatetimeIndex(["2020"])), "column A holds"),
            (pd.DataFrame({"A": [True]}, index=pd.DatetimeIndex(["2020"])), "column A holds bool"),
            ([1.0], "takes a DataFrame, got list"),
        ],
    )
    def test_pandas_refusals(self, frame, message):
        with pytest.raises(InvalidInput, match=message):
            PricePanel.from_pandas(frame)

    @pytest.mark.parametrize(
        ("columns", "message"),
        [
            ({"A": [1.0]}, "no time column called 'timestamp'; columns of times: none"),
            ({"s": pa.array(DAYS[:1]), "t": pa.array(DAYS[:1])}, "columns of times: s, t"),
            ({"timestamp": pa.array([None], pa.timestamp("us"))}, "1 rows without a time"),
            ({"timestamp": pa.array(DAYS[:1]), "A": ["1.0"]}, "column A holds string"),
            ({"timestamp": pa.array(DAYS[:1]), "A": [True]}, "column A holds bool"),
        ],
    )
    def test_arrow_refusals(self, columns, message):
        with pytest.raises(InvalidInput, match=message):
            PricePanel.from_arrow(pa.table(columns))

    def test_what_is_no_table_is_refused(self):
        with pytest.raises(InvalidInput, match="dict is no table"):
            PricePanel.from_arrow({"A": [1.0]})

    def test_a_stock_may_be_called_timestamp(self):
        panel = small(symbols=("timestamp", "B"))
        assert PricePanel.from_arrow(panel.to_arrow()) == panel

    @given(st.lists(FINITE, min_size=1, max_size=3))
    def test_integers_and_decimals_become_floats(self, values):
        table = pa.table(
            {"timestamp": pa.array(DAYS[: len(values)]), "A": pa.array(range(len(values)), pa.int64())}
        )
        np.testing.assert_array_equal(
            PricePanel.from_arrow(table).values[:, 0], np.arange(len(values), dtype=float)
        )


def test_engine_imports_neither_pandas_nor_polars():
    """They are welcome at the door and absent inside: importing the data room must not load them."""
    import subprocess
    import sys

    code = (
        "import sys, titan_core.data, titan_core.data.store, titan_core.data.demo, titan_core.data.synthetic, "
        "titan_core.manifest; print([m for m in ('pandas', 'polars', 'exchange_calendars') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
