"""Which store a name means."""

from pathlib import Path
from urllib.parse import unquote, urlsplit

from titan_core.data.store.base import PriceStore
from titan_core.data.store.postgres import PostgresPriceStore
from titan_core.data.store.sqlite import SqlitePriceStore

__all__ = ["open_store"]


def open_store(
    url_or_path: str | Path, *, busy_timeout_seconds: float = 30.0, max_connections: int = 8
) -> PriceStore:
    """The price store at ``postgresql://user:password@host:port/name``, ``sqlite:///path`` or a plain path.

    Nothing is opened before the first call; the tables must be there already. ``max_connections`` bounds what one
    process has open to a server; files know no such bound.
    """
    text = str(url_or_path)
    if text.startswith(("postgresql://", "postgres://")):
        return PostgresPriceStore(
            text, busy_timeout_seconds=busy_timeout_seconds, max_connections=max_connections
        )
    if text.startswith("sqlite:///"):
        return SqlitePriceStore(unquote(urlsplit(text).path), busy_timeout_seconds=busy_timeout_seconds)
    return SqlitePriceStore(url_or_path, busy_timeout_seconds=busy_timeout_seconds)
