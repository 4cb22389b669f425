"""ADBC connections for a price store on PostgreSQL: every fault a `StoreError` in words, passwords left out."""

import os
from collections.abc import Hashable
from types import ModuleType
from typing import Any

from titan_core.data.store.pool import ConnectionPool
from titan_core.data.store.postgres.address import Address
from titan_core.errors import StoreError, StoreUnreachable

__all__ = ["PostgresPool", "Session", "open_session"]

# One writer of bars at a time, as on SQLite: batches can't deadlock, and none sees another's half. Readers never wait.
_WRITERS_LOCK = 0x7174_616E_6261_7273
_WAITED_TOO_LONG = {"55P03", "57014"}
_NOT_OURS = {"42P01": "tables", "42703": "columns", "3F000": "schema"}
_GONE = "whether its last write was kept is not known: write it again, for writing twice changes nothing"


class Session:
    """One connection in autocommit mode; transactions are begun and ended by statements of our own.

    The driver's own transactions begin again right after a commit, so that an idle connection would hold one open.
    """

    def __init__(self, connection: Any) -> None:
        self._connection = connection

    def run(self, statement: str) -> None:
        """Execute a statement that answers with no rows, or with rows nobody asks for."""
        with self._connection.cursor() as cursor:
            cursor.execute(statement)

    def table(self, query: str) -> Any:
        """The answer of a query as a pyarrow Table."""
        with self._connection.cursor() as cursor:
            cursor.execute(query)
            return cursor.fetch_arrow_table()

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        """The answer of a query as Python values."""
        with self._connection.cursor() as cursor:
            cursor.execute(query)
            found: list[tuple[Any, ...]] = cursor.fetchall()
            return found

    def copy(self, name: str, table: Any, *, temporary: bool = False) -> None:
        """Append an Arrow table's rows by COPY; columns it lacks become NULL."""
        with self._connection.cursor() as cursor:
            cursor.adbc_ingest(name, table, mode="append", temporary=temporary)

    def close(self) -> None:
        """End the session, and with it a transaction that was not committed."""
        self._connection.close()


class PostgresPool(ConnectionPool[Session]):
    """Sessions with one database; their home is the process."""

    def __init__(self, address: Address, busy_timeout_seconds: float, max_connections: int) -> None:
        super().__init__(max_connections=max_connections, patience_seconds=busy_timeout_seconds)
        self.address = address
        self.busy_timeout_seconds = busy_timeout_seconds

    @property
    def faults(self) -> type[Exception]:  # type: ignore[override]  # known once the driver is loaded
        """What the driver raises."""
        fault: type[Exception] = _driver().Error
        return fault

    def _home(self) -> Hashable:
        return os.getpid()

    def _open(self) -> Session:
        return open_session(self.address)

    def _begin(self, connection: Session, *, write: bool) -> None:
        if not write:
            connection.run("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
            return
        # the lock is waited for before the first look at the rows, whatever isolation the server prefers
        connection.run("BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE")
        connection.run(f"SET LOCAL lock_timeout = {max(1, round(self.busy_timeout_seconds * 1000))}")
        connection.rows(f"SELECT pg_advisory_xact_lock({_WRITERS_LOCK})")

    def _commit(self, connection: Session) -> None:
        try:
            connection.run("COMMIT")
        except self.faults as fault:
            if _is_gone(fault):
                raise StoreUnreachable(
                    f"price store {self.address.shown}: the connection was lost while committing; {_GONE}"
                ) from None
            raise

    def _said_full(self, n: int) -> StoreError:
        return StoreError(
            f"price store {self.address.shown}: all {n} connections of this process have been in use for "
            f"{self.busy_timeout_seconds:g} s. Ask for less at once, or raise TITAN_PRICE_CONNECTIONS "
            "(max_connections). "
            "Nothing of this call was kept."
        )

    def _is_stale(self, fault: Exception) -> bool:
        return _is_gone(fault)

    def _said(self, fault: Exception) -> StoreError:
        return store_error(fault, self.address)


def open_session(address: Address) -> Session:
    """A new session in UTC; a refusal never repeats the connection string."""
    driver = _driver()
    try:
        connection = driver.connect(address.url, autocommit=True)
    except driver.Error as error:
        said = address.without_secrets(_first_line(error).removeprefix("Failed to connect: "))
        # the driver's own message may quote the connection string, so it is not kept as the cause
        raise StoreUnreachable(
            f"price store {address.shown} can't be reached: {said}. Check TITAN_TIMESCALE_URL, and that the "
            "server is running."
        ) from None
    return Session(connection)


def store_error(error: Exception, address: Address) -> StoreError:
    """The fault in words, with what to do about it."""
    state = str(getattr(error, "sqlstate", None) or "")
    text = address.without_secrets(_first_line(error))
    if state == "53100" or "No space left" in text:
        said = "its disk is full: free some space and write again"
    elif state in _WAITED_TOO_LONG:
        said = "another program has been writing to it for too long: let it finish and try again"
    elif state in _NOT_OURS:
        said = (
            f"it lacks TITAN's {_NOT_OURS[state]} ({text}): run `titan migrate`, or PostgresPriceStore.create"
        )
    elif state.startswith("42501"):
        said = f"the account may not do this ({text}): grant it SELECT, INSERT, UPDATE and TEMPORARY"
    elif state == "25006":
        said = "it is read-only (a standby?): write to the primary"
    elif _is_gone(error):
        said = f"the connection was lost ({text}): try again when the server is back"
    else:
        said = text + (f" ({state})" if state else "")
    kind = StoreUnreachable if _is_gone(error) else StoreError
    return kind(f"price store {address.shown}: {said}. Nothing of this call was kept.")


def _is_gone(fault: Exception) -> bool:
    """Whether the server, or the way to it, is lost: a shutdown, a crash, a cut line."""
    state = str(getattr(fault, "sqlstate", None) or "")
    if state:
        return state.startswith(("08", "57P"))
    words = (
        "server closed the connection",
        "no connection to the server",
        "terminating connection",
        "could not",
    )
    return any(word in str(fault) for word in words)


def _first_line(error: Exception) -> str:
    """The server's sentence, without the driver's prefixes and the query it repeats."""
    lines = str(error).strip().splitlines() or [type(error).__name__]
    text = lines[0].partition("SQLSTATE:")[0].strip()
    if text.startswith("Failed to execute query '"):
        text = text.rpartition("': ")[2]
    for mark in ("ERROR:", "FATAL:", "[libpq]"):
        _, found, rest = text.partition(mark)
        if found:
            return rest.strip().rstrip(".")
    return text.rstrip(".")


def _driver() -> ModuleType:
    """ADBC's PostgreSQL driver; never its SQLite one, whose own SQLite build cancels the locks of Python's."""
    try:
        import adbc_driver_postgresql.dbapi as driver
    except ImportError as error:
        raise StoreError(
            "bars on PostgreSQL need the ADBC driver: pip install 'titan-trading[postgres]'"
        ) from error
    found: ModuleType = driver
    return found
