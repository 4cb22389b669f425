"""Backtests over REST: asked for, refused in words, run, read, filtered."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from rest_framework.test import APIClient

from tests.factories import make_universe, small_panel
from tests.web.conftest import run_scan
from titan_core.data import PricePanel
from trading.models import BacktestRun, BacktestTrade, Job, Symbol, Trial, Universe
from trading.services.backtest_service import BacktestService
from trading.services.jobs import JobService
from trading.services.market_data import MarketDataService
from trading.services.price_stores import price_store
from trading.utils import as_datetime
from users.models import User

BACKTESTS = "/api/v1/backtests/"
PAIR = {"pairs": [["AAA", "AAB"]], "parameters": {"window": 30, "entry_z": 1.5}}


@pytest.fixture
def client(trader: User, client_of: Callable[[User], APIClient]) -> APIClient:
    return client_of(trader)


def finish(pk: int) -> BacktestRun:
    run = BacktestRun.objects.get(pk=pk)
    job = Job.objects.about(run).latest("id")
    assert JobService().run_sync(job.pk)
    job.refresh_from_db()
    assert job.status == "COMPLETED", (job.message, job.error)
    return BacktestRun.objects.get(pk=pk)


@pytest.fixture
def finished(universe: Universe, trader: User) -> BacktestRun:
    run = BacktestService().request_sync(owner=trader, **PAIR)
    return finish(run.pk)


def test_asking_settles_everything(client: APIClient, universe: Universe) -> None:
    answer = client.post(BACKTESTS, PAIR)
    assert answer.status_code == 202, answer.content
    run = answer.json()
    assert (run["kind"], run["rule"], run["pairs"]) == ("pair", "rolling", [["AAA", "AAB"]])
    assert run["parameters"]["entry_z"] == 1.5
    assert run["parameters"]["exit_z"] == 0.5
    assert run["costs"]["half_spread_bps"] == 2.0
    assert run["fit_end"] < run["start_date"] < run["end_date"]
    assert "fitted on" in run["warnings"][0]
    assert run["job"]["status"] == "PENDING"
    assert (run["metrics"], run["manifest"], run["completed_at"]) == (None, None, None)


@pytest.mark.parametrize(
    ("body", "field", "said"),
    [
        ({"pairs": []}, "pairs", "Give one of pairs"),
        ({}, "pairs", "Give one of pairs"),
        ({"pairs": [["AAA", "AAA"]]}, "pairs", "with itself"),
        ({"pairs": [["AAA", "ZZZ"]]}, "pairs", "no active symbol 'ZZZ'"),
        ({"pairs": [["AAA", "AAB"], ["AAB", "AAA"]]}, "pairs", "twice"),
        ({**PAIR, "rule": "magic"}, "rule", "not one of"),
        ({**PAIR, "parameters": {"exit_z": 3}}, "parameters.exit_z", "left as it is entered"),
        ({**PAIR, "parameters": {"entry": 3}}, "parameters.entry", "has no entry"),
        ({**PAIR, "parameters": {"window": None}}, "parameters.window", "switched off"),
        ({**PAIR, "costs": "retail"}, "costs", "needs"),
        ({**PAIR, "costs": "cheap"}, "costs", "name a cost model"),
        ({**PAIR, "costs": {"lot": 1}}, "costs", "raw prices"),
        ({**PAIR, "costs": {"half_sprd": 1}}, "costs.half_sprd", "half_spread_bps"),
        ({**PAIR, "costs": {"legging_bps": 1e308}}, "costs.legging_bps", "at most 10,000"),
        ({**PAIR, "sizing": {"fraction": 3, "most": 4}}, "sizing", "leverage"),
        ({**PAIR, "limits": {"gross": 0}}, "limits", "nothing could be held"),
        ({**PAIR, "capital": 0}, "capital", "greater than"),
        ({**PAIR, "parameters": {"window": 5000}}, "start_date", "before the first decision"),
        ({**PAIR, "start_date": "2020-02-01", "end_date": "2020-01-01"}, "end_date", "after the start"),
        ({**PAIR, "strategy": 99}, "strategy", "no strategy 99"),
        ({"scan": 99}, "scan", "no scan 99"),
        ({"pair_ids": [99]}, "pair_ids", "no pair 99"),
        ({**PAIR, "kind": "selection"}, "scan", "best of a scan"),
        ({**PAIR, "kindd": "pair"}, "kindd", "Did you mean 'kind'"),
    ],
)
def test_what_makes_no_sense_is_refused_before_it_runs(
    client: APIClient, universe: Universe, body: dict[str, Any], field: str, said: str
) -> None:
    answer = client.post(BACKTESTS, body)
    assert answer.status_code == 400, answer.content
    error = answer.json()["error"]
    assert list(error["fields"]) == [field], error
    assert said in error["message"]
    assert not BacktestRun.objects.exists()


def test_a_finished_run_says_everything(client: APIClient, finished: BacktestRun) -> None:
    run = client.get(f"{BACKTESTS}{finished.pk}/").json()
    assert run["metrics"]["n_trades"] > 3
    assert run["metrics"]["sharpe"]["standard_error"] > 0
    assert run["data_changed"] is False
    assert 2 <= len(run["sparkline"]) <= 60
    assert run["manifest"]["panel_hash"]
    results = client.get(f"{BACKTESTS}{finished.pk}/results/").json()
    sharpe = results["metrics"]["sharpe_ratio"]
    assert sharpe["title"] == "Sharpe ratio"
    assert sharpe["n"] == finished.result.n_bars - 1
    costs = results["costs"]
    paid = sum(
        costs[name] for name in ("commission", "spread_cost", "impact", "borrow", "financing", "legging")
    )
    assert costs["gross_pnl"] + costs["dividends"] - paid == pytest.approx(costs["net_pnl"], abs=1e-6)
    assert results["deflated"]["n_trials"] == 1
    assert "one configuration" in results["deflated"]["words"]
    assert len(results["monte_carlo"]["resampled"]["bands"]) == 5
    equity = client.get(f"{BACKTESTS}{finished.pk}/equity/").json()
    assert len(equity["equity"]) == finished.result.n_bars == len(equity["rolling_sharpe"])
    assert equity["equity"][-1] / equity["equity"][0] - 1 == pytest.approx(run["metrics"]["total_return"])
    growth = 1.0
    for year in results["monthly"]["totals"]:
        growth *= 1 + year
    assert growth - 1 == pytest.approx(run["metrics"]["total_return"])


def test_trades_are_filtered_ordered_and_add_up(client: APIClient, finished: BacktestRun) -> None:
    address = f"{BACKTESTS}{finished.pk}/trades/"
    rows = client.get(address, {"ordering": "-net_pnl"}).json()["results"]
    gains = [row["net_pnl"] for row in rows]
    assert gains == sorted(gains, reverse=True)
    assert all(row["side"] == "LONG" for row in client.get(address, {"side": "LONG"}).json()["results"])
    assert client.get(address, {"net_pnl__gte": 0}).json()["count"] == sum(gain >= 0 for gain in gains)
    lines = b"".join(client.get(f"{BACKTESTS}{finished.pk}/trades.csv/").streaming_content).decode()
    assert len(lines.splitlines()) == len(rows) + 1
    assert client.get(address, {"ordering": "colour"}).status_code == 400


def test_running_it_again_gives_the_same_bits(client: APIClient, finished: BacktestRun) -> None:
    answer = client.post(f"{BACKTESTS}{finished.pk}/rerun/")
    assert answer.status_code == 202, answer.content
    again = finish(finished.pk)
    assert again.rerun["identical"] is True
    assert again.completed_at == finished.completed_at
    assert client.get(f"{BACKTESTS}{finished.pk}/").json()["rerun"]["identical"] is True
    BacktestRun.objects.update(result_hash="0" * 64)
    client.post(f"{BACKTESTS}{finished.pk}/rerun/")
    assert finish(finished.pk).rerun["identical"] is False


def test_a_delisting_told_of_a_symbol_is_settled_and_stays_with_the_run(
    client: APIClient, finished: BacktestRun
) -> None:
    held = next(trade for trade in finished.trades.order_by("number") if trade.bars_held > 5)
    panel = small_panel()
    at = int(np.searchsorted(panel.timestamps, np.datetime64(held.entry_filled_at.replace(tzinfo=None)))) + 2
    values = panel.values[:, :2].copy()
    values[at:, 1] = np.nan
    make_universe(PricePanel(("DLA", "DLB"), panel.timestamps, values, "total_return"), name="Ends")
    day = str(panel.timestamps[at].astype("datetime64[D]"))
    symbol = Symbol.objects.get(ticker="DLB")
    for body, field in (
        ({"delisting_return": -0.9}, "delisted_on"),
        ({"delisted_on": day, "delisting_return": -1.5}, "delisting_return"),
    ):
        refused = client.patch(f"/api/v1/symbols/{symbol.pk}/", body, format="json")
        assert refused.status_code == 400
        assert list(refused.json()["error"]["fields"]) == [field]
    ends = PAIR | {"pairs": [["DLA", "DLB"]]}
    untold = finish(client.post(BACKTESTS, ends, format="json").json()["id"])
    assert any("no delisting is told" in warning for warning in untold.warnings)
    told = client.patch(
        f"/api/v1/symbols/{symbol.pk}/", {"delisted_on": day, "delisting_return": -0.9}, format="json"
    )
    assert told.json()["delisted_on"] == day
    run = finish(client.post(BACKTESTS, ends, format="json").json()["id"])
    assert not any("no delisting is told" in warning for warning in run.warnings)
    last = run.trades.order_by("-number")[0]
    assert last.exit_reason == "delisted"
    # a long leg loses nine tenths of its last close, a short one gains them
    sign = np.sign(last.net_pnl - untold.trades.order_by("-number")[0].net_pnl)
    assert sign == np.sign(-last.shares_2)
    symbol.refresh_from_db()
    symbol.delisted_on, symbol.delisting_return = None, None
    symbol.save()
    assert client.post(f"{BACKTESTS}{run.pk}/rerun/").status_code == 202
    assert finish(run.pk).rerun["identical"] is True
    symbol.delisted_on = day
    symbol.save()
    early = client.post(BACKTESTS, ends | {"pairs": [["AAA", "DLB"]]}, format="json")
    assert early.status_code == 202, "another pair of it knows the delisting too"


def test_a_delisting_before_the_last_bar_is_refused(client: APIClient, universe: Universe) -> None:
    Symbol.objects.filter(ticker="AAB").update(delisted_on="2020-01-02")
    error = client.post(BACKTESTS, PAIR, format="json").json()["error"]
    assert "still has bars after its delisting" in error["message"]
    assert list(error["fields"]) == ["pairs"]


def test_pairs_share_an_account(client: APIClient, universe: Universe) -> None:
    body = {"pairs": [["AAA", "AAB"], ["BBA", "BBB"]], "limits": {"gross": 1.5}}
    run = client.post(BACKTESTS, body).json()
    assert (run["kind"], run["sizing"]["fraction"], run["limits"]["gross"]) == ("list", 0.5, 1.5)
    done = finish(run["id"])
    assert {trade.pair for trade in done.trades.all()} == {"AAA/AAB", "BBA/BBB"}


def test_pairs_on_one_symbol_trade_side_by_side(client: APIClient, universe: Universe) -> None:
    """Both trade the shared leg on one account, whose gain is the sum of their trades to the cent."""
    pairs = [["AAA", "AAB"], ["BBA", "AAB"]]
    asked = client.post(BACKTESTS, {"pairs": pairs, "parameters": {"window": 30}})
    assert asked.status_code == 202, asked.content
    run = finish(asked.json()["id"])
    assert {trade.pair for trade in run.trades.all()} == {"AAA/AAB", "BBA/AAB"}
    equity = client.get(f"{BACKTESTS}{run.pk}/equity/").json()["equity"]
    gained = sum(trade.net_pnl for trade in run.trades.all())
    assert equity[-1] - run.capital == pytest.approx(gained, abs=0.005)


def test_the_best_of_a_scan_warns_that_it_knew_the_future(
    client: APIClient, universe: Universe, trader: User
) -> None:
    scan = run_scan(trader, universe=universe)
    run = client.post(BACKTESTS, {"scan": scan.pk, "top": 2}).json()
    assert (run["kind"], run["scan"], run["universe"]["id"]) == ("selection", scan.pk, universe.pk)
    assert len(run["pairs"]) == 2
    assert any("knew the future" in words for words in run["warnings"])
    finish(run["id"])


def test_every_look_counts_once(client: APIClient, finished: BacktestRun) -> None:
    assert Trial.objects.get().source == "run"
    for entry_z in (1.5, 2.0):  # the first again, and another
        run = client.post(BACKTESTS, PAIR | {"parameters": {"window": 30, "entry_z": entry_z}}).json()
        finish(run["id"])
    assert Trial.objects.count() == 2
    results = client.get(f"{BACKTESTS}{run['id']}/results/").json()
    assert results["deflated"]["n_trials"] == 2
    first = client.get(f"{BACKTESTS}{finished.pk}/results/").json()["deflated"]
    assert first["words"].startswith("Up to this run one configuration"), "what was tried later it can't know"


def test_deleting_takes_everything_but_the_trials(client: APIClient, finished: BacktestRun) -> None:
    assert client.delete(f"{BACKTESTS}{finished.pk}/").status_code == 204
    assert not BacktestTrade.objects.exists()
    assert Trial.objects.count() == 1
    waiting = client.post(BACKTESTS, PAIR).json()
    assert client.delete(f"{BACKTESTS}{waiting['id']}/").status_code == 409


def test_a_start_fits_on_the_bars_before_it(client: APIClient, universe: Universe) -> None:
    run = client.post(BACKTESTS, PAIR | {"start_date": "2020-06-01"}).json()
    assert (run["fit_end"], run["start_date"]) == ("2020-05-29", "2020-06-01")
    own = client.post(BACKTESTS, PAIR | {"rule": "kalman"}).json()
    assert own["fit_end"] is None
    finish(own["id"])


def test_bars_as_quoted_pay_as_in_life(client: APIClient, universe: Universe) -> None:
    """Opens, whole shares and commissions per share, where the bars have what that takes."""
    panel = small_panel(seed=3)
    service = MarketDataService()
    with price_store().writing() as writer:
        for ticker, column in (("EEE", 0), ("FFF", 1)):
            symbol = service.create_symbol_sync(ticker=ticker, name=ticker)
            series = service.register_series_sync(symbol=symbol, source="file", adjustment="raw")
            close = panel.values[:, column]
            bars = {
                "open": close * 0.999,
                "high": close * 1.01,
                "low": close * 0.99,
                "volume": close * 0 + 1e6,
            }
            writer.write(series.pk, panel.timestamps, close=close, **bars)
            series.n_bars, series.first_timestamp = close.size, as_datetime(panel.timestamps[0])
            series.last_timestamp = as_datetime(panel.timestamps[-1])
            series.save()
    answer = client.post(BACKTESTS, PAIR | {"pairs": [["EEE", "FFF"]]})
    assert answer.status_code == 202, answer.content
    run = answer.json()
    assert (run["costs"]["fill"], run["costs"]["lot"]) == ("next_open", 1.0)
    done = finish(run["id"])
    trades = list(done.trades.all())
    assert trades
    assert all(trade.shares_1 == int(trade.shares_1) and trade.commission > 0 for trade in trades)
    dear = client.post(BACKTESTS, PAIR | {"pairs": [["EEE", "FFF"]], "costs": "institutional"}).json()
    assert finish(dear["id"]).result.costs["impact"] > 0
    answer = client.post(BACKTESTS, {"pairs": [["EEE", "AAB"]], "rule": "kalman"})
    assert answer.status_code == 202, answer.content
    mixed = answer.json()
    assert mixed["costs"]["fill"] == "next_close"
