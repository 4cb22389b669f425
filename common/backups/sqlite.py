"""SQLite files: copied by its own backup interface out of one read transaction, put back by moving a whole file."""

import contextlib
import os
import sqlite3
from pathlib import Path

from django.utils import timezone

from common.backups.digests import Digest, of_sqlite
from common.backups.folder import BackupRefused

__all__ = ["SqliteSource", "SqliteTarget"]

_HOLD_SECONDS = 5.0
_PAGES = 4_096  # a step of the copy; readers and writers go on in between
_BESIDE = ("", "-wal", "-shm", "-journal")


class SqliteSource:
    """A file that others may be writing to."""

    engine = "sqlite"

    def __init__(self, alias: str, path: Path) -> None:
        self.alias = alias
        if not path.is_file():
            raise BackupRefused(f"there is no database {alias}: {path} does not exist; run `titan migrate`")
        self._holder = _open(path, timeout=_HOLD_SECONDS)
        self._reader = _open(path, timeout=20.0)

    def hold(self) -> bool:
        """Wait for the writer and keep the next out."""
        try:
            self._holder.execute("BEGIN IMMEDIATE")
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode & 0xFF == sqlite3.SQLITE_BUSY:
                return False
            raise
        return True

    def begin(self) -> None:
        """Open the read transaction; the first read fixes the instant."""
        self._reader.execute("BEGIN")
        self._reader.execute("SELECT count(*) FROM sqlite_master").fetchone()

    def release(self) -> None:
        """Let writers go on."""
        if self._holder.in_transaction:
            self._holder.execute("ROLLBACK")

    def digests(self) -> dict[str, Digest]:
        """Digest of each table."""
        return of_sqlite(self._reader)

    def dump(self, folder: Path) -> str:
        """Copy the pages of the read transaction, and have SQLite look the copy over."""
        path = folder / f"{self.alias}.sqlite3"
        with contextlib.closing(_open(path, create=True)) as copy:
            path.chmod(0o600)
            self._reader.backup(copy, pages=_PAGES)
            copy.execute("PRAGMA journal_mode=DELETE")  # one file, whatever mode the original is in
            found = copy.execute("PRAGMA quick_check").fetchone()[0]
        if found != "ok":
            raise BackupRefused(
                f"the copy of database {self.alias} is damaged ({found}), so the original may be"
            )
        return path.name

    def close(self) -> None:
        """Close both connections; their transactions end with them."""
        self._holder.close()
        self._reader.close()


class SqliteTarget:
    """The place of a file."""

    engine = "sqlite"

    def __init__(self, alias: str, path: Path) -> None:
        self.alias, self.path = alias, path

    def check(self, dump: Path, *, replace: bool) -> None:
        """Refuse what is there unless it may be replaced, and always one that somebody has open."""
        if not self.path.exists():
            return
        if not replace:
            raise BackupRefused(
                f"there is a database {self.alias} already ({self.path}): name an empty TITAN_HOME, or say "
                "--replace and it is put aside"
            )
        try:
            with contextlib.closing(_open(self.path, timeout=0.5)) as connection:
                # leaving WAL needs the file for oneself alone; every opener sets the mode anew
                mode = connection.execute("PRAGMA journal_mode=DELETE").fetchone()[0]
        except sqlite3.DatabaseError as error:
            if "locked" not in str(error):
                return  # damaged: the very reason to put a backup back
            mode = "locked"
        if mode != "delete":
            raise BackupRefused(f"TITAN has {self.path} open: stop `titan up` first, then restore")

    def load(self, dump: Path) -> None:
        """Copy beside, put the old aside, move into place."""
        self.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        draft = self.path.with_name(f".{self.path.name}.restoring")
        with dump.open("rb") as source, draft.open("wb") as copy:
            draft.chmod(0o600)
            while chunk := source.read(1 << 20):
                copy.write(chunk)
            copy.flush()
            os.fsync(copy.fileno())
        stamp = timezone.now().strftime("%Y%m%dT%H%M%S%fZ")
        for suffix in _BESIDE:
            old = self.path.with_name(self.path.name + suffix)
            if old.exists():
                old.rename(old.with_name(f"{old.name}.before-{stamp}"))
        draft.replace(self.path)

    def digests(self) -> dict[str, Digest]:
        """Digest of each table."""
        with contextlib.closing(_open(self.path)) as connection:
            connection.execute("BEGIN")
            return of_sqlite(connection)


def _open(path: Path, *, timeout: float = 20.0, create: bool = False) -> sqlite3.Connection:
    """A connection without Python's own transactions."""
    mode = "rwc" if create else "rw"
    return sqlite3.connect(
        f"{path.absolute().as_uri()}?mode={mode}", uri=True, timeout=timeout, isolation_level=None
    )
