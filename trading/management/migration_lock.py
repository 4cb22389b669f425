"""One migrator at a time on a PostgreSQL database, whatever machines they run on."""

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager

from django.core.management.base import CommandError
from django.db import connections
from django.db.backends.base.base import BaseDatabaseWrapper

__all__ = ["migrating"]

_KEY = 0x7469_7461_6E6D_6967  # one more for each database: both may lie in one
_POLL_SECONDS = 0.2


@contextmanager
def migrating(
    aliases: Sequence[str], *, timeout_seconds: float, say: Callable[[str], object]
) -> Iterator[None]:
    """Hold the migrators' lock of these databases, taken in one order everywhere; SQLite needs none.

    The lock belongs to a session of its own, and ends with it: a migrator that is killed leaves none behind.

    Raises
    ------
    CommandError
        Another migrator has been at work for all that time.
    """
    with ExitStack() as stack:
        for number, alias in enumerate(connections):
            if alias in aliases and connections[alias].vendor == "postgresql":
                stack.enter_context(_held(connections[alias], _KEY + number, timeout_seconds, say))
        yield


@contextmanager
def _held(
    connection: BaseDatabaseWrapper, key: int, timeout_seconds: float, say: Callable[[str], object]
) -> Iterator[None]:
    import psycopg

    name = connection.settings_dict["NAME"]
    with connection.wrap_database_errors:
        session = psycopg.connect(**connection.get_connection_params(), autocommit=True)
    with session:
        deadline, told = time.monotonic() + timeout_seconds, False
        while not session.execute("SELECT pg_try_advisory_lock(%s)", [key]).fetchone()[0]:  # type: ignore[index]  # one row
            if time.monotonic() > deadline:
                raise CommandError(
                    f"another titan migrate has been at work on {name} for {timeout_seconds:g} s: let it finish and "
                    "run this again, or wait longer with --lock-timeout"
                )
            if not told:
                say(f"another titan migrate is at work on {name}: waiting for it")
                told = True
            time.sleep(_POLL_SECONDS)
        yield
