"""What a file of bars does not say itself."""

import datetime as dt
import zoneinfo
from dataclasses import dataclass
from typing import Literal, TypeAlias, get_args

from titan_core.errors import InvalidInput
from titan_core.types import Adjustment, Timeframe

__all__ = ["DateOrder", "DecimalMark", "Delimiter", "FileOptions", "Format", "InvalidOption", "Layout"]

Format: TypeAlias = Literal["auto", "csv", "parquet"]
Layout: TypeAlias = Literal["auto", "long", "wide"]
DateOrder: TypeAlias = Literal["auto", "day_first", "month_first"]
DecimalMark: TypeAlias = Literal["auto", ".", ","]
Delimiter: TypeAlias = Literal["auto", ",", ";", "\t", "|"]


class InvalidOption(InvalidInput):
    """An option that is none; ``field`` names it."""

    def __init__(self, field: str, message: str) -> None:
        super().__init__(message)
        self.field = field


@dataclass(frozen=True, slots=True)
class FileOptions:
    """How to read a file of bars; "auto" looks at the file.

    Attributes
    ----------
    format : "auto", "csv" or "parquet"
    layout : "auto", "long" (a row a bar) or "wide" (a row a day, a column of closes a symbol)
    delimiter : "auto", comma, semicolon, tab or bar
    decimal : "auto", "." or ","
    date_order : "auto", "day_first" or "month_first"
        What 03/04/2021 means. "auto" takes it from dates that can be read one way only, and asks where there is none.
    timezone : str, optional
        IANA name, for times of day written without a zone; None means the exchange's own.
    timeframe : "1d"
    calendar : str
        Exchange whose sessions the dates are.
    symbol : str, optional
        Ticker where the file holds one symbol and no column names it; None takes it from the file's name.
    adjustment : "auto", "raw", "split" or "total_return"
        What was done to the prices. "auto": raw, unless the only closes are adjusted ones (total_return).
    latest : date, optional
        Bars after this day are refused: they can't be known yet.

    Raises
    ------
    InvalidOption
        A value is none of those said above.
    """

    format: Format = "auto"
    layout: Layout = "auto"
    delimiter: Delimiter = "auto"
    decimal: DecimalMark = "auto"
    date_order: DateOrder = "auto"
    timezone: str | None = None
    timeframe: Timeframe = "1d"
    calendar: str = "XNYS"
    symbol: str | None = None
    adjustment: Adjustment | Literal["auto"] = "auto"
    latest: dt.date | None = None

    def __post_init__(self) -> None:
        """Check every option."""
        for name, kind in (
            ("format", Format),
            ("layout", Layout),
            ("delimiter", Delimiter),
            ("decimal", DecimalMark),
            ("date_order", DateOrder),
        ):
            self._check(name, get_args(kind))
        self._check("adjustment", ("auto", *get_args(Adjustment)))
        if self.timeframe != "1d":
            raise InvalidOption(
                "timeframe", f"timeframe is {self.timeframe!r}: this release stores daily bars (1d)"
            )
        if self.timezone is not None:
            try:
                zoneinfo.ZoneInfo(self.timezone)
            except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError) as error:
                raise InvalidOption(
                    "timezone", f"there is no time zone {self.timezone!r}: write America/New_York, UTC, ..."
                ) from error
        _check_calendar(self.calendar)

    def _check(self, name: str, allowed: tuple[str, ...]) -> None:
        value = getattr(self, name)
        if value not in allowed:
            raise InvalidOption(name, f"{name} is {value!r}: use one of {', '.join(map(repr, allowed))}")


def _check_calendar(name: str) -> None:
    import exchange_calendars  # half a second: only where a file is read

    if name not in exchange_calendars.get_calendar_names():
        raise InvalidOption("calendar", f"there is no calendar {name!r}: write XNYS, XLON, 24/7, ...")
