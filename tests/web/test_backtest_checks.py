"""Backtests answered at once, proofs against look-ahead on demand, and what a running one says."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from rest_framework.test import APIClient

from common.models import Event
from tests.factories import small_panel
from titan_core.backtesting import backtest_pair, look_ahead
from trading.models import BacktestRun, BacktestTrade, Job, Trial, Universe
from trading.services.backtesting import progress, quick
from trading.services.backtesting.bars import load_bars
from trading.services.jobs import JobService
from trading.services.market_data import MarketDataService
from trading.services.pair_analysis import PairAnalysisService
from trading.services.streams import StreamService
from users.models import User

V1 = "/api/v1/"
PAIR = {"symbol_1": "AAA", "symbol_2": "AAB"}
RULE = {"rule": "rolling", "parameters": {"window": 30, "entry_z": 1.5}, "costs": "index"}


@pytest.fixture(autouse=True)
def no_bars_in_memory() -> None:
    quick.forget_bars()


@pytest.fixture
def client(universe: Universe, trader: User, client_of: Callable[[User], APIClient]) -> APIClient:
    return client_of(trader)


def ask(client: APIClient, status: int = 200, **body: Any) -> dict[str, Any]:
    answer = client.post(f"{V1}backtests/quick/", {**PAIR, **RULE, **body}, format="json")
    assert answer.status_code == status, answer.content
    return dict(answer.json())


def finished(client: APIClient, **body: Any) -> BacktestRun:
    asked = {"kind": "pair", "pairs": [["AAA", "AAB"]], **RULE, **body}
    answer = client.post(f"{V1}backtests/", asked, format="json")
    assert answer.status_code == 202, answer.content
    assert JobService().run_sync(answer.json()["job"]["id"])
    return BacktestRun.objects.get(pk=answer.json()["id"])


def test_quick_is_the_backtest_of_the_same_terms(client: APIClient) -> None:
    at_once = ask(client)
    run = finished(client)
    shown = client.get(f"{V1}backtests/{run.pk}/").json()
    assert at_once["metrics"] == shown["metrics"]
    assert at_once["n_trials"] == 1
    assert Trial.objects.get(family=run.family).source == "slider", "the same configuration is one trial"
    trades = BacktestTrade.objects.filter(run=run)
    assert [one["net_pnl"] for one in at_once["trades"]] == list(trades.values_list("net_pnl", flat=True))
    curve = client.get(f"{V1}backtests/{run.pk}/equity/").json()
    assert at_once["equity"][-1] == pytest.approx(curve["equity"][-1] / run.capital, abs=1e-6)
    assert at_once["timestamps"][-1] == curve["timestamps"][-1]
    assert len(at_once["timestamps"]) == len(at_once["equity"]) <= quick.MAX_POINTS


def test_every_look_counts_once_and_deflates(client: APIClient, trader: User) -> None:
    seen = [ask(client, parameters={"window": 30, "entry_z": z}) for z in (1.0, 1.5, 2.0, 1.5)]
    assert [one["n_trials"] for one in seen] == [1, 2, 3, 3]
    assert seen[3]["deflated_sharpe"] < seen[1]["deflated_sharpe"] + 1e-12
    assert Trial.objects.filter(owner=trader).count() == 3


def test_bars_are_read_once_until_they_change(client: APIClient, monkeypatch: pytest.MonkeyPatch) -> None:
    reads: list[Any] = []

    def counted(*tickers: Any, **window: Any) -> Any:
        reads.append(window)
        return load_bars(*tickers, **window)

    monkeypatch.setattr(quick, "load_bars", counted)
    first = ask(client)
    ask(client, parameters={"window": 50, "entry_z": 1.5})
    assert len(reads) == 1
    panel = small_panel().select(("AAA", "AAB"))
    values = panel.values.copy()
    values[300:, 0] *= 1.05
    changed = type(panel)(panel.symbols, panel.timestamps, values, panel.adjustment)
    MarketDataService().ingest_panel_sync(changed, source="test")
    second = ask(client)
    assert len(reads) == 2
    assert second["equity"] != first["equity"]


def test_a_registered_pair_by_its_number(client: APIClient, trader: User) -> None:
    pair = PairAnalysisService().register_sync(symbol_1="AAA", symbol_2="AAB", created_by=trader)
    body = {**RULE, "pair_id": pair.pk}
    by_id = client.post(f"{V1}backtests/quick/", body, format="json").json()
    assert by_id["equity"] == ask(client)["equity"]
    wrong = client.post(f"{V1}backtests/quick/", {**body, **PAIR}, format="json")
    assert wrong.status_code == 400
    assert client.post(f"{V1}backtests/quick/", {**RULE, "pair_id": 9**9}, format="json").status_code == 400


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"symbol_2": "AAA"}, "symbol_2"),
        ({"symbol_2": "NONE"}, "pairs"),
        ({"parameters": {"exit_z": 3.0}}, "parameters.exit_z"),
        ({"costs": "retail"}, "costs"),
        ({"start_date": "2021-04-19"}, "start_date"),
    ],
)
def test_refusals_name_the_field(client: APIClient, body: dict[str, Any], field: str) -> None:
    answer = ask(client, status=400, **body)
    assert field in str(answer), answer
    assert not Trial.objects.exists()


def test_a_causal_run_is_said_to_be(client: APIClient) -> None:
    run = finished(client)
    answer = client.post(f"{V1}backtests/{run.pk}/causality/")
    assert answer.status_code == 202, answer.content
    again = client.post(f"{V1}backtests/{run.pk}/causality/").json()
    assert again["id"] == answer.json()["id"]
    assert JobService().run_sync(answer.json()["id"])
    shown = client.get(f"{V1}backtests/{run.pk}/").json()["causality"]
    assert shown["is_causal"]
    assert shown["part"] is shown["timestamp"] is None
    assert "to the last bit" in shown["words"]
    assert str(run.fit_end) in shown["words"]
    assert Job.objects.get(pk=again["id"]).message == shown["words"]


def test_a_book_of_pairs_too(client: APIClient) -> None:
    run = finished(client, kind="list", pairs=[["AAA", "AAB"], ["BBA", "BBB"]])
    job = client.post(f"{V1}backtests/{run.pk}/causality/").json()
    assert JobService().run_sync(job["id"])
    run.refresh_from_db()
    assert run.causality is not None
    assert run.causality["is_causal"], run.causality


def test_a_run_that_peeks_is_found_out(client: APIClient, monkeypatch: pytest.MonkeyPatch) -> None:
    run = finished(client)

    def peeking(bars: Any, pair: Any, **options: Any) -> Any:
        """Its capital is the whole history's mean price: tomorrow moves today's shares."""
        return backtest_pair(bars, pair, **(options | {"capital": float(np.nanmean(bars.close)) * 1e3}))

    monkeypatch.setattr(look_ahead, "backtest_pair", peeking)
    job = client.post(f"{V1}backtests/{run.pk}/causality/").json()
    assert JobService().run_sync(job["id"])
    shown = client.get(f"{V1}backtests/{run.pk}/").json()["causality"]
    assert not shown["is_causal"]
    assert shown["part"] == "fill"
    assert shown["timestamp"] < shown["cut"]
    assert "looks ahead" in shown["words"]


def test_no_proof_without_a_result(client: APIClient) -> None:
    asked = {"kind": "pair", "pairs": [["AAA", "AAB"]], **RULE}
    made = client.post(f"{V1}backtests/", asked, format="json").json()
    assert client.post(f"{V1}backtests/{made['id']}/causality/").status_code == 409


def test_a_running_backtest_shows_its_account(client: APIClient, trader: User) -> None:
    run = finished(client)
    job = Job.objects.about(run).get()
    [said] = Event.objects.filter(stream=job.group, type="backtest_progress")
    assert len(said.payload["timestamps"]) == len(said.payload["equity"]) <= progress.MAX_POINTS
    curve = client.get(f"{V1}backtests/{run.pk}/equity/").json()
    for end in (0, -1):
        assert said.payload["equity"][end] == curve["equity"][end]
        assert said.payload["timestamps"][end] == curve["timestamps"][end]


def test_progress_is_no_state(client: APIClient, trader: User) -> None:
    run = finished(client)
    job = Job.objects.about(run).get()
    progress.partial_equity(job, np.array(["2020-01-01"], "datetime64[us]"), np.array([1.0]))
    newest = Event.objects.filter(stream=job.group).latest("seq")
    start = StreamService().snapshot_sync(trader, job.group)
    assert (start["type"], start["seq"]) == ("job_update", newest.seq)
    assert start["data"]["status"] == "COMPLETED"


def test_a_walk_forward_tells_of_each_window(client: APIClient) -> None:
    body = {"pairs": [["AAA", "AAB"]], "train_bars": 200, "test_bars": 60, "costs": "index", "top": 1}
    answer = client.post(
        f"{V1}walk-forwards/", {**body, "grid": {"window": [20], "entry_z": [1.5]}}, format="json"
    )
    assert answer.status_code == 202, answer.content
    job_id = answer.json()["job"]["id"]
    assert JobService().run_sync(job_id)
    said = Event.objects.filter(stream=f"job_{job_id}", type="backtest_progress").order_by("seq")
    windows = [e.payload for e in said if "window" in e.payload]
    curves = [e.payload for e in said if "equity" in e.payload]
    n = windows[0]["n_windows"]
    assert [one["window"] for one in windows] == list(range(1, n + 1))
    assert len(curves) == n
    lengths = [one["timestamps"][-1] for one in curves]
    assert lengths == sorted(lengths)
    assert all(one["timestamps"] == sorted(one["timestamps"]) for one in curves)


def test_a_pair_told_the_other_way_round_is_another_look_of_the_same_family(client: APIClient) -> None:
    """Whoever swaps the legs does not begin to count anew."""
    assert ask(client)["n_trials"] == 1
    swapped = {"symbol_1": PAIR["symbol_2"], "symbol_2": PAIR["symbol_1"]}
    assert ask(client, **swapped)["n_trials"] == 2
    run = finished(client, pairs=[["AAB", "AAA"]])
    assert Trial.objects.filter(family=run.family).count() == 2, "the same look as the slider's"
    body = {"pair": ["AAB", "AAA"], "grid": {"entry_z": [1.0, 2.0]}, **RULE}
    sweep = client.post(f"{V1}sweeps/", body, format="json").json()
    assert JobService().run_sync(sweep["job"]["id"])
    assert client.get(f"{V1}sweeps/{sweep['id']}/").json()["summary"]["deflated"]["n_trials"] == 4
