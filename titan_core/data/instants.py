"""UTC instants: what people write for a moment or a day, as ``datetime64[us]``."""

from datetime import UTC, date, datetime
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from titan_core.errors import InvalidInput

__all__ = ["Instant", "Instants", "as_bounds", "as_instant", "as_instants"]

Instants: TypeAlias = npt.NDArray[np.datetime64]
# A datetime (naive means UTC), a date or date string (the whole day), an ISO string, a numpy datetime64.
Instant: TypeAlias = str | date | datetime | np.datetime64

_LAST_OF_DAY = np.timedelta64(86_400_000_000 - 1, "us")
_DAY_OR_COARSER = {"D", "W", "M", "Y"}


def as_instant(value: Instant, name: str, *, end_of_day: bool = False) -> np.datetime64:
    """One moment as UTC ``datetime64[us]``; a bare date is its first microsecond, or its last if asked.

    Raises
    ------
    InvalidInput
        ``value`` is no moment; the message calls it ``name``.
    """
    moment, whole_day = _parse(value, name)
    return moment + _LAST_OF_DAY if whole_day and end_of_day else moment


def as_bounds(
    start: Instant | None, end: Instant | None
) -> tuple[np.datetime64 | None, np.datetime64 | None]:
    """Both ends of an inclusive window; a bare date as ``end`` takes in that whole day.

    Raises
    ------
    InvalidInput
        An end is no moment, or the window ends before it starts.
    """
    first = None if start is None else as_instant(start, "start")
    last = None if end is None else as_instant(end, "end", end_of_day=True)
    if first is not None and last is not None and last < first:
        raise InvalidInput(f"end {end} is before start {start}: swap them")
    return first, last


def as_instants(values: npt.ArrayLike, name: str) -> Instants:
    """Array of moments as UTC ``datetime64[us]`` of shape (n,), in the order given.

    Takes datetime64 arrays of any unit and sequences of datetimes, dates or ISO strings. Plain numbers are
    refused: nobody can tell seconds from microseconds.
    """
    array = np.asarray(values)
    if array.ndim != 1:
        raise InvalidInput(f"{name} must be one-dimensional, got shape {array.shape}")
    if array.dtype.kind in "OU":
        array = np.array(
            [as_instant(value, f"{name}[{i}]") for i, value in enumerate(array.tolist())], "M8[us]"
        )
    if array.size == 0:
        return np.empty(0, "datetime64[us]")
    if array.dtype.kind != "M":
        raise InvalidInput(
            f"{name} must be datetimes, got {array.dtype}: convert numbers with their unit first"
        )
    instants = array.astype("datetime64[us]")
    if np.isnat(instants).any():
        raise InvalidInput(f"{name}[{int(np.argmax(np.isnat(instants)))}] is not a time (NaT)")
    return instants


def _parse(value: object, name: str) -> tuple[np.datetime64, bool]:
    """The moment, and whether only a day was named."""
    if isinstance(value, str):
        value = _parse_text(value, name)
    if isinstance(value, datetime):
        if value != value:  # pandas' NaT is a datetime that differs from itself
            raise InvalidInput(f"{name} is not a time (NaT)")
        naive = value if value.tzinfo is None else value.astimezone(UTC).replace(tzinfo=None)
        return np.datetime64(naive.isoformat(), "us"), False
    if isinstance(value, date):
        return np.datetime64(value.isoformat(), "us"), True
    if isinstance(value, np.datetime64) and not np.isnat(value):
        unit = np.datetime_data(value.dtype)[0]
        return value.astype("datetime64[us]"), unit in _DAY_OR_COARSER
    raise InvalidInput(f"{name} must be a date or datetime, got {value!r}")


def _parse_text(text: str, name: str) -> date:
    """ISO 8601; ten characters are a date, more a datetime."""
    try:
        return date.fromisoformat(text) if len(text) == 10 else datetime.fromisoformat(text)
    except ValueError as error:
        raise InvalidInput(
            f"{name} {text!r} is no ISO date: write 2022-12-28 or 2022-12-28T21:00:00Z"
        ) from error
