"""Which price store serves the ``timescale`` database."""

from functools import lru_cache
from urllib.parse import quote, urlencode

from django.conf import settings
from django.db import connections

from titan_core.data.store import PriceStore, open_store
from titan_core.errors import StoreError

__all__ = ["price_store"]


def price_store() -> PriceStore:
    """The engine's store on the database that Django's ``timescale`` alias names now (tests move it).

    Bars are read and written beside Django's own connections: on SQLite by the same library, for a second SQLite build
    in the process would cancel the locks of the first; on PostgreSQL through ADBC.
    """
    connection = connections["timescale"]
    if connection.vendor == "sqlite":
        return _store(str(connection.settings_dict["NAME"]))
    if connection.vendor == "postgresql":
        return _store(_postgres_url(connection.settings_dict))
    raise StoreError(
        f"bars can't be kept in {connection.vendor}: point TITAN_TIMESCALE_URL at PostgreSQL, or unset it"
    )


@lru_cache(maxsize=8)
def _store(url_or_path: str) -> PriceStore:
    """One store a database, for it keeps connections to use again."""
    return open_store(url_or_path, max_connections=settings.TITAN_PRICE_CONNECTIONS)


def _postgres_url(settings: dict[str, object]) -> str:
    """Django's settings as one connection string; it holds the password and must not be shown."""
    user, password, host, port, name = (
        str(settings.get(key) or "") for key in ("USER", "PASSWORD", "HOST", "PORT", "NAME")
    )
    account = quote(user, safe="") + (f":{quote(password, safe='')}" if password else "")
    place = (f"[{host}]" if ":" in host else quote(host, safe="")) + (f":{port}" if port else "")
    options = settings.get("OPTIONS")
    # libpq's own words (sslmode, …) are text; what else stands there speaks to Django's driver
    words = {k: v for k, v in options.items() if isinstance(v, str)} if isinstance(options, dict) else {}
    query = urlencode(words, quote_via=quote)
    address = f"{account}@{place}" if account else place
    return f"postgresql://{address}/{quote(name, safe='')}" + (f"?{query}" if query else "")
