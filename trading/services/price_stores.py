"""Which price store serves the ``timescale`` database."""

from functools import lru_cache

from django.db import connections

from titan_core.data.store import SqlitePriceStore
from titan_core.errors import StoreError

__all__ = ["price_store"]


def price_store() -> SqlitePriceStore:
    """The engine's store on the file that Django's ``timescale`` alias names now (tests move it).

    Bars are read and written by the standard library's driver, beside Django's own connections to the same file:
    a second SQLite build in the process would cancel the locks of the first.
    """
    connection = connections["timescale"]
    if connection.vendor != "sqlite":
        raise StoreError(
            f"bars can't be read from {connection.vendor} yet: this release stores them in SQLite; "
            "unset TITAN_TIMESCALE_URL"
        )
    return _sqlite_store(str(connection.settings_dict["NAME"]))


@lru_cache(maxsize=8)
def _sqlite_store(path: str) -> SqlitePriceStore:
    """One store a file, for it keeps connections to use again."""
    return SqlitePriceStore(path)
