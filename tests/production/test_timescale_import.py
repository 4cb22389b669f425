"""`titan import-existing`: another program's table into the store, cut off and resumed, held against its source."""

import io
import json
import random
import re
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import numpy as np
import psycopg
import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import router
from django.test import override_settings
from django.test.utils import isolate_apps

from tests.production.databases import Pair, new_databases
from tests.production.processes import ROOT
from tests.production.stack import Stack
from titan_core.data.calendars import sessions_between
from trading.models import Ingestion, QuarantinedBar, Series
from trading.services.price_stores import price_store
from users.models import User

TABLE = 'market."Daily Bars"'
COLUMNS = (
    *("--symbol-column", "tick", "--time-column", "d", "--open-column", "o", "--high-column", "h"),
    *("--low-column", "l", "--close-column", "px", "--volume-column", "vol", "--source", "desk"),
)
N_SYMBOLS = 8
BAD = (  # one row each that no store may have, with its reason
    ("s001", "2021-01-01", 1, 1, 1, 1, 1),  # holiday
    ("s002", "2021-01-05", 50, 53, 49, 52, 1),  # another row of that day says otherwise: neither is believed
    ("s003", "2022-06-04", 5, 6, 4, 5, 1),  # a Saturday
    (None, "2021-01-05", 5, 6, 4, 5, 1),
)


def source_rows() -> list[tuple[Any, ...]]:
    rng, rows = random.Random(5), []
    days = sessions_between("XNYS", "2021-01-04", "2022-12-30").astype(str)
    for s in range(N_SYMBOLS):
        price = 50.0
        for day in days.tolist():
            price *= 1 + rng.gauss(0, 0.01)
            rows.append(
                (f"s{s:03d}", day, price, price * 1.01, price * 0.99, price * 1.005, rng.randrange(10**6))
            )
    return rows


@pytest.fixture(scope="module")
def rows() -> list[tuple[Any, ...]]:
    return source_rows()


@pytest.fixture(scope="module")
def migrated(stack: Stack) -> Iterator[Pair]:
    with new_databases(stack) as made:
        made.call("migrate", TITAN_TIMESCALEDB="off")
        yield made


@pytest.fixture
def pair(stack: Stack, migrated: Pair, rows: list[tuple[Any, ...]], tmp_path: Path) -> Iterator[Pair]:
    """TITAN's two databases, and beside its bars a schema that another program owns."""
    with new_databases(stack, like=migrated) as made:
        with psycopg.connect(made.timescale_url) as connection:
            connection.execute("CREATE SCHEMA market")
            connection.execute(
                f"CREATE TABLE {TABLE} (tick varchar(12), d date, o float8, h float8, l float8, px float8, vol bigint)"
            )
            with connection.cursor().copy(f"COPY {TABLE} FROM STDIN") as copy:
                for row in [*rows, *BAD]:
                    copy.write_row(row)
        made.call("migrate")
        with override_settings(TITAN_HOME=tmp_path), made.connect():
            yield made


def run(*arguments: str) -> str:
    """The command in this process; what it said."""
    out = io.StringIO()
    real, sys.stdout = sys.stdout, out
    try:
        call_command("import_existing", *arguments)
    finally:
        sys.stdout = real
    return out.getvalue()


def check_stored(rows: list[tuple[Any, ...]], *, source: str = "desk", without: int = 1) -> None:
    """Every good bar is there to the last bit, at its session's close."""
    series = {s.symbol.ticker: s for s in Series.objects.filter(source=source).select_related("symbol")}
    assert sorted(series) == [f"S{s:03d}" for s in range(N_SYMBOLS)]
    assert sum(s.n_bars for s in series.values()) == len(rows) - without
    bars = price_store().read_bars({"S003": series["S003"].pk}, adjustment="raw")
    own = [row for row in rows if row[0] == "s003"]
    for column, name in ((2, "open"), (3, "high"), (4, "low"), (5, "close"), (6, "volume")):
        expected = np.array([row[column] for row in own], float)
        assert getattr(bars, name)[:, 0].tobytes() == expected.tobytes(), name
    assert str(bars.timestamps[0]) == "2021-01-04T21:00:00.000000"


def test_a_table_beside_our_own(pair: Pair, rows: list[tuple[Any, ...]]) -> None:
    looked = run(TABLE, *COLUMNS, "--dry-run", "--piece-rows", "1000")
    assert f"{len(rows) + 4:,} rows read: {len(rows) - 1:,} would be stored, 5 set aside" in looked
    assert not Series.objects.exists()
    assert not Ingestion.objects.exists()
    told = run(TABLE, *COLUMNS, "--piece-rows", "1000")
    assert f"{len(rows) + 4:,} rows read: {len(rows) - 1:,} stored" in told
    assert f"{len(rows) - 1:,} stored to the last bit, 5 not stored, 0 stored otherwise" in told
    source, stored = (line.split()[-1] for line in told.splitlines() if " sha256 " in line)
    assert source == stored
    check_stored(rows)
    # set aside as an upload's rows are, each with its reason
    reasons = sorted(QuarantinedBar.objects.filter(is_warning=False).values_list("reason", flat=True))
    assert reasons == ["duplicate", "duplicate", "holiday", "holiday", "no_symbol"]
    assert Ingestion.objects.count() == 5
    # once more: it is known to be done, and compared again; anew: nothing changes
    assert "imported before" in run(TABLE, *COLUMNS, "--piece-rows", "1000")
    again = run(TABLE, *COLUMNS, "--restart")
    assert f"0 stored, 0 changed, {len(rows) - 1:,} were there already" in again
    # the other program's table is as it was
    [(count,)] = pair.rows(f"SELECT count(*) FROM {TABLE}")
    assert count == len(rows) + 4


def test_a_bar_that_is_not_its_source_is_found(pair: Pair) -> None:
    run(TABLE, *COLUMNS)
    assert "0 stored otherwise" in run(TABLE, *COLUMNS, "--verify-only")
    pair.rows(
        "UPDATE price SET volume = volume + 1 WHERE (series_id, timestamp) = "
        "(SELECT series_id, max(timestamp) FROM price GROUP BY 1 ORDER BY 1 LIMIT 1)"
    )
    with pytest.raises(CommandError, match="1 bars differ from their source"):
        run(TABLE, *COLUMNS, "--verify-only")
    # the source moves on after it was read: neither stored nor set aside
    run(TABLE, *COLUMNS, "--restart")
    pair.rows(f"INSERT INTO {TABLE} VALUES ('s004', '2023-01-03', 50, 51, 49, 50, 7)")
    with pytest.raises(CommandError, match=r"6 rows are not stored, but 5 were set aside.*--restart"):
        run(TABLE, *COLUMNS)
    assert "5 not stored" in run(TABLE, *COLUMNS, "--restart")


def test_killed_in_the_middle_it_goes_on(pair: Pair, rows: list[tuple[Any, ...]], tmp_path: Path) -> None:
    """No piece twice, none left out."""
    command = [sys.executable, "-m", "titan", "import-existing", TABLE, *COLUMNS, "--piece-rows", "900"]
    variables = pair.variables | {
        "TITAN_HOME": str(tmp_path),
        "DJANGO_SETTINGS_MODULE": "titan.settings.development",
    }
    child = subprocess.Popen(
        command, cwd=ROOT, env=pair.stack.environment | variables, stdout=subprocess.PIPE, text=True
    )
    assert child.stdout is not None
    for line in child.stdout:
        if " rows read, " in line:
            break
    child.send_signal(signal.SIGKILL)
    child.communicate()
    [state] = (tmp_path / "imports").glob("*.json")
    through = json.loads(state.read_text())["through"]
    assert through is not None
    n_before = len(json.loads(state.read_text())["ingestions"])
    told = run(TABLE, *COLUMNS, "--piece-rows", "900")
    assert f"going on after {through}" in told
    assert f"{len(rows) + 4:,} rows read: {len(rows) - 1:,} stored" in told
    check_stored(rows)
    assert len(json.loads(state.read_text())["ingestions"]) > n_before


def test_a_table_in_another_database_and_in_sqlite(
    pair: Pair, stack: Stack, rows: list[tuple[Any, ...]], tmp_path: Path
) -> None:
    path = tmp_path / "desk.sqlite3"
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("CREATE TABLE bars (tick text, d text, o, h, l, px, vol)")
        connection.executemany("INSERT INTO bars VALUES (?, ?, ?, ?, ?, ?, ?)", [*rows, *BAD])
        connection.execute("INSERT INTO bars VALUES ('s005', '2023-01-03', 'n/a', 51, 49, 50, 7)")
    told = run("bars", "--from", f"sqlite://{path}", *COLUMNS)
    assert f"{len(rows) - 1:,} stored to the last bit, 6 not stored" in told
    check_stored(rows)
    elsewhere = [*COLUMNS[:-1], "elsewhere"]
    told = run(TABLE, "--from", pair.timescale_url, *elsewhere)
    assert f"{len(rows) - 1:,} stored to the last bit, 5 not stored" in told
    check_stored(rows, source="elsewhere")
    assert "canary" not in told


def test_what_can_not_be_read_is_said(pair: Pair, tmp_path: Path) -> None:
    place = pair.timescale_url.rpartition("/")[0]
    text = tmp_path / "text"
    text.write_text("no database " * 100)
    # a view that would write is not let: nothing is ever written to the source
    pair.rows(
        "CREATE FUNCTION writes() RETURNS text LANGUAGE plpgsql AS 'BEGIN DROP TABLE price; RETURN 1; END'"
    )
    pair.rows(
        "CREATE VIEW writes AS SELECT writes() AS tick, now() AS d, 1 AS o, 1 AS h, 1 AS l, 1 AS px, 1 AS vol"
    )
    host = place.rpartition("@")[2]
    pair.rows("DROP ROLE IF EXISTS import_reader")
    pair.rows("CREATE ROLE import_reader LOGIN PASSWORD 'canary'")
    reader = f"postgresql://import_reader:canary@{host}/{pair.timescale_url.rpartition('/')[2]}"
    cases = (
        (("market.nothing", *COLUMNS), "there is no table market.nothing"),
        (
            (TABLE, "--symbol-column", "tick", "--time-column", "d"),
            "has no column close: there are tick, d, o",
        ),
        (("a.b.c", *COLUMNS), "names no table"),
        ((TABLE, *COLUMNS, "--from", "mysql://u@h/x"), "must start with postgresql://"),
        (
            (TABLE, *COLUMNS, "--from", f"{place}/nowhere"),
            r"can't be reached .*: create it .* or check the name",
        ),
        (
            (TABLE, *COLUMNS, "--from", f"postgresql://titan:wr0ng-canary@{host}/postgres"),
            "check user and password",
        ),
        ((TABLE, *COLUMNS, "--from", "postgresql://u:canary@127.0.0.1:1/x"), "check that the server runs"),
        ((TABLE, *COLUMNS, "--from", "postgresql://u:canary@nowhere.invalid/x"), "no machine of that name"),
        ((TABLE, *COLUMNS, "--from", f"{place}/postgres?sslmode=perhaps"), "can't be reached .*sslmode"),
        ((TABLE, *COLUMNS, "--from", reader), r"may not be read by this account .*GRANT USAGE"),
        (("x", *COLUMNS, "--from", f"sqlite://{tmp_path}"), r"can't be opened \(there is no such file\)"),
        ((TABLE, *COLUMNS, "--user", "nobody"), "there is no user 'nobody': `titan invite nobody"),
        (("x", *COLUMNS, "--from", f"sqlite://{tmp_path}/none.sqlite3"), "can't be opened"),
        ((TABLE, *COLUMNS[:-6], "--volume-column", "tick", "--close-column", "px"), "can't be read as bars"),
        ((TABLE, *COLUMNS, "--calendar", "MOON"), "MOON"),
        (("x", *COLUMNS, "--from", f"sqlite://{text}"), "can't be read as a database of bars"),
        (("writes", *COLUMNS), r"can't be read as bars \(cannot execute .* in a read-only transaction\)"),
    )
    for arguments, words in cases:
        with pytest.raises(CommandError, match=words) as refused:
            run(*arguments)
        assert "canary" not in str(refused.value)
        assert "Error" not in str(refused.value), "no name of an exception"
    assert not Series.objects.exists()
    pair.rows("DROP ROLE import_reader")


def test_production_wants_to_know_whose_imports_they_are(pair: Pair) -> None:
    """There is no demo account where strangers come, and an import makes none."""
    done = pair.titan("import-existing", TABLE, *COLUMNS, check=False)
    assert (done.returncode, done.stderr.splitlines()[-1]) == (
        1,
        "titan: say whose it is: --user NAME, an account of this TITAN",
    )
    assert not User.objects.exists()
    looked = pair.titan("import-existing", TABLE, *COLUMNS, "--dry-run").stdout
    assert "would be stored" in looked


def test_an_unmanaged_model_reads_the_table(pair: Pair, rows: list[tuple[Any, ...]]) -> None:
    """As docs/production-data.md shows it."""
    page = (ROOT / "docs" / "production-data.md").read_text()
    [code] = re.findall(r"^```python\n(.*?)^```$", page, re.S | re.M)
    pair.rows(f"ALTER TABLE {TABLE} RENAME COLUMN d TO trading_day")
    with isolate_apps("trading"):
        names: dict[str, Any] = {"__name__": "trading.models.desk"}
        exec(code, names)
        model = names["DeskBar"]
        assert router.db_for_read(model) == "timescale"
        assert model.objects.count() == len(rows) + len(BAD)
        assert (
            model.objects.filter(tick="s003").order_by("trading_day").first().px
            == rows[3 * len(rows) // N_SYMBOLS][5]
        )
