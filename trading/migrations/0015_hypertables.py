"""Hypertables where TimescaleDB is; plain PostgreSQL and SQLite keep plain tables, and TITAN the same numbers.

`titan migrate` does the same again later for a database that gets TimescaleDB after this ran
(`trading.services.timescale`). The list is frozen here.
"""

from django.apps.registry import Apps
from django.conf import settings
from django.db import connections, migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

from common.timescale import Hypertable, ensure_extension, make_hypertables

TABLES = (
    Hypertable("price", "timestamp", days=1825),
    Hypertable("corporate_action", "timestamp", days=3650),
    Hypertable("price_revision", "revised_at", days=365),
    Hypertable("equity_point", "timestamp", days=1825),
)


def cut(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    connection = connections[schema_editor.connection.alias]
    if ensure_extension(connection, getattr(settings, "TITAN_TIMESCALEDB", "auto")).is_there:
        make_hypertables(connection, TABLES)


class Migration(migrations.Migration):
    dependencies = [("trading", "0014_workers")]

    operations = [
        # Backwards they stay: to every query a hypertable is a table, for the release before this one too.
        migrations.RunPython(cut, migrations.RunPython.noop, hints={"database": "timescale"}),
    ]
