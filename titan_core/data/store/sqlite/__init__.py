"""Bars in a SQLite file."""

from titan_core.data.store.sqlite.schema import (
    CORPORATE_ACTION_TABLE,
    PRICE_REVISION_TABLE,
    PRICE_TABLE,
    SCHEMA,
    create_schema,
)
from titan_core.data.store.sqlite.store import SqlitePriceStore

__all__ = [
    "CORPORATE_ACTION_TABLE",
    "PRICE_REVISION_TABLE",
    "PRICE_TABLE",
    "SCHEMA",
    "SqlitePriceStore",
    "create_schema",
]
