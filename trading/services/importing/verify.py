"""Source against store: the same bars, counted and hashed on each side from what each side answers."""

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any

import numpy as np

from titan_core.data.calendars import session_closes, sessions_between
from titan_core.data.files.dates import DateReader
from titan_core.data.files.options import FileOptions
from titan_core.data.files.tables import column_numbers
from titan_core.errors import DataUnavailable
from titan_core.types import Adjustment, BoolArray
from trading.models import Series, Timeframe
from trading.services.importing.pieces import as_arrow
from trading.services.importing.sources import Row, SourceTable
from trading.services.price_stores import price_store

__all__ = ["Comparison", "compare"]

_BARS = ("open", "high", "low", "close", "volume")
_TOLD = 20


@dataclass(slots=True)
class Comparison:
    """What became of every row of the source.

    Attributes
    ----------
    n_rows : rows the source has
    n_stored : those stored to the last bit
    n_different : those whose day is stored with other numbers
    n_absent : those whose day is not stored, or that another row of the same day stands for
    n_beside : bars of these series that the source does not have
    source_digest, stored_digest : sha256 over symbol, times and numbers of the bars on both sides
    examples : the first differences, in words
    """

    n_rows: int = 0
    n_stored: int = 0
    n_different: int = 0
    n_absent: int = 0
    n_beside: int = 0
    source_digest: str = ""
    stored_digest: str = ""
    examples: list[str] = field(default_factory=list)

    @property
    def is_equal(self) -> bool:
        """Whether each bar that is in both is the same."""
        return not self.n_different and self.source_digest == self.stored_digest


def compare(
    source: SourceTable, *, series_source: str, adjustment: Adjustment, options: FileOptions
) -> Comparison:
    """Read the source once more, and every series it names out of the store."""
    found = Comparison()
    ours, theirs = hashlib.sha256(), hashlib.sha256()
    rows_of = Series.objects.filter(source=series_source, adjustment=adjustment, timeframe=Timeframe.DAILY)
    series = dict(rows_of.values_list("symbol__ticker", "pk"))
    dates = DateReader(options, None)
    for symbol, rows in _by_symbol(source):
        found.n_rows += len(rows)
        ticker = (symbol or "").strip().upper()
        if ticker not in series:
            found.n_absent += len(rows)
            continue
        times, bars, n_unread = _of_source(rows, source, dates, options.calendar)
        stored_times, stored_bars = _of_store(ticker, series[ticker], adjustment)
        at = np.minimum(np.searchsorted(stored_times, times), max(stored_times.size - 1, 0))
        there = (stored_times[at] == times) if stored_times.size else np.zeros(times.size, np.bool_)
        _count(found, ticker, (times, bars, there), (stored_times, stored_bars, at), n_unread)
        for digest, when, what in (
            (theirs, times[there], bars[there]),
            (ours, *_once(stored_times, stored_bars, at, there)),
        ):
            digest.update(f"{ticker}|{when.size}\n".encode())
            digest.update(np.ascontiguousarray(when).tobytes())
            digest.update(np.ascontiguousarray(what).tobytes())
    found.source_digest, found.stored_digest = theirs.hexdigest(), ours.hexdigest()
    return found


def _by_symbol(source: SourceTable) -> Iterator[tuple[Any, list[Row]]]:
    rows = (row for batch in source.rows() for row in batch)
    for symbol, run in groupby(rows, key=lambda row: row[0]):
        yield symbol, list(run)


def _of_source(
    rows: Sequence[Row], source: SourceTable, dates: DateReader, calendar: str
) -> tuple[Any, Any, int]:
    """Times and numbers of the rows that can be bars, one a time, sorted; and how many rows are not among them."""
    table = as_arrow(rows, ["symbol", "date", *source.columns.fields])
    days = dates.read(table.column("date"))
    good: BoolArray = ~days.bad
    columns = np.full((len(rows), len(_BARS)), np.nan)
    for name in source.columns.fields:
        numbers, broken = column_numbers(table.column(name).combine_chunks(), ".")
        good &= ~broken
        if name in _BARS:
            columns[:, _BARS.index(name)] = numbers
    if good.any():
        first, last = (np.datetime64(int(edge), "D") for edge in (days.day[good].min(), days.day[good].max()))
        sessions = sessions_between(calendar, first, last).astype(np.int64)
        good &= np.isin(days.day, sessions)
    _, first_at = np.unique(days.day[good], return_index=True)
    kept = np.flatnonzero(good)[first_at]
    closes = session_closes(calendar, days.day[kept].astype("M8[D]"))
    return closes.astype(np.int64), columns[kept] + 0.0, len(rows) - kept.size


def _of_store(ticker: str, series_id: int, adjustment: Adjustment) -> tuple[Any, Any]:
    try:
        bars = price_store().read_bars({ticker: series_id}, adjustment=adjustment)
    except DataUnavailable:
        return np.empty(0, np.int64), np.empty((0, len(_BARS)))
    columns = np.full((bars.n_bars, len(_BARS)), np.nan)
    for j, name in enumerate(_BARS):
        values = getattr(bars, name)
        if values is not None:
            columns[:, j] = values[:, 0]
    return bars.timestamps.astype(np.int64), columns


def _once(times: Any, bars: Any, at: Any, there: BoolArray) -> tuple[Any, Any]:
    """The stored bars that the source has, in order."""
    return times[at[there]], bars[at[there]] + 0.0


def _count(
    found: Comparison,
    ticker: str,
    source: tuple[Any, Any, BoolArray],
    stored: tuple[Any, Any, Any],
    n_unread: int,
) -> None:
    times, bars, there = source
    stored_times, stored_bars, at = stored
    ours = stored_bars[at[there]]
    same = ((bars[there] == ours) | (np.isnan(bars[there]) & np.isnan(ours))).all(axis=1)
    found.n_stored += int(same.sum())
    found.n_different += int((~same).sum())
    found.n_absent += int((~there).sum()) + n_unread
    found.n_beside += int(stored_times.size - there.sum())
    for i in np.flatnonzero(~same)[: max(_TOLD - len(found.examples), 0)]:
        when = times[there][i].astype("M8[us]")
        found.examples.append(
            f"{ticker} {when}: the source has {bars[there][i].tolist()}, the store {ours[i].tolist()}"
        )
