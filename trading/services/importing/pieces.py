"""A foreign table cut into Parquet files of whole symbols, each of which is then an upload like any other."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from titan_core.errors import InvalidInput
from trading.services.importing.sources import Row, SourceTable

__all__ = ["Piece", "as_arrow", "pieces"]

MAX_ROWS_A_SYMBOL = 200_000  # more are no daily bars, and would not fit in a piece


@dataclass(frozen=True, slots=True)
class Piece:
    """One file: its rows are those of the symbols up to `last`, from the one after the piece before it."""

    path: Path
    first: str
    last: str
    n_rows: int


def pieces(source: SourceTable, folder: Path, *, after: str | None, n_rows: int) -> Iterator[Piece]:
    """Files of about `n_rows` rows, cut between symbols; each is deleted when the next one is asked for.

    Raises
    ------
    InvalidInput
        A symbol has more rows than there have been days.
    """
    names = ["symbol", "date", *source.columns.fields]
    for rows in _runs(source.rows(after=after), n_rows, source.name):
        tables = [as_arrow(batch, names) for batch in rows]
        path = folder / "piece.parquet"
        table = _joined(tables)
        pq.write_table(table, path)
        first, last = str(rows[0][0][0] or ""), str(rows[-1][-1][0] or "")
        try:
            yield Piece(path, first, last, table.num_rows)
        finally:
            path.unlink(missing_ok=True)


def as_arrow(rows: Sequence[Row], names: Sequence[str]) -> Any:
    """Rows as columns: numbers as doubles, times as they are; anything else goes as text, and is set aside."""
    columns = list(zip(*rows, strict=True))
    arrays = [pa.array([None if cell is None else str(cell) for cell in columns[0]], pa.string())]
    arrays.append(_typed(columns[1], None))
    arrays += [_typed(column, pa.float64()) for column in columns[2:]]
    return pa.table(dict(zip(names, arrays, strict=True)))


def _typed(cells: Sequence[Any], kind: Any) -> Any:
    try:
        return pa.array(cells, kind)
    except (pa.ArrowException, TypeError, OverflowError):
        return pa.array([None if cell is None else str(cell) for cell in cells], pa.string())


def _joined(tables: list[Any]) -> Any:
    """Batches as one table; a column that is text in one of them, or of two kinds, is text in all."""
    kinds: dict[str, set[Any]] = {}
    for table in tables:
        for column in table.schema:
            if not pa.types.is_null(column.type):
                kinds.setdefault(column.name, set()).add(column.type)
    fields = [
        (name, next(iter(kinds[name])) if len(kinds.get(name, ())) == 1 else pa.string())
        for name in tables[0].schema.names
    ]
    schema = pa.schema(fields)
    return pa.concat_tables([table.cast(schema) for table in tables])


def _runs(batches: Iterable[list[Row]], n_rows: int, name: str) -> Iterator[list[list[Row]]]:
    """Batches gathered until there are `n_rows` rows and a symbol has ended."""
    gathered: list[list[Row]] = []
    size, symbol, of_symbol = 0, object(), 0
    for batch in batches:
        start = 0
        for i, row in enumerate(batch):
            if row[0] != symbol:
                if size + i - start >= n_rows:
                    yield [*gathered, batch[start:i]] if i > start else gathered
                    gathered, size, start = [], 0, i
                symbol, of_symbol = row[0], 0
            of_symbol += 1
            if of_symbol > MAX_ROWS_A_SYMBOL and symbol is not None:
                raise InvalidInput(
                    f"{symbol} has more than {MAX_ROWS_A_SYMBOL:,} rows in {name}: this release stores daily bars; "
                    "import a view with one row a day"
                )
        gathered.append(batch[start:])
        size += len(batch) - start
    if gathered:
        yield gathered
