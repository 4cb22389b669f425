"""What tests do to databases beside Django: its connections are inside the transaction a test is rolled back with."""

import sqlite3
from contextlib import closing

import psycopg
from django.db import connections

__all__ = ["PRICE_TABLES", "empty_price_tables", "end_other_sessions", "is_postgresql"]

PRICE_TABLES = ("price", "corporate_action", "price_revision")


def is_postgresql() -> bool:
    """Whether this run's databases lie on PostgreSQL (TITAN_TEST_DATABASE=postgresql or timescale)."""
    return connections["default"].vendor == "postgresql"


def empty_price_tables() -> None:
    """Delete what the engine's store wrote: it commits on connections of its own."""
    database = connections["timescale"].settings_dict
    if is_postgresql():
        with psycopg.connect(
            host=database["HOST"],
            port=database["PORT"],
            user=database["USER"],
            password=database["PASSWORD"],
            dbname=database["NAME"],
        ) as connection:
            for table in PRICE_TABLES:
                connection.execute(f"DELETE FROM {table}")
        return
    with closing(sqlite3.connect(str(database["NAME"]), timeout=20)) as connection, connection:
        for table in PRICE_TABLES:
            connection.execute(f"DELETE FROM {table}")


def end_other_sessions() -> None:
    """PostgreSQL drops no database that someone is connected to: a thread of the last test's may still be."""
    if is_postgresql():
        for alias in connections:
            with connections[alias].cursor() as cursor:
                cursor.execute(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() "
                    "AND pid <> pg_backend_pid() AND backend_type = 'client backend'"
                )
