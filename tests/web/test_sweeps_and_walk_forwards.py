"""Sweeps and walk-forwards over REST."""

from collections.abc import Callable
from typing import Any

import pytest
from rest_framework.test import APIClient

from trading.models import Job, Sweep, Trial, Universe, WalkForwardRun
from trading.services.jobs import JobService
from users.models import User

V1 = "/api/v1/"
SWEEP = {"pair": ["AAA", "AAB"], "grid": {"window": [20, 40], "entry_z": {"from": 1.0, "to": 2.0, "n": 5}}}
WALK = {
    "train_bars": 200,
    "test_bars": 80,
    "purge": 20,
    "embargo": 20,
    "top": 2,
    "parameters": {"time_stop": 20},
    "grid": {"window": [20], "entry_z": [1.0, 1.5]},
}


@pytest.fixture
def client(trader: User, client_of: Callable[[User], APIClient]) -> APIClient:
    return client_of(trader)


def finish(model: Any, pk: int) -> Any:
    job = Job.objects.about(model.objects.get(pk=pk)).latest("id")
    assert JobService().run_sync(job.pk)
    job.refresh_from_db()
    assert job.status == "COMPLETED", (job.message, job.error)
    return model.objects.get(pk=pk)


def test_a_sweep_shows_its_best_and_its_plateau(client: APIClient, universe: Universe) -> None:
    answer = client.post(f"{V1}sweeps/", SWEEP)
    assert answer.status_code == 202, answer.content
    asked = answer.json()
    assert (asked["n_combinations"], asked["n_left_out"], asked["summary"]) == (10, 0, None)
    assert asked["grid"]["entry_z"] == [1.0, 1.25, 1.5, 1.75, 2.0]
    assert client.get(f"{V1}sweeps/{asked['id']}/surface/").status_code == 409
    finish(Sweep, asked["id"])
    sweep = client.get(f"{V1}sweeps/{asked['id']}/").json()
    summary = sweep["summary"]
    assert summary["deflated"]["n_trials"] == 10
    assert summary["plateau"]["score"] <= summary["best"]["sharpe"]["value"]
    # two windows and five entries: one neighbour along the first, one or two along the second, never all four
    at = asked["grid"]["entry_z"].index(summary["plateau"]["parameters"]["entry_z"])
    n = 2 if at in (0, 4) else 3
    assert f"Here it rests on {n} of 4: beyond the edge" in summary["plateau_words"]
    assert 0 <= summary["pbo"] <= 1
    surface = client.get(f"{V1}sweeps/{asked['id']}/surface/").json()
    assert (surface["x"], surface["y"]) == ("window", "entry_z")
    assert len(surface["values"]) == 5
    assert len(surface["values"][0]) == 2
    highest = max(value for row in surface["values"] for value in row if value is not None)
    assert surface["best"]["value"] == highest == summary["best"]["sharpe"]["value"]
    turned = client.get(f"{V1}sweeps/{asked['id']}/surface/", {"x": "entry_z", "metric": "n_trades"}).json()
    assert (turned["y"], len(turned["x_values"])) == ("window", 5)
    [trial] = Trial.objects.all()
    assert (trial.source, trial.n_trials) == ("sweep", 10)


@pytest.mark.parametrize(
    ("body", "field", "said"),
    [
        ({"grid": {"entry_z": [1]}}, "pair", "either pair or pair_id"),
        ({**SWEEP, "grid": {}}, "grid", "at least one"),
        ({**SWEEP, "grid": {"entry": [1]}}, "grid.entry", "has no entry"),
        ({**SWEEP, "grid": {"entry_z": []}}, "grid.entry_z", "1 to 1,000"),
        ({**SWEEP, "grid": {"entry_z": [0.1], "exit_z": [3]}}, "grid", "contradicts itself"),
        (
            {**SWEEP, "grid": {name: {"from": 1, "to": 3, "n": 400} for name in ("entry_z", "stop_z")}},
            "grid",
            "160,000 combinations",
        ),
        ({**SWEEP, "sizing": {"name": "kelly"}}, "sizing", "Kelly"),
        ({**SWEEP, "costs": "institutional"}, "costs", "needs"),
    ],
)
def test_a_sweep_that_makes_no_sense(
    client: APIClient, universe: Universe, body: dict[str, Any], field: str, said: str
) -> None:
    answer = client.post(f"{V1}sweeps/", body)
    assert answer.status_code == 400, answer.content
    error = answer.json()["error"]
    assert list(error["fields"]) == [field], error
    assert said in error["message"]


def test_a_walk_forward_shows_what_the_past_promised_and_what_came(
    client: APIClient, universe: Universe
) -> None:
    answer = client.post(f"{V1}walk-forwards/", {"universe": universe.pk, **WALK})
    assert answer.status_code == 202, answer.content
    asked = answer.json()
    assert (asked["n_windows"], asked["n_done"], asked["metrics"]) == (5, 0, None)
    address = f"{V1}walk-forwards/{asked['id']}/"
    assert client.get(f"{address}results/").json()["metrics"] == {}
    finish(WalkForwardRun, asked["id"])
    run = client.get(address).json()
    assert (run["n_done"], run["job"]["status"]) == (5, "COMPLETED")
    assert run["in_sample_sharpe"] is not None
    windows = client.get(f"{address}windows/").json()["results"]
    assert [window["number"] for window in windows] == [1, 2, 3, 4, 5]
    for window in windows:
        assert window["train_end"] < window["test_start"] < window["test_end"]
        assert (window["n_tests"], len(window["pairs"])) == (15, 2)
        assert set(window["pairs"][0]["parameters"]) == {"window", "entry_z"}
    equity = client.get(f"{address}equity/").json()
    assert equity["windows"][0]["first"] == 0
    assert equity["windows"][-1]["last"] == len(equity["equity"]) - 1
    results = client.get(f"{address}results/").json()
    assert results["deflated"]["n_trials"] == sum(window["n_trials"] for window in windows)
    assert results["metrics"]["total_return"]["value"] == pytest.approx(
        equity["equity"][-1] / equity["equity"][0] - 1
    )
    luck = results["overfitting"]
    assert luck["pbo"] is None
    assert "chosen anew in each of 5 windows" in luck["pbo_words"]
    assert Trial.objects.get().source == "walk_forward"


@pytest.mark.parametrize(
    ("body", "field", "said"),
    [
        ({}, "universe", "Give one of"),
        ({"pairs": [["AAA", "AAB"], ["AAB", "BBA"]]}, "pairs", "in two of these pairs"),
        ({"pairs": [["AAA", "AAB"]], "train_bars": 5000}, "train_bars", "leave none to trade"),
        ({"pairs": [["AAA", "AAB"]], "embargo": 5}, "embargo", "look back 60"),
        ({"pairs": [["AAA", "AAB"]], "parameters": {"time_stop": 40}, "purge": 5}, "purge", "held 40"),
        ({"pairs": [["AAA", "AAB"]], "capital": -1}, "capital", "greater than"),
        ({"scan": 99}, "scan", "no scan 99"),
    ],
)
def test_a_walk_forward_that_makes_no_sense(
    client: APIClient, universe: Universe, body: dict[str, Any], field: str, said: str
) -> None:
    answer = client.post(f"{V1}walk-forwards/", body)
    assert answer.status_code == 400, answer.content
    error = answer.json()["error"]
    assert list(error["fields"]) == [field], error
    assert said in error["message"]
    assert not WalkForwardRun.objects.exists()
