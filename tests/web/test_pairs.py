"""Pairs, symbols, universes and jobs over REST."""

from collections.abc import Callable
from typing import Any

import pytest
from rest_framework.test import APIClient

from tests.factories import small_panel
from trading.models import Scan, Symbol, TradingPair, Universe
from users.models import User

PAIRS = "/api/v1/pairs/"
PAIR_FIELDS = {
    "id",
    "symbol_1",
    "symbol_2",
    "cointegration_pvalue",
    "half_life",
    "correlation",
    "hedge_ratio",
    "stability_score",
    "created_at",
    "is_active",
}


@pytest.fixture
def client(trader: User, client_of: Callable[[User], APIClient]) -> APIClient:
    return client_of(trader)


@pytest.fixture
def pair(client: APIClient, universe: Universe) -> dict[str, Any]:
    answer = client.post(PAIRS, {"symbol_1": "AAA", "symbol_2": "AAB"})
    assert answer.status_code == 201, answer.content
    return dict(answer.json())


def test_a_pair_is_written_by_tickers_and_read_nested(
    client: APIClient, pair: dict[str, Any], trader: User
) -> None:
    assert set(pair) >= PAIR_FIELDS
    leg = client.get(f"/api/v1/symbols/{Symbol.objects.get(ticker='AAA').pk}/").json()
    assert leg["coverage"]["n_bars"] == 600
    assert pair["symbol_1"] == leg, "a leg is the symbol as symbols/ shows it"
    assert client.get(PAIRS).json()["results"] == [pair]
    assert client.get(f"{PAIRS}{pair['id']}/").json() == pair
    assert TradingPair.objects.get().created_by == trader


def test_statistics_are_never_taken_on_trust(client: APIClient, universe: Universe) -> None:
    answer = client.post(PAIRS, {"symbol_1": "AAA", "symbol_2": "AAB", "cointegration_pvalue": 0.0})
    assert list(answer.json()["error"]["fields"]) == ["cointegration_pvalue"]


def test_a_pair_twice_is_a_conflict(client: APIClient, pair: dict[str, Any]) -> None:
    answer = client.post(PAIRS, {"symbol_1": "AAB", "symbol_2": "AAA"})
    assert answer.status_code == 409
    assert f"as pair {pair['id']}" in answer.json()["error"]["message"]


def test_retired_pairs_are_listed_on_request_only(client: APIClient, pair: dict[str, Any]) -> None:
    assert client.delete(f"{PAIRS}{pair['id']}/").status_code == 204
    assert client.get(PAIRS).json()["count"] == 0
    for said, count in (("false", 1), ("False", 1), ("0", 1), ("true", 0), ("1", 0)):
        assert client.get(f"{PAIRS}?is_active={said}").json()["count"] == count
    assert client.get(f"{PAIRS}{pair['id']}/").json()["is_active"] is False
    back = client.patch(f"{PAIRS}{pair['id']}/", {"is_active": True})
    assert back.json()["is_active"] is True
    assert client.get(PAIRS).json()["count"] == 1


@pytest.mark.parametrize(
    ("query", "count"),
    [
        ("symbol_1__ticker=aaa", 1),
        ("symbol_2__ticker=AAA", 0),
        ("symbol=aab", 1),
        ("search=company", 1),
        ("search=zzz", 0),
        ("half_life__lte=1", 0),
        ("cointegration_pvalue__lte=0.01", 1),
        ("stability_score=0.5", 0),
        ("timeframe=1wk", 0),
    ],
)
def test_pairs_are_filtered(client: APIClient, pair: dict[str, Any], query: str, count: int) -> None:
    assert client.get(f"{PAIRS}?{query}").json()["count"] == count


def test_pairs_are_ordered_with_missing_numbers_last(client: APIClient, pair: dict[str, Any]) -> None:
    client.post(PAIRS, {"symbol_1": "BBA", "symbol_2": "BBB"})
    TradingPair.objects.filter(pk=pair["id"]).update(half_life=None)
    for ordering in ("half_life", "-half_life"):
        rows = client.get(f"{PAIRS}?ordering={ordering}&fields=half_life").json()["results"]
        assert [row["half_life"] is None for row in rows] == [False, True]
    rows = client.get(f"{PAIRS}?ordering=-symbol_1").json()["results"]
    assert [row["symbol_1"]["ticker"] for row in rows] == ["BBA", "AAA"]


def test_analysing_answers_at_once(client: APIClient, pair: dict[str, Any]) -> None:
    answer = client.post(f"{PAIRS}analyze/", {"symbol_1": "aaa", "symbol_2": "AAB", "window": 20})
    assert answer.status_code == 200
    found = answer.json()
    assert found["pair_id"] == pair["id"]
    assert found["statistic"] == pytest.approx(pair["statistic"], rel=1e-9)
    assert set(found["critical_values"]) == {"1%", "5%", "10%"}
    assert found["series"]["z_score"][:19] == [None] * 19
    assert found["series"]["timestamps"][0] == "2019-01-02T21:00:00Z"
    assert found["last_timestamp"] == "2021-04-20T21:00:00Z"


def test_an_analysis_may_show_what_came_after(client: APIClient, universe: Universe) -> None:
    body = {"symbol_1": "AAA", "symbol_2": "AAB", "end_date": "2020-06-30", "after": True}
    series = client.post(f"{PAIRS}analyze/", body).json()["series"]
    assert series["timestamps"][-1] == "2021-04-20T21:00:00Z"
    assert (series["in_sample"][0], series["in_sample"][-1]) == (True, False)


def test_analysing_refuses_in_words(client: APIClient, universe: Universe) -> None:
    for body, code in (
        ({"symbol_1": "AAA", "symbol_2": "AAA"}, "same_symbol"),
        ({"symbol_1": "AAA", "symbol_2": "X" * 21}, "invalid"),
        ({"symbol_1": "AAA", "symbol_2": "QQQ"}, "unknown_symbol"),
        ({"symbol_1": "AAA", "symbol_2": "AAB", "window": 1}, "invalid"),
        ({"symbol_1": "AAA", "symbol_2": "AAB", "min_correlation": "Infinity"}, "invalid"),
        ({"symbol_1": "AAA", "symbol_2": "AAB", "min_correlation": "NaN"}, "invalid"),
    ):
        answer = client.post(f"{PAIRS}analyze/", body)
        assert (answer.status_code, answer.json()["error"]["code"]) == (400, code)


def test_the_spread_travels_as_columns(client: APIClient, pair: dict[str, Any]) -> None:
    spread = client.get(f"{PAIRS}{pair['id']}/spread/?start_date=2021-01-01&window=30").json()
    columns = ["timestamps", "price_1", "price_2", "spread", "z_score", "mean", "std", "in_sample"]
    assert len({len(spread[name]) for name in columns}) == 1
    assert spread["timestamps"][0] >= "2021-01-01"
    assert spread["window"] == 30
    some = client.get(f"{PAIRS}{pair['id']}/spread/?fields=timestamps,spread").json()
    assert list(some) == ["timestamps", "spread"]
    backwards = client.get(f"{PAIRS}{pair['id']}/spread/?start_date=2021-01-01&end_date=2020-01-01")
    assert list(backwards.json()["error"]["fields"]) == ["end_date"]


def test_prices_travel_as_columns(client: APIClient, universe: Universe) -> None:
    address = f"/api/v1/symbols/{Symbol.objects.get(ticker='AAA').pk}/prices/"
    prices = client.get(address).json()
    assert (prices["symbol"], prices["source"], prices["adjustment"]) == ("AAA", "test", "total_return")
    assert prices["close"] == pytest.approx(list(small_panel().values[:, 0]))
    assert (prices["open"], prices["high"], prices["low"], prices["volume"]) == (None,) * 4
    some = client.get(f"{address}?start_date=2020-01-01&end_date=2020-01-31&fields=timestamps").json()
    assert some["timestamps"][0][:10] == "2020-01-01"
    assert some["timestamps"][-1][:10] == "2020-01-31"


def test_prices_of_a_symbol_without_bars_are_missed_in_words(client: APIClient, db: None) -> None:
    symbol = Symbol.objects.create(ticker="NEW")
    answer = client.get(f"/api/v1/symbols/{symbol.pk}/prices/")
    assert answer.status_code == 404
    assert "NEW" in answer.json()["error"]["message"]
    assert client.get(f"/api/v1/symbols/{symbol.pk}/").json()["coverage"] is None


def test_a_deleted_symbol_is_deactivated(client: APIClient, universe: Universe) -> None:
    symbol = Symbol.objects.get(ticker="DDD")
    assert client.delete(f"/api/v1/symbols/{symbol.pk}/").status_code == 204
    assert client.get("/api/v1/symbols/").json()["count"] == 5
    assert client.get(f"/api/v1/symbols/{symbol.pk}/").json()["is_active"] is False
    analysed = client.post(f"{PAIRS}analyze/", {"symbol_1": "AAA", "symbol_2": "DDD"})
    assert analysed.json()["error"]["code"] == "unknown_symbol"


@pytest.mark.parametrize("ticker", ["A B", "", "X" * 21, "AAA", "=1+1", "A\u0000"])
def test_tickers_that_are_none(client: APIClient, universe: Universe, ticker: str) -> None:
    answer = client.post("/api/v1/symbols/", {"ticker": ticker})
    assert answer.status_code == 400
    assert list(answer.json()["error"]["fields"]) == ["ticker"]


def test_a_universe_is_made_of_tickers(client: APIClient, universe: Universe, trader: User) -> None:
    answer = client.post("/api/v1/universes/", {"name": "Small", "symbols": ["AAA"]})
    assert list(answer.json()["error"]["fields"]) == ["name"]
    answer = client.post("/api/v1/universes/", {"name": "Small!", "symbols": ["CCC", "AAA"]})
    made = answer.json()
    assert (answer.status_code, made["slug"], made["source"], made["n_symbols"]) == (
        201,
        "small-2",
        "user",
        2,
    )
    assert [symbol["ticker"] for symbol in made["symbols"]] == ["AAA", "CCC"]
    assert made["symbols"][0]["coverage"]["n_bars"] == 600
    assert made["coverage"]["n_bars"] == 1200
    assert Universe.objects.get(slug="small-2").created_by == trader
    unknown = client.post("/api/v1/universes/", {"name": "X", "symbols": ["QQQ"]})
    assert "no active symbol QQQ" in unknown.json()["error"]["message"]


def test_jobs_are_filtered_and_cancelled_twice_without_harm(client: APIClient, scanned: Scan) -> None:
    other = client.post("/api/v1/scans/", {"symbols": ["AAA", "AAB"]}).json()["job"]["id"]
    rows = client.get("/api/v1/jobs/?status=PENDING&status=RUNNING").json()["results"]
    assert [row["id"] for row in rows] == [other]
    assert client.get(f"/api/v1/jobs/?subject_type=scan&subject_id={scanned.pk}").json()["count"] == 1
    assert client.get("/api/v1/jobs/?status=LOST").status_code == 400
    for _ in range(2):
        answer = client.post(f"/api/v1/jobs/{other}/cancel/")
        assert (answer.status_code, answer.json()["status"]) == (202, "CANCELLED")


def test_events_are_read_from_where_one_left_off(client: APIClient, universe: Universe) -> None:
    job = client.post("/api/v1/scans/", {"symbols": ["AAA", "AAB"]}).json()["job"]["id"]
    client.post(f"/api/v1/jobs/{job}/cancel/")
    address = f"/api/v1/events/?stream=job_{job}"
    first = client.get(f"{address}&limit=1").json()
    assert [event["data"]["status"] for event in first["results"]] == ["PENDING"]
    rest = client.get(f"{address}&after={first['last_seq']}").json()
    assert [event["data"]["status"] for event in rest["results"]] == ["CANCELLED"]
    assert client.get(f"{address}&after={rest['last_seq']}").json() == {
        "results": [],
        "last_seq": rest["last_seq"],
    }
    assert set(rest["results"][0]) == {"type", "stream", "seq", "timestamp", "data"}
    assert client.get(f"{address}&after=-1").status_code == 400
    assert client.get(f"{address}&before=1").status_code == 400
