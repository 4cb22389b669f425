"""Watched pairs: where each spread stands, read from the last bars of all of them at once."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from django.core.cache import cache
from django.db import connection
from django.test.utils import CaptureQueriesContext
from rest_framework.test import APIClient

from tests.factories import SMALL_TICKERS, small_panel
from titan_core.data import PricePanel
from trading.models import Series, TradingPair, Universe, Watch
from trading.services import spread_tails, watching
from trading.services.market_data import MarketDataService
from trading.services.pair_analysis import PairAnalysisService
from trading.services.price_stores import price_store
from users.models import User

V1 = "/api/v1/"
PAIRS = PairAnalysisService()


@pytest.fixture(autouse=True)
def empty_cache() -> None:
    cache.clear()


@pytest.fixture
def client(viewer: User, client_of: Callable[[User], APIClient]) -> APIClient:
    return client_of(viewer)


def register(one: str, other: str, by: User, **rest: Any) -> TradingPair:
    return PAIRS.register_sync(symbol_1=one, symbol_2=other, created_by=by, **rest)


@pytest.fixture
def pair(universe: Universe, trader: User) -> TradingPair:
    return register("AAA", "AAB", trader)


def watched(client: APIClient) -> list[dict[str, Any]]:
    answer = client.get(f"{V1}pairs/watched/")
    assert answer.status_code == 200, answer.content
    return list(answer.json()["results"])


def test_put_and_delete_change_one_star_once(
    client: APIClient, pair: TradingPair, viewer: User, trader: User
) -> None:
    path = f"{V1}pairs/{pair.pk}/watch/"
    for _ in range(2):
        assert client.put(path).status_code == 204
    assert list(Watch.objects.values_list("owner", "pair")) == [(viewer.pk, pair.pk)]
    Watch.objects.create(owner=trader, pair=pair)
    for _ in range(2):
        assert client.delete(path).status_code == 204
    assert list(Watch.objects.values_list("owner", flat=True)) == [trader.pk]
    assert client.put(f"{V1}pairs/999999/watch/").status_code == 404


def assert_as_the_spread(row: dict[str, Any], client: APIClient) -> None:
    whole = client.get(f"{V1}pairs/{row['pair']['id']}/spread/").json()
    assert row["as_of"] == whole["timestamps"][-1]
    assert row["spread"] == pytest.approx(whole["spread"][-1], rel=1e-9, abs=1e-12)
    assert row["z_score"] == pytest.approx(whole["z_score"][-1], rel=1e-7)
    ours = [np.nan if z is None else z for z in row["sparkline"]]
    theirs = [np.nan if z is None else z for z in whole["z_score"][-60:]]
    np.testing.assert_allclose(ours, theirs, atol=6e-5)


@pytest.mark.parametrize("trend", ["n", "c", "ct", "ctt"])
def test_the_tail_is_that_of_the_whole_spread(
    client: APIClient, universe: Universe, trader: User, viewer: User, trend: str
) -> None:
    for one, other in (("AAA", "AAB"), ("BBA", "CCC")):
        made = register(one, other, trader, trend=trend, end_date=small_panel().timestamps[400].item().date())
        Watch.objects.create(owner=viewer, pair=made)
    rows = watched(client)
    assert len(rows) == 2
    for row in rows:
        assert len(row["sparkline"]) == 60
        assert_as_the_spread(row, client)


@pytest.mark.parametrize("timeframe", ["1wk", "1mo"])
def test_longer_bars(
    client: APIClient, pair: TradingPair, trader: User, viewer: User, timeframe: str
) -> None:
    if timeframe == "1mo":
        TradingPair.objects.filter(pk=pair.pk).update(timeframe="1mo")
    else:
        pair = register("BBA", "BBB", trader, timeframe="1wk")
    Watch.objects.create(owner=viewer, pair=pair)
    [row] = watched(client)
    if timeframe == "1wk":
        assert_as_the_spread(row, client)
    else:  # 28 months: too few for any figure
        assert (row["z_score"], row["sparkline"]) == (None, [])


def test_sparse_bars_reach_further_back(
    client: APIClient, universe: Universe, trader: User, viewer: User
) -> None:
    panel = small_panel(n_bars=700)
    thin = panel.values[:, :2].copy()
    thin[350:, 1] = np.where(np.arange(350) % 5 == 0, thin[350:, 1], np.nan)
    MarketDataService().create_symbol_sync(ticker="THA")
    MarketDataService().create_symbol_sync(ticker="THB")
    MarketDataService().ingest_panel_sync(
        PricePanel(("THA", "THB"), panel.timestamps, thin, "total_return"), source="test"
    )
    Watch.objects.create(owner=viewer, pair=register("THA", "THB", trader))
    [row] = watched(client)
    assert len(row["sparkline"]) == 60
    assert_as_the_spread(row, client)


def test_remembered_until_a_bar_changes(
    client: APIClient, pair: TradingPair, viewer: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    Watch.objects.create(owner=viewer, pair=pair)
    [before] = watched(client)
    with monkeypatch.context() as patch:
        patch.setattr(spread_tails, "_measured", lambda *_: pytest.fail("measured again"))
        assert watched(client) == [before]
    panel = small_panel()
    day, prices = panel.timestamps[-1:] + np.timedelta64(1, "D"), panel.values[-1:, :2] * [1.05, 1]
    newer = PricePanel(("AAA", "AAB"), day, prices, "total_return")
    MarketDataService().ingest_panel_sync(newer, source="test")
    [after] = watched(client)
    assert after["as_of"] > before["as_of"]
    assert_as_the_spread(after, client)
    corrected = PricePanel(("AAA", "AAB"), day, prices * [0.9, 1], "total_return")
    # as many bars as before, one of them another
    MarketDataService().ingest_panel_sync(corrected, source="test")
    assert_as_the_spread(watched(client)[0], client)
    PAIRS.refit_sync(pair=pair, trend="n")
    assert_as_the_spread(watched(client)[0], client)


def test_many_pairs_are_read_together_and_only_their_ends(
    client: APIClient, universe: Universe, trader: User, viewer: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    reads: list[tuple[int, int]] = []
    store = type(price_store())
    read = store.read_prices

    def counted(self: Any, series: Any, **rest: Any) -> PricePanel:
        panel = read(self, series, **rest)
        reads.append(panel.values.shape)
        return panel

    def ask() -> int:
        cache.clear()
        reads.clear()
        with CaptureQueriesContext(connection) as queries:
            watched(client)
        return len(queries)

    Watch.objects.create(owner=viewer, pair=register("AAA", "AAB", trader))
    monkeypatch.setattr(store, "read_prices", counted)
    ask()  # makes the preferences
    few = ask()
    for j, one in enumerate(SMALL_TICKERS):
        for other in SMALL_TICKERS[j + 1 :]:
            if (one, other) != ("AAA", "AAB"):
                Watch.objects.create(owner=viewer, pair=register(one, other, trader))
    assert ask() == few
    assert len(reads) == 1
    n_bars, n_symbols = reads[0]
    assert n_symbols == 6
    assert n_bars < 250, "of 600"


def test_pairs_without_bars_say_so_and_spoil_nothing(
    client: APIClient, pair: TradingPair, trader: User, viewer: User
) -> None:
    Watch.objects.create(owner=viewer, pair=pair)
    Watch.objects.create(owner=viewer, pair=register("BBA", "BBB", trader))
    Series.objects.filter(symbol__ticker="BBB").update(n_bars=0, first_timestamp=None, last_timestamp=None)
    without, whole = watched(client)
    assert (without["z_score"], without["as_of"], without["sparkline"]) == (None, None, [])
    assert whole["z_score"] is not None


def test_retired_pairs_leave_the_list_and_come_back(
    client: APIClient, pair: TradingPair, viewer: User
) -> None:
    Watch.objects.create(owner=viewer, pair=pair)
    pair.deactivate()
    assert watched(client) == []
    PAIRS.refit_sync(pair=pair, is_active=True)
    assert len(watched(client)) == 1


def test_thresholds_are_ones_own(client: APIClient, pair: TradingPair, viewer: User) -> None:
    Watch.objects.create(owner=viewer, pair=pair)
    client.patch(f"{V1}auth/me/", {"preferences": {"entry_z": 2.5, "exit_z": 0.25}})
    [row] = watched(client)
    assert (row["entry_z"], row["exit_z"]) == (2.5, 0.25)


def test_no_more_than_one_can_look_at(
    client: APIClient, pair: TradingPair, trader: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(watching, "MAX_WATCHED", 1)
    assert client.put(f"{V1}pairs/{pair.pk}/watch/").status_code == 204
    assert client.put(f"{V1}pairs/{pair.pk}/watch/").status_code == 204
    other = register("BBA", "BBB", trader)
    assert client.put(f"{V1}pairs/{other.pk}/watch/").status_code == 409
