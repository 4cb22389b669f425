"""`titan adopt`: an embedded TITAN into production's databases, with everything a person would miss."""

import os
import re
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest
from django.contrib.auth import authenticate
from django.test import override_settings

from common import audit
from tests.kernel_cache import share_kernels
from tests.production.databases import Pair, new_databases
from tests.production.processes import ROOT, Process
from tests.production.stack import Stack
from titan_core.errors import InvalidInput, StoreError
from tools.ports import free_port
from trading.models import EquityPoint, Price, Series, Symbol
from trading.services.adopting import AdoptService, service
from trading.services.price_stores import price_store
from users.models import User

PASSWORD = "correct horse battery"
# What an embedded TITAN is after a while, made by its own process: a second SQLite build here would not do.
LIVED = """
import numpy as np
from django.utils import timezone
from common import audit, events
from trading.models import *
from trading.services import artefacts
from trading.services.jobs import JobService
from trading.services.price_stores import price_store
from users.models import User
from users.roles import Role

user = User.objects.create_with_role("ada", role=Role.ADMIN, password="correct horse battery")
User.objects.create_with_role("demo", role=Role.TRADER, password="demo")
audit.record("password_changed", actor=user, detail={"why": "Ünïcode ☂", "n": 3})
events.publish("user_1", "note", {"big": 10**19, "whole": 2.0, "part": 0.1, "none": None, "text": "☂"})
days = np.arange("1990-01-02", "2020-01-02", dtype="M8[D]").astype("M8[us]") + np.timedelta64(21, "h")
for number, ticker in enumerate(("KO", "PEP", "BRK.B"), start=1):
    symbol = Symbol.objects.create(ticker=ticker, name=f"Company {number}")
    series = Series.objects.create(symbol=symbol, source="file", adjustment="raw")
    close = np.exp(np.random.default_rng(number).normal(size=days.size))
    price_store().write(series.pk, days, close=close, volume=np.where(close > 1, close, np.nan))
price_store().write(1, days[:3], close=[1.0, 2.0, 3.0])  # leaves revisions
price_store().write_actions(1, days[:1], ["split"], [2.0])
first, second = Symbol.objects.order_by("ticker")[:2]
TradingPair.objects.create(symbol_1=first, symbol_2=second, hedge_ratio=1 / 3, cointegration_pvalue=0.01,
    half_life=5.0, correlation=0.9, stability_score=0.5, statistic=-4.0,
    fit_start=timezone.now(), fit_end=timezone.now(), n_obs=500)
EquityPoint.objects.create(kind="backtest", run_id=1, timestamp=timezone.now(), equity=5.5, drawdown=0.0)
JobService().enqueue_sync(kind="scan", owner=user)
artefacts.put("uploads", b"some bytes")
"""


def embedded(home: Path, *arguments: str) -> str:
    """A `titan` command of the embedded TITAN at `home`."""
    variables = {
        name: value for name, value in os.environ.items() if not name.startswith(("TITAN_", "DJANGO_"))
    }
    done = subprocess.run(
        [sys.executable, "-m", "titan", *arguments],
        cwd=ROOT,
        env=variables | {"TITAN_HOME": str(home), "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("embedded")
    embedded(made, "migrate", "--verbosity", "0")
    embedded(made, "shell", "--no-imports", "-c", LIVED)
    return made


@pytest.fixture(scope="module")
def migrated(stack: Stack) -> Iterator[Pair]:
    with new_databases(stack) as made:
        made.call("migrate", TITAN_TIMESCALEDB="off")
        yield made


@pytest.fixture
def pair(stack: Stack, migrated: Pair) -> Iterator[Pair]:
    with new_databases(stack, like=migrated) as made:
        made.call("migrate")
        yield made


def test_everything_comes_over(pair: Pair, stack: Stack, home: Path) -> None:
    told = pair.titan("adopt", str(home)).stdout
    with closing(sqlite3.connect(home / "timescale.sqlite3")) as connection:
        bars = connection.execute("SELECT count(*) FROM price").fetchone()[0]
    for words in (
        f"price: {bars:,} rows",
        "price_revision: 3 rows",
        "corporate_action: 1 rows",
        "users_user: 2 rows",
        "trading_tradingpair: 1 rows",
        "equity_point: 1 rows",
        "common_auditentry: 1 rows",
        "1 artefacts",
    ):
        assert words in told, told
    assert "are the same here" in told
    assert "TITAN_SECRET_KEY_FALLBACKS" in told  # its keys are not known here
    with closing(sqlite3.connect(home / "timescale.sqlite3")) as connection:
        expected = connection.execute(
            "SELECT close, volume FROM price WHERE series_id = 2 ORDER BY timestamp"
        ).fetchall()
    hasher = "django.contrib.auth.hashers.PBKDF2PasswordHasher"
    keys = [(home / "secret-key").read_text().strip()]
    with pair.connect(), override_settings(SECRET_KEY_FALLBACKS=keys, PASSWORD_HASHERS=[hasher]):
        ada = authenticate(username="ada", password=PASSWORD)
        assert ada is not None
        assert ada.has_perm("users.add_user")  # roles came with their permissions
        # a password that `titan up` prints, or that somebody chose for a machine of their own, opens nothing here
        assert authenticate(username="demo", password="demo") is None
        assert "titan invite demo" in told
        series = Series.objects.get(symbol__ticker="PEP")
        panel = price_store().read_bars({"PEP": series.pk}, adjustment="raw")
        assert panel.close[:, 0].tolist() == [close for close, _ in expected]
        np.testing.assert_array_equal(panel.volume[:, 0], np.array([volume for _, volume in expected], float))
        assert Price.objects.count() == bars
        assert EquityPoint.objects.get().equity == 5.5
        assert audit.verify().ok
        # new rows are numbered after those that came
        assert Symbol.objects.create(ticker="NEW").pk == 4
        assert audit.record("password_changed", actor=ada).id == 2
    assert pair.rows("SELECT count(*) > 5 FROM show_chunks('price')") == [(True,)]
    assert list((stack.home / "artefacts").rglob("uploads/*"))
    with pair.connect(), pytest.raises(InvalidInput, match="has users already"):
        AdoptService().adopt_sync(home, say=lambda _: None)


def test_what_fails_keeps_nothing_and_may_be_tried_again(
    pair: Pair, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Broken after the bars, the rest is not there at all; then it goes on, and compares the bars."""
    real, said = service.copy_rows, []

    def broken(model: type, source: str, target: str) -> int:
        if model is Series:
            raise StoreError("the line was cut")
        return real(model, source, target)

    monkeypatch.setattr(service, "copy_rows", broken)
    with pair.connect():
        with pytest.raises(StoreError, match="the line was cut"):
            AdoptService().adopt_sync(home, say=said.append)
        assert not User.objects.exists()
        assert not Symbol.objects.exists()
        assert Price.objects.exists()
        monkeypatch.undo()
        AdoptService().adopt_sync(home, say=said.append)
        assert "price: there already, compared" in said
        assert Symbol.objects.count() == 3


def test_a_row_that_came_over_otherwise_is_found(pair: Pair, home: Path) -> None:
    with pair.connect():
        Price.objects.create(series_id=1, timestamp="2024-01-02T21:00:00Z", close=1.0)
        with pytest.raises(StoreError, match=r"price: [\d,]+ rows with hash .* there, 1 with .* here"):
            AdoptService().adopt_sync(home, say=lambda _: None)
        assert not User.objects.exists()


def test_a_titan_that_runs_is_not_adopted(pair: Pair, home: Path, tmp_path: Path) -> None:
    """A real one: what it writes after the copy would be nowhere. Then it is stopped, and then it is forgotten."""
    other = tmp_path / "runs"
    shutil.copytree(home, other)
    share_kernels(other)
    port = free_port()
    variables = {
        name: value for name, value in os.environ.items() if not name.startswith(("TITAN_", "DJANGO_"))
    }
    server = Process(
        "embedded",
        ["titan", "up", "--no-demo", "--port", str(port)],
        variables | {"TITAN_HOME": str(other), "PYTHONPATH": str(ROOT)},
        tmp_path / "embedded.log",
    )
    server.start(lambda: "TITAN is ready" in server.text())
    family = server.family()
    try:
        refused = pair.titan("adopt", str(other), check=False)
        assert refused.returncode == 1
        open_by = re.match(r"titan: process (\d+) has \S+\.sqlite3 open: stop the TITAN", refused.stderr)
        assert open_by, refused.stderr
        assert int(open_by[1]) in family
    finally:
        server.kill()
    # killed, it has not signed off, and may be a moment from being started again
    with closing(sqlite3.connect(other / "titan.sqlite3")) as connection, connection:
        connection.execute("UPDATE trading_job SET lease_until = NULL")
        connection.execute("DELETE FROM trading_worker")
        connection.execute(
            "INSERT INTO trading_worker (name, host, pid, queues, version, started_at, seen_at, stopping) VALUES "
            "('desk:1:a', 'desk', 7, '[]', '1', datetime('now'), strftime('%Y-%m-%d %H:%M:%f', 'now'), 0)"
        )
    with pair.connect():
        with pytest.raises(
            InvalidInput, match=r"runs, or did until just now \(process 7 on desk\).*wait half"
        ):
            AdoptService().adopt_sync(other, say=lambda _: None)
        assert not Price.objects.exists()
        with closing(sqlite3.connect(other / "titan.sqlite3")) as connection, connection:
            connection.execute("UPDATE trading_worker SET seen_at = '2026-01-01 00:00:00'")
        AdoptService().adopt_sync(other, say=lambda _: None)
        assert Symbol.objects.count() == 3


def test_nobody_writes_to_the_old_one_meanwhile(
    pair: Pair, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = service.copy_rows
    locked: list[str] = []

    def writing(model: type, source: str, target: str) -> int:
        with closing(sqlite3.connect(home / "titan.sqlite3", timeout=0)) as connection:
            try:
                connection.execute("BEGIN IMMEDIATE")
            except sqlite3.OperationalError as error:
                locked.append(str(error))
        return real(model, source, target)

    monkeypatch.setattr(service, "copy_rows", writing)
    with pair.connect():
        AdoptService().adopt_sync(home, say=lambda _: None)
    assert len(locked) > 20
    assert set(locked) == {"database is locked"}


def test_refusals(pair: Pair, home: Path, tmp_path: Path) -> None:
    def refused(words: str) -> None:
        with pair.connect(), pytest.raises(InvalidInput, match=words):
            AdoptService().adopt_sync(tmp_path, say=lambda _: None)

    refused(re.escape(f"there is no {tmp_path}/titan.sqlite3"))
    for name in ("titan.sqlite3", "timescale.sqlite3"):
        with (
            closing(sqlite3.connect(home / name)) as source,
            closing(sqlite3.connect(tmp_path / name)) as copy,
        ):
            source.backup(copy)
    with closing(sqlite3.connect(tmp_path / "titan.sqlite3")) as connection, connection:
        connection.execute("UPDATE trading_job SET lease_until = datetime('now', '+1 minute')")
    refused("a job runs in")
    (tmp_path / "text").mkdir()
    for name in ("titan.sqlite3", "timescale.sqlite3"):
        (tmp_path / "text" / name).write_text("no database " * 100)
    with pair.connect(), pytest.raises(InvalidInput, match="can't be read as a database"):
        AdoptService().adopt_sync(tmp_path / "text", say=lambda _: None)
    with closing(sqlite3.connect(tmp_path / "titan.sqlite3")) as connection, connection:
        connection.execute("DELETE FROM django_migrations WHERE name = '0015_hypertables'")
    refused(r"is of another release \(1 migrations differ\)")


def test_mistakes_of_an_operator_are_answered_in_words(pair: Pair, stack: Stack, home: Path) -> None:
    """Wrong password, nobody there, no such database, not set up, the environment of the other."""
    place, name = pair.database_url.rpartition("/")[::2]
    user, host = place.removeprefix("postgresql://").rpartition("@")[::2]
    empty = stack.create_database()
    wrong = f"postgresql://{user.partition(':')[0]}:wr0ng-c4n4ry@{host}/{name}"
    urls = (
        (wrong, "check user and password"),
        (f"postgresql://{user}@127.0.0.1:1/{name}", "check that the server runs"),
        (f"postgresql://{user}@nowhere.invalid/{name}", "no machine of that name"),
        (f"{place}/nothing", "check the name at the end"),
        (empty, "run `titan migrate`"),
    )
    embedded_form = {"DJANGO_SETTINGS_MODULE": "titan.settings.development"} | dict.fromkeys(
        pair.variables, ""
    )
    cases: list[tuple[dict[str, str], str]] = [({"TITAN_DATABASE_URL": url}, words) for url, words in urls]
    cases.append((embedded_form, "production's environment"))
    for variables, words in cases:
        for command in ("adopt", "fingerprint") if "DJANGO_SETTINGS_MODULE" not in variables else ("adopt",):
            done = pair.titan(command, *([str(home)] * (command == "adopt")), check=False, **variables)
            assert done.returncode == 1, (command, variables)
            said = [line for line in done.stderr.splitlines() if line.startswith("titan: ")]
            assert "Traceback" not in done.stderr, done.stderr
            assert len(said) == 1, done.stderr
            assert words in said[0], said
            assert "canary" not in done.stderr
            assert "c4n4ry" not in done.stderr
