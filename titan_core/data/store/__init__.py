"""Price stores: bars in a database, read straight into panels."""

from titan_core.data.store.base import PriceStore
from titan_core.data.store.opening import open_store
from titan_core.data.store.postgres import PostgresPriceStore
from titan_core.data.store.records import FIELDS, Coverage, Revisions, WriteResult
from titan_core.data.store.sqlite import (
    CORPORATE_ACTION_TABLE,
    PRICE_REVISION_TABLE,
    PRICE_TABLE,
    SCHEMA,
    SqlitePriceStore,
    create_schema,
)
from titan_core.data.store.writer import PriceWriter

__all__ = [
    "CORPORATE_ACTION_TABLE",
    "FIELDS",
    "PRICE_REVISION_TABLE",
    "PRICE_TABLE",
    "SCHEMA",
    "Coverage",
    "PostgresPriceStore",
    "PriceStore",
    "PriceWriter",
    "Revisions",
    "SqlitePriceStore",
    "WriteResult",
    "create_schema",
    "open_store",
]
