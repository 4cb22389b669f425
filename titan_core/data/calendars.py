"""Trading calendars: which days an exchange was open, and the UTC instant at which each session closed."""

from functools import lru_cache
from threading import Lock
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt

from titan_core.data.instants import Instant, Instants, as_instant, as_instants
from titan_core.errors import InvalidInput

__all__ = ["exchange_zone", "last_sessions", "session_closes", "sessions_between"]

_DAY = "datetime64[D]"
# While it works holidays out pandas swaps the filters of warnings, which are the whole process's: one thread at a time.
_making = Lock()


def session_closes(calendar: str, dates: npt.ArrayLike) -> Instants:
    """UTC instants at which these sessions closed, early closes and daylight saving included.

    Parameters
    ----------
    calendar : str
        A name of exchange_calendars: "XNYS" for the New York exchanges, "XLON", "24/7" for crypto (its
        sessions close at the next midnight UTC), ...
    dates : array-like of shape (n,), dates as the exchange counts them, any order
        ISO strings, dates or datetime64 without a time of day.

    Returns
    -------
    ndarray of shape (n,), datetime64[us], in the order given

    Raises
    ------
    InvalidInput
        The calendar is not known, a date carries a time of day, or the exchange was shut on it; the message
        names the date.
    """
    instants = as_instants(dates, "dates")
    days = instants.astype(_DAY)
    with_time = days != instants
    if with_time.any():
        raise InvalidInput(
            f"{instants[int(np.argmax(with_time))]} is no date: a session is named by its day alone"
        )
    if not days.size:
        return instants
    sessions, closes = _schedule(calendar, *_years(days.min(), days.max()))
    at = np.searchsorted(sessions, days)
    known = (
        sessions[np.minimum(at, sessions.size - 1)] == days
        if sessions.size
        else np.zeros(days.size, np.bool_)
    )
    if not known.all():
        raise InvalidInput(f"{days[int(np.argmin(known))]} is no session of {calendar}: it was shut that day")
    return closes[at]


def sessions_between(calendar: str, start: Instant, end: Instant) -> npt.NDArray[np.datetime64]:
    """Days on which the exchange was open, from ``start`` to ``end`` inclusive, as datetime64[D].

    Raises
    ------
    InvalidInput
        The calendar is not known or does not reach that far.
    """
    first, last = as_instant(start, "start").astype(_DAY), as_instant(end, "end").astype(_DAY)
    if last < first:
        raise InvalidInput(f"end {end} is before start {start}: swap them")
    sessions, _ = _schedule(calendar, *_years(first, last))
    return np.array(sessions[(sessions >= first) & (sessions <= last)], _DAY)


def last_sessions(calendar: str, end: Instant, count: int) -> npt.NDArray[np.datetime64]:
    """The last ``count`` days on which the exchange was open, up to ``end`` inclusive, as datetime64[D]."""
    last = as_instant(end, "end").astype(_DAY)
    span = count + 10  # calendar days; grown until it holds enough sessions, whatever the calendar's rhythm
    sessions = sessions_between(calendar, last - np.timedelta64(span, "D"), last)
    while sessions.size < count:
        span *= 2
        sessions = sessions_between(calendar, last - np.timedelta64(span, "D"), last)
    return np.array(sessions[sessions.size - count :], _DAY)


@lru_cache(maxsize=64)
def exchange_zone(calendar: str) -> ZoneInfo:
    """The time zone in which an exchange counts its days."""
    import exchange_calendars  # brings pandas and half a second: only for those who ask for a calendar

    with _making:
        found = exchange_calendars.get_calendar(calendar, start="2020-01-02", end="2020-12-31")
    return ZoneInfo(str(found.tz))


def _years(first: Any, last: Any) -> tuple[int, int]:
    """Whole years around both days: few distinct spans, so the cache hits."""
    return tuple(int(day.astype("datetime64[Y]").astype(int)) + 1970 for day in (first, last))  # type: ignore[return-value]  # two in, two out


@lru_cache(maxsize=64)
def _schedule(calendar: str, first_year: int, last_year: int) -> tuple[npt.NDArray[np.datetime64], Instants]:
    """Sessions (days) and their closes of whole years, read-only."""
    import exchange_calendars  # brings pandas and half a second: only for those who ask for a calendar

    try:
        # without a start the library begins twenty years ago
        with _making:
            found = exchange_calendars.get_calendar(
                calendar, start=f"{first_year}-01-01", end=f"{last_year}-12-31"
            )
    except exchange_calendars.errors.InvalidCalendarName as error:
        raise InvalidInput(f"there is no calendar {calendar!r}: write XNYS, XLON, 24/7, ...") from error
    except ValueError as error:  # its bounds, and pandas' range of nanosecond times
        raise InvalidInput(
            f"calendar {calendar} does not cover {first_year} to {last_year}: {error}"
        ) from error
    sessions = found.closes.index.to_numpy().astype(_DAY)
    closes = found.closes.dt.tz_localize(None).to_numpy().astype("datetime64[us]")
    sessions.flags.writeable = closes.flags.writeable = False
    return sessions, closes
