"""SQLite connections for a price store: every fault a `StoreError` in words."""

import os
import sqlite3
from collections.abc import Hashable
from pathlib import Path

from titan_core.data.store.pool import ConnectionPool
from titan_core.errors import StoreError

__all__ = ["SqlitePool", "open_connection", "store_error"]


class SqlitePool(ConnectionPool[sqlite3.Connection]):
    """Connections to one file; their home is the process and the file now at the path."""

    faults = sqlite3.Error

    def __init__(self, path: Path, busy_timeout_seconds: float) -> None:
        super().__init__()
        self.path = path
        self.busy_timeout_seconds = busy_timeout_seconds

    def _home(self) -> Hashable:
        try:
            status = self.path.stat()
        except OSError as error:
            raise StoreError(
                f"no price store at {self.path} ({error.strerror}): SqlitePriceStore.create makes one"
            ) from error
        return os.getpid(), status.st_dev, status.st_ino

    def _open(self) -> sqlite3.Connection:
        return open_connection(self.path, self.busy_timeout_seconds)

    def _begin(self, connection: sqlite3.Connection, *, write: bool) -> None:
        connection.execute("BEGIN IMMEDIATE" if write else "BEGIN")

    def _commit(self, connection: sqlite3.Connection) -> None:
        connection.execute("COMMIT")

    def _said(self, fault: Exception) -> StoreError:
        return store_error(fault, self.path)


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


def store_error(error: Exception, path: Path) -> StoreError:
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
