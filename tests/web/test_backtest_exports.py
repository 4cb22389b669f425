"""Backtests compared, taken along as files, and asked for in the terminal."""

import io
import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow.ipc
import pyarrow.parquet as pq
import pytest
from django.core.management import CommandError, call_command
from rest_framework.test import APIClient

from tests.web.test_backtests import BACKTESTS, PAIR, finish
from titan_core.errors import InvalidInput
from trading.models import BacktestRun, Trial, Universe
from trading.services.backtest_service import BacktestService
from trading.services.backtesting import kept_bars
from users.models import User


@pytest.fixture
def client(trader: User, client_of: Callable[[User], APIClient]) -> APIClient:
    return client_of(trader)


@pytest.fixture
def two(universe: Universe, trader: User) -> list[BacktestRun]:
    asked = [PAIR, PAIR | {"name": "<b>wide</b>", "parameters": {"window": 60, "entry_z": 2.0}}]
    return [finish(BacktestService().request_sync(owner=trader, **one).pk) for one in asked]


def test_runs_side_by_side(client: APIClient, two: list[BacktestRun]) -> None:
    ids = ",".join(str(run.pk) for run in two)
    answer = client.get(f"{BACKTESTS}compare/", {"runs": ids})
    assert answer.status_code == 200, answer.content
    found = answer.json()
    assert [run["id"] for run in found["runs"]] == [run.pk for run in two]
    assert all(row[0] == 1.0 and len(row) == len(found["timestamps"]) for row in found["equity"])
    assert {one["name"]: one["values"] for one in found["parameters_differ"]} == {
        "parameters.window": ["30", "60"],
        "parameters.entry_z": ["1.5", "2.0"],
    }
    [difference] = found["differences"]
    assert (difference["a"], difference["b"]) == (two[0].pk, two[1].pk)
    assert 0 < difference["pvalue"] <= 1
    assert difference["n"] == two[0].result.n_bars - 1


def test_what_cannot_be_compared(
    client: APIClient, two: list[BacktestRun], other_trader: User, client_of: Callable[[User], APIClient]
) -> None:
    for runs, said in (
        ("1", "2 to 8"),
        ("a,b", "separated by commas"),
        (f"{two[0].pk},99", "no backtest 99"),
    ):
        answer = client.get(f"{BACKTESTS}compare/", {"runs": runs})
        assert answer.status_code == 400
        assert said in answer.json()["error"]["message"]
    theirs = client_of(other_trader).get(f"{BACKTESTS}compare/", {"runs": f"{two[0].pk},{two[1].pk}"})
    assert theirs.status_code == 400


def test_files_hold_the_curve_to_the_bit(client: APIClient, two: list[BacktestRun]) -> None:
    address = f"{BACKTESTS}{two[0].pk}/"
    equity = client.get(f"{address}equity/").json()["equity"]
    table = pq.read_table(io.BytesIO(client.get(f"{address}export/?as=parquet").getvalue()))
    assert table["equity"].to_pylist() == equity
    assert json.loads(table.schema.metadata[b"titan_manifest"])["panel_hash"] == two[0].manifest["panel_hash"]
    whole = json.loads(client.get(f"{address}export/").getvalue())
    assert whole["equity"]["equity"] == equity
    assert len(whole["trades"]) == two[0].result.n_trades
    lines = client.get(f"{address}export/?as=csv").getvalue().decode().splitlines()
    assert [float(line.split(",")[1]) for line in lines[1:]] == equity
    arrow = client.get(f"{address}equity/", headers={"Accept": "application/vnd.apache.arrow.stream"}).content
    assert pyarrow.ipc.open_stream(arrow).read_all()["equity"].to_pylist() == equity


def test_the_report_needs_nothing_but_a_browser(client: APIClient, two: list[BacktestRun]) -> None:
    answer = client.get(f"{BACKTESTS}{two[1].pk}/export/?as=html")
    page = answer.getvalue().decode()
    assert answer["Content-Disposition"] == f'attachment; filename="backtest-{two[1].pk}.html"'
    assert "&lt;b&gt;wide&lt;/b&gt;" in page
    assert "<b>wide" not in page
    assert not re.search(r"<script|javascript:|https?://|\son\w+=|src=|@import|url\(", page)
    assert page.count("<svg") == 2
    assert "Sharpe ratio" in page


def test_nothing_to_take_along_yet(client: APIClient, universe: Universe) -> None:
    run = client.post(BACKTESTS, PAIR).json()
    assert client.get(f"{BACKTESTS}{run['id']}/export/").status_code == 409
    assert client.post(f"{BACKTESTS}{run['id']}/rerun/").status_code == 409
    assert client.get(f"{BACKTESTS}{run['id']}/equity/").json()["equity"] == []


def test_kept_bars_come_back_to_the_bit(two: list[BacktestRun]) -> None:
    name = two[0].inputs["bars"]
    assert kept_bars.bars_hash(kept_bars.bars_of(name)) == name


def test_changed_bars_are_told(client: APIClient, two: list[BacktestRun]) -> None:
    run = two[0]
    run.inputs |= {"data_version": "old", "bars": "0" * 64}
    run.save()
    assert client.get(f"{BACKTESTS}{run.pk}/").json()["data_changed"] is True


def test_the_terminal_shows_it_and_counts_the_look(
    universe: Universe, trader: User, tmp_path: Path, capsys: Any
) -> None:
    file = tmp_path / "trades.csv"
    call_command("backtest", "AAA/AAB", "--set", "window=30", "--set", "entry_z=1.5", "--trades", str(file))
    said = capsys.readouterr().out
    assert "Sharpe ratio" in said
    assert "one configuration was looked at" in " ".join(said.split())
    assert len(file.read_text().splitlines()) > 3
    assert Trial.objects.get().source == "cli"
    with pytest.raises(InvalidInput, match="no active symbol"):
        call_command("backtest", "AAA/ZZZ")
    with pytest.raises(CommandError, match="no active account"):
        call_command("backtest", "AAA/AAB", "--user", "nobody")
