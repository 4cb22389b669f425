"""What tests do to databases beside Django: its connections are inside the transaction a test is rolled back with."""

import sqlite3
from contextlib import closing

import psycopg
from django.db import connections

__all__ = ["PRICE_TABLES", "empty_price_tables", "is_postgresql"]

PRICE_TABLES = ("price", "corporate_action", "price_revision")


def is_postgresql() -> bool:
    """Whether this run's databases lie on PostgreSQL (TITAN_TEST_DATABASE=postgresql)."""
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
