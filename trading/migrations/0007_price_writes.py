"""A count of the writes of bars, in ``timescale``; written out for the same reasons as the price table."""

from django.apps.registry import Apps
from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

import common.models

SQLITE = """\
CREATE TABLE IF NOT EXISTS "price_writes" (
    "id" integer NOT NULL,
    "count" integer NOT NULL,
    PRIMARY KEY ("id")
) WITHOUT ROWID"""
POSTGRESQL = """\
CREATE TABLE IF NOT EXISTS price_writes (
    id BIGINT NOT NULL,
    count BIGINT NOT NULL,
    PRIMARY KEY (id)
)"""


def create_table(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    schema_editor.execute(SQLITE if schema_editor.connection.vendor == "sqlite" else POSTGRESQL)


def drop_table(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    schema_editor.execute("DROP TABLE price_writes")


class Migration(migrations.Migration):
    dependencies = [("trading", "0006_alerts_shares_layouts")]

    operations = [
        migrations.SeparateDatabaseAndState(
            database_operations=[
                migrations.RunPython(create_table, drop_table, hints={"database": "timescale"}),
            ],
            state_operations=[
                migrations.CreateModel(
                    name="PriceWrites",
                    fields=[
                        ("id", models.BigIntegerField(primary_key=True, serialize=False)),
                        ("count", models.BigIntegerField()),
                    ],
                    options={"db_table": "price_writes"},
                    bases=(common.models.OnTimescale, models.Model),
                ),
            ],
        ),
    ]
