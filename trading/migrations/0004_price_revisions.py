"""What changed bars were before, in ``timescale``; written out for the same reasons as the price table."""

from django.apps.registry import Apps
from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

import common.fields
import common.models

SQLITE = """\
CREATE TABLE IF NOT EXISTS "price_revision" (
    "series_id" integer NOT NULL,
    "timestamp" integer NOT NULL,
    "revised_at" integer NOT NULL,
    "open" real NULL,
    "high" real NULL,
    "low" real NULL,
    "close" real NULL,
    "volume" real NULL,
    PRIMARY KEY ("series_id", "timestamp", "revised_at")
) WITHOUT ROWID"""
POSTGRESQL = """\
CREATE TABLE IF NOT EXISTS price_revision (
    series_id BIGINT NOT NULL,
    timestamp TIMESTAMP WITH TIME ZONE NOT NULL,
    revised_at TIMESTAMP WITH TIME ZONE NOT NULL,
    open DOUBLE PRECISION,
    high DOUBLE PRECISION,
    low DOUBLE PRECISION,
    close DOUBLE PRECISION,
    volume DOUBLE PRECISION,
    PRIMARY KEY (series_id, timestamp, revised_at)
)"""


def create_table(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    schema_editor.execute(SQLITE if schema_editor.connection.vendor == "sqlite" else POSTGRESQL)


def drop_table(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    schema_editor.execute("DROP TABLE price_revision")


class Migration(migrations.Migration):
    dependencies = [("trading", "0003_ingestions")]

    operations = [
        migrations.SeparateDatabaseAndState(
            database_operations=[
                migrations.RunPython(create_table, drop_table, hints={"database": "timescale"}),
            ],
            state_operations=[
                migrations.CreateModel(
                    name="PriceRevision",
                    fields=[
                        (
                            "pk",
                            models.CompositePrimaryKey(
                                "series_id",
                                "timestamp",
                                "revised_at",
                                blank=True,
                                editable=False,
                                primary_key=True,
                                serialize=False,
                            ),
                        ),
                        ("series_id", models.BigIntegerField()),
                        ("timestamp", common.fields.InstantField()),
                        (
                            "revised_at",
                            common.fields.InstantField(help_text="When the store replaced these values."),
                        ),
                        ("open", models.FloatField(null=True)),
                        ("high", models.FloatField(null=True)),
                        ("low", models.FloatField(null=True)),
                        ("close", models.FloatField(null=True)),
                        ("volume", models.FloatField(null=True)),
                    ],
                    options={
                        "db_table": "price_revision",
                        "ordering": ("series_id", "timestamp", "revised_at"),
                    },
                    bases=(common.models.OnTimescale, models.Model),
                ),
            ],
        ),
    ]
