"""Session closes against days everyone can look up, and the calendars' edges."""

import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import date

import exchange_calendars
import numpy as np
import pytest

from titan_core.data.calendars import exchange_zone, last_sessions, session_closes, sessions_between
from titan_core.errors import InvalidInput


@pytest.mark.parametrize(
    ("calendar", "day", "close"),
    [
        ("XNYS", "2022-12-28", "2022-12-28T21:00"),  # winter: 16:00 in New York is 21:00 UTC
        ("XNYS", "2022-07-01", "2022-07-01T20:00"),  # summer
        ("XNYS", "2022-11-25", "2022-11-25T18:00"),  # the day after Thanksgiving closes at 13:00
        ("XNYS", "2020-12-24", "2020-12-24T18:00"),
        ("XNYS", "2019-07-03", "2019-07-03T17:00"),
        ("XNYS", "1990-01-02", "1990-01-02T21:00"),
        ("XNYS", "2007-03-12", "2007-03-12T20:00"),  # the first year in which summer time began in March
        ("XNYS", "2006-03-13", "2006-03-13T21:00"),
        ("XLON", "2022-07-01", "2022-07-01T15:30"),
        ("24/7", "2022-12-25", "2022-12-26T00:00"),
    ],
)
def test_known_closes(calendar, day, close):
    assert session_closes(calendar, [day])[0] == np.datetime64(close, "us")


def test_any_order_and_kind_of_date():
    expected = np.array(["2022-12-28T21:00", "1990-01-02T21:00"], "M8[us]")
    for dates in (
        ["2022-12-28", "1990-01-02"],
        [date(2022, 12, 28), date(1990, 1, 2)],
        np.array(["2022-12-28", "1990-01-02"], "M8[D]"),
        np.array(["2022-12-28", "1990-01-02"], "M8[ns]"),
    ):
        closes = session_closes("XNYS", dates)
        np.testing.assert_array_equal(closes, expected)
        assert closes.dtype == np.dtype("M8[us]")
    assert session_closes("XNYS", []).size == 0


@pytest.mark.parametrize(
    ("calendar", "day", "message"),
    [
        ("XNYS", "2022-12-25", "2022-12-25 is no session of XNYS"),
        ("XNYS", "2001-09-11", "2001-09-11 is no session of XNYS"),
        ("XNYS", "2012-10-29", "2012-10-29 is no session"),  # the hurricane Sandy
        ("XNYS", "2022-12-31", "2022-12-31 is no session"),  # after the year's last session
        ("XNYS", "2023-01-01", "2023-01-01 is no session"),  # before the year's first
        ("XXXX", "2022-12-28", "no calendar 'XXXX'"),
        ("XNYS", "2300-01-03", "does not cover 2300"),
        ("XNYS", "2022-12-28T21:00", "is no date"),
    ],
)
def test_refusals_name_the_date(calendar, day, message):
    with pytest.raises(InvalidInput, match=message):
        session_closes(calendar, [day] if calendar != "XNYS" or day > "2299" else ["2022-12-28", day])


def test_sessions_of_a_window():
    week = sessions_between("XNYS", "2022-12-23", "2022-12-28")
    assert week.astype(str).tolist() == ["2022-12-23", "2022-12-27", "2022-12-28"]
    assert sessions_between("XNYS", "2022-12-24", "2022-12-26").size == 0
    with pytest.raises(InvalidInput, match="before start"):
        sessions_between("XNYS", "2022-12-28", "2022-12-27")


@pytest.mark.parametrize("count", [1, 2, 252, 2520])
def test_last_sessions_end_where_asked_and_are_consecutive(count):
    sessions = last_sessions("XNYS", "2022-12-26", count)  # a holiday: the last one is the Friday before
    assert sessions.size == count
    assert sessions[-1] == np.datetime64("2022-12-23")
    np.testing.assert_array_equal(sessions, sessions_between("XNYS", sessions[0], "2022-12-26"))


def test_the_twenty_years_default_of_the_library_does_not_bind():
    assert last_sessions("XNYS", "2022-12-28", 8313)[0] == np.datetime64("1990-01-02")


def test_pandas_is_loaded_for_those_who_ask_only():
    code = "import sys, titan_core.data.calendars; print('pandas' in sys.modules, 'exchange_calendars' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "False False\n"


def test_calendars_are_made_one_at_a_time(monkeypatch):
    # pandas silences warnings of its own by a switch of the whole process
    made, inside, most = exchange_calendars.get_calendar, [], []

    def slowly(*args, **kwargs):
        inside.append(args)
        time.sleep(0.02)
        most.append(len(inside))
        inside.pop()
        return made(*args, **kwargs)

    monkeypatch.setattr(exchange_calendars, "get_calendar", slowly)
    years = range(2001, 2007)
    with ThreadPoolExecutor(len(years) + 1) as pool:
        zone = pool.submit(exchange_zone.__wrapped__, "XNYS")
        spans = list(pool.map(lambda year: sessions_between("XNYS", f"{year}-01-01", f"{year}-12-31"), years))
    assert [int(span[0].astype(object).year) for span in spans] == list(years)
    assert str(zone.result()) == "America/New_York"
    assert len(most) >= 5
    assert set(most) == {1}
