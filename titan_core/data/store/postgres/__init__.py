"""Bars in a PostgreSQL database."""

from titan_core.data.store.postgres.store import PostgresPriceStore

__all__ = ["PostgresPriceStore"]
