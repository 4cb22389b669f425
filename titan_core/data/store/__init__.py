"""Price stores: bars in a database, read straight into panels."""

from titan_core.data.store.reader import Coverage
from titan_core.data.store.schema import CORPORATE_ACTION_TABLE, PRICE_TABLE, SCHEMA, create_schema
from titan_core.data.store.sqlite import SqlitePriceStore
from titan_core.data.store.writer import PriceWriter, WriteResult

__all__ = [
    "CORPORATE_ACTION_TABLE",
    "PRICE_TABLE",
    "SCHEMA",
    "Coverage",
    "PriceWriter",
    "SqlitePriceStore",
    "WriteResult",
    "create_schema",
]
