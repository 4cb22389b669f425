"""Digests: one SHA-256 over every row of a table in the order of its key, one over every file of the runs."""

import hashlib
import json
import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass
from typing import Any

import psycopg
from django.core.files.storage import Storage
from psycopg import sql

__all__ = ["Digest", "fingerprint_of_files", "names_of_files", "of_postgresql", "of_sqlite", "total"]

_BATCH = 5_000
_CHUNK = 1 << 20
_TRANSIENT = ("parts",)  # made anew by the job they belong to
# Text whose form depends on the session is written in one form.
_SESSION = """
SET LOCAL datestyle = 'ISO, YMD'; SET LOCAL intervalstyle = 'iso_8601'; SET LOCAL timezone = 'UTC';
SET LOCAL extra_float_digits = 1; SET LOCAL bytea_output = 'hex'; SET LOCAL client_encoding = 'UTF8';
"""
_KEYED_COLUMNS = """
SELECT a.attname, format_type(a.atttypid, a.atttypmod), array_position(i.indkey::int[], a.attnum::int)
FROM pg_attribute a LEFT JOIN pg_index i ON i.indrelid = a.attrelid AND i.indisprimary
WHERE a.attrelid = %s::regclass AND a.attnum > 0 AND NOT a.attisdropped ORDER BY a.attname
"""


@dataclass(frozen=True, slots=True)
class Digest:
    """How much there is, and its SHA-256."""

    n: int
    sha256: str


def of_postgresql(connection: psycopg.Connection[Any]) -> dict[str, Digest]:
    """Digest of each table of the schema, in the transaction that is open on `connection`."""
    connection.execute(_SESSION)
    names = connection.execute(
        "SELECT c.relname FROM pg_class c WHERE c.relnamespace = current_schema()::regnamespace "
        "AND c.relkind IN ('r', 'p') AND c.relpersistence = 'p' ORDER BY c.relname"
    ).fetchall()
    return {name: _of_table(connection, name) for (name,) in names}


def _of_table(connection: psycopg.Connection[Any], name: str) -> Digest:
    table = sql.Identifier(name)
    found = connection.execute(_KEYED_COLUMNS, [table.as_string(connection)]).fetchall()
    columns = [sql.Identifier(column) for column, _, _ in found]
    key = sorted((place, column, kind) for column, kind, place in found if place is not None)
    # A text is ordered by its bytes: two servers may hold different views of the alphabet.
    order = [
        sql.SQL('{} COLLATE "C"').format(sql.Identifier(column))
        if kind.startswith(("character", "text"))
        else sql.Identifier(column)
        for _, column, kind in key
    ] or [sql.SQL('{}::text COLLATE "C"').format(column) for column in columns]
    query = sql.SQL("COPY (SELECT {} FROM {} ORDER BY {}) TO STDOUT").format(
        sql.SQL(", ").join(columns), table, sql.SQL(", ").join(order)
    )
    digest, n_rows = hashlib.sha256(_head(column for column, _, _ in found)), 0
    with connection.cursor() as cursor:
        with cursor.copy(query) as rows:
            for row in rows:
                digest.update(row)
        n_rows = cursor.rowcount
    return Digest(n_rows, digest.hexdigest())


def of_sqlite(connection: sqlite3.Connection) -> dict[str, Digest]:
    """Digest of each table, in the transaction that is open on `connection`."""
    names = connection.execute(
        "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' ORDER BY name"
    ).fetchall()
    return {name: _of_sqlite_table(connection, name) for (name,) in names}


def _of_sqlite_table(connection: sqlite3.Connection, name: str) -> Digest:
    found = connection.execute("SELECT name, pk FROM pragma_table_info(?) ORDER BY name", [name]).fetchall()
    columns = [_quoted(column) for column, _ in found]
    order = [_quoted(column) for column, place in sorted(found, key=lambda row: row[1]) if place] or columns
    query = f"SELECT {', '.join(columns)} FROM {_quoted(name)} ORDER BY {', '.join(order)}"  # noqa: S608 - names of the schema, quoted
    digest, n_rows = hashlib.sha256(_head(column for column, _ in found)), 0
    cursor = connection.execute(query)
    while batch := cursor.fetchmany(_BATCH):
        n_rows += len(batch)
        # Python writes every value of SQLite's five kinds exactly, and each kind differently.
        digest.update("".join(f"{row!r}\n" for row in batch).encode("utf-8", "surrogatepass"))
    return Digest(n_rows, digest.hexdigest())


def names_of_files(storage: Storage, folder: str = "") -> Iterator[str]:
    """Every file of a store that is there to stay, sorted: no drafts (a dot first), no parts of jobs under way."""
    try:
        folders, files = storage.listdir(folder)
    except FileNotFoundError:
        return
    yield from (f"{folder}{name}" for name in sorted(files) if not name.startswith("."))
    for name in sorted(folders):
        if not name.startswith(".") and folder + name not in _TRANSIENT:
            yield from names_of_files(storage, f"{folder}{name}/")


def fingerprint_of_files(storage: Storage, names: Iterable[str] | None = None) -> Digest:
    """Digest over the names and contents of the files of a store, or of those named."""
    digest, n_files = hashlib.sha256(), 0
    for name in sorted(names_of_files(storage) if names is None else names):
        content = hashlib.sha256()
        with storage.open(name) as file:
            for chunk in file.chunks(_CHUNK):
                content.update(chunk)
        digest.update(f"{name}\0{content.hexdigest()}\n".encode())
        n_files += 1
    return Digest(n_files, digest.hexdigest())


def total(parts: Mapping[str, Mapping[str, Digest]]) -> str:
    """One SHA-256 over all digests."""
    plain = {
        group: {name: asdict(digest) for name, digest in named.items()} for group, named in parts.items()
    }
    return hashlib.sha256(json.dumps(plain, sort_keys=True).encode()).hexdigest()


def _head(columns: Iterable[str]) -> bytes:
    return "\0".join(columns).encode() + b"\n"


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
