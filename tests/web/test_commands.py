"""The `titan` commands: set-up that is done once, a server that says where it is, a scan in the terminal."""

import csv
import json
import os
import re
import signal
import sqlite3
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connections
from statsmodels.tsa.stattools import coint

from common.env import DemoAccount
from tests.conftest import make_user
from tests.kernel_cache import share_kernels
from titan_core.analysis import engle_granger
from titan_core.data.demo import load_demo
from titan_core.errors import InvalidInput
from tools.ports import free_port
from trading.management.server import NoAccessToPortError, PortTakenError, listen
from trading.models import BacktestRun, PlantedPair, Series, Symbol, Universe, WalkForwardRun, Watch
from trading.services.demo import SYNTHETIC, US_LARGE_CAPS, DemoService
from trading.services.demo_runs import DemoRunsService
from trading.services.market_data import MarketDataService
from users.models import User
from users.roles import Role

ROOT = Path(__file__).resolve().parents[2]


def titan(home: Path, *arguments: str, **variables: str) -> subprocess.Popen[str]:
    """A `titan` process in a home of its own; compiled kernels are shared with the tests, for speed."""
    clean = {k: v for k, v in os.environ.items() if not k.startswith(("TITAN_", "DJANGO_"))}
    share_kernels(home)
    return subprocess.Popen(
        [sys.executable, "-m", "titan", *arguments],
        cwd=ROOT,
        env=clean | {"TITAN_HOME": str(home), "PYTHONUNBUFFERED": "1"} | variables,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def finished(home: Path, *arguments: str, **variables: str) -> tuple[int, str, str]:
    process = titan(home, *arguments, **variables)
    out, err = process.communicate(timeout=240)
    return process.returncode, out, err


@pytest.fixture
def demo(prices: None) -> DemoService:
    service = DemoService()
    service.load_sync()
    return service


def test_the_demo_is_loaded_whole(demo: DemoService) -> None:
    caps = Universe.objects.get(slug=US_LARGE_CAPS.slug)
    assert caps.symbols.count() == 20
    assert caps.symbols.get(ticker="KO").sector == "Consumer Staples"
    expected = load_demo()
    assert MarketDataService().load_panel_sync(expected.symbols) == expected
    synthetic = Universe.objects.get(slug=SYNTHETIC.slug)
    assert synthetic.symbols.count() == 60
    kinds = list(synthetic.planted_pairs.values_list("kind", flat=True))
    assert (kinds.count("cointegrated"), kinds.count("breaking")) == (12, 6)
    assert set(synthetic.planted_pairs.filter(kind="breaking").values_list("break_at", flat=True)) != {None}


def test_the_planted_truth_is_in_the_prices(demo: DemoService) -> None:
    """Each planted pair tests as such over its whole history, and its hedge ratio is recovered."""
    for pair in PlantedPair.objects.filter(kind="cointegrated").select_related("symbol_1", "symbol_2"):
        panel = MarketDataService().load_panel_sync([pair.symbol_1.ticker, pair.symbol_2.ticker]).log()
        found = engle_granger(panel.values[:, 0], panel.values[:, 1])
        assert found.pvalue < 0.01, pair
        assert found.hedge_ratio == pytest.approx(pair.hedge_ratio, rel=0.15), pair


def test_loading_the_demo_again_does_nothing(demo: DemoService, django_assert_max_num_queries: Any) -> None:
    with django_assert_max_num_queries(2):
        assert demo.is_loaded_sync()
    seen: list[tuple[int, int]] = []
    assert demo.load_sync(lambda done, total: seen.append((done, total))) is False
    assert seen == []


def test_a_load_that_was_killed_half_way_is_finished(demo: DemoService) -> None:
    Series.objects.filter(symbol__ticker="KO").update(n_bars=0, first_timestamp=None, last_timestamp=None)
    assert not demo.is_loaded_sync()
    seen: list[tuple[int, int]] = []
    assert demo.load_sync(lambda done, total: seen.append((done, total))) is True
    assert seen[-1] == (20, 80)  # the synthetic universe was whole and is left alone
    assert demo.is_loaded_sync()
    assert Symbol.objects.count() == 80
    assert PlantedPair.objects.count() == 18


@pytest.mark.django_db
def test_the_demo_account_keeps_a_password_its_owner_chose() -> None:
    service = DemoService()
    account = DemoAccount("demo", "printed-password")
    assert service.ensure_user_sync(account, reset_password=False)
    user = User.objects.get(username="demo")
    assert user.roles == ["trader"]
    assert user.check_password("printed-password")
    user.set_password("their own")
    user.save()
    assert not service.ensure_user_sync(account, reset_password=False)
    assert User.objects.get(username="demo").check_password("their own")
    assert service.ensure_user_sync(account, reset_password=True)
    assert User.objects.get(username="demo").check_password("printed-password")


def test_the_demo_account_watches_two_pairs_until_it_lets_them_go(demo: DemoService) -> None:
    demo.ensure_user_sync(DemoAccount("demo", "printed-password"), reset_password=False)
    assert demo.watch_first_pairs_sync("demo") == 2
    watched = [watch.pair for watch in Watch.objects.filter(owner__username="demo").order_by("id")]
    assert str(watched[0]).startswith("KO")
    legs = {watched[1].symbol_1_id, watched[1].symbol_2_id}
    planted = PlantedPair.objects.filter(kind="cointegrated").first()
    assert planted is not None
    assert legs == {planted.symbol_1_id, planted.symbol_2_id}
    assert all(pair.hedge_ratio > 0 for pair in watched)
    Watch.objects.all().delete()
    assert demo.watch_first_pairs_sync("demo") == 0
    assert not Watch.objects.exists()


def test_the_demo_account_opens_with_finished_runs_and_gets_them_once(
    demo: DemoService, calm_blas: None
) -> None:
    demo.ensure_user_sync(DemoAccount("demo", "printed-password"), reset_password=False)
    runs = DemoRunsService()
    assert runs.make_first_runs_sync("demo") == 2
    backtest, walk = BacktestRun.objects.get(), WalkForwardRun.objects.get()
    assert backtest.is_complete
    assert backtest.pairs == [["KO", "PEP"]]
    assert walk.is_complete
    assert "synthetic" in walk.name
    assert walk.windows.count() == walk.n_windows >= 4
    assert walk.sparkline
    assert walk.deflated["n_trials"] >= 6
    BacktestRun.objects.all().delete()
    WalkForwardRun.objects.all().delete()
    assert runs.make_first_runs_sync("demo") == 0, "what was deleted stays deleted"


@pytest.mark.django_db
def test_a_demo_name_that_is_someones_account_gets_no_new_role() -> None:
    make_user("demo", Role.VIEWER)
    DemoService().ensure_user_sync(DemoAccount("demo", "x"), reset_password=False)
    assert User.objects.get(username="demo").roles == ["viewer"]


def test_scan_lists_the_pairs_that_are_there(universe: Universe, tmp_path: Path, capsys: Any) -> None:
    call_command("scan", universe.slug, csv=tmp_path / "pairs.csv", start=None, end=None)
    out = capsys.readouterr().out
    assert "15 pairs tested, 2 survive at a false discovery rate of 0.05" in out
    assert "chance alone gives up to 0.8" in out
    starred = {frozenset(line.split()[1:3]) for line in out.splitlines() if line.rstrip().endswith("*")}
    assert starred == {frozenset(("AAA", "AAB")), frozenset(("BBA", "BBB"))}
    with (tmp_path / "pairs.csv").open() as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == 15
    panel = MarketDataService().load_panel_sync([rows[0]["symbol_1"], rows[0]["symbol_2"]]).log()
    statistic, pvalue, _ = coint(panel.values[:, 0], panel.values[:, 1])
    assert float(rows[0]["statistic"]) == pytest.approx(statistic, rel=1e-8)
    assert float(rows[0]["pvalue"]) == pytest.approx(pvalue, rel=1e-6)


def test_scan_compares_with_the_truth(universe: Universe, capsys: Any) -> None:
    first, second = Symbol.objects.get(ticker="AAA"), Symbol.objects.get(ticker="AAB")
    PlantedPair.objects.create(
        universe=universe,
        symbol_1=first,
        symbol_2=second,
        kind="cointegrated",
        hedge_ratio=0.8,
        half_life=3.0,
    )
    call_command("scan", universe.name.lower())
    assert "Truth: 1 pairs are cointegrated, 1 of them found, 1 others" in capsys.readouterr().out


def test_scan_says_what_is_wrong(universe: Universe) -> None:
    with pytest.raises(CommandError, match=r"there is no universe 'nope': use one of small"):
        call_command("scan", "nope")
    with pytest.raises(InvalidInput, match="end"):
        call_command("scan", universe.slug, "--start", "2020-01-02", "--end", "2019-12-31")
    with pytest.raises(CommandError, match=r"invalid _?share value"):
        call_command("scan", universe.slug, "--alpha", "5")
    with pytest.raises(CommandError, match="can't write"):
        call_command("scan", universe.slug, "--csv", "/nowhere/at/all.csv")
    single = Universe.objects.create(name="One", slug="one")
    single.symbols.add(Symbol.objects.get(ticker="AAA"))
    with pytest.raises(InvalidInput, match="a scan needs two at least"):
        call_command("scan", "one")


@pytest.mark.django_db(transaction=True, databases=["default", "timescale"])
def test_migrate_brings_both_databases_up_to_date() -> None:
    out = StringIO()
    call_command("migrate", stdout=out)
    assert "Database default:" in out.getvalue()
    assert "Database timescale:" in out.getvalue()
    for alias in connections:
        with connections[alias].cursor() as cursor:
            cursor.execute("SELECT count(*) FROM django_migrations WHERE app = 'trading'")
            assert cursor.fetchone()[0] >= 2


def test_a_taken_port_is_said_with_the_remedy() -> None:
    with listen("127.0.0.1", 0) as first:
        port = first.getsockname()[1]
        with pytest.raises(
            PortTakenError, match=rf"port {port} on 127.0.0.1 is taken.*TITAN_PORT={port + 1} titan up"
        ):
            listen("127.0.0.1", port)


def test_an_address_that_is_not_ours_is_said() -> None:
    with pytest.raises(NoAccessToPortError, match=r"can't listen on 192\.0\.2\.1:8000"):
        listen("192.0.2.1", 8000)
    with pytest.raises(NoAccessToPortError, match="is no address of this machine"):
        listen("no such host!", 8000)


def test_an_unusable_environment_is_said_without_a_traceback(tmp_path: Path) -> None:
    code, _, err = finished(tmp_path, "up", TITAN_PORT="eighty")
    assert code == 1
    assert "TITAN_PORT is 'eighty', not a port" in err
    assert "Traceback" not in err


def test_a_damaged_database_is_said_without_a_traceback(tmp_path: Path) -> None:
    (tmp_path / "timescale.sqlite3").write_bytes(b"not a database at all, just bytes " * 100)
    code, _, err = finished(tmp_path, "migrate")
    assert code == 1
    assert "a database file is damaged" in err
    assert str(tmp_path / "timescale.sqlite3") in err
    assert "Traceback" not in err


def test_a_home_that_is_not_set_up_is_said_without_a_traceback(tmp_path: Path) -> None:
    code, _, err = finished(tmp_path, "scan", "synthetic")
    assert code == 1
    assert "the databases are not set up" in err
    assert "titan migrate" in err
    assert "Traceback" not in err


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, int, str]]:
    """A real `titan up` on a fresh home: its folder, its port, what it printed; it is ended as Ctrl-C does."""
    home = tmp_path_factory.mktemp("served")
    home.chmod(0o755)  # as `mkdir` leaves it, unlike the folder TITAN makes by itself
    port = free_port()
    process = titan(home, "up", TITAN_PORT=str(port))
    assert process.stdout is not None
    printed = ""
    while "Ctrl-C" not in printed:
        line = process.stdout.readline()
        assert line, f"titan up ended: {process.communicate()[1]}"
        printed += line
    yield home, port, printed
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=60)
    assert process.returncode == 0, err
    assert "Traceback" not in err


def get(port: int, path: str) -> bytes:
    with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=30) as answer:
        body: bytes = answer.read()
    return body


def test_up_prints_its_address_and_account_once_it_answers(served: tuple[Path, int, str]) -> None:
    home, port, printed = served
    assert f"http://127.0.0.1:{port}/" in printed
    assert json.loads(get(port, "/readyz"))["status"] == "ok"
    password = json.loads((home / "demo-account.json").read_text())["password"]
    assert re.search(rf"demo\s+password\s+{password}\b", printed)
    body = json.dumps({"username": "demo", "password": password}).encode()
    request = urllib.request.Request(
        f"http://127.0.0.1:{port}/api/v1/auth/token/", body, {"Content-Type": "application/json"}
    )
    with urllib.request.urlopen(request, timeout=30) as answer:
        assert "access" in json.load(answer)


def test_up_has_loaded_the_demo_and_listens_on_this_machine_only(served: tuple[Path, int, str]) -> None:
    home, port, _ = served
    with sqlite3.connect(home / "timescale.sqlite3") as database:
        assert database.execute("SELECT count(DISTINCT series_id) FROM price").fetchone() == (80,)
    database.close()
    listening = subprocess.run(["ss", "-ltn"], capture_output=True, text=True, check=False).stdout
    if listening:
        assert f"127.0.0.1:{port}" in listening
        assert f"0.0.0.0:{port}" not in listening


def test_up_keeps_databases_and_log_from_other_accounts(served: tuple[Path, int, str]) -> None:
    home, _, _ = served
    kept = {path.name: path.stat().st_mode & 0o077 for path in home.iterdir() if path.is_file()}
    assert {"titan.sqlite3", "timescale.sqlite3", "titan.log"} <= set(kept)
    assert not any(kept.values()), kept


def test_up_logs_requests_without_their_secrets(served: tuple[Path, int, str]) -> None:
    home, port, _ = served
    get(port, "/api/docs/?token=c4n4ry-0123456789&x=1")
    deadline = time.monotonic() + 60
    while (
        "GET /api/docs/ 200" not in (text := (home / "titan.log").read_text()) and time.monotonic() < deadline
    ):
        time.sleep(0.05)
    assert "GET /api/docs/ 200" in text
    assert "c4n4ry" not in text
    assert json.loads((home / "demo-account.json").read_text())["password"] not in text


def test_a_second_up_on_the_same_port_gives_up_at_once(served: tuple[Path, int, str]) -> None:
    home, port, _ = served
    code, out, err = finished(home, "up", TITAN_PORT=str(port))
    assert code == 1
    assert f"port {port} on 127.0.0.1 is taken" in err
    assert "ready" not in out
