"""A number for each table that the database itself moves on with every change, whoever makes it and however.

Answers that are read often are tagged with the numbers of the tables they are made of (`api.caching`). Triggers count
what signals of the ORM miss: bulk updates, the admin site, other processes, SQL by hand. They are made after every
migration, because SQLite drops a table's triggers when a migration rebuilds the table.
"""

import secrets
from collections.abc import Iterable
from typing import Any

from django.apps import AppConfig
from django.db import connections
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import Model, Sum

from api.models import TableVersion
from trading.models import (
    Ingestion,
    PlantedPair,
    QuarantinedBar,
    Scan,
    ScanCandidate,
    Series,
    Symbol,
    TradingPair,
    Universe,
)

__all__ = ["TRACKED", "install", "missing_triggers", "table_of", "versions_of"]

TRACKED: tuple[type[Model], ...] = (
    *(Symbol, Universe, Universe.symbols.through, Series, PlantedPair, TradingPair),
    *(Scan, ScanCandidate, Ingestion, QuarantinedBar),
)
_EVENTS = ("insert", "update", "delete")

# Each committing transaction adds to the sum. A transaction takes a row nobody holds, or makes one, so that writers
# of the same table neither wait for each other nor deadlock.
_POSTGRESQL_FUNCTION = """\
CREATE OR REPLACE FUNCTION api_count_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE api_tableversion SET version = version + 1 WHERE id = (
        SELECT id FROM api_tableversion WHERE name = TG_TABLE_NAME LIMIT 1 FOR UPDATE SKIP LOCKED
    );
    IF NOT FOUND THEN
        INSERT INTO api_tableversion (name, version) VALUES (TG_TABLE_NAME, 1);
    END IF;
    RETURN NULL;
END $$"""


def table_of(model: type[Model]) -> str:
    """The name a model's changes are counted under."""
    return model._meta.db_table


def versions_of(models: Iterable[type[Model]]) -> list[tuple[str, int]] | None:
    """Name and number of each model's table; None where one is not counted."""
    names = sorted({table_of(model) for model in models})
    found = dict(
        TableVersion.objects.filter(name__in=names).values_list("name").annotate(total=Sum("version"))
    )
    return [(name, found[name]) for name in names] if len(found) == len(names) else None


def install(sender: AppConfig, using: str, **kwargs: Any) -> None:
    """Make what is missing of counters and triggers (``post_migrate``)."""
    connection = connections[using]
    tables = set(connection.introspection.table_names())
    wanted = {TableVersion._meta.db_table, *map(table_of, TRACKED)}
    if not wanted <= tables:  # the other database, or a migration back to before these tables
        return
    known = set(TableVersion.objects.using(using).values_list("name", flat=True))
    for name in map(table_of, TRACKED):
        if name not in known:
            TableVersion.objects.using(using).create(name=name, version=_start())
    with connection.cursor() as cursor:
        for statement in _statements(connection):
            cursor.execute(statement)


def missing_triggers(connection: BaseDatabaseWrapper) -> list[str]:
    """Triggers that should be there and are not."""
    catalogue = (
        "SELECT name FROM sqlite_master WHERE type = 'trigger'"
        if connection.vendor == "sqlite"
        else "SELECT tgname FROM pg_trigger WHERE NOT tgisinternal AND tgenabled <> 'D'"
    )
    with connection.cursor() as cursor:
        cursor.execute(catalogue)
        there = {row[0] for row in cursor.fetchall()}
    return sorted(name for name, _ in _triggers(connection) if name not in there)


def _start() -> int:
    """A number no earlier counter of this name had: a database that was emptied starts elsewhere."""
    return secrets.randbits(48)


def _statements(connection: BaseDatabaseWrapper) -> list[str]:
    first = [] if connection.vendor == "sqlite" else [_POSTGRESQL_FUNCTION]
    return first + [statement for _, statement in _triggers(connection)]


def _triggers(connection: BaseDatabaseWrapper) -> list[tuple[str, str]]:
    """Name and SQL of every trigger."""
    made: list[tuple[str, str]] = []
    for table in map(table_of, TRACKED):
        if connection.vendor == "sqlite":
            body = f"UPDATE api_tableversion SET version = version + 1 WHERE name = '{table}';"  # noqa: S608 - our own names
            for event in _EVENTS:
                name = f"{table}_counts_{event}"
                sql = f"CREATE TRIGGER IF NOT EXISTS {name} AFTER {event} ON {table} BEGIN {body} END"
                made.append((name, sql))
            continue
        name, events = f"{table}_counts", " OR ".join((*_EVENTS, "truncate"))
        sql = f"CREATE OR REPLACE TRIGGER {name} AFTER {events} ON {table} FOR EACH STATEMENT "
        made.append((name, sql + "EXECUTE FUNCTION api_count_change()"))
    return made
