"""The trial ledger: whatever bars a rule was looked at on, it is one family, and its luck is counted per bar alike."""

import hashlib
import importlib
import json
import math
from collections.abc import Callable
from statistics import NormalDist
from typing import Any

import numpy as np
import pytest
from django.apps import apps
from rest_framework.test import APIClient

from titan_core.backtesting.overfitting import TrialTally
from trading.models import BacktestRun, Job, Sweep, Trial, Universe, WalkForwardRun
from trading.services.backtesting import judge, quick
from trading.services.backtesting.trials import record_trials, tally_of
from trading.services.jobs import JobService
from users.models import User

V1 = "/api/v1/"
RULE = {"rule": "rolling", "parameters": {"window": 10, "entry_z": 1.0}, "costs": "index"}
KALMAN = {"rule": "kalman", "parameters": {"window": 5, "entry_z": 1.0}, "costs": "index"}


@pytest.fixture(autouse=True)
def no_bars_in_memory() -> None:
    quick.forget_bars()


@pytest.fixture
def client(universe: Universe, trader: User, client_of: Callable[[User], APIClient]) -> APIClient:
    return client_of(trader)


def ask(client: APIClient, **body: Any) -> dict[str, Any]:
    asked = {"symbol_1": "AAA", "symbol_2": "AAB", **RULE, **body}
    answer = client.post(f"{V1}backtests/quick/", asked, format="json")
    assert answer.status_code == 200, answer.content
    return dict(answer.json())


def finished(client: APIClient, path: str, model: Any, **body: Any) -> Any:
    answer = client.post(f"{V1}{path}/", {**RULE, **body}, format="json")
    assert answer.status_code == 202, answer.content
    assert JobService().run_sync(answer.json()["job"]["id"])
    assert Job.objects.get(pk=answer.json()["job"]["id"]).status == "COMPLETED"
    return model.objects.get(pk=answer.json()["id"])


def deflated_by_hand(returns: Any, ratios: list[float]) -> float:
    """Bailey & López de Prado (2014) as on paper; ratios of all trials and the returns are of the same bars."""
    normal, n = NormalDist(), len(ratios)
    mean = sum(ratios) / n
    variance = sum((ratio - mean) ** 2 for ratio in ratios) / (n - 1)
    gamma = 0.57721566490153286
    luck = math.sqrt(variance) * (
        (1 - gamma) * normal.inv_cdf(1 - 1 / n) + gamma * normal.inv_cdf(1 - 1 / (n * math.e))
    )
    size = len(returns)
    centre = sum(returns) / size
    second, third, fourth = (sum((x - centre) ** k for x in returns) / size for k in (2, 3, 4))
    ratio = centre / math.sqrt(second * size / (size - 1))
    skew, kurtosis = third / second**1.5, fourth / second**2
    spread = 1 - skew * ratio + (kurtosis - 1) / 4 * ratio**2
    return normal.cdf((ratio - luck) * math.sqrt(size - 1) / math.sqrt(spread))


def test_two_trials_on_days_and_one_on_weeks(trader: User) -> None:
    """A ratio of 0.104 a week is one of 0.104·√(52/252) = 0.04724 a day."""
    for name, ratio, periods in (("a", 0.06, 252.0), ("b", 0.02, 252.0), ("c", 0.104, 52.0)):
        record_trials(
            owner=trader,
            family="f",
            configuration=name,
            source="run",
            tally=TrialTally.of([ratio]),
            n_obs=500,
            periods_per_year=periods,
        )
    returns = np.random.default_rng(3).normal(0.0006, 0.01, 500)
    equity = 1_000.0 * np.cumprod(np.concatenate([[1.0], 1.0 + returns]))
    days = judge.deflated(equity, tally_of(trader, "f", periods_per_year=252.0))
    assert days["n_trials"] == 3
    assert days["probability"] == pytest.approx(deflated_by_hand(returns, [0.06, 0.02, 0.0472429]), abs=1e-6)
    # mean 0.042414, V = (0.017586² + 0.022414² + 0.004829²)/2 = 0.00041749, √V = 0.020432;
    # with 1 − 1/3 and 1 − 1/(3e): (1 − γ)·0.430727 + γ·1.161957 = 0.852804
    assert days["sr0"] == pytest.approx(0.020432 * 0.852804, abs=1e-6)
    weeks = judge.deflated(equity, tally_of(trader, "f", periods_per_year=52.0))
    assert weeks["probability"] == pytest.approx(
        deflated_by_hand(returns, [0.132084, 0.0440281, 0.104]), abs=1e-6
    )


def test_trials_of_a_release_that_kept_no_bars_a_year_count_as_they_stand(trader: User) -> None:
    Trial.objects.create(
        owner=trader, family="f", configuration="c", source="run", n_obs=9, mean_sharpe=0.5, m2_sharpe=0.25
    )
    assert tally_of(trader, "f", periods_per_year=52.0) == TrialTally(1, 0.5, 0.25)


def test_other_bars_are_another_look_of_the_same_family(client: APIClient) -> None:
    """Weeks begin to trade later, for the rule needs as many of them to look back on: that is no other period."""
    days = [ask(client, parameters={"window": 10, "entry_z": z}) for z in (1.0, 1.5)]
    weeks = ask(client, timeframe="1wk")
    assert [one["n_trials"] for one in (*days, weeks)] == [1, 2, 3]
    assert days[0]["start_date"][:4] != weeks["start_date"][:4]
    assert ask(client, timeframe="1wk")["n_trials"] == 3, "the same look again"
    ratios = [one["metrics"]["sharpe"]["value"] / math.sqrt(52) for one in (*days, weeks)]
    equity = np.array(weeks["equity"])
    expected = deflated_by_hand((np.diff(equity) / equity[:-1]).tolist(), ratios)
    assert weeks["deflated_sharpe"] == pytest.approx(expected, abs=1e-3)
    run = finished(client, "backtests", BacktestRun, pairs=[["AAA", "AAB"]], timeframe="1wk")
    assert run.result.deflated["n_trials"] == 3, "the same look as the slider's"
    sweep = finished(
        client, "sweeps", Sweep, pair=["AAA", "AAB"], grid={"entry_z": [1.0, 2.0]}, timeframe="1wk"
    )
    assert sweep.summary["deflated"]["n_trials"] == 5
    assert set(Trial.objects.values_list("family", flat=True)) == {run.family} == {sweep.family}
    kept = Trial.objects.order_by("periods_per_year").values_list("periods_per_year", flat=True)
    assert list(kept) == [52.0, 52.0, 252.0, 252.0]


def test_months_too(client: APIClient) -> None:
    looks = [ask(client, **KALMAN, timeframe=timeframe)["n_trials"] for timeframe in ("1d", "1wk", "1mo")]
    assert looks == [1, 2, 3]


def test_a_walk_forward_on_other_bars_too(client: APIClient) -> None:
    body = {
        "pairs": [["AAA", "AAB"]],
        "parameters": {"window": 10, "time_stop": 5},
        "grid": {"entry_z": [1.0, 1.5]},
        "train_bars": 60,
        "test_bars": 30,
        "purge": 5,
        "embargo": 10,
    }
    days, weeks = (
        finished(client, "walk-forwards", WalkForwardRun, **body, timeframe=timeframe)
        for timeframe in ("1d", "1wk")
    )
    assert days.family == weeks.family
    assert weeks.deflated["n_trials"] > days.deflated["n_trials"] > 0
    assert Trial.objects.count() == 2


def sha(value: Any) -> str:
    return hashlib.sha256(json.dumps(value, sort_keys=True, separators=(",", ":")).encode()).hexdigest()


def as_kept_before(run: Any, symbols: list[str], configuration: dict[str, Any]) -> None:
    """The run and its trial as the release before kept them."""
    years = [run.start_date.year, run.end_date.year]
    old = sha({"rule": run.rule, "symbols": symbols, "years": years, "timeframe": run.timeframe})
    trial = Trial.objects.get(family=run.family)
    trial.family, trial.configuration, trial.periods_per_year = old, sha(configuration), None
    trial.save()
    type(run).objects.filter(pk=run.pk).update(family=old)


def test_trials_counted_before_are_told_anew(client: APIClient, universe: Universe) -> None:
    days = finished(client, "backtests", BacktestRun, pairs=[["AAB", "AAA"]], start_date="2020-02-03")
    asked = {
        "parameters": days.parameters,
        "costs": days.costs,
        "sizing": days.sizing,
        "limits": days.limits,
        "start": str(days.start_date),
        "end": str(days.end_date),
        "turned": ["AAB/AAA"],
    }
    told = Trial.objects.values_list("family", "configuration", "periods_per_year")
    expected = {told.get()}
    as_kept_before(days, ["AAA/AAB"], asked)
    weeks = finished(
        client,
        "sweeps",
        Sweep,
        pair=["AAA", "AAB"],
        grid={"entry_z": [1.0, 2.0]},
        timeframe="1wk",
        start_date="2020-03-02",
    )
    expected |= {told.get(family=weeks.family)}
    grid = {"sweep": True, "grid": weeks.grid, "parameters": weeks.parameters, "costs": weeks.costs}
    as_kept_before(
        weeks,
        ["AAA/AAB"],
        grid | {"sizing": weeks.sizing, "start": str(weeks.start_date), "end": str(weeks.end_date)},
    )
    walk = {"train_bars": 60, "test_bars": 30, "purge": 5, "embargo": 10, "top": 1, "grid": {"window": [10]}}
    walk |= {"parameters": {"window": 10, "time_stop": 5}, "timeframe": "1wk"}
    whole = finished(client, "walk-forwards", WalkForwardRun, universe=universe.pk, **walk)
    kept = told.get(family=whole.family)
    expected |= {kept}
    as_kept_before(whole, sorted(whole.symbols), {"plan": whole.manifest["parameters"]})
    Trial.objects.create(
        owner=days.owner, family="gone", configuration="c", source="slider", n_obs=9, mean_sharpe=0.1
    )
    module = importlib.import_module("trading.migrations.0020_trials_of_all_bars")
    module.tell_anew(apps, None)
    assert set(told) == expected | {("gone", "c", None)}
    for run in (days, weeks, whole):
        family = run.family
        run.refresh_from_db()
        assert run.family == family
    assert days.family == weeks.family != whole.family
    again = ask(client, symbol_1="AAB", symbol_2="AAA", start_date="2020-02-03")
    assert again["n_trials"] == 3, "one run and two combinations; the slider's look is the run's"
