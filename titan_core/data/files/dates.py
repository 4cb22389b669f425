"""Cells as days of an exchange: ISO, day first, month first, compact, epoch numbers, spreadsheet serials, zones."""

import datetime as dt
import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pyarrow as pa
import pyarrow.types as pat

from titan_core.data.calendars import exchange_zone
from titan_core.data.files.options import FileOptions
from titan_core.errors import InvalidInput
from titan_core.types import BoolArray, Int1D

__all__ = ["DateReader", "Days", "evidence"]

_EPOCH = dt.date(1970, 1, 1).toordinal()
_SERIAL_ZERO = dt.date(1899, 12, 30).toordinal()  # day 0 of spreadsheets, with their leap year 1900
_FIRST = dt.date(1900, 1, 1)
_NAMES = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_MONTHS = {name: i for i, name in enumerate(_NAMES, start=1)}
_TIME = (
    r"(?:[T\s]+(?P<hour>\d{1,2}):?(?P<minute>\d{2})(?::?(?P<second>\d{2})(?:[.,](?P<fraction>\d{1,9}))?)?"
    r"\s*(?P<half>[AaPp][Mm])?\s*(?P<zone>Z|UTC|GMT|[+-]\d{2}:?\d{2}(?::\d{2})?)?)?"
)
_ISO = re.compile(rf"(?P<year>\d{{4}})[-/.](?P<month>\d{{1,2}})[-/.](?P<day>\d{{1,2}}){_TIME}")
_COMPACT = re.compile(rf"(?P<year>(?:18|19|20|21)\d\d)(?P<month>\d\d)(?P<day>\d\d){_TIME}")
_TWO_ORDERS = re.compile(rf"(?P<one>\d{{1,2}})[-/.](?P<two>\d{{1,2}})[-/.](?P<year>\d{{4}}){_TIME}")
_NAMED = re.compile(
    rf"(?P<day>\d{{1,2}})[-/\s.]+(?P<name>[A-Za-z]{{3,9}})\.?[-/,\s]+(?P<year>\d{{4}}){_TIME}"
)
_NAMED_US = re.compile(rf"(?P<name>[A-Za-z]{{3,9}})\.?\s+(?P<day>\d{{1,2}}),?\s+(?P<year>\d{{4}}){_TIME}")
_SHORT_YEAR = re.compile(r"\d{1,2}[-/.](?:\d{1,2}|[A-Za-z]{3})[-/.]\d{2}")
_NUMBER = re.compile(r"(\d{5,19})(?:\.0*)?")
_MICROSECONDS_A_DAY = 86_400_000_000
_CACHE = 1_000_000

# day since 1970, microseconds since midnight, and what is wrong (then the others mean nothing)
_Moment = tuple[int, int, str]


@dataclass(frozen=True, slots=True)
class Days:
    """Exchange days of a batch.

    Attributes
    ----------
    day : ndarray of shape (n,), int64, days since 1970-01-01
    time : ndarray of shape (n,), int64, microseconds after midnight of that day (0 where only a day is written)
    problems : dict of position to what is wrong with the cell there; day is 0 there
    """

    day: Int1D
    time: Int1D
    problems: dict[int, str]

    @property
    def bad(self) -> BoolArray:
        """Which cells are no date."""
        mask = np.zeros(self.day.size, np.bool_)
        mask[list(self.problems)] = True
        return mask


def evidence(cells: Iterable[str]) -> tuple[int, int, str]:
    """How many cells can only be read day first, only month first; and an example that can be read both ways."""
    day_first = month_first = 0
    unclear = ""
    for cell in cells:
        match = _TWO_ORDERS.fullmatch(cell.strip())
        if match is None:
            continue
        one, two = int(match["one"]), int(match["two"])
        if one > 12 >= two:
            day_first += 1
        elif two > 12 >= one:
            month_first += 1
        elif one != two and not unclear:
            unclear = cell.strip()
    return day_first, month_first, unclear


class DateReader:
    """Turns date columns of one file into exchange days; distinct cells are read once.

    A cell at midnight, in whatever zone it is written, names that day. Any other time of day is an instant: one with
    an offset is moved to the exchange's zone, one without is in ``options.timezone``, else on the exchange's clock.
    """

    def __init__(self, options: FileOptions, order: str | None) -> None:
        self._order = order
        self._exchange = exchange_zone(options.calendar)
        self._given = None if options.timezone is None else ZoneInfo(options.timezone)
        self._latest = options.latest
        self._cache: dict[Any, _Moment] = {}
        self._kinds: set[str] = set()  # of instants seen: "with" or "without" an offset

    def read(self, column: Any, times: Any = None) -> Days:
        """Days of an Arrow column of any type; ``times`` is a column of times of day beside it."""
        if times is not None:
            texts = zip(
                column.cast(pa.string()).to_pylist(), times.cast(pa.string()).to_pylist(), strict=True
            )
            column = pa.array([f"{day} {_clock(time)}" for day, time in texts])
        encoded = column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column
        if not pat.is_dictionary(encoded.type):
            encoded = encoded.dictionary_encode()
        values = encoded.dictionary
        moments = [self._moment(key, values.type) for key in _keys(values)]
        codes = encoded.indices.to_numpy(zero_copy_only=False)
        missing = np.isnan(codes) if codes.dtype.kind == "f" else np.zeros(codes.size, np.bool_)
        codes = np.where(missing, 0, codes).astype(np.int64)
        day = np.array([moment[0] for moment in moments] or [0], np.int64)[codes]
        time = np.array([moment[1] for moment in moments] or [0], np.int64)[codes]
        wrong = np.array([bool(moment[2]) for moment in moments] or [True])[codes] | missing
        problems = {
            int(i): "the date is empty" if missing[i] else moments[codes[i]][2] for i in np.flatnonzero(wrong)
        }
        return Days(day, time, problems)

    def _moment(self, key: Any, kind: Any) -> _Moment:
        if key not in self._cache:
            if len(self._cache) > _CACHE:
                self._cache.clear()
            try:
                self._cache[key] = self._bounded(*self._parse(key, kind))
            except (InvalidInput, ValueError, OverflowError) as error:
                said = (
                    str(error)
                    if isinstance(error, InvalidInput)
                    else f"{_brief(key)} is no date of the calendar"
                )
                self._cache[key] = 0, 0, said
        return self._cache[key]

    def _parse(self, key: Any, kind: Any) -> tuple[dt.date, int]:
        if key is None:
            raise InvalidInput("the date is empty")
        if isinstance(key, str):
            return self._text(key.strip())
        if isinstance(key, bool):
            raise InvalidInput(f"{key} is no date")
        if isinstance(key, (int, float)):
            return self._number(key)
        if isinstance(key, dt.datetime):  # before date: a datetime is one
            return self._instant(key)
        if isinstance(key, dt.date):
            return key, 0
        raise InvalidInput(f"{_brief(key)} is no date")

    def _text(self, text: str) -> tuple[dt.date, int]:
        if not text:
            raise InvalidInput("the date is empty")
        for pattern in (_ISO, _COMPACT):
            if match := pattern.fullmatch(text):
                return self._written(match, int(match["month"]), int(match["day"]))
        if match := _TWO_ORDERS.fullmatch(text):
            one, two = int(match["one"]), int(match["two"])
            if self._order is None and one != two:
                raise InvalidInput(f"{text} can be read day first or month first: say date_order")
            month, day = (one, two) if self._order == "month_first" else (two, one)
            if month > 12:
                other = "month first" if self._order == "day_first" else "day first"
                raise InvalidInput(
                    f"{text} has no month {month}: the other dates of the file are not {other}"
                )
            return self._written(match, month, day)
        if match := _NAMED.fullmatch(text) or _NAMED_US.fullmatch(text):
            month = _MONTHS.get(match["name"][:3].lower(), 0)
            if not month:
                raise InvalidInput(f"{_brief(text)}: {match['name']!r} is no month; write 2021-04-03")
            return self._written(match, month, int(match["day"]))
        if match := _NUMBER.fullmatch(text):
            return self._number(int(match[1]))
        if _SHORT_YEAR.fullmatch(text):
            raise InvalidInput(f"{text} has a year of two digits: write four")
        raise InvalidInput(f"{_brief(text)} is no date: write 2021-04-03")

    def _written(self, match: re.Match[str], month: int, day: int) -> tuple[dt.date, int]:
        date = dt.date(int(match["year"]), month, day)
        if match["hour"] is None:
            return date, 0
        hour, half = int(match["hour"]), (match["half"] or "").lower()
        if half:
            hour = hour % 12 + (12 if half == "pm" else 0)
        fraction = int((match["fraction"] or "0").ljust(9, "0")[:6])
        time = dt.time(hour, int(match["minute"]), int(match["second"] or 0), fraction)
        return self._instant(dt.datetime.combine(date, time, _offset(match["zone"])))

    def _number(self, value: float) -> tuple[dt.date, int]:
        """Epoch seconds, milli-, micro- or nanoseconds by size; YYYYMMDD; days of a spreadsheet."""
        if value != value or value != int(value):
            raise InvalidInput(f"{value} is no date: write 2021-04-03")
        whole = int(value)
        if 19_000_101 <= whole <= 21_991_231 and (match := _COMPACT.fullmatch(str(whole))):
            return self._written(match, int(match["month"]), int(match["day"]))
        if 10_000 <= whole <= 99_999:
            return dt.date.fromordinal(_SERIAL_ZERO + whole), 0
        for unit in (10**6, 10**3, 1):
            if 10**8 <= whole * unit // 10**6 < 10**10:
                return self._instant(
                    dt.datetime.fromtimestamp(0, dt.UTC) + dt.timedelta(microseconds=whole * unit)
                )
        if 10**17 <= whole < 10**19:
            return self._instant(
                dt.datetime.fromtimestamp(0, dt.UTC) + dt.timedelta(microseconds=whole // 1000)
            )
        raise InvalidInput(f"{whole} is no date: epoch seconds, YYYYMMDD and spreadsheet days are understood")

    def _instant(self, moment: dt.datetime) -> tuple[dt.date, int]:
        if moment.time() == dt.time(0):
            return moment.date(), 0
        kind = "without" if moment.tzinfo is None else "with"
        if kind == "without" and self._given is not None:
            moment = moment.replace(tzinfo=self._given)
        elif self._kinds - {kind}:
            raise InvalidInput(
                f"{moment.isoformat(' ')} is written {kind} a time zone, and rows before it are not: "
                "write all of them alike, or say timezone for those without"
            )
        else:
            self._kinds.add(kind)
        local = moment if moment.tzinfo is None else moment.astimezone(self._exchange)
        clock = local.time()
        seconds = (clock.hour * 60 + clock.minute) * 60 + clock.second
        return local.date(), seconds * 1_000_000 + clock.microsecond

    def _bounded(self, date: dt.date, time: int) -> _Moment:
        if date < _FIRST:
            raise InvalidInput(f"{date} is before 1900: check the year")
        if self._latest is not None and date > self._latest:
            raise InvalidInput(f"{date} lies in the future: check the year, or the order of day and month")
        return date.toordinal() - _EPOCH, time, ""


def _keys(values: Any) -> list[Any]:
    """Distinct cells as Python values; timestamps to the microsecond, in their own zone."""
    if pat.is_timestamp(values.type) and values.type.unit == "ns":
        values = values.cast(pa.timestamp("us", values.type.tz), safe=False)
    if pat.is_decimal(values.type):
        return [None if value is None else float(value) for value in values.to_pylist()]
    return list(values.to_pylist())


def _offset(zone: str | None) -> dt.tzinfo | None:
    if zone is None:
        return None
    if zone in {"Z", "UTC", "GMT"}:
        return dt.UTC
    digits = zone[1:].replace(":", "")
    span = dt.timedelta(hours=int(digits[:2]), minutes=int(digits[2:4]))
    return dt.timezone(-span if zone[0] == "-" else span)


def _clock(text: str | None) -> str:
    """A time of day as 16:00:00; bare digits are HHMMSS."""
    bare = (text or "").strip()
    if bare.isdigit() and len(bare) <= 6:
        bare = bare.zfill(6 if len(bare) > 4 else 4)
        return ":".join(bare[i : i + 2] for i in range(0, len(bare), 2))
    return bare or "00:00"


def _brief(value: object) -> str:
    text = str(value)
    return repr(text if len(text) <= 40 else text[:40] + "…")
