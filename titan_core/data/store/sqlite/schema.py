"""The tables of a price store as SQL for SQLite; migrations must make the same."""

import sqlite3

__all__ = [
    "CORPORATE_ACTION_TABLE",
    "PRICE_REVISION_TABLE",
    "PRICE_TABLE",
    "PRICE_WRITES_TABLE",
    "SCHEMA",
    "create_schema",
]

# Time is whole microseconds since 1970 UTC; NULL where a source has no such number. The primary key is the
# table (no rowid), so one series' bars lie together in order of time.
PRICE_TABLE = """\
CREATE TABLE IF NOT EXISTS "price" (
    "series_id" integer NOT NULL,
    "timestamp" integer NOT NULL,
    "open" real NULL,
    "high" real NULL,
    "low" real NULL,
    "close" real NULL,
    "volume" real NULL,
    PRIMARY KEY ("series_id", "timestamp")
) WITHOUT ROWID"""

CORPORATE_ACTION_TABLE = """\
CREATE TABLE IF NOT EXISTS "corporate_action" (
    "series_id" integer NOT NULL,
    "timestamp" integer NOT NULL,
    "kind" text NOT NULL CHECK ("kind" IN ('split', 'dividend')),
    "value" real NOT NULL,
    PRIMARY KEY ("series_id", "timestamp", "kind")
) WITHOUT ROWID"""

# What a bar was until ``revised_at``.
PRICE_REVISION_TABLE = """\
CREATE TABLE IF NOT EXISTS "price_revision" (
    "series_id" integer NOT NULL,
    "timestamp" integer NOT NULL,
    "revised_at" integer NOT NULL,
    "open" real NULL,
    "high" real NULL,
    "low" real NULL,
    "close" real NULL,
    "volume" real NULL,
    PRIMARY KEY ("series_id", "timestamp", "revised_at")
) WITHOUT ROWID"""

# How many transactions wrote: one row, moved on inside each of them.
PRICE_WRITES_TABLE = """\
CREATE TABLE IF NOT EXISTS "price_writes" (
    "id" integer NOT NULL,
    "count" integer NOT NULL,
    PRIMARY KEY ("id")
) WITHOUT ROWID"""

SCHEMA = (PRICE_TABLE, CORPORATE_ACTION_TABLE, PRICE_REVISION_TABLE, PRICE_WRITES_TABLE)


def create_schema(connection: sqlite3.Connection) -> None:
    """Make the tables where they are missing; what is there already is left as it is."""
    for statement in SCHEMA:
        connection.execute(statement)
