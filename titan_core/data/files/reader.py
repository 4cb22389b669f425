"""One file of bars, read in batches of numbers: recognised, converted, its unreadable rows set aside."""

import contextlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from titan_core.data.files import delimited
from titan_core.data.files.batches import NUMBERS, Batch
from titan_core.data.files.dates import DateReader, Days, evidence
from titan_core.data.files.headings import TICKER, Columns, recognise, symbol_of_name
from titan_core.data.files.numbers import decimal_mark
from titan_core.data.files.options import FileOptions, InvalidOption
from titan_core.data.files.report import Rejected, RowReport
from titan_core.data.files.sources import Member, members_of
from titan_core.data.files.tables import ParquetTable, column_numbers, column_texts
from titan_core.data.files.text import Utf8Stream
from titan_core.errors import Cancelled, InvalidInput
from titan_core.types import BoolArray, Int1D, Progress, ShouldStop

__all__ = ["BarFile", "Recognised", "read_bars_file"]

MAX_SYMBOLS = 50_000


@dataclass(slots=True)
class Recognised:
    """What a file turned out to be; told to its owner."""

    layout: str = "long"
    columns: dict[str, str] = field(default_factory=dict)
    fields: frozenset[str] = frozenset()
    notes: list[str] = field(default_factory=list)


@dataclass(slots=True)
class _Table:
    """An open table of either kind, and how to read its cells."""

    name: str
    headings: tuple[str, ...]
    columns: Columns
    batches: Any
    decimal: str
    symbol: str | None


class BarFile:
    """A file of bars; iterate it once for its batches.

    Parameters
    ----------
    path : where it is
    name : what its owner calls it; its ending does not matter, and a ticker may be taken from it
    options : what the file does not say
    report : where rows that can't be read are set aside
    progress : called with bytes (or rows) done and in all
    should_stop : polled between batches

    Attributes
    ----------
    symbols : list of str, in order of appearance; a batch's ``code`` is a position in it
    recognised : Recognised, whole after the first batch of the last table
    n_rows : int, rows read so far, the unreadable ones included

    Raises
    ------
    InvalidInput
        While iterating: the file is no table of bars, or leaves open what only its owner can say.
    Cancelled
        ``should_stop`` answered yes.
    """

    def __init__(
        self,
        path: str | Path,
        *,
        name: str | None = None,
        options: FileOptions | None = None,
        report: RowReport | None = None,
        progress: Progress | None = None,
        should_stop: ShouldStop | None = None,
    ) -> None:
        self.path = Path(path)
        self.name = name or self.path.name
        self.options = options or FileOptions()
        self.report = report if report is not None else RowReport()
        self.symbols: list[str] = []
        self.recognised = Recognised()
        self.n_rows = 0
        self._codes: dict[str, int] = {}
        self._progress = progress
        self._should_stop = should_stop
        self._members: list[Member] | None = None
        self._offset = 0  # rows of former tables of an archive, so that a row has one number
        self._done = 0
        self._position: Callable[[], int] = lambda: 0  # bytes read of the open table

    @property
    def members(self) -> list[Member]:
        """The tables in it."""
        if self._members is None:
            self._members = members_of(self.path, self.name)
        return self._members

    def estimated_rows(self) -> int:
        """About how many bars it has, on the high side."""
        return sum(member.size_hint // (20 if member.is_parquet else 25) for member in self.members) + 1

    def __iter__(self) -> Iterator[Batch]:
        total = sum(member.size_hint for member in self.members)
        for member in self.members:
            with contextlib.ExitStack() as stack:
                table = self._open(member, stack)
                self._tell(table)
                dates = DateReader(self.options, self._date_order(member, table))
                last = 0
                for rows, cells in table.batches:
                    self._check_stop()
                    last = int(rows[-1]) if rows.size else last
                    yield from self._convert(table, rows, cells, dates)
                    self._tell_progress(total)
                self._offset += last if len(self.members) > 1 else 0
            self._done += member.size_hint
        if not self.n_rows:
            raise InvalidInput(f"{self.name} has a heading and no rows")

    # ---------------------------------------------------------------- opening

    def _open(self, member: Member, stack: contextlib.ExitStack) -> _Table:
        stream = stack.enter_context(member.opened())
        if member.is_parquet:
            table = ParquetTable(stream, member.name)
            columns = recognise(table.headings, self.options, dates=table.dates)
            batches = table.batches(_used(columns))
            self._position = lambda: min(
                member.size_hint, self.n_rows * member.size_hint // max(table.n_rows, 1)
            )
            return _Table(
                member.name, table.headings, columns, batches, ".", self._symbol(columns, member.name)
            )
        text = Utf8Stream(stream, member.name)
        self._position = lambda: min(text.bytes_read, member.size_hint)
        heading = delimited.heading_of(text, self.options, member.name)
        columns = recognise(heading.names, self.options)
        prices = [
            columns.fields[n] for n in ("close", "open", "high", "low", "adjusted") if n in columns.fields
        ]
        prices = prices or list(columns.tickers.values())[:50]
        decimal = decimal_mark(
            (row[i] for row in heading.sample for i in prices if i < len(row)), self.options.decimal
        )
        bad: list[delimited.BadLine] = []
        raw = delimited.text_batches(text, heading, _used(columns), bad)
        batches = self._telling_bad_lines(raw, bad)
        return _Table(
            member.name, heading.names, columns, batches, decimal, self._symbol(columns, member.name)
        )

    def _symbol(self, columns: Columns, name: str) -> str | None:
        """The one ticker of a file that names none in its rows."""
        if columns.layout == "wide" or columns.symbol is not None:
            return None
        asked = (self.options.symbol or "").strip().upper()
        if asked and len(self.members) == 1:
            if not TICKER.fullmatch(asked):
                raise InvalidOption(
                    "symbol", f"{asked!r} can't be a ticker: capital letters, digits and . - = ^ /"
                )
            return asked
        found = symbol_of_name(name)
        if found is None:
            raise InvalidOption(
                "symbol",
                f"no column names a symbol, and {name!r} does not either: say symbol, or call the file KO.csv",
            )
        self._note(f"{name}: the symbol {found} was taken from the file's name.")
        return found

    def _tell(self, table: _Table) -> None:
        found = self.recognised
        found.layout = table.columns.layout
        found.columns = table.columns.described(table.headings)
        named = {"close"} if table.columns.layout == "wide" else set(table.columns.fields)
        if found.fields and found.fields != named and len(self.members) > 1:
            self._note(f"{table.name} has other columns than the files before it.")
        found.fields = found.fields | named
        if table.decimal == ",":
            self._note("Numbers were read with a decimal comma.")

    def _date_order(self, member: Member, table: _Table) -> str | None:
        """What 03/04/2021 means in this table; the whole of it is looked through if its beginning doesn't tell."""
        if self.options.date_order != "auto":
            return self.options.date_order
        if member.is_parquet and not pa.types.is_string(_kind(table, member)):
            return None
        day_first = month_first = 0
        unclear = ""
        with contextlib.ExitStack() as stack:
            for texts in self._date_cells(member, table, stack):
                one, two, example = evidence(texts)
                day_first, month_first, unclear = day_first + one, month_first + two, unclear or example
                if day_first or month_first or (not unclear and not one and not two):
                    break
        if not unclear and not day_first and not month_first:
            return None
        if day_first == month_first:
            raise InvalidOption(
                "date_order",
                f"dates such as {unclear or '03/04/2021'} can be read day first or month first, and no date of "
                f"{table.name} settles it: say date_order=day_first or date_order=month_first",
            )
        order = "day_first" if day_first > month_first else "month_first"
        self._note(f"Dates were read {order.replace('_', ' ')}, as those with a day above 12 show.")
        return order

    def _date_cells(
        self, member: Member, table: _Table, stack: contextlib.ExitStack
    ) -> Iterator[Sequence[str]]:
        """Distinct cells of the date column, batch after batch, from a second look at the file."""
        stream = stack.enter_context(member.opened())
        at = table.columns.date
        if member.is_parquet:
            batches: Any = ParquetTable(stream, member.name).batches([at])
        else:
            text = Utf8Stream(stream, member.name)
            heading = delimited.heading_of(text, self.options, member.name)
            yield [row[at] for row in heading.sample if at < len(row)]
            batches = delimited.text_batches(text, heading, [at], [])
        for _, cells in batches:
            self._check_stop()
            yield [cell for cell in column_texts(cells[at]).unique().to_pylist() if cell]

    # ---------------------------------------------------------------- rows

    def _convert(
        self, table: _Table, rows: Int1D, cells: dict[int, Any], dates: DateReader
    ) -> Iterator[Batch]:
        columns = table.columns
        written = _written(cells, rows.size)
        rows, cells = rows[written] + self._offset, {i: _filtered(c, written) for i, c in cells.items()}
        if not rows.size:
            return
        self.n_rows += rows.size
        times = None if columns.time is None else cells[columns.time]
        days = dates.read(cells[columns.date], times)
        make = _Rows(table, rows, cells)
        if columns.layout == "wide":
            yield from self._wide(table, make, days)
            return
        good = ~days.bad
        self.report.add("bad_date", days.problems, lambda i: make.rejected(i, "bad_date", days.problems[i]))
        code, no_symbol = self._codes_of(table, cells, rows.size)
        self.report.add("no_symbol", np.flatnonzero(good & no_symbol).tolist(), make.no_symbol)
        good &= ~no_symbol
        numbers, bad_number = {}, np.zeros(rows.size, np.bool_)
        for name in NUMBERS:
            if name not in columns.fields:
                numbers[name] = np.full(rows.size, np.nan)
                continue
            numbers[name], bad = column_numbers(
                cells[columns.fields[name]], table.decimal, suffixes=name == "volume"
            )
            told = good & bad & ~bad_number
            self.report.add("bad_number", np.flatnonzero(told).tolist(), make.bad_number(name))
            bad_number |= bad
        self.report.count_symbols(self.symbols[c] for c in code[good & bad_number])
        good &= ~bad_number
        yield Batch(row=rows, code=code, day=days.day, time=days.time, **numbers).take(good)

    def _wide(self, table: _Table, make: "_Rows", days: Days) -> Iterator[Batch]:
        """A row a day becomes a bar a symbol; an empty cell is no bar."""
        good = ~days.bad
        self.report.add("bad_date", days.problems, lambda i: make.rejected(i, "bad_date", days.problems[i]))
        kept = np.flatnonzero(good)
        n = kept.size
        if not n:
            return
        tickers = table.columns.tickers
        parts: list[Batch] = []
        for ticker, at in tickers.items():
            close, bad = column_numbers(make.cells[at], table.decimal)
            self.report.add("bad_number", np.flatnonzero(good & bad).tolist(), make.bad_cell(ticker, at))
            self.report.count_symbols([ticker] * int((good & bad).sum()))
            there = kept[~np.isnan(close[kept]) & ~bad[kept]]
            if there.size:
                parts.append(_closes(make.rows[there], self._code(ticker), days, there, close[there]))
            if len(parts) >= 256:
                yield Batch.join(parts)
                parts = []
        if parts:
            yield Batch.join(parts)

    def _codes_of(self, table: _Table, cells: dict[int, Any], n: int) -> tuple[Int1D, BoolArray]:
        """Symbol codes of rows, and which rows name none."""
        at = table.columns.symbol
        if at is None:
            assert table.symbol is not None, "a table without symbols has one of its own"  # noqa: S101 - narrows the type
            return np.full(n, self._code(table.symbol), np.int64), np.zeros(n, np.bool_)
        encoded = column_texts(cells[at]).dictionary_encode()
        own = [self._code((text or "").strip().upper()) for text in encoded.dictionary.to_pylist()]
        codes = pc.fill_null(encoded.indices, -1).to_numpy(zero_copy_only=False)
        found = np.array([*own, -1], np.int64)[codes]
        return np.where(found < 0, 0, found), found < 0

    def _code(self, ticker: str) -> int:
        """The ticker's number, -1 where it can't be a ticker."""
        code = self._codes.get(ticker)
        if code is None:
            if not TICKER.fullmatch(ticker):
                return -1
            code = self._codes[ticker] = len(self.symbols)
            self.symbols.append(ticker)
            if len(self.symbols) > MAX_SYMBOLS:
                raise InvalidInput(
                    f"{self.name} names more than {MAX_SYMBOLS:,} symbols: is the column of symbols the right one?"
                )
        return code

    def _telling_bad_lines(self, raw: Any, bad: list[delimited.BadLine]) -> Iterator[Any]:
        for item in raw:
            self._tell_bad_lines(bad)
            yield item
        self._tell_bad_lines(bad)

    def _tell_bad_lines(self, bad: list[delimited.BadLine]) -> None:
        lines = list(bad)
        bad.clear()
        self.n_rows += len(lines)

        def make(i: int) -> Rejected:
            line = lines[i]
            said = (
                f"row {line.row} has {line.found} cells where the heading has {line.expected}: mend the line"
            )
            return Rejected(line.row + self._offset, "", None, "bad_number", said, {"line": line.text})

        self.report.add("bad_number", range(len(lines)), make)

    # ---------------------------------------------------------------- telling

    def _note(self, text: str) -> None:
        if text not in self.recognised.notes and len(self.recognised.notes) < 20:
            self.recognised.notes.append(text)

    def _check_stop(self) -> None:
        if self._should_stop is not None and self._should_stop():
            raise Cancelled(f"reading {self.name} was cancelled; nothing of it was stored")

    def _tell_progress(self, total: int) -> None:
        if self._progress is not None:
            self._progress(min(self._done + self._position(), total), max(total, 1))


def read_bars_file(
    path: str | Path,
    *,
    options: FileOptions | None = None,
    name: str | None = None,
    report: RowReport | None = None,
    progress: Progress | None = None,
    should_stop: ShouldStop | None = None,
) -> BarFile:
    """A file of bars, ready to be iterated in batches; see `BarFile`."""
    return BarFile(
        path, name=name, options=options, report=report, progress=progress, should_stop=should_stop
    )


class _Rows:
    """Makes the rejected rows of one batch, when they are asked for."""

    def __init__(self, table: _Table, rows: Int1D, cells: dict[int, Any]) -> None:
        self.table, self.rows, self.cells = table, rows, cells

    def rejected(self, i: int, reason: str, message: str, *, symbol: str | None = None) -> Rejected:
        """Row i, with its cells."""
        shown = list(self.cells)[:40]
        values = {self.table.headings[at] or f"column {at + 1}": _shown(self.cells[at][i]) for at in shown}
        row = int(self.rows[i])
        return Rejected(
            row, self._symbol(i) if symbol is None else symbol, None, reason, f"row {row}: {message}", values
        )

    def no_symbol(self, i: int) -> Rejected:
        """A row without a ticker."""
        said = self._symbol(i)
        words = f"{said[:40]!r} can't be a ticker" if said else "the symbol is empty"
        return self.rejected(i, "no_symbol", words)

    def bad_number(self, name: str) -> Any:
        """Maker for cells of one column that are no number."""
        at = self.table.columns.fields[name]
        return self.bad_cell(None, at)

    def bad_cell(self, symbol: str | None, at: int) -> Any:
        """Maker for cells at one position that are no number."""
        heading = self.table.headings[at]

        def make(i: int) -> Rejected:
            cell = _shown(self.cells[at][i])
            return self.rejected(i, "bad_number", f"{heading} is {cell!r}, no number", symbol=symbol)

        return make

    def _symbol(self, i: int) -> str:
        at = self.table.columns.symbol
        if at is None:
            return self.table.symbol or ""
        return str(_shown(self.cells[at][i]) or "").strip().upper()[:40]


def _used(columns: Columns) -> list[int]:
    """Positions that are read, each once, in order."""
    wanted = {columns.date, *columns.fields.values(), *columns.tickers.values()}
    wanted |= {at for at in (columns.time, columns.symbol) if at is not None}
    return sorted(wanted)


def _kind(table: _Table, member: Member) -> Any:
    """Arrow type of the date column of a Parquet table."""
    with member.opened() as stream:
        kind = ParquetTable(stream, member.name).schema.types[table.columns.date]
    if pa.types.is_dictionary(kind):
        kind = kind.value_type
    return pa.string() if pa.types.is_large_string(kind) else kind


def _written(cells: dict[int, Any], n: int) -> BoolArray:
    """Which rows have anything in them: blank lines come as rows of empty cells."""
    first = next(iter(cells.values()))
    if not pa.types.is_string(first.type):
        return np.ones(n, np.bool_)
    blank = np.ones(n, np.bool_)
    for column in cells.values():
        if not pa.types.is_string(column.type):
            return np.ones(n, np.bool_)
        lengths = pc.fill_null(pc.utf8_length(column), 0).to_numpy(zero_copy_only=False)
        blank &= lengths == 0
        if not blank.any():
            break
    return ~blank


def _filtered(column: Any, written: BoolArray) -> Any:
    return column if written.all() else column.filter(pa.array(written))


def _closes(rows: Int1D, code: int, days: Days, there: Int1D, close: Any) -> Batch:
    """Bars that have a close and nothing else."""
    nothing = np.full(rows.size, np.nan)
    return Batch(
        row=rows,
        code=np.full(rows.size, code, np.int64),
        day=days.day[there],
        time=days.time[there],
        close=close,
        **{name: nothing for name in NUMBERS if name != "close"},
    )


def _shown(cell: Any) -> Any:
    """A cell as JSON can hold it, not too long."""
    value = cell.as_py() if hasattr(cell, "as_py") else cell
    if value is None or isinstance(value, (bool, int)):
        return value
    if isinstance(value, float):
        return value if np.isfinite(value) else str(value)
    text = str(value)
    return text if len(text) <= 200 else text[:200] + "…"
