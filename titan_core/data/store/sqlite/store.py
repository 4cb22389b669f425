"""The price store on SQLite, through the standard library's driver alone."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Self

from titan_core.data.store.base import PriceStore
from titan_core.data.store.sqlite.connections import SqlitePool, open_connection, store_error
from titan_core.data.store.sqlite.reader import SqliteReader
from titan_core.data.store.sqlite.schema import create_schema
from titan_core.data.store.sqlite.writer import SqliteWriter
from titan_core.errors import StoreError

__all__ = ["SqlitePriceStore"]

# A store that is new, or was emptied, begins elsewhere: no count means two states.
_COUNT_WRITE = (
    "INSERT INTO price_writes (id, count) VALUES (1, abs(random() >> 16)) "
    "ON CONFLICT (id) DO UPDATE SET count = count + 1"
)


class SqlitePriceStore(PriceStore):
    """Bars and corporate actions in one SQLite file; any number of processes may share it.

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
        self._pool = SqlitePool(self.path, busy_timeout_seconds)

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

    @property
    def name(self) -> str:
        """The file's name."""
        return self.path.name

    @contextmanager
    def writing(self) -> Iterator[SqliteWriter]:
        """Many writes as one transaction, kept when the block ends and dropped whole if it raises."""
        with self._pool.write() as connection:
            yield SqliteWriter(connection)
            connection.execute(_COUNT_WRITE)

    @contextmanager
    def _reading(self) -> Iterator[SqliteReader]:
        with self._pool.read() as connection:
            yield SqliteReader(connection)

    def close(self) -> None:
        """Close idle connections now; the store stays usable."""
        self._pool.close()
