"""Searches over REST: asked for in words, run, looked at; their combinations listed and taken along."""

import csv
import io
import json
import re
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from rest_framework.test import APIClient

from tests.web.test_sweeps_and_walk_forwards import SWEEP, finish
from titan_core.backtesting import Range, search_pair
from titan_core.errors import Cancelled
from trading.models import Job, Sweep, Trial, Universe
from trading.services import artefacts
from trading.services.backtesting import search
from trading.services.backtesting.asking import pairs_of_run, terms_of_run
from trading.services.backtesting.kept_bars import bars_of
from trading.services.jobs import JobService
from users.models import User

V1 = "/api/v1/"
SEARCH: dict[str, Any] = {
    "pair": ["AAA", "AAB"],
    "method": "search",
    "ranges": {
        "window": {"from": 10, "to": 60, "log": True},
        "entry_z": {"from": 0.5, "to": 2.5, "step": 0.1},
        "exit_z": {"from": -0.4, "to": 0.4},
    },
    "n_trials": 60,
    "seed": 7,
}


@pytest.fixture
def client(trader: User, client_of: Callable[[User], APIClient]) -> APIClient:
    return client_of(trader)


def ask(client: APIClient, **changed: Any) -> dict[str, Any]:
    answer = client.post(f"{V1}sweeps/", {**SEARCH, **changed})
    assert answer.status_code == 202, answer.content
    asked: dict[str, Any] = answer.json()
    return asked


def test_a_search_finds_counts_and_shows_every_point(client: APIClient, universe: Universe) -> None:
    asked = ask(client)
    assert (asked["method"], asked["n_trials"], asked["seed"], asked["grid"]) == ("search", 60, 7, {})
    assert asked["ranges"]["window"] == {"from": 10.0, "to": 60.0, "step": None, "log": True}
    address = f"{V1}sweeps/{asked['id']}/"
    assert client.get(f"{address}combinations/").json()["count"] == 0
    kept = finish(Sweep, asked["id"])
    shown = client.get(address).json()
    assert shown["n_combinations"] + shown["n_left_out"] + shown["n_repeated"] == 60
    summary = shown["summary"]
    assert summary["deflated"]["n_trials"] == shown["n_combinations"]
    assert "too kind" in summary["deflated"]["words"]
    assert "rough figure" in summary["pbo_words"]
    assert re.search(r"Here it holds \d+ other points?\.$", summary["plateau_words"])
    [trial] = Trial.objects.all()
    assert (trial.source, trial.n_trials) == ("search", shown["n_combinations"])

    terms = terms_of_run(kept, ())
    engine = search_pair(
        bars_of(kept.inputs["bars"]),
        pairs_of_run(kept)[0],
        space={
            "window": Range(10, 60, True),
            "entry_z": Range(0.5, 2.5, step=0.1),
            "exit_z": Range(-0.4, 0.4),
        },
        n_trials=60,
        seed=7,
        costs=terms.costs,
        capital=terms.capital,
        rule=terms.rule,
        sizing=terms.sizing,
        start=np.datetime64(kept.start_date),
        periods_per_year=terms.periods_per_year,
    )
    assert summary["best"]["sharpe"]["value"] == engine.sweep.metrics["sharpe_ratio"][engine.best]

    surface = client.get(f"{address}surface/", {"x": "entry_z", "y": "exit_z"}).json()
    points = surface["points"]
    assert (surface["method"], surface["values"]) == ("search", [])
    assert points["x"] == engine.sweep.parameters["entry_z"].tolist()
    assert points["y"] == engine.sweep.parameters["exit_z"].tolist()
    traded = [value for value in points["value"] if value is not None]
    assert surface["best"]["value"] == max(traded)


def test_the_same_search_is_the_same_look_and_the_same_bits(client: APIClient, universe: Universe) -> None:
    first, second = (finish(Sweep, ask(client)["id"]) for _ in range(2))
    assert first.result_hash == second.result_hash
    assert Trial.objects.count() == 1
    third = finish(Sweep, ask(client, seed=8)["id"])
    assert third.result_hash != first.result_hash
    assert Trial.objects.count() == 2
    assert third.summary["deflated"]["n_trials"] == first.n_combinations + third.n_combinations


def test_a_search_taken_over_goes_on_at_its_last_batch(
    client: APIClient, universe: Universe, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = finish(Sweep, ask(client)["id"])
    asked = ask(client)
    job = Job.objects.about(Sweep.objects.get(pk=asked["id"])).get()
    kept: list[int] = []

    def dies(*args: Any, on_batch: Any, **terms: Any) -> Any:
        def on_batch_then_die(number: int, batch: Any) -> None:
            on_batch(number, batch)
            kept.append(number)
            if number == 1:
                raise KeyboardInterrupt

        return search_pair(*args, on_batch=on_batch_then_die, **terms)

    with monkeypatch.context() as patch:
        patch.setattr(search, "search_pair", dies)
        with pytest.raises(KeyboardInterrupt):
            JobService().run_sync(job.pk)
    job.refresh_from_db()
    assert len(job.checkpoint["batches"]) == 2
    Job.objects.filter(pk=job.pk).update(lease_until=job.created_at)
    again: list[int] = []

    def counts(*args: Any, on_batch: Any, **terms: Any) -> Any:
        def count(number: int, batch: Any) -> None:
            again.append(number)
            on_batch(number, batch)

        return search_pair(*args, on_batch=count, **terms)

    monkeypatch.setattr(search, "search_pair", counts)
    taken = finish(Sweep, asked["id"])
    assert again == [2, 3]
    assert (taken.result_hash, taken.summary["best"]) == (whole.result_hash, whole.summary["best"])


def test_a_lost_batch_is_run_again(client: APIClient, universe: Universe) -> None:
    whole = finish(Sweep, ask(client)["id"])
    asked = ask(client)
    job = Job.objects.about(Sweep.objects.get(pk=asked["id"])).get()
    job.checkpoint = {"batches": ["0" * 64]}
    job.save()
    assert finish(Sweep, asked["id"]).result_hash == whole.result_hash


def test_a_cancelled_search_leaves_no_result_and_no_look(
    client: APIClient, universe: Universe, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = ask(client)
    job = Job.objects.about(Sweep.objects.get(pk=asked["id"])).get()

    def cancelled(*args: Any, should_stop: Any, **terms: Any) -> Any:
        assert client.post(f"{V1}jobs/{job.pk}/cancel/").status_code == 202
        assert should_stop()
        raise Cancelled

    monkeypatch.setattr(search, "search_pair", cancelled)
    JobService().run_sync(job.pk)
    job.refresh_from_db()
    assert job.status == "CANCELLED"
    assert client.get(f"{V1}sweeps/{asked['id']}/").json()["summary"] is None
    assert not Trial.objects.exists()


@pytest.mark.parametrize(
    ("body", "field", "said"),
    [
        ({"ranges": None}, "ranges", "may not be null"),
        ({"ranges": {}}, "ranges", "at least one parameter"),
        ({"ranges": {"entry": {"from": 1, "to": 2}}}, "ranges.entry", "has no entry"),
        (
            {"ranges": {"beta_variance": {"from": 1e-8, "to": 1e-4}}},
            "ranges.beta_variance",
            "has no beta_variance",
        ),
        ({"ranges": {"entry_z": {"from": 2, "to": 1}}}, "ranges.entry_z", "higher high"),
        ({"ranges": {"entry_z": [1, 2]}}, "ranges.entry_z", "{from, to}"),
        ({"ranges": {"entry_z": {"from": 1, "to": 2, "n": 3}}}, "ranges.entry_z", "{from, to}"),
        ({"ranges": {"entry_z": {"from": "1", "to": 2}}}, "ranges.entry_z", "{from, to}"),
        ({"ranges": {"entry_z": {"from": 1, "to": 10**15}}}, "ranges.entry_z", "{from, to}"),
        ({"ranges": {"entry_z": {"from": 1, "to": 2, "step": 3}}}, "ranges.entry_z", "step of a range"),
        ({"ranges": {"entry_z": {"from": 1, "to": 2, "log": True, "step": 1}}}, "ranges.entry_z", "no step"),
        ({"ranges": {"window": {"from": 2, "to": 20}}}, "ranges.window", "at least 5 bars"),
        ({"ranges": {"window": {"from": 10.5, "to": 20}}}, "ranges.window", "whole number"),
        ({"ranges": {"exit_z": {"from": 2.5, "to": 3}}}, "ranges", "contradicts itself"),
        ({"n_trials": 1}, "n_trials", "greater than or equal to 2"),
        ({"n_trials": 100_000}, "n_trials", "less than or equal to 2000"),
        ({"seed": -1}, "seed", "greater than or equal to 0"),
        ({"method": "random"}, "method", "random"),
        ({"grid": {"window": [20]}}, "grid", "belongs to method grid"),
        ({"method": "grid", "grid": {"window": [20]}}, "ranges", "belongs to method search"),
        ({"sizing": {"name": "kelly"}}, "sizing", "Kelly"),
        ({"pair": ["AAA", "AAA"]}, "pairs", "with itself"),
    ],
)
def test_a_search_that_makes_no_sense(
    client: APIClient, universe: Universe, body: dict[str, Any], field: str, said: str
) -> None:
    answer = client.post(f"{V1}sweeps/", {**SEARCH, **body})
    assert answer.status_code == 400, answer.content
    error = answer.json()["error"]
    assert list(error["fields"]) == [field], error
    assert said in json.dumps(error["fields"])
    assert not Sweep.objects.exists()


def test_combinations_in_any_order_and_as_csv(client: APIClient, universe: Universe) -> None:
    grid = {"window": [20, 40], "entry_z": {"from": 1.0, "to": 2.0, "n": 5}, "time_stop": [0, 9]}
    asked = client.post(f"{V1}sweeps/", {**SWEEP, "grid": grid}).json()
    finish(Sweep, asked["id"])
    address = f"{V1}sweeps/{asked['id']}/"

    def rows(**query: str) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = client.get(f"{address}combinations/", query).json()["results"]
        return found

    surface = client.get(f"{address}surface/", {"x": "time_stop", "y": "window"}).json()
    by_number = {row["number"]: row for row in rows(page_size="20")}
    for y, (values, numbers) in enumerate(zip(surface["values"], surface["numbers"], strict=True)):
        for x, (value, number) in enumerate(zip(values, numbers, strict=True)):
            there = by_number[number]
            assert there["sharpe_ratio"] == value
            assert there["parameters"] == {
                **surface["fixed"],
                "time_stop": surface["x_values"][x],
                "window": surface["y_values"][y],
            }
    page = client.get(f"{address}combinations/", {"page_size": "7"}).json()
    assert (page["count"], len(page["results"])) == (20, 7)
    assert [row["number"] for row in page["results"]] == [1, 2, 3, 4, 5, 6, 7]
    first = page["results"][0]
    assert first["parameters"] == {"window": 20, "entry_z": 1.0, "time_stop": 0}
    ordered = rows(ordering="window,-sharpe_ratio", page_size="20")
    keys = [(row["parameters"]["window"], -row["sharpe_ratio"]) for row in ordered]
    assert keys == sorted(keys)
    [best] = rows(ordering="-probability", page_size="1")
    shown = client.get(address).json()["summary"]
    assert best["parameters"] == shown["best"]["parameters"]
    [steady] = rows(ordering="-plateau", page_size="1")
    assert (steady["parameters"], steady["plateau"]) == (
        shown["plateau"]["parameters"],
        shown["plateau"]["score"],
    )
    answer: Any = client.get(f"{address}combinations.csv/", {"ordering": "-sharpe_ratio"})
    assert answer["Content-Disposition"] == f'attachment; filename="sweep-{asked["id"]}-combinations.csv"'
    lines = list(csv.DictReader(io.StringIO(b"".join(answer.streaming_content).decode())))
    assert len(lines) == 20
    sharpes = [float(line["sharpe_ratio"]) for line in lines]
    assert sharpes == sorted(sharpes, reverse=True)
    assert list(lines[0])[:4] == ["number", "window", "entry_z", "time_stop"]
    few: Any = client.get(f"{address}combinations.csv/", {"fields": "parameters,plateau"})
    assert b"".join(few.streaming_content).startswith(b"window,entry_z,time_stop,plateau\r\n")


@pytest.mark.parametrize(("ordering", "said"), [("colour", "colour"), ("-exit_z", "Can't order by exit_z")])
def test_combinations_in_an_order_there_is_not(
    client: APIClient, universe: Universe, ordering: str, said: str
) -> None:
    asked = client.post(f"{V1}sweeps/", SWEEP).json()
    answer = client.get(f"{V1}sweeps/{asked['id']}/combinations/", {"ordering": ordering})
    assert answer.status_code == 400
    assert said in answer.json()["error"]["message"]


def test_why_there_is_no_probability_of_overfitting(client: APIClient, universe: Universe) -> None:
    asked = client.post(f"{V1}sweeps/", {"pair": ["AAA", "AAB"], "grid": {"entry_z": [1.0]}}).json()
    finish(Sweep, asked["id"])
    summary = client.get(f"{V1}sweeps/{asked['id']}/").json()["summary"]
    assert summary["pbo"] is None
    assert "no choice" in summary["pbo_words"]
    assert summary["plateau"]["score"] == summary["best"]["sharpe"]["value"]


def test_someone_elses_sweep_is_not_there(
    client: APIClient, universe: Universe, client_of: Callable[[User], APIClient], admin: User, viewer: User
) -> None:
    asked = ask(client)
    for other, status in ((admin, 404), (viewer, 403)):
        for part in ("", "surface/", "combinations/", "combinations.csv/"):
            assert client_of(other).get(f"{V1}sweeps/{asked['id']}/{part}").status_code == status
    assert client_of(viewer).post(f"{V1}sweeps/", SEARCH).status_code == 403
    listed = client.get(f"{V1}sweeps/", {"method": "search"}).json()
    assert [one["id"] for one in listed["results"]] == [asked["id"]]
    assert client.get(f"{V1}sweeps/", {"method": "grid"}).json()["count"] == 0


def test_batches_keep_every_bit(client: APIClient, universe: Universe) -> None:
    asked = ask(client)
    kept = finish(Sweep, asked["id"])
    job = Job.objects.about(kept).get()
    rule = terms_of_run(kept, ()).rule
    for name in job.checkpoint["batches"]:
        batch = search._from_table(artefacts.table("backtests", name), rule)
        assert artefacts.put_table("backtests", search._as_table(batch)) == name
        assert batch.blocks.shape[:2] == (2, 16)
