"""What only a price store in a SQLite file has: its tables, its path."""

import sqlite3
from contextlib import closing

import numpy as np
import pytest

from titan_core.data.store import FIELDS, SqlitePriceStore, create_schema

DAYS = np.arange("2020-01-01", "2020-01-05", dtype="M8[D]").astype("M8[us]")
CLOSE = np.array([1.0, 2.0, 3.0, 4.0])


@pytest.fixture
def store(tmp_path):
    with SqlitePriceStore.create(tmp_path / "prices.sqlite3") as store:
        yield store


def test_create_schema_is_idempotent_and_as_agreed():
    with closing(sqlite3.connect(":memory:")) as connection:
        create_schema(connection)
        create_schema(connection)
        tables = {
            name: [
                (column, kind.upper(), bool(required), bool(key))
                for _, column, kind, required, _, key in connection.execute(f"PRAGMA table_info({name})")
            ]
            for name in ("price", "corporate_action")
        }
        without_rowid = dict(
            connection.execute("SELECT name, wr FROM pragma_table_list WHERE schema = 'main'")
        )
    assert tables["price"] == [
        ("series_id", "INTEGER", True, True),
        ("timestamp", "INTEGER", True, True),
        *((name, "REAL", False, False) for name in FIELDS),
    ]
    assert [(n, k) for n, _, _, k in tables["corporate_action"]] == [
        ("series_id", True),
        ("timestamp", True),
        ("kind", True),
        ("value", False),
    ]
    assert without_rowid["price"] == without_rowid["corporate_action"] == 1


def test_create_leaves_what_is_there(store):
    store.write(1, DAYS, close=CLOSE)
    again = SqlitePriceStore.create(store.path)
    assert again.coverage([1])[1].n_bars == 4
    again.close()


def test_paths_with_odd_characters(tmp_path):
    with SqlitePriceStore.create(tmp_path / "a b" / "ü#?%20.db") as store:
        store.write(1, DAYS, close=CLOSE)
        assert store.path.stat().st_size > 0
        assert store.coverage([1])[1].n_bars == 4
