"""Bars and corporate actions, in ``timescale``.

The tables are written out rather than left to Django: on SQLite they are keyed ``WITHOUT ROWID`` exactly as
`titan_core.data.store` makes them, so that the engine alone and the server read one another's files. The SQL is
frozen here; a test compares it with the engine's ``create_schema``.
"""

from django.apps.registry import Apps
from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

import common.fields
import common.models

SQLITE = (
    """\
CREATE TABLE IF NOT EXISTS "price" (
    "series_id" integer NOT NULL,
    "timestamp" integer NOT NULL,
    "open" real NULL,
    "high" real NULL,
    "low" real NULL,
    "close" real NULL,
    "volume" real NULL,
    PRIMARY KEY ("series_id", "timestamp")
) WITHOUT ROWID""",
    """\
CREATE TABLE IF NOT EXISTS "corporate_action" (
    "series_id" integer NOT NULL,
    "timestamp" integer NOT NULL,
    "kind" text NOT NULL CHECK ("kind" IN ('split', 'dividend')),
    "value" real NOT NULL,
    PRIMARY KEY ("series_id", "timestamp", "kind")
) WITHOUT ROWID""",
)
POSTGRESQL = (
    """
    CREATE TABLE price (
        series_id BIGINT NOT NULL,
        timestamp TIMESTAMP WITH TIME ZONE NOT NULL,
        open DOUBLE PRECISION,
        high DOUBLE PRECISION,
        low DOUBLE PRECISION,
        close DOUBLE PRECISION,
        volume DOUBLE PRECISION,
        PRIMARY KEY (series_id, timestamp)
    )
    """,
    """
    CREATE TABLE corporate_action (
        series_id BIGINT NOT NULL,
        timestamp TIMESTAMP WITH TIME ZONE NOT NULL,
        kind TEXT NOT NULL CHECK (kind IN ('split', 'dividend')),
        value DOUBLE PRECISION NOT NULL,
        PRIMARY KEY (series_id, timestamp, kind)
    )
    """,
)


def create_tables(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    for statement in SQLITE if schema_editor.connection.vendor == "sqlite" else POSTGRESQL:
        schema_editor.execute(statement)


def drop_tables(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    schema_editor.execute("DROP TABLE corporate_action")
    schema_editor.execute("DROP TABLE price")


class Migration(migrations.Migration):
    dependencies = [("trading", "0001_initial")]

    operations = [
        migrations.SeparateDatabaseAndState(
            database_operations=[
                migrations.RunPython(create_tables, drop_tables, hints={"database": "timescale"}),
            ],
            state_operations=[
                migrations.CreateModel(
                    name="Price",
                    fields=[
                        (
                            "pk",
                            models.CompositePrimaryKey(
                                "series_id",
                                "timestamp",
                                blank=True,
                                editable=False,
                                primary_key=True,
                                serialize=False,
                            ),
                        ),
                        ("series_id", models.BigIntegerField()),
                        (
                            "timestamp",
                            common.fields.InstantField(
                                help_text="The instant the bar became known: its close."
                            ),
                        ),
                        ("open", models.FloatField(null=True)),
                        ("high", models.FloatField(null=True)),
                        ("low", models.FloatField(null=True)),
                        ("close", models.FloatField(null=True)),
                        ("volume", models.FloatField(null=True)),
                    ],
                    options={"db_table": "price", "ordering": ("series_id", "timestamp")},
                    bases=(common.models.OnTimescale, models.Model),
                ),
                migrations.CreateModel(
                    name="CorporateAction",
                    fields=[
                        (
                            "pk",
                            models.CompositePrimaryKey(
                                "series_id",
                                "timestamp",
                                "kind",
                                blank=True,
                                editable=False,
                                primary_key=True,
                                serialize=False,
                            ),
                        ),
                        ("series_id", models.BigIntegerField()),
                        ("timestamp", common.fields.InstantField()),
                        (
                            "kind",
                            models.TextField(choices=[("split", "Split"), ("dividend", "Cash dividend")]),
                        ),
                        ("value", models.FloatField()),
                    ],
                    options={"db_table": "corporate_action", "ordering": ("series_id", "timestamp", "kind")},
                    bases=(common.models.OnTimescale, models.Model),
                ),
            ],
        ),
    ]
