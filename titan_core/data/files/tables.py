"""Parquet: its columns' names and types, and its rows in batches."""

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pyarrow.types as pat

from titan_core.data.files.numbers import as_numbers
from titan_core.errors import InvalidInput
from titan_core.types import BoolArray, Float1D, Int1D

__all__ = ["ParquetTable", "column_numbers", "column_texts"]

MAX_ROWS = 200_000_000
_ROWS = 65_536
_CELLS = 4_000_000  # of one batch: a wide table is read fewer rows at a time


class ParquetTable:
    """An open Parquet file.

    Raises
    ------
    InvalidInput
        It is damaged, or declares more rows than bars can be.
    """

    def __init__(self, stream: Any, name: str) -> None:
        self._name = name
        try:
            self._file = pq.ParquetFile(pa.PythonFile(stream, mode="r"), pre_buffer=False)
        except (pa.ArrowException, OSError, ValueError) as error:
            raise self._damaged(error) from error
        self.n_rows = int(self._file.metadata.num_rows)
        if self.n_rows > MAX_ROWS:
            raise InvalidInput(
                f"{name} says it has {self.n_rows:,} rows: more than {MAX_ROWS:,} are not read"
            )
        if not self.n_rows:
            raise InvalidInput(f"{name} has columns and no rows")
        self.schema = self._file.schema_arrow
        self.headings = tuple(str(column) for column in self.schema.names)

    @property
    def dates(self) -> list[int]:
        """Positions of temporal columns."""
        return [i for i, column in enumerate(self.schema) if pat.is_temporal(column.type)]

    def batches(self, used: Sequence[int]) -> Iterator[tuple[Int1D, dict[int, Any]]]:
        """Row numbers (the first is 1) and columns by position."""
        size = max(1, min(_ROWS, _CELLS // max(len(used), 1)))
        names = [self.headings[i] for i in used]
        row = 1
        try:
            for batch in self._file.iter_batches(batch_size=size, columns=names, use_threads=False):
                positions = {i: batch.schema.get_field_index(self.headings[i]) for i in used}
                if any(position < 0 for position in positions.values()):
                    raise InvalidInput(f"{self._name} has nested or repeated columns: write a flat table")
                yield (
                    np.arange(row, row + batch.num_rows, dtype=np.int64),
                    {i: batch.column(position) for i, position in positions.items()},
                )
                row += batch.num_rows
        except (pa.ArrowException, OSError) as error:
            raise self._damaged(error) from error

    def _damaged(self, error: Exception) -> InvalidInput:
        first = (str(error).splitlines() or [""])[0][:160]
        return InvalidInput(f"{self._name} is cut off or damaged Parquet ({first}): upload it again")


def column_numbers(column: Any, decimal: str, *, suffixes: bool = False) -> tuple[Float1D, BoolArray]:
    """A column of any type as numbers, NaN where nothing stands, and which cells are no number."""
    kind = column.type
    if pat.is_dictionary(kind):
        column = column.dictionary_decode()
        kind = column.type
    if pat.is_string(kind) or pat.is_large_string(kind):
        return as_numbers(column, decimal, suffixes=suffixes)
    nothing = np.zeros(len(column), np.bool_)
    if pat.is_null(kind):
        return np.full(len(column), np.nan), nothing
    if pat.is_floating(kind) or pat.is_integer(kind) or pat.is_decimal(kind) or pat.is_boolean(kind):
        if pat.is_float32(
            kind
        ):  # 41.56 was meant, not 41.5600013733: the shortest decimal that is this float
            column = pc.cast(column, pa.string())
        numbers = np.asarray(
            pc.cast(column, pa.float64(), safe=False).to_numpy(zero_copy_only=False), np.float64
        )
        return numbers, nothing
    return np.full(len(column), np.nan), ~nothing


def column_texts(column: Any) -> Any:
    """A column of any type as an Arrow string array; null stays null."""
    if pat.is_dictionary(column.type):
        column = column.dictionary_decode()
    return column if pat.is_string(column.type) else pc.cast(column, pa.string())
