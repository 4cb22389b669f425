"""`titan migrate` on TimescaleDB: hypertables with and without data, one migrator at a time, plain tables elsewhere."""

import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import psycopg
import pytest
from django.apps import apps
from django.core.management.base import CommandError

from common.models import OnTimescale
from tests.production.databases import Pair, new_databases
from tests.production.processes import ROOT
from tests.production.stack import Stack
from tests.services.processes import wait_for
from titan_core.errors import StoreError
from tools.services import TimescaleServer
from trading.management.migration_lock import _KEY
from trading.models import PriceWrites
from trading.services.timescale import HYPERTABLES

FILL = """
    INSERT INTO price SELECT s, '1990-01-01 21:00Z'::timestamptz + d * interval '1 day', NULL, NULL, NULL, s + d, d
    FROM generate_series(1, 3) s, generate_series(1, 12000) d;
    INSERT INTO corporate_action VALUES (1, '1991-02-03 21:00Z', 'split', 2), (1, '2021-02-03 21:00Z', 'dividend', 0.1);
    INSERT INTO price_revision VALUES (1, '1991-02-03 21:00Z', '2024-01-01Z', NULL, NULL, NULL, 1, NULL),
        (1, '1991-02-03 21:00Z', '2026-01-01Z', NULL, NULL, NULL, 2, NULL);
    INSERT INTO equity_point (kind, run_id, timestamp, equity, drawdown) VALUES ('backtest', 1, '2001-01-02Z', 5, 0);
"""
HASHES = "SELECT {0!r}, count(*), md5(string_agg(t::text, '|' ORDER BY t::text)) FROM {0} AS t"
HYPER = (
    "SELECT hypertable_name, column_name, extract(day FROM time_interval)::int "
    "FROM timescaledb_information.dimensions ORDER BY 1"
)


@pytest.fixture(scope="module")
def former(stack: Stack) -> Iterator[Pair]:
    """The release before hypertables, without rows: copied, never touched."""
    with new_databases(stack) as made:
        for alias in ("default", "timescale"):
            made.call("migrate", "trading", "0014", "--database", alias, TITAN_TIMESCALEDB="off")
        yield made


@pytest.fixture
def pair(stack: Stack, former: Pair) -> Iterator[Pair]:
    with new_databases(stack, like=former) as made:
        yield made


def hashes(pair: Pair) -> list[tuple]:
    return [pair.rows(HASHES.format(one.table))[0] for one in HYPERTABLES]


def expected() -> list[tuple[str, str, int]]:
    return sorted((one.table, one.time, one.days) for one in HYPERTABLES)


def test_every_series_table_is_named() -> None:
    tables = {model._meta.db_table for model in apps.get_models() if issubclass(model, OnTimescale)}
    assert {one.table for one in HYPERTABLES} == tables - {PriceWrites._meta.db_table}
    for one in HYPERTABLES:
        [model] = [m for m in apps.get_models() if m._meta.db_table == one.table]
        names = {field.name for field in model._meta.pk.fields}
        assert one.time in names, f"{one.table}: what it is cut along must be in its key"


def test_the_migration_cuts_what_holds_rows(pair: Pair) -> None:
    """N-1 to N with data: same rows, same key, now in chunks."""
    assert pair.call("migrate", "--check")[0] == 1
    pair.rows(FILL)
    before = hashes(pair)
    assert before[0][1] == 36_000
    pair.call("migrate", "trading", "0015", "--database", "timescale", TITAN_TIMESCALEDB="require")
    assert pair.rows(HYPER) == expected()
    assert hashes(pair) == before
    [(chunks,)] = pair.rows("SELECT count(*) FROM show_chunks('price')")
    assert 7 <= chunks <= 8
    with pytest.raises(psycopg.errors.UniqueViolation):
        pair.rows("INSERT INTO price SELECT * FROM price WHERE series_id = 2 LIMIT 1")
    assert pair.rows("SELECT 1 FROM pg_extension WHERE extname = 'timescaledb'", of_default=True) == []
    # back to the release before: the tables stay what they are, and stay usable
    pair.call("migrate", "trading", "0014", "--database", "timescale")
    assert hashes(pair) == before


def test_a_database_that_gets_it_later(pair: Pair) -> None:
    pair.rows(FILL)
    before = hashes(pair)
    told = pair.call("migrate", TITAN_TIMESCALEDB="off")[1]
    assert "TITAN_TIMESCALEDB is off" in told
    assert pair.rows("SELECT 1 FROM pg_extension WHERE extname = 'timescaledb'") == []
    assert pair.call("migrate", "--check")[0] == 0
    told = pair.call("migrate", TITAN_TIMESCALEDB="auto")[1]
    for one in HYPERTABLES:
        assert f"{one.table} is a hypertable now" in told
    assert pair.rows(HYPER) == expected()
    assert hashes(pair) == before
    again = pair.call("migrate")[1]
    assert "hypertable" not in again
    assert "No migrations to apply" in again


def test_check_and_plan_look_at_both_databases(pair: Pair) -> None:
    pair.call("migrate", "--database", "default")
    assert pair.call("migrate", "--check", "--database", "default")[0] == 0
    assert pair.call("migrate", "--check")[0] == 1
    code, plan = pair.call("migrate", "--plan")
    default, _, timescale = plan.partition("Database timescale")
    assert code == 0
    assert "Database default" in default
    assert "No planned migration operations" in default
    assert "trading.0015_hypertables" in timescale


def test_two_migrators_at_once(pair: Pair, tmp_path: Path) -> None:
    """Both end well, and each migration ran once."""
    command = [sys.executable, "-m", "titan", "migrate"]
    logs = [tmp_path / name for name in ("one", "other")]
    both = []
    # a third holds the lock until both stand before it: whichever starts first has not ended by then
    with psycopg.connect(pair.timescale_url, autocommit=True) as third:
        third.execute("SELECT pg_advisory_lock(%s)", [_KEY + 1])
        for log in logs:
            with log.open("w") as file:
                both.append(
                    subprocess.Popen(
                        command,
                        cwd=ROOT,
                        env=pair.stack.environment | pair.variables,
                        stdout=file,
                        stderr=subprocess.STDOUT,
                    )
                )
        wait_for(lambda: all("is at work" in log.read_text() for log in logs), what="both at the lock")
    for process in both:
        process.wait(180)
    told = [log.read_text() for log in logs]
    assert [process.returncode for process in both] == [0, 0], told
    applied = [text.count("Applying trading.0015_hypertables... OK") for text in told]
    assert sorted(applied) == [0, 2], told
    assert all("another titan migrate is at work" in text for text in told)
    assert pair.rows(HYPER) == expected()


def test_a_migrator_that_waits_too_long_says_so(pair: Pair) -> None:
    with psycopg.connect(pair.timescale_url, autocommit=True) as other:
        other.execute("SELECT pg_advisory_lock(%s)", [_KEY + 1])
        with pytest.raises(CommandError, match="another titan migrate has been at work on bars_"):
            pair.call("migrate", "--lock-timeout", "0.3")
    assert pair.call("migrate", "--check", "--database", "default")[0] == 1
    pair.call("migrate")  # the lock went with the session that held it
    assert pair.rows(HYPER) == expected()


def test_an_account_that_may_not_make_the_extension(pair: Pair) -> None:
    pair.rows("CREATE ROLE guest LOGIN PASSWORD 'guest'")
    try:
        for table, *_ in (*expected(), ("price_writes",), ("django_migrations",)):
            pair.rows(f"ALTER TABLE {table} OWNER TO guest")
        pair.rows("GRANT CREATE, USAGE ON SCHEMA public TO guest")
        guest = replace(
            pair, timescale_url="postgresql://guest:guest@" + pair.timescale_url.rpartition("@")[2]
        )
        refused = guest.titan("migrate", check=False, TITAN_TIMESCALEDB="require")
        assert refused.returncode == 1
        assert "let a superuser run CREATE EXTENSION timescaledb" in refused.stderr
        assert "guest:guest" not in refused.stderr
        pair.rows("CREATE EXTENSION timescaledb")
        guest.call("migrate", TITAN_TIMESCALEDB="require")
        assert pair.rows(HYPER) == expected()
    finally:
        pair.rows("DROP OWNED BY guest CASCADE")
        pair.rows("DROP ROLE guest")


def test_a_server_without_it(stack: Stack) -> None:
    """Plain tables and a word about it; a refusal in words where TimescaleDB was asked for."""
    with TimescaleServer(settings={"shared_preload_libraries": "''"}) as plain:
        pair = Pair(stack, plain.create_database("own"), plain.create_database("bars"))
        with pytest.raises(
            StoreError, match=r"is require, but TimescaleDB is installed and not loaded.*restart"
        ):
            pair.call("migrate", "--database", "timescale", TITAN_TIMESCALEDB="require")
        ages = {"compress_bars": 0, "retain_revisions": 0, "retain_bars": 30}
        told = pair.call("migrate", "--database", "timescale", TITAN_TIMESCALE_AGES=ages)[1]
        assert "plain tables: TimescaleDB is installed and not loaded" in told
        assert "TITAN_RETAIN_BARS_DAYS is 30, but this database has no TimescaleDB" in told
        pair.rows(FILL)
        assert hashes(pair)[0][1] == 36_000
