"""Bringing a database in line with TimescaleDB: the extension, hypertables, policies; twice changes nothing."""

from collections.abc import Callable
from typing import cast

from django.conf import settings
from django.db import DatabaseError
from django.db.backends.base.base import BaseDatabaseWrapper

from common.timescale import Hypertable, Wish, edition, ensure_extension, make_hypertables
from trading.services.timescale.policies import Ages, policies, refused

__all__ = ["HYPERTABLES", "arrange"]

# Every table of the time-series database but the one-row count of writes. Intervals were measured: decision 25.
HYPERTABLES = (
    Hypertable("price", "timestamp", days=1825),
    Hypertable("corporate_action", "timestamp", days=3650),
    Hypertable("price_revision", "revised_at", days=365),  # what is kept is asked by the age of the change
    Hypertable("equity_point", "timestamp", days=1825),
)


def arrange(connection: BaseDatabaseWrapper, say: Callable[[str], object]) -> None:
    """Make of this database what its edition of TimescaleDB and the settings allow, telling what was done.

    Raises
    ------
    StoreError
        TimescaleDB is required and can't be had.
    """
    if connection.vendor != "postgresql":
        return
    extension = ensure_extension(connection, cast("Wish", settings.TITAN_TIMESCALEDB))
    if not extension.is_there:
        say(extension.words)
    else:
        for table in make_hypertables(connection, HYPERTABLES):
            say(f"{table} is a hypertable now")
    ages, found = Ages(**settings.TITAN_TIMESCALE_AGES), edition(connection)
    for words in refused(found, ages):
        say(words)
    for policy in policies(found, ages) if extension.is_there else []:
        try:
            with connection.cursor() as cursor:
                for statement in policy.statements:
                    cursor.execute(statement)
        except DatabaseError as error:  # bars are whole without it: an upgrade must not stop here
            say(f"{policy.words}: refused ({str(error).splitlines()[0]})")
