"""A foreign table, read in the order of its symbols and times with a bounded number of rows in memory."""

import re
import sqlite3
from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from django.db import connections

from common.env import DatabaseURL
from common.faults import first_line, mending
from titan_core.errors import InvalidInput, StoreError, TitanError

__all__ = ["FIELDS", "ColumnMap", "SourceTable", "open_source"]

FIELDS = ("open", "high", "low", "close", "volume", "dividend", "split")
BATCH_ROWS = 20_000
_NAME_PART = re.compile(r'"((?:[^"]|"")+)"|([^".]+)')

Row = tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class ColumnMap:
    """Which column of the table means what; a field that is not named is not there.

    Raises
    ------
    InvalidInput
        No price is named, or a field that bars don't have.
    """

    symbol: str
    time: str
    fields: Mapping[str, str] = field(default_factory=dict)  # of FIELDS

    def __post_init__(self) -> None:
        """Check the fields."""
        unknown = sorted(set(self.fields) - set(FIELDS))
        if unknown:
            raise InvalidInput(f"bars have no {', '.join(unknown)}: there are {', '.join(FIELDS)}")
        if "close" not in self.fields:
            raise InvalidInput("no column is named for the close: bars can't be without it")

    @property
    def names(self) -> list[str]:
        """The table's columns, in the order of a row: symbol, time, fields."""
        return [self.symbol, self.time, *self.fields.values()]


class SourceTable(ABC):
    """One table or view somewhere; nothing is ever written to it."""

    def __init__(self, parts: Sequence[str], columns: ColumnMap, shown: str) -> None:
        self.parts, self.columns = tuple(parts), columns
        self.name = f"{'.'.join(parts)} in {shown}"  # never a password

    @abstractmethod
    def check(self) -> int:
        """How many rows it has. Raises `InvalidInput` naming the columns there are where one asked for is not."""

    @abstractmethod
    def rows(self, *, after: str | None = None) -> Iterator[list[Row]]:
        """Rows by symbol, then time, a batch at a time, of one snapshot; those whose symbol comes after `after`."""

    def _refuse_unknown(self, there: Sequence[str]) -> None:
        if not there:
            raise InvalidInput(f"there is no table {self.name}: name it as schema.table")
        missing = [name for name in self.columns.names if name not in there]
        if missing:
            raise InvalidInput(
                f"{self.name} has no column {', '.join(missing)}: there are {', '.join(there)}"
            )


def open_source(table: str, columns: ColumnMap, url: str | None = None) -> SourceTable:
    """The table `schema.table` (either part quoted where it needs it) at a URL, or beside TITAN's own bars.

    Raises
    ------
    InvalidInput
        The table's name or the URL can't be read.
    """
    parts = _parts(table)
    if url is None:
        return _beside_ours(parts, columns)
    try:
        place = DatabaseURL.parse(url)
    except ValueError as error:
        raise InvalidInput(f"the database to import from {error}") from None
    if place.is_sqlite:
        return _SqliteTable(parts, columns, Path(place.name))
    shown = f"{place.name} on {place.host or 'localhost'}"
    return _PostgresTable(parts, columns, shown, {"conninfo": url})


def _beside_ours(parts: Sequence[str], columns: ColumnMap) -> SourceTable:
    connection = connections["timescale"]
    if connection.vendor == "sqlite":
        return _SqliteTable(parts, columns, Path(str(connection.settings_dict["NAME"])))
    parameters = connection.get_connection_params()
    # what speaks to Django's own cursors stays with Django
    plain = {key: value for key, value in parameters.items() if key not in {"cursor_factory", "context"}}
    return _PostgresTable(parts, columns, str(connection.settings_dict["NAME"]), plain)


def _parts(table: str) -> list[str]:
    """Schema and table."""
    found = [quoted.replace('""', '"') or bare for quoted, bare in _NAME_PART.findall(table)]
    if not found or len(found) > 2 or not all(found):
        raise InvalidInput(f"{table!r} names no table: write table, or schema.table")
    return found


class _PostgresTable(SourceTable):
    """Through a server-side cursor of a read-only snapshot."""

    def __init__(
        self, parts: Sequence[str], columns: ColumnMap, shown: str, parameters: Mapping[str, Any]
    ) -> None:
        super().__init__(parts, columns, shown)
        self._parameters = parameters

    def check(self) -> int:
        """As `SourceTable.check`."""
        import psycopg
        from psycopg import sql

        table = sql.Identifier(*self.parts).as_string(None)
        with self._session() as session:
            try:
                there = session.execute(
                    "SELECT attname FROM pg_attribute WHERE attrelid = to_regclass(%s) AND attnum > 0 "
                    "AND NOT attisdropped ORDER BY attnum",
                    [table],
                ).fetchall()
                self._refuse_unknown([name for (name,) in there])
                [count] = session.execute(
                    sql.SQL("SELECT count(*) FROM {}").format(sql.Identifier(*self.parts))
                ).fetchone()
            except psycopg.Error as error:
                raise self._unreadable(error) from error
        return int(count)

    def rows(self, *, after: str | None = None) -> Iterator[list[Row]]:
        """As `SourceTable.rows`."""
        import psycopg
        from psycopg import sql

        # said of the table: a bare name in ORDER BY would mean the converted column, which no index has
        symbol, time = sql.Identifier("t", self.columns.symbol), sql.Identifier("t", self.columns.time)
        query = sql.SQL("SELECT {}::text, {}{} FROM {} AS t {} ORDER BY {}, {}").format(
            symbol,
            time,
            sql.SQL("").join(
                sql.SQL(", {}::float8").format(sql.Identifier("t", c)) for c in self.columns.fields.values()
            ),
            sql.Identifier(*self.parts),
            sql.SQL("" if after is None else "WHERE {0} > %s OR {0} IS NULL").format(symbol),
            symbol,
            time,
        )
        with self._session() as session, session.cursor("titan_import") as cursor:
            cursor.itersize = BATCH_ROWS
            try:
                cursor.execute(query, None if after is None else [after], binary=True)
                while batch := cursor.fetchmany(BATCH_ROWS):
                    yield batch
            except psycopg.Error as error:
                raise self._unreadable(error) from error

    def _unreadable(self, error: Exception) -> TitanError:
        import psycopg

        said = first_line(error)
        if isinstance(error, psycopg.errors.InsufficientPrivilege):
            return InvalidInput(
                f"{self.name} may not be read by this account ({said}): let its owner GRANT USAGE on the schema and "
                "SELECT on the table to it"
            )
        if isinstance(error, psycopg.OperationalError):
            mend = mending(said) or "run this again, it goes on where it was cut"
            return StoreError(f"{self.name} could not be read to its end ({said}): {mend}")
        return InvalidInput(f"{self.name} can't be read as bars ({said}): map other columns, or a view")

    def _session(self) -> Any:
        import psycopg

        try:
            session = psycopg.connect(**self._parameters)
        except psycopg.Error as error:
            said = first_line(error)
            mend = mending(said) or "check the URL"
            raise StoreError(f"{self.name} can't be reached ({said}): {mend}") from None
        session.read_only = True
        session.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
        return session


class _SqliteTable(SourceTable):
    """Through Python's own driver, read only."""

    def __init__(self, parts: Sequence[str], columns: ColumnMap, path: Path) -> None:
        if len(parts) > 1:
            raise InvalidInput(f"{'.'.join(parts)}: SQLite has no schemas, name the table alone")
        super().__init__(parts, columns, path.name)
        self._path = path

    def check(self) -> int:
        """As `SourceTable.check`."""
        with closing(self._open()) as connection, self._in_words():
            there = connection.execute(f"PRAGMA table_info({_quoted(self.parts[0])})").fetchall()
            self._refuse_unknown([row[1] for row in there])
            [count] = connection.execute(f"SELECT count(*) FROM {_quoted(self.parts[0])}").fetchone()  # noqa: S608 - quoted
        return int(count)

    def rows(self, *, after: str | None = None) -> Iterator[list[Row]]:
        """As `SourceTable.rows`."""
        symbol, time = _quoted(self.columns.symbol), _quoted(self.columns.time)
        names = ", ".join(_quoted(name) for name in self.columns.names)
        where = "" if after is None else f"WHERE {symbol} > ? OR {symbol} IS NULL"
        query = (
            f"SELECT {names} FROM {_quoted(self.parts[0])} {where} "  # noqa: S608 - quoted
            f"ORDER BY {symbol} IS NULL, {symbol}, {time}"
        )
        with closing(self._open()) as connection, self._in_words():
            cursor = connection.execute(query, () if after is None else (after,))
            while batch := cursor.fetchmany(BATCH_ROWS):
                yield batch

    def _open(self) -> sqlite3.Connection:
        if not self._path.is_file():
            raise StoreError(f"{self._path} can't be opened (there is no such file): check the path")
        try:
            return sqlite3.connect(f"{self._path.absolute().as_uri()}?mode=ro", uri=True)
        except sqlite3.Error as error:
            said = f"{error}: {mending(str(error)) or 'check the path'}"
            raise StoreError(f"{self._path} can't be opened ({said})") from error

    @contextmanager
    def _in_words(self) -> Iterator[None]:
        """What SQLite says of the file, as a refusal that names it."""
        try:
            yield
        except sqlite3.Error as error:
            raise InvalidInput(
                f"{self._path} can't be read as a database of bars ({error}): name another file, table or view"
            ) from error


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
