"""Database settings made from the environment: SQLite files when nothing is configured, PostgreSQL otherwise."""

from pathlib import Path
from typing import Any

from common.env import DatabaseURL

__all__ = ["database", "sqlite"]

# WAL lets readers work while one writes; NORMAL is durable against a killed process in WAL mode. Transactions
# begin IMMEDIATE: a deferred one that reads and then writes fails with "locked" when another wrote in between.
_SQLITE_OPTIONS: dict[str, Any] = {
    "transaction_mode": "IMMEDIATE",
    "timeout": 20,
    "init_command": (
        "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA foreign_keys=ON; PRAGMA temp_store=MEMORY;"
    ),
}


def sqlite(path: Path) -> dict[str, Any]:
    """Settings of a SQLite file that several processes share."""
    return {"ENGINE": "django.db.backends.sqlite3", "NAME": str(path), "OPTIONS": dict(_SQLITE_OPTIONS)}


# A request that finds no free connection waits this long, then is answered that the server is busy.
_POOL_PATIENCE_SECONDS = 10.0


def database(url: DatabaseURL | None, *, embedded: Path, pool: int = 0) -> dict[str, Any]:
    """Settings of the database at `url`, or of the SQLite file `embedded` when none is given.

    With `pool`, the threads of a process share so many connections at most, opened when first needed, looked at before
    each use, and closed after ten idle minutes. Without, each thread opens its own for a request.
    """
    if url is None or url.is_sqlite:
        return sqlite(embedded if url is None else Path(url.name))
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": url.name,
        "USER": url.user,
        "PASSWORD": url.password,
        "HOST": url.host,
        "PORT": str(url.port or ""),
        "OPTIONS": {**url.options, **_pool(pool)},
        "CONN_HEALTH_CHECKS": True,
    }


def _pool(size: int) -> dict[str, Any]:
    """Django's option for a pool of psycopg's; it goes with connections that end with the request alone."""
    if not size:
        return {}
    return {"pool": {"min_size": 0, "max_size": size, "timeout": _POOL_PATIENCE_SECONDS, "max_idle": 600.0}}
