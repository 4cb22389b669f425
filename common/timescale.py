"""TimescaleDB beneath a database: whether it is there, what its edition may do, and tables made hypertables of it."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from django.db import DatabaseError, transaction
from django.db.backends.base.base import BaseDatabaseWrapper

from titan_core.errors import StoreError

__all__ = [
    "Edition",
    "Extension",
    "Hypertable",
    "edition",
    "ensure_extension",
    "is_hypertable",
    "make_hypertables",
]

Edition = Literal["apache", "timescale"]
Wish = Literal["auto", "require", "off"]


@dataclass(frozen=True, slots=True)
class Hypertable:
    """A table cut along time: chunks of `days` days of its column `time`, which is part of its key."""

    table: str
    time: str
    days: int


@dataclass(frozen=True, slots=True)
class Extension:
    """Whether a database has TimescaleDB now; where not, why, for the person who migrates."""

    is_there: bool
    words: str = ""


def edition(connection: BaseDatabaseWrapper) -> Edition | None:
    """Which TimescaleDB this database has: the Apache one lacks compression, policies and aggregates. None: none."""
    if connection.vendor != "postgresql":
        return None
    found = _one(
        connection,
        "SELECT current_setting('timescaledb.license', true) FROM pg_extension WHERE extname = 'timescaledb'",
    )
    if found is None:
        return None
    return "timescale" if found[0] == "timescale" else "apache"


def ensure_extension(connection: BaseDatabaseWrapper, wish: Wish = "auto") -> Extension:
    """TimescaleDB in this database, made where the server offers it and the account may.

    Raises
    ------
    StoreError
        It was required and can't be had; the message says what is missing and how to mend it.
    """
    if connection.vendor != "postgresql":
        return Extension(is_there=False, words="SQLite keeps plain tables")
    if wish == "off":
        return Extension(is_there=False, words="TITAN_TIMESCALEDB is off: tables stay as they are")
    if edition(connection) is not None:
        return Extension(is_there=True)
    missing = _missing(connection) or _create(connection)
    if missing and wish == "require":
        raise StoreError(f"TITAN_TIMESCALEDB is require, but {missing}")
    return Extension(is_there=not missing, words=missing and f"plain tables: {missing}")


def is_hypertable(connection: BaseDatabaseWrapper, table: str) -> bool:
    """Whether this table, as the search path finds it, is one already."""
    if edition(connection) is None:
        return False
    query = (
        "SELECT 1 FROM timescaledb_information.hypertables "
        "WHERE format('%%I.%%I', hypertable_schema, hypertable_name)::regclass = to_regclass(%s)"
    )
    return _one(connection, query, [table]) is not None


def make_hypertables(connection: BaseDatabaseWrapper, tables: Iterable[Hypertable]) -> list[str]:
    """Cut these tables into chunks, with the rows they hold; the names of those that were not cut before.

    A table with rows is locked while they move. No index is added: each key begins with what queries ask by.
    """
    made = []
    for one in tables:
        if not is_hypertable(connection, one.table):
            with connection.cursor() as cursor:
                cursor.execute(
                    "SELECT create_hypertable(%s::regclass, %s::name, chunk_time_interval => %s::interval, "
                    "migrate_data => true, create_default_indexes => false)",
                    [one.table, one.time, f"{one.days} days"],
                )
            made.append(one.table)
    return made


def _missing(connection: BaseDatabaseWrapper) -> str:
    """What the server lacks to make the extension; nothing where it lacks nothing."""
    if _one(connection, "SELECT 1 FROM pg_available_extensions WHERE name = 'timescaledb'") is None:
        return (
            "this PostgreSQL server has no TimescaleDB: install its package (postgresql-NN-timescaledb, or the image "
            "timescale/timescaledb), set shared_preload_libraries = 'timescaledb' and restart it"
        )
    # the loader's own setting: without the loader, CREATE EXTENSION would end the session
    [loaded] = _one(connection, "SELECT current_setting('timescaledb.max_background_workers', true)") or [
        None
    ]
    if loaded is None:
        return (
            "TimescaleDB is installed and not loaded: set shared_preload_libraries = 'timescaledb' in "
            "postgresql.conf and restart the server"
        )
    name = connection.settings_dict["NAME"]
    [allowed] = _one(connection, "SELECT has_database_privilege(current_database(), 'CREATE')") or [False]
    if not allowed:
        return f"this account may not make it: let a superuser run CREATE EXTENSION timescaledb in {name}"
    return ""


def _create(connection: BaseDatabaseWrapper) -> str:
    """Make the extension; why not, where the server refuses."""
    try:
        with transaction.atomic(using=connection.alias), connection.cursor() as cursor:
            cursor.execute("CREATE EXTENSION IF NOT EXISTS timescaledb")
    except DatabaseError as error:
        said = str(error).splitlines()[0]
        name = connection.settings_dict["NAME"]
        return f"the server refused it ({said}): let a superuser run CREATE EXTENSION timescaledb in {name}"
    return ""


def _one(
    connection: BaseDatabaseWrapper, query: str, values: list[str] | None = None
) -> tuple[object, ...] | None:
    with connection.cursor() as cursor:
        cursor.execute(query, values)
        row: tuple[object, ...] | None = cursor.fetchone()
    return row
