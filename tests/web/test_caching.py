"""ETags: 304 before the work, another tag after every change, never one person's answer to another."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from django.contrib.auth.models import Group
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from rest_framework.test import APIClient

from api.models import TableVersion
from api.table_versions import TRACKED, missing_triggers, table_of
from tests.factories import small_panel
from trading.models import PlantedPair, Scan, ScanCandidate, Series, Symbol, TradingPair, Universe
from trading.services.market_data import MarketDataService
from trading.services.pair_analysis import PairAnalysisService
from trading.services.price_stores import price_store
from users.models import User

V1 = "/api/v1/"


@pytest.fixture
def client(trader: User, client_of: Callable[[User], APIClient]) -> APIClient:
    return client_of(trader)


@pytest.fixture
def pair(universe: Universe, trader: User) -> TradingPair:
    return PairAnalysisService().register_sync(symbol_1="AAA", symbol_2="AAB", created_by=trader)


def tag(client: APIClient, path: str) -> str:
    answer = client.get(path)
    assert answer.status_code == 200, answer.content
    assert answer["Cache-Control"] == "private, no-cache"
    assert {"Accept", "Authorization"} <= {word.strip() for word in answer["Vary"].split(",")}
    held = answer["ETag"]
    unchanged = client.get(path, HTTP_IF_NONE_MATCH=f'"other", W/{held}')
    assert (unchanged.status_code, unchanged.content, unchanged["ETag"]) == (304, b"", held)
    return str(held)


def paths(universe: Universe, pair: TradingPair, scan: Scan) -> dict[str, str]:
    symbol = Symbol.objects.get(ticker="AAA")
    return {
        "symbols": f"{V1}symbols/",
        "symbol": f"{V1}symbols/{symbol.pk}/",
        "prices": f"{V1}symbols/{symbol.pk}/prices/",
        "universes": f"{V1}universes/",
        "universe": f"{V1}universes/{universe.pk}/",
        "coverage": f"{V1}universes/{universe.pk}/coverage/",
        "pairs": f"{V1}pairs/",
        "pair": f"{V1}pairs/{pair.pk}/",
        "spread": f"{V1}pairs/{pair.pk}/spread/",
        "candidates": f"{V1}scans/{scan.pk}/candidates/",
    }


def rename_symbol() -> None:
    Symbol.objects.filter(ticker="AAA").update(name="Another")  # no signal, and updated_at stays


def rename_symbol_by_hand() -> None:
    with connection.cursor() as cursor:
        cursor.execute("UPDATE trading_symbol SET name = 'By hand' WHERE ticker = 'AAA'")


def another_symbol() -> None:
    Symbol.objects.bulk_create([Symbol(ticker="NEW")])


def correct_a_bar() -> None:
    series = Series.objects.get(symbol__ticker="AAA")
    at = price_store().read_prices({"AAA": series.pk}, adjustment="total_return").timestamps[-1:]
    price_store().write(series.pk, at, close=np.array([123.0]))  # beside Django, and the series' row stays


def a_split() -> None:
    series = Series.objects.get(symbol__ticker="AAA")
    at = price_store().read_prices({"AAA": series.pk}, adjustment="total_return").timestamps[-1:]
    price_store().write_actions(series.pk, at, ["split"], np.array([2.0]))


def leave_the_universe() -> None:
    Universe.objects.get().symbols.remove(Symbol.objects.get(ticker="DDD"))


def plant() -> None:
    a, b = (Symbol.objects.get(ticker=ticker) for ticker in ("AAA", "AAB"))
    PlantedPair.objects.create(
        universe=Universe.objects.get(),
        symbol_1=a,
        symbol_2=b,
        kind="cointegrated",
        hedge_ratio=1,
        half_life=5,
    )


def retire_pair() -> None:
    TradingPair.objects.update(is_active=False)


def promote() -> None:
    candidate = ScanCandidate.objects.first()
    assert candidate is not None
    ScanCandidate.objects.filter(pk=candidate.pk).update(pair=TradingPair.objects.get())


def forget_candidates() -> None:
    ScanCandidate.objects.all().delete()


CHANGES: list[tuple[Callable[[], None], set[str]]] = [
    (rename_symbol, {"symbols", "symbol", "prices", "universe", "pairs", "pair", "candidates"}),
    (rename_symbol_by_hand, {"symbols", "symbol", "pairs", "candidates"}),
    (another_symbol, {"symbols"}),
    (correct_a_bar, {"prices", "coverage", "spread"}),
    (a_split, {"prices", "spread"}),
    (leave_the_universe, {"universes", "universe", "coverage"}),
    (plant, {"universe", "candidates"}),
    (retire_pair, {"pairs", "pair", "spread"}),
    (promote, {"candidates"}),
    (forget_candidates, {"candidates"}),
]


def test_a_change_changes_the_tag_of_what_shows_it(
    client: APIClient, universe: Universe, pair: TradingPair, scanned: Scan, subtests: Any
) -> None:
    routes = paths(universe, pair, scanned)
    for change, told in CHANGES:
        # what one changes the next finds as it was; bars lie outside the transaction and stay changed
        with subtests.test(change.__name__), transaction.atomic():
            held = {name: (tag(client, path), client.get(path).content) for name, path in routes.items()}
            change()
            for name, path in routes.items():
                before, body = held[name]
                answer = client.get(path, HTTP_IF_NONE_MATCH=before)
                if name in told:
                    assert answer.status_code == 200, f"{name} is stale after {change.__name__}"
                    assert answer["ETag"] != before
                elif answer.status_code == 304:
                    assert client.get(path).content == body, f"{name} says unchanged and has changed"
            transaction.set_rollback(True)


def test_bars_that_arrive_by_the_service_change_the_tag(client: APIClient, universe: Universe) -> None:
    symbol = Symbol.objects.get(ticker="AAA")
    path = f"{V1}symbols/{symbol.pk}/prices/"
    before = tag(client, path)
    MarketDataService().ingest_panel_sync(small_panel(n_bars=601), source="test")
    answer = client.get(path, HTTP_IF_NONE_MATCH=before)
    assert (answer.status_code, len(answer.json()["close"])) == (200, 601)


def test_a_change_that_is_rolled_back_is_none(client: APIClient, universe: Universe) -> None:
    before = tag(client, f"{V1}symbols/")
    with transaction.atomic():
        rename_symbol()
        transaction.set_rollback(True)
    assert tag(client, f"{V1}symbols/") == before


def test_tags_are_of_one_person_one_address_one_form(
    client: APIClient, other_trader: User, client_of: Any, universe: Universe
) -> None:
    path = f"{V1}symbols/{Symbol.objects.get(ticker='AAA').pk}/prices/"
    mine, theirs = tag(client, path), tag(client_of(other_trader), path)
    shorter, arrow = tag(client, f"{path}?start_date=2020-01-01"), client.get(path, HTTP_ACCEPT=ARROW)["ETag"]
    assert len({mine, theirs, shorter, arrow}) == 4


def test_who_may_no_longer_read_is_refused_and_not_told_that_nothing_changed(
    client: APIClient, trader: User, client_of: Any, scanned: Scan
) -> None:
    path = f"{V1}scans/{scanned.pk}/candidates/"
    held = tag(client, path)
    trader.groups.set([Group.objects.create(name="nothing")])
    fresh = client_of(User.objects.get(pk=trader.pk))
    assert fresh.get(path, HTTP_IF_NONE_MATCH=held).status_code == 403
    assert APIClient().get(path, HTTP_IF_NONE_MATCH=held).status_code == 401


def test_errors_and_owned_things_of_others_have_no_tag(
    client: APIClient, other_trader: User, client_of: Any, scanned: Scan
) -> None:
    for path in (f"{V1}symbols/?page=9", f"{V1}symbols/999/", f"{V1}pairs/999/spread/"):
        assert "ETag" not in client.get(path)
    theirs = client_of(other_trader).get(f"{V1}scans/{scanned.pk}/candidates/")
    assert theirs.status_code == 404
    assert "ETag" not in theirs


def test_nothing_is_read_to_say_that_nothing_changed(
    client: APIClient, pair: TradingPair, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = f"{V1}pairs/{pair.pk}/spread/"
    held = tag(client, path)
    monkeypatch.setattr(PairAnalysisService, "spread_sync", lambda *a, **k: 1 / 0)
    with CaptureQueriesContext(connection) as asked:
        assert client.get(path, HTTP_IF_NONE_MATCH=held).status_code == 304
    assert len(asked) == 1, "the counters of changes, in one query"


def test_every_counter_and_trigger_is_there(db: None) -> None:
    assert missing_triggers(connection) == []
    assert set(TableVersion.objects.values_list("name", flat=True)) >= {table_of(model) for model in TRACKED}


ARROW = "application/vnd.apache.arrow.stream"
