"""SQLite connections for a price store: reused, one thread at a time, every fault a `StoreError` in words."""

import os
import sqlite3
import weakref
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TypeAlias

from titan_core.errors import StoreError

__all__ = ["ConnectionPool", "open_connection", "store_error"]

_MAX_IDLE = 4


class ConnectionPool:
    """Idle connections to one database file; each is lent to one call at a time, so any thread may call.

    A fork or a replaced file starts a new pool: a connection must not cross either.
    """

    def __init__(self, path: Path, busy_timeout_seconds: float) -> None:
        self.path = path
        self.busy_timeout_seconds = busy_timeout_seconds
        self._idle: deque[_Idle] = deque()
        weakref.finalize(self, _close_all, self._idle)

    @contextmanager
    def read(self) -> Iterator[sqlite3.Connection]:
        """One consistent snapshot for all queries inside."""
        with self._borrowed("BEGIN") as connection:
            yield connection

    @contextmanager
    def write(self) -> Iterator[sqlite3.Connection]:
        """One transaction that is the writer from its first statement: all of it is kept, or nothing.

        Raises
        ------
        StoreError
            The disk is full, another writer held the file for too long, the file is damaged or not ours.
        """
        with self._borrowed("BEGIN IMMEDIATE") as connection:
            yield connection

    def close(self) -> None:
        """Close idle connections; the pool can be used again afterwards."""
        _close_all(self._idle)

    @contextmanager
    def _borrowed(self, begin: str) -> Iterator[sqlite3.Connection]:
        """Lend a connection inside a transaction; it comes back only if nothing went wrong."""
        home = self._home()
        connection: sqlite3.Connection | None = None
        try:
            connection = self._take(home)
            connection.execute(begin)
            yield connection
            connection.execute("COMMIT")
        except BaseException as error:
            if connection is not None:
                connection.close()  # rolls back, whatever state the fault left it in
            if isinstance(error, sqlite3.Error):
                raise store_error(error, self.path) from error
            raise
        if len(self._idle) < _MAX_IDLE:
            self._idle.append((home, connection))
        else:
            connection.close()

    def _home(self) -> "_Home":
        """Where a connection belongs: our process, and the file now at the path."""
        try:
            status = self.path.stat()
        except OSError as error:
            raise StoreError(
                f"no price store at {self.path} ({error.strerror}): SqlitePriceStore.create makes one"
            ) from error
        return os.getpid(), status.st_dev, status.st_ino

    def _take(self, home: "_Home") -> sqlite3.Connection:
        """An idle connection that belongs here, or a new one."""
        while self._idle:
            try:
                idle = self._idle.pop()
            except IndexError:  # another thread took the last one
                break
            if idle[0] == home:
                return idle[1]
            _drop(idle)
        return open_connection(self.path, self.busy_timeout_seconds)


_Home: TypeAlias = tuple[int, int, int]  # process, device, inode
_Idle: TypeAlias = tuple[_Home, sqlite3.Connection]
_inherited: list[_Idle] = []


def open_connection(path: Path, busy_timeout_seconds: float) -> sqlite3.Connection:
    """Autocommit connection to an existing file, in WAL mode, with foreign programs' locks waited for."""
    connection = sqlite3.connect(
        f"{path.absolute().as_uri()}?mode=rw",
        uri=True,
        timeout=busy_timeout_seconds,
        isolation_level=None,
        check_same_thread=False,
    )
    try:
        connection.execute("PRAGMA temp_store = MEMORY")
        connection.execute("PRAGMA journal_mode = WAL")
    except BaseException:
        connection.close()
        raise
    return connection


def store_error(error: sqlite3.Error, path: Path) -> StoreError:
    """The fault in words, with what to do about it."""
    name = getattr(error, "sqlite_errorname", "") or ""
    text = str(error)
    if name.startswith("SQLITE_FULL") or "is full" in text:
        said = "the disk is full: free some space and write again"
    elif name.startswith(("SQLITE_BUSY", "SQLITE_LOCKED")):
        said = "another program has been writing to it for too long: let it finish and try again"
    elif name.startswith(("SQLITE_CORRUPT", "SQLITE_NOTADB")):
        said = f"the file is damaged or no SQLite database ({text}): restore it from a backup"
    elif "no such table" in text or "no such column" in text or "has no column" in text:
        said = f"it lacks TITAN's tables ({text}): run `titan migrate`, or SqlitePriceStore.create"
    elif name.startswith(("SQLITE_READONLY", "SQLITE_CANTOPEN", "SQLITE_PERM")):
        said = f"it can't be written or opened ({text}): check the permissions of the file and its folder"
    else:
        said = f"{text} ({name or type(error).__name__})"
    return StoreError(f"price store {path}: {said}. Nothing of this call was kept.")


def _close_all(idle: deque[_Idle]) -> None:
    """Close whatever lies idle."""
    while idle:
        try:
            _drop(idle.pop())
        except IndexError:  # another thread took the last one
            return


def _drop(idle: _Idle) -> None:
    """Close a connection, unless a fork brought it: closing that here would drop the parent's locks."""
    (process, _, _), connection = idle
    if process == os.getpid():
        connection.close()
    else:
        _inherited.append(idle)
