"""The price store on PostgreSQL, through ADBC: rows travel as binary COPY, and come back as Arrow columns."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Self

from titan_core.data.store.base import PriceStore
from titan_core.data.store.postgres.address import Address
from titan_core.data.store.postgres.connections import PostgresPool
from titan_core.data.store.postgres.reader import PostgresReader
from titan_core.data.store.postgres.schema import SCHEMA
from titan_core.data.store.postgres.writer import PostgresWriter
from titan_core.errors import InvalidInput

__all__ = ["PostgresPriceStore"]

# A store that is new, or was emptied, begins elsewhere: no count means two states.
_COUNT_WRITE = (
    "INSERT INTO price_writes AS held (id, count) VALUES (1, floor(random() * 2 ^ 47)::bigint) "
    "ON CONFLICT (id) DO UPDATE SET count = held.count + 1"
)


class PostgresPriceStore(PriceStore):
    """Bars and corporate actions in one PostgreSQL database; any number of machines may share it.

    Nothing is connected before the first call, and the database must have the tables (`create`, or a migration).
    One store writes at a time; readers never wait.

    Parameters
    ----------
    url : str
        ``postgresql://user:password@host:port/name``; the password appears in no message and no ``repr``.
    busy_timeout_seconds : float
        How long a call waits for another writer, or for a connection, before it gives up with `StoreError`.
    max_connections : int, at least 2
        How many connections this store has open in one process at most: one writes, the others read meanwhile.
    """

    def __init__(self, url: str, *, busy_timeout_seconds: float = 30.0, max_connections: int = 8) -> None:
        if max_connections < 2:
            raise InvalidInput(
                f"max_connections is {max_connections}: a store needs 2, to read while it writes"
            )
        self.address = Address(url)
        self._pool = PostgresPool(self.address, busy_timeout_seconds, max_connections)

    @classmethod
    def create(cls, url: str, *, busy_timeout_seconds: float = 30.0) -> Self:
        """The store in this database, its tables made where they are missing."""
        store = cls(url, busy_timeout_seconds=busy_timeout_seconds)
        with store._pool.write() as session:  # the lock: two at once must not make the same table
            for statement in SCHEMA:
                session.run(statement)
        return store

    @property
    def name(self) -> str:
        """The database and its host."""
        return self.address.shown

    def __repr__(self) -> str:
        return f"PostgresPriceStore({self.address.shown!r})"

    @contextmanager
    def writing(self) -> Iterator[PostgresWriter]:
        """Many writes as one transaction, kept when the block ends and dropped whole if it raises."""
        with self._pool.write() as session:
            yield PostgresWriter(session)
            session.run(_COUNT_WRITE)

    @contextmanager
    def _reading(self) -> Iterator[PostgresReader]:
        with self._pool.read() as session:
            yield PostgresReader(session)

    def close(self) -> None:
        """Close idle connections now; the store stays usable."""
        self._pool.close()
