"""Both price stores for the tests that hold of any: made empty, and looked into past the store's own reader."""

import itertools
import sqlite3
from contextlib import closing
from pathlib import Path

import psycopg
import pytest

from tests.postgres import shared_url
from titan_core.data.store import PostgresPriceStore, PriceStore, SqlitePriceStore

__all__ = ["KINDS", "new_store", "rows"]

KINDS = ("sqlite", pytest.param("postgres", marks=pytest.mark.postgres))

_numbers = itertools.count()


def new_store(kind: str, folder: Path) -> PriceStore:
    """An empty store: a file in the folder, or the tables of the shared server's own schema, emptied."""
    if kind == "sqlite":
        return SqlitePriceStore.create(folder / f"prices-{next(_numbers)}.sqlite3")
    url = shared_url()
    with psycopg.connect(url, autocommit=True) as connection:
        for table in ("price", "corporate_action", "price_revision"):
            connection.execute(f"DROP TABLE IF EXISTS {table}")
    return PostgresPriceStore.create(url)


def rows(store: PriceStore, table: str = "price") -> list[tuple]:
    """Every row of a table in the order of its key, instants as microseconds since 1970 UTC."""
    if isinstance(store, SqlitePriceStore):
        with closing(sqlite3.connect(store.path)) as connection:
            return connection.execute(f"SELECT * FROM {table} ORDER BY 1, 2, 3").fetchall()
    with psycopg.connect(store.address.url) as connection:
        names = [
            name
            for (name,) in connection.execute(
                "SELECT column_name FROM information_schema.columns WHERE table_name = %s ORDER BY ordinal_position",
                [table],
            )
        ]
        shown = ", ".join(
            f"(extract(epoch FROM {n}) * 1000000)::bigint" if n in ("timestamp", "revised_at") else n
            for n in names
        )
        return connection.execute(f"SELECT {shown} FROM {table} ORDER BY 1, 2, 3").fetchall()
