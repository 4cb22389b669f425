"""The price store on SQLite, through the standard library's driver alone."""

import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from types import TracebackType
from typing import Self

import numpy as np
import numpy.typing as npt

from titan_core.data.instants import Instant, as_bounds
from titan_core.data.panels import BarPanel, PricePanel
from titan_core.data.store.connections import ConnectionPool, open_connection, store_error
from titan_core.data.store.reader import Coverage, read_actions, read_aligned, read_coverage
from titan_core.data.store.schema import FIELDS, create_schema
from titan_core.data.store.writer import PriceWriter, WriteResult
from titan_core.errors import DataUnavailable, StoreError
from titan_core.types import Adjustment

__all__ = ["SqlitePriceStore"]


class SqlitePriceStore:
    """Bars and corporate actions by series number in one SQLite file, safe from any thread and process.

    Nothing is opened before the first call, and the file must have the tables (`create`, or a migration).

    Parameters
    ----------
    path : str or Path
        The database file.
    busy_timeout_seconds : float
        How long a call waits for another writer before it gives up with `StoreError`.
    """

    def __init__(self, path: str | Path, *, busy_timeout_seconds: float = 30.0) -> None:
        self.path = Path(path)
        self._pool = ConnectionPool(self.path, busy_timeout_seconds)

    @classmethod
    def create(cls, path: str | Path, *, busy_timeout_seconds: float = 30.0) -> Self:
        """The store at ``path``, made with its folder and tables where they are missing."""
        file = Path(path)
        try:
            file.parent.mkdir(parents=True, exist_ok=True)
            file.touch()
        except OSError as error:
            raise StoreError(f"no price store can be made at {file}: {error.strerror}") from error
        try:
            with closing(open_connection(file, busy_timeout_seconds)) as connection:
                create_schema(connection)
        except sqlite3.Error as error:
            raise store_error(error, file) from error
        return cls(file, busy_timeout_seconds=busy_timeout_seconds)

    def write(
        self,
        series_id: int,
        timestamps: npt.ArrayLike,
        *,
        open: npt.ArrayLike | None = None,  # noqa: A002 - the field's own name
        high: npt.ArrayLike | None = None,
        low: npt.ArrayLike | None = None,
        close: npt.ArrayLike | None,
        volume: npt.ArrayLike | None = None,
    ) -> WriteResult:
        """Insert or update bars of one series, all of them or none; writing the same twice changes nothing.

        Parameters
        ----------
        series_id : int
        timestamps : array-like of shape (n_rows,), datetimes, UTC, any order, each once
        open, high, low, close, volume : array-like of shape (n_rows,), or None where the source has none
            NaN = the source does not have this number on that bar; each row needs one price at least. A row
            that exists is replaced whole, absent columns included.

        Raises
        ------
        InvalidInput
            A value is infinite, a row has no price or repeats an instant (the message names the row), or
            lengths differ.
        StoreError
            The disk is full, the file locked for too long, damaged or without tables. Nothing was kept.
        """
        with self._pool.write() as connection:
            return PriceWriter(connection).write(
                series_id, timestamps, open=open, high=high, low=low, close=close, volume=volume
            )

    def write_actions(
        self, series_id: int, timestamps: npt.ArrayLike, kinds: Sequence[str], values: npt.ArrayLike
    ) -> WriteResult:
        """Insert or update corporate actions of one series, all or none; see `CorporateAction`.

        Raises
        ------
        InvalidInput
            A kind or value is none, or an instant has two of a kind; the message names the row.
        StoreError
            As in `write`.
        """
        with self._pool.write() as connection:
            return PriceWriter(connection).write_actions(series_id, timestamps, kinds, values)

    @contextmanager
    def writing(self) -> Iterator[PriceWriter]:
        """Many writes as one transaction, kept when the block ends and dropped whole if it raises."""
        with self._pool.write() as connection:
            yield PriceWriter(connection)

    def read_bars(
        self,
        series: Mapping[str, int],
        *,
        start: Instant | None = None,
        end: Instant | None = None,
        adjustment: Adjustment,
    ) -> BarPanel:
        """Bars with start <= timestamp <= end of several series on the union of their instants, with actions.

        Parameters
        ----------
        series : mapping of symbol to series number, in the order of the columns
        start, end : date, datetime or ISO string, both inclusive; a bare date is a whole day (UTC)
        adjustment : what the stored bars are; the store keeps numbers and does not adjust them

        Returns
        -------
        BarPanel
            A series without bars in the window is a column of NaN; a field no series has is None.

        Raises
        ------
        DataUnavailable
            None of the series has any bar in the window.
        StoreError
            The file can't be read.
        """
        window = as_bounds(start, end)
        with self._pool.read() as connection:
            axis, fields = read_aligned(connection, series, FIELDS, window)
            actions = read_actions(connection, series, window)
        if not axis.size:
            raise self._nothing(series, start, end)
        close = fields.pop("close")
        others = {name: None if np.isnan(v).all() else v for name, v in fields.items()}
        return BarPanel(tuple(series), axis, close=close, **others, actions=actions, adjustment=adjustment)

    def read_prices(
        self,
        series: Mapping[str, int],
        *,
        start: Instant | None = None,
        end: Instant | None = None,
        adjustment: Adjustment,
    ) -> PricePanel:
        """Closes only, as stored: faster than `read_bars`, with the same parameters and errors."""
        window = as_bounds(start, end)
        with self._pool.read() as connection:
            axis, fields = read_aligned(connection, series, ("close",), window)
        if not axis.size:
            raise self._nothing(series, start, end)
        return PricePanel(tuple(series), axis, fields["close"], adjustment)

    def coverage(self, series_ids: Iterable[int]) -> dict[int, Coverage]:
        """Number of bars, first and last instant of each series; zero and None for one that has none."""
        with self._pool.read() as connection:
            return read_coverage(connection, series_ids)

    def close(self) -> None:
        """Close idle connections now; the store stays usable."""
        self._pool.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _nothing(
        self, series: Mapping[str, int], start: Instant | None, end: Instant | None
    ) -> DataUnavailable:
        names = ", ".join(list(series)[:5]) + (f" and {len(series) - 5} more" if len(series) > 5 else "")
        window = f"between {start or 'the beginning'} and {end or 'now'}"
        return DataUnavailable(
            f"no bars of {names or 'no symbols'} {window} in {self.path.name}: widen the window"
        )
