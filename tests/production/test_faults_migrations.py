"""An upgrade with data: databases of the version before, filled, are brought up to date and lose nothing."""

from dataclasses import dataclass
from typing import Any

import psycopg
import pytest
from django.db import connections, models, transaction
from django.db.migrations.loader import MigrationLoader
from psycopg import sql

from tests.factories import make_universe, small_panel
from tests.production.databases import Pair
from tests.production.stack import Stack
from tests.services.processes import wait_for_status
from trading.models import Job, JobStatus
from trading.services.cointegration_service import CointegrationService

# What the version before had; apps named without a migration have not changed since.
BEFORE = [
    ("trading", "0011_backtest_shares"),
    *[(app,) for app in ("api", "common", "users", "sessions", "admin")],
]
_MADE_BY_MIGRATIONS = {
    "django_migrations",
    "django_content_type",
    "auth_permission",
    "auth_group_permissions",
}

Rows = dict[str, tuple[list[str], list[str]]]  # table → its columns, its rows as text in order


@pytest.fixture(scope="module")
def desk(stack: Stack) -> Stack:
    """Both databases with a desk's work: people, bars, a finished scan with candidates, jobs, events."""
    universe = make_universe(small_panel(), name="Before the upgrade")
    stack.worker()
    scan = CointegrationService().request_scan_sync(owner=stack.user("olga"), universe=universe)
    wait_for_status(Job.objects.about(scan).get(), JobStatus.COMPLETED, seconds=200)
    stack.end_processes()
    return stack


def columns(connection: "psycopg.Connection[tuple[str, ...]]") -> dict[str, list[str]]:
    """Tables of a database, each with its columns."""
    found: dict[str, list[str]] = {}
    for table, column in connection.execute(
        "SELECT table_name, column_name FROM information_schema.columns JOIN information_schema.tables "
        "USING (table_schema, table_name) WHERE table_schema = 'public' AND table_type = 'BASE TABLE' "
        "ORDER BY 1, ordinal_position"
    ):
        found.setdefault(table, []).append(column)
    return found


def copy(source: str, target: str) -> Rows:
    """Fill every table of `target` from the one of that name in `source`; what it holds then."""
    with psycopg.connect(source) as old, psycopg.connect(target) as new:
        new.execute("SET session_replication_role = replica")  # in any order, and no trigger
        has = columns(old)
        tables = {table: names for table, names in columns(new).items() if table not in _MADE_BY_MIGRATIONS}
        for table, names in tables.items():
            common = sql.SQL(", ").join(map(sql.Identifier, [name for name in names if name in has[table]]))
            new.execute(sql.SQL("DELETE FROM {}").format(sql.Identifier(table)))
            read = sql.SQL("COPY (SELECT {} FROM {}) TO STDOUT").format(common, sql.Identifier(table))
            write = sql.SQL("COPY {} ({}) FROM STDIN").format(sql.Identifier(table), common)
            with old.cursor().copy(read) as rows, new.cursor().copy(write) as into:
                for block in rows:
                    into.write(block)
        new.commit()
        return held(new, tables)


def held(connection: "psycopg.Connection[tuple[str, ...]]", tables: dict[str, list[str]]) -> Rows:
    """Every row of these tables in these columns, as text."""
    found: Rows = {}
    for table, names in tables.items():
        listed = sql.SQL(", ").join(map(sql.Identifier, names))
        query = sql.SQL("SELECT ROW({})::text FROM {}").format(listed, sql.Identifier(table))
        found[table] = (names, sorted(row[0] for row in connection.execute(query)))
    return found


@dataclass(frozen=True)
class Upgraded:
    """Databases brought up to date, and what they held before."""

    pair: Pair
    before: dict[str, Rows]


@pytest.fixture(scope="module")
def upgraded(desk: Stack) -> Upgraded:
    """The desk's databases as they were at the version before, then migrated."""
    sources = {"TITAN_DATABASE_URL": desk.database_url, "TITAN_TIMESCALE_URL": desk.timescale_url}
    targets = {variable: desk.create_database() for variable in sources}
    back = "from django.core.management import call_command as do; " + "; ".join(
        f"do('migrate', {', '.join(map(repr, target))}, verbosity=0)" for target in BEFORE
    )
    desk.titan("shell", "--no-imports", "-c", back, **targets)
    before = {variable: copy(sources[variable], targets[variable]) for variable in sources}
    filled = {table for rows in before.values() for table, (_, lines) in rows.items() if lines}
    assert {"price", "trading_scan", "trading_scancandidate", "trading_job", "users_user"} <= filled

    desk.titan("migrate", **targets)
    return Upgraded(Pair(desk, targets["TITAN_DATABASE_URL"], targets["TITAN_TIMESCALE_URL"]), before)


def test_databases_of_the_version_before_are_brought_up_to_date_and_lose_nothing(upgraded: Upgraded) -> None:
    targets = upgraded.pair.variables
    assert upgraded.pair.titan("migrate", "--check", check=False).returncode == 0
    for variable, rows in upgraded.before.items():
        with psycopg.connect(targets[variable]) as connection:
            after = held(connection, {table: names for table, (names, _) in rows.items()})
        for table, (_, lines) in rows.items():
            missing = set(lines) - set(after[table][1])
            assert not missing, f"{table}: {len(missing)} of {len(lines)} rows were lost or changed"
            assert len(after[table][1]) >= len(lines)
    with psycopg.connect(targets["TITAN_TIMESCALE_URL"]) as connection:
        cut = connection.execute("SELECT hypertable_name FROM timescaledb_information.hypertables").fetchall()
    assert ("price",) in cut, "bars of the version before lie in a hypertable now"


def former_models(release: str) -> list[type[models.Model]]:
    """The models of a release as its processes have them."""
    loader = MigrationLoader(connections["default"])
    if release == "the version before":
        [trading] = [target for target in BEFORE if len(target) == 2]
        at = ("trading", trading[1])
    else:
        [last] = loader.graph.leaf_nodes("trading")
        [at] = [node for node in loader.graph.node_map[last].parents if node.key[0] == "trading"]
        at = at.key
    nodes = [at, *(node for node in loader.graph.leaf_nodes() if node[0] != "trading")]
    found = loader.project_state(nodes).apps.get_models(include_auto_created=True)
    return [model for model in found if model._meta.managed and not model._meta.proxy]


def lacking_defaults(model: type[models.Model], alias: str) -> list[str]:
    """Columns that an INSERT of this model leaves out, and the database can't fill."""
    with connections[alias].cursor() as cursor:
        cursor.execute(
            "SELECT column_name FROM information_schema.columns WHERE table_schema = 'public' AND table_name = %s "
            "AND is_nullable = 'NO' AND column_default IS NULL AND is_identity = 'NO'",
            [model._meta.db_table],
        )
        known = {field.column for field in model._meta.local_concrete_fields}
        return [name for (name,) in cursor.fetchall() if name not in known]


def write_again(model: type[models.Model], alias: str) -> bool:
    """Insert and change a row as that release does; False where the table has none. Nothing is kept."""
    manager: Any = model._base_manager
    with transaction.atomic(using=alias):
        row = manager.using(alias).first()
        if row is None:
            return False
        with connections[alias].cursor() as cursor:
            cursor.execute("SET LOCAL session_replication_role = replica")  # what refers to it need not go
        mine = manager.using(alias).filter(pk=row.pk)
        assert mine._raw_delete(alias) == 1
        row.save(force_insert=True, using=alias)
        values = {
            field.attname: getattr(row, field.attname)
            for field in model._meta.local_concrete_fields
            if not field.primary_key and field.column is not None
        }
        assert not values or mine.update(**values) == 1
        transaction.set_rollback(True, using=alias)
    return True


@pytest.mark.parametrize("release", ["the version before", "the last migration but one"])
def test_processes_of_the_version_before_go_on_writing(upgraded: Upgraded, release: str) -> None:
    """They serve while the tables are those of the new one: every table takes their INSERTs, UPDATEs and SELECTs."""
    with upgraded.pair.connect():
        tables = {alias: set(connections[alias].introspection.table_names()) for alias in connections}
        written: set[str] = set()
        lacking: dict[str, list[str]] = {}
        for model in former_models(release):
            table = model._meta.db_table
            # each database has every app's migrations, and the tables that are its own
            for alias in [alias for alias in connections if table in tables[alias]]:
                lacking |= {table: names} if (names := lacking_defaults(model, alias)) else {}
                if write_again(model, alias):
                    written.add(table)
    assert lacking == {}
    assert {
        *(
            "users_user",
            "trading_job",
            "trading_scan",
            "trading_scancandidate",
            "trading_symbol",
            "trading_universe",
        ),
        *("trading_series", "price", "common_event", "trading_universe_symbols"),
    } <= written
