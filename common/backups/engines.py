"""What backup and restore ask of a database; one answer for SQLite, one for PostgreSQL."""

from pathlib import Path
from typing import Protocol

from django.db import connections

from common.backups.digests import Digest
from common.backups.folder import BackupRefused
from common.backups.postgres import PostgresSource, PostgresTarget
from common.backups.sqlite import SqliteSource, SqliteTarget

__all__ = ["Source", "Target", "source", "target"]


class Source(Protocol):
    """A database that is copied. While `hold` lasts nobody writes; `begin` fixes the instant that is copied."""

    engine: str

    def hold(self) -> bool:
        """Let writers finish and the next ones wait; False where that took too long."""

    def begin(self) -> None:
        """From here on all reading is of this instant."""

    def release(self) -> None:
        """Let writers go on."""

    def digests(self) -> dict[str, Digest]:
        """Digest of each table at that instant."""

    def dump(self, folder: Path) -> str:
        """Copy it into a file of `folder`; the file's name."""

    def close(self) -> None:
        """Give up what is open."""


class Target(Protocol):
    """A database that is put back."""

    engine: str

    def check(self, dump: Path, *, replace: bool) -> None:
        """Raise `BackupRefused` where `dump` can't be put: things are there, TITAN runs, the account may not."""

    def load(self, dump: Path) -> None:
        """Put the dump in its place."""

    def digests(self) -> dict[str, Digest]:
        """Digest of each table."""


def source(alias: str, *, to_dump: bool = True) -> Source:
    """The database of that alias, to be copied; without `to_dump` to be read alone, which takes no `pg_dump`."""
    connection = connections[alias]
    if connection.vendor == "sqlite":
        return SqliteSource(alias, Path(str(connection.settings_dict["NAME"])))
    if connection.vendor == "postgresql":
        return PostgresSource(alias, connection, to_dump=to_dump)
    raise BackupRefused(f"the database {alias} is {connection.vendor}, of which no backup can be taken")


def target(alias: str) -> Target:
    """The database of that alias, to be put back."""
    connection = connections[alias]
    if connection.vendor == "sqlite":
        return SqliteTarget(alias, Path(str(connection.settings_dict["NAME"])))
    if connection.vendor == "postgresql":
        return PostgresTarget(alias, connection)
    raise BackupRefused(f"the database {alias} is {connection.vendor}, to which no backup can be put back")
