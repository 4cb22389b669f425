"""Two databases: every table lies in its own, historical models included."""

import re
import sqlite3

import psycopg
import pytest
from django.apps import apps
from django.core.exceptions import FieldDoesNotExist
from django.db import IntegrityError, connections, models, transaction
from django.db.migrations.loader import MigrationLoader

from common.models import Event, OnTimescale, TimescaleModel
from tests.databases import PRICE_TABLES
from tests.postgres import shared_url
from titan.db_router import TimescaleRouter
from titan_core.data.store import PostgresPriceStore, create_schema
from trading.models import CorporateAction, Price, PriceRevision, Series, Symbol

router = TimescaleRouter()
BOTH = pytest.mark.django_db(databases=["default", "timescale"])


def tables(alias: str) -> set[str]:
    with connections[alias].cursor() as cursor:
        return set(connections[alias].introspection.table_names(cursor))


def test_reads_and_writes_follow_the_mark() -> None:
    for model in (Price, CorporateAction, PriceRevision):
        assert router.db_for_read(model) == router.db_for_write(model) == "timescale"
    for model in (Symbol, Series, Event):
        assert router.db_for_read(model) == router.db_for_write(model) == "default"


def test_historical_models_keep_the_mark() -> None:
    """The trap: an attribute of an abstract base is lost in migrations, a plain base class is kept."""
    state = MigrationLoader(None).project_state()
    marked = {model._meta.label for model in state.apps.get_models() if getattr(model, "on_timescale", False)}
    assert marked == {
        *("trading.Price", "trading.CorporateAction"),
        *("trading.PriceRevision", "trading.PriceWrites", "trading.EquityPoint"),
    }
    historical = state.apps.get_model("trading", "Price")
    assert historical is not Price
    assert router.db_for_write(historical) == "timescale"


def test_migrating_is_decided_with_a_yes_or_a_no() -> None:
    cases = [
        (("timescale", "trading", "price"), {}, True),
        (("default", "trading", "price"), {}, False),
        (("default", "trading", "symbol"), {}, True),
        (("timescale", "trading", "symbol"), {}, False),
        (("default", "auth", None), {}, True),
        (("timescale", "auth", None), {}, False),
        (("timescale", "trading", "long_gone"), {}, False),
        (("timescale", "trading", None), {"database": "timescale"}, True),
        (("default", "trading", None), {"database": "timescale"}, False),
        (("default", "trading", None), {"model": Price}, False),
        (("timescale", "trading", None), {"model": Price}, True),
    ]
    for arguments, hints, expected in cases:
        assert router.allow_migrate(*arguments, **hints) is expected, (arguments, hints)


@BOTH
def test_every_table_lies_in_its_database_and_in_no_other() -> None:
    expected: dict[str, set[str]] = {"default": set(), "timescale": set()}
    for model in apps.get_models(include_auto_created=True):
        if model._meta.managed and not model._meta.proxy:
            expected[router.db_for_write(model)].add(model._meta.db_table)
    bookkeeping = {"django_migrations"}
    assert tables("default") - bookkeeping == expected["default"]
    assert (
        tables("timescale") - bookkeeping
        == expected["timescale"]
        == {"price", "corporate_action", "price_revision", "price_writes", "equity_point"}
    )


def test_no_foreign_key_crosses_databases() -> None:
    for model in apps.get_models(include_auto_created=True):
        for field in model._meta.get_fields():
            related = field.related_model
            if isinstance(field, models.ForeignKey | models.ManyToManyField) and isinstance(related, type):
                assert router.db_for_write(related) == router.db_for_write(model), (
                    f"{model.__name__}.{field.name}"
                )


@BOTH
def test_relations_across_databases_are_refused() -> None:
    assert router.allow_relation(Symbol(), Series())
    assert not router.allow_relation(Symbol(), Price())


@BOTH
@pytest.mark.sqlite
def test_the_migration_makes_the_engines_own_tables() -> None:
    """Columns, types, keys, checks and WITHOUT ROWID: the text SQLite keeps is the same."""

    def schema(rows: list[tuple[str, str]]) -> dict[str, str]:
        return {name: re.sub(r"\s+", " ", sql) for name, sql in rows}

    query = (
        "SELECT name, sql FROM sqlite_master WHERE name IN "
        "('price', 'corporate_action', 'price_revision', 'price_writes') "
        "AND sql IS NOT NULL"
    )
    engine = sqlite3.connect(":memory:")
    create_schema(engine)
    expected = schema(engine.execute(query).fetchall())
    engine.close()
    with connections["timescale"].cursor() as cursor:
        cursor.execute(query)
        found = schema(cursor.fetchall())
    assert found == expected
    assert all("WITHOUT ROWID" in sql for sql in found.values())


@BOTH
@pytest.mark.postgresql_only
def test_the_migration_makes_the_engines_own_tables_on_postgresql() -> None:
    """Columns, types, nulls, keys and checks of the catalogue are the same."""
    every = [*PRICE_TABLES, "price_writes"]

    def schema(url: str) -> tuple[list[tuple[object, ...]], list[tuple[object, ...]]]:
        with psycopg.connect(url) as connection:
            columns = connection.execute(
                "SELECT table_name, ordinal_position, column_name, data_type, is_nullable, column_default "
                "FROM information_schema.columns WHERE table_name = ANY(%s) ORDER BY 1, 2",
                [every],
            ).fetchall()
            constraints = connection.execute(
                "SELECT conrelid::regclass::text, contype::text, pg_get_constraintdef(oid) FROM pg_constraint "
                "WHERE conrelid::regclass::text = ANY(%s) ORDER BY 1, 2",
                [every],
            ).fetchall()
        return columns, constraints

    migrated = shared_url(str(connections["timescale"].settings_dict["NAME"]))
    with psycopg.connect(shared_url(), autocommit=True) as connection:
        connection.execute("DROP DATABASE IF EXISTS made_by_the_engine")
        connection.execute("CREATE DATABASE made_by_the_engine")
    PostgresPriceStore.create(shared_url("made_by_the_engine")).close()
    assert schema(migrated) == schema(shared_url("made_by_the_engine"))
    assert len(schema(migrated)[0]) == 7 + 4 + 8 + 2


@BOTH
def test_the_models_name_the_tables_columns() -> None:
    for model in (Price, CorporateAction, PriceRevision):
        table = model._meta.db_table
        introspection = connections["timescale"].introspection
        with connections["timescale"].cursor() as cursor:
            columns = {c.name: c.null_ok for c in introspection.get_table_description(cursor, table)}
            key = introspection.get_primary_key_columns(cursor, table)
        fields = {f.column: f for f in model._meta.concrete_fields if f.column is not None}
        assert fields.keys() == columns.keys()
        assert key == [f.column for f in model._meta.pk_fields]
        for name, nullable in columns.items():
            assert fields[name].null is nullable, f"{table}.{name}"


def test_the_abstract_base_carries_the_mark() -> None:
    assert TimescaleModel._meta.abstract
    assert issubclass(TimescaleModel, OnTimescale)
    with pytest.raises(FieldDoesNotExist):
        TimescaleModel._meta.get_field("on_timescale")


@BOTH
def test_foreign_keys_are_enforced() -> None:
    def orphan() -> None:
        with transaction.atomic():
            Series.objects.create(symbol_id=10**9, source="x", adjustment="raw")
            connections["default"].check_constraints()

    with pytest.raises(IntegrityError, match="symbol_id"):
        orphan()
