"""Delistings a user tells: on which bar they are settled, whatever the bars, and what contradicts them."""

import datetime as dt
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from django.test import Client
from django.urls import reverse
from rest_framework.test import APIClient

from tests.factories import make_universe, small_panel
from titan_core.backtesting.engine.prepare import as_bars
from titan_core.data import PricePanel
from titan_core.simulation import Costs
from titan_core.simulation.market import build_market
from trading.models import BacktestRun, Job, Symbol, Universe, WalkForwardRun
from trading.services.backtesting.delistings import delistings_of
from trading.services.jobs import JobService
from users.models import User

V1 = "/api/v1/"
RULE = {"window": 10, "entry_z": 0.5, "exit_z": -0.45}  # nearly always in the market


@pytest.fixture
def client(trader: User, client_of: Callable[[User], APIClient]) -> APIClient:
    return client_of(trader)


def ends(last: str) -> PricePanel:
    """Two symbols, of which the second has its last bar on this day."""
    panel = small_panel()
    values = panel.values[:, :2].copy()
    values[panel.timestamps.astype("datetime64[D]") > np.datetime64(last), 1] = np.nan
    return PricePanel(("DLA", "DLB"), panel.timestamps, values, "total_return")


@pytest.mark.parametrize(("timeframe", "settled"), [("1d", "2021-03-11"), ("1wk", "2021-03-19")])
def test_a_delisting_is_settled_on_the_first_bar_without_it(
    client: APIClient, prices: None, timeframe: str, settled: str
) -> None:
    """A week's bar still holds the days before a delisting within it."""
    make_universe(ends("2021-03-10"), name="Ends")
    Symbol.objects.filter(ticker="DLB").update(delisted_on="2021-03-11", delisting_return=-0.9)
    body = {"pairs": [["DLA", "DLB"]], "timeframe": timeframe, "parameters": RULE}
    answer = client.post(f"{V1}backtests/", body, format="json")
    assert answer.status_code == 202, answer.content
    run = BacktestRun.objects.get(pk=answer.json()["id"])
    assert JobService().run_sync(Job.objects.about(run).latest("id").pk)
    trade = run.trades.order_by("-number")[0]
    assert trade.exit_reason == "delisted"
    assert str(trade.exit_filled_at.date()) >= settled


def test_legs_that_end_together_are_settled_as_beside_others(client: APIClient, prices: None) -> None:
    """The panel of the pair alone has no bar after its end; that must not spare the account what it loses."""
    panel = small_panel()
    values = panel.values[:, :2].copy()
    values[panel.timestamps.astype("datetime64[D]") > np.datetime64("2021-03-10")] = np.nan
    make_universe(PricePanel(("DLA", "DLB"), panel.timestamps, values, "total_return"), name="Ends")
    make_universe(panel)
    Symbol.objects.filter(ticker__in=("DLA", "DLB")).update(delisted_on="2021-03-11", delisting_return=-0.9)
    told = []
    for pairs in ([["DLA", "DLB"]], [["DLA", "DLB"], ["CCC", "DDD"]]):
        body = {
            "pairs": pairs,
            "kind": "list",
            "parameters": RULE,
            "start_date": "2020-06-01",
            "sizing": {"fraction": 0.5},
        }
        answer = client.post(f"{V1}backtests/", body, format="json")
        assert answer.status_code == 202, answer.content
        run = BacktestRun.objects.get(pk=answer.json()["id"])
        assert JobService().run_sync(Job.objects.about(run).latest("id").pk)
        run.refresh_from_db()
        told.append(run.trades.filter(pair="DLA/DLB").order_by("-number")[0])
        assert client.get(f"{V1}backtests/{run.pk}/").json()["data_changed"] is False
    assert [trade.exit_reason for trade in told] == ["delisted", "delisted"]
    alone, beside = (trade.net_pnl / abs(trade.shares_1 * trade.entry_price_1) for trade in told)
    assert alone == pytest.approx(beside, rel=1e-6)


def test_the_bar_of_midnight_is_the_day_befores() -> None:
    panel = ends("2021-03-10")
    panel = replace(panel, timestamps=panel.timestamps + np.timedelta64(3, "h"))
    told = delistings_of([Symbol(ticker="DLB", delisted_on=dt.date(2021, 3, 11))], "1d")
    market = build_market(as_bars(panel), Costs(), told)
    assert str(panel.timestamps[market.delisted_at[1] - 1]) == "2021-03-11T00:00:00.000000"
    assert np.isnan(panel.values[market.delisted_at[1], 1])


@pytest.mark.parametrize(
    ("day", "timeframe", "first"),
    [
        ("2021-03-11", "1d", "2021-03-11"),
        ("2021-03-11", "1wk", "2021-03-15"),
        ("2021-03-15", "1wk", "2021-03-15"),
        ("2021-03-11", "1mo", "2021-04-01"),
        ("2021-12-31", "1mo", "2022-01-01"),
        ("2021-02-01", "1mo", "2021-02-01"),
    ],
)
def test_the_first_bar_without_it_is_of_the_next_period(day: str, timeframe: str, first: str) -> None:
    symbol = Symbol(ticker="GONE", delisted_on=dt.date.fromisoformat(day))
    (found,) = delistings_of([symbol], timeframe)
    assert found.timestamp == np.datetime64(first, "us") + np.timedelta64(1, "us")


def patch(client: APIClient, **body: Any) -> Any:
    symbol = Symbol.objects.get(ticker="AAB")
    return client.patch(f"{V1}symbols/{symbol.pk}/", body, format="json")


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ({"delisted_on": "0001-01-01"}, "0001-01-01 can't be meant: give a day from 1900 to "),
        ({"delisted_on": "1899-12-31"}, "can't be meant"),
        ({"delisted_on": "9999-12-31"}, "can't be meant"),
        (
            {"delisted_on": "2021-09-01", "delisting_return": 1e300},
            "From -1 (everything is lost) to 10 (+1,000 %)",
        ),
        ({"delisted_on": "2021-09-01", "delisting_return": 10.1}, "This is 10.1."),
        ({"delisted_on": "2021-09-01", "delisting_return": -1.01}, "This is -1.01."),
        (
            {"delisted_on": "2020-01-02"},
            "AAB still has bars on 2020-01-02 or later: its daily bars from test go on to 20",
        ),
    ],
)
def test_what_no_run_could_use_is_refused_when_it_is_told(
    client: APIClient, universe: Universe, body: dict[str, Any], words: str
) -> None:
    answer = patch(client, **body)
    assert answer.status_code == 400, answer.content
    [(field, said)] = answer.json()["error"]["fields"].items()
    assert field == list(body)[-1]
    assert words in said[0]
    symbol = Symbol.objects.get(ticker="AAB")
    assert (symbol.delisted_on, symbol.delisting_return) == (None, None)
    # a new symbol has no bars, and its day and return are looked at all the same
    new = client.post(f"{V1}symbols/", {"ticker": "NEW"} | body, format="json")
    assert new.status_code == (201 if "bars" in words else 400), new.content


def test_the_day_after_the_last_bar_is_the_first_without(client: APIClient, universe: Universe) -> None:
    last = small_panel().timestamps[-1].astype("datetime64[D]").astype(dt.date)
    assert patch(client, delisted_on=str(last)).status_code == 400
    after = patch(client, delisted_on=str(last + dt.timedelta(days=1)), delisting_return=10.0)
    assert after.status_code == 200, after.content
    announced = dt.datetime.now(dt.UTC).date() + dt.timedelta(days=300)
    assert patch(client, delisted_on=str(announced)).status_code == 200


def test_bars_that_come_after_it_hold_up_nothing_but_runs(client: APIClient, universe: Universe) -> None:
    """As if a longer series had been uploaded since."""
    Symbol.objects.filter(ticker="AAB").update(delisted_on="2020-01-02", delisting_return=-0.5)
    assert patch(client, name="Renamed").status_code == 200
    assert patch(client, name="Again", delisted_on="2020-01-02").status_code == 200, "as it stands already"
    refused = client.post(f"{V1}backtests/", {"pairs": [["AAA", "AAB"]], "parameters": RULE}, format="json")
    assert "AAB still has bars after its delisting" in refused.json()["error"]["message"]
    assert patch(client, delisted_on=None, delisting_return=None).status_code == 200


def test_the_admin_refuses_it_too(client: APIClient, admin: User, universe: Universe) -> None:
    symbol = Symbol.objects.get(ticker="AAB")
    told = {
        "ticker": "AAB",
        "currency": "USD",
        "asset_class": "equity",
        "calendar": "XNYS",
        "delisted_on": "2020-01-02",
        "delisting_return": "",
        "is_active": "on",
    }
    page = Client()
    page.force_login(admin)
    address = reverse("admin:trading_symbol_change", args=[symbol.pk])
    refused = page.post(address, told)
    assert refused.status_code == 200
    assert "AAB still has bars on 2020-01-02 or later" in refused.content.decode()
    assert page.post(address, told | {"delisted_on": "2030-01-02"}).status_code == 200
    assert (
        page.post(address, told | {"delisted_on": "2021-12-31", "delisting_return": "-0.5"}).status_code
        == 302
    )
    symbol.refresh_from_db()
    assert symbol.delisting_return == -0.5


def test_a_walk_forward_refuses_a_delisting_that_contradicts_the_bars(
    client: APIClient, universe: Universe
) -> None:
    Symbol.objects.filter(ticker="AAB").update(delisted_on="2020-01-02")
    for body, field in (({"pairs": [["AAA", "AAB"]]}, "pairs"), ({"universe": universe.pk}, "universe")):
        answer = client.post(
            f"{V1}walk-forwards/", body | {"train_bars": 200, "test_bars": 80}, format="json"
        )
        assert answer.status_code == 400, answer.content
        error = answer.json()["error"]
        assert list(error["fields"]) == [field]
        assert "AAB still has bars after its delisting" in error["message"]
    assert not WalkForwardRun.objects.exists()
