"""Symbols as they are typed, and what a universe says of its bars."""

from collections.abc import Callable

import numpy as np
import pytest
from rest_framework.test import APIClient

from tests.factories import make_universe, small_panel
from titan_core.data import PricePanel
from titan_core.errors import InvalidInput
from trading.models import Symbol, Universe
from trading.services.market_data import MarketDataService
from users.models import User

V1 = "/api/v1/"


@pytest.fixture
def client(trader: User, client_of: Callable[[User], APIClient]) -> APIClient:
    return client_of(trader)


def test_a_ticker_typed_small_is_written_large(client: APIClient) -> None:
    answer = client.post(f"{V1}symbols/", {"ticker": " brk.b "})
    assert (answer.status_code, answer.json()["ticker"]) == (201, "BRK.B")
    again = client.post(f"{V1}symbols/", {"ticker": "Brk.b"})
    assert (again.status_code, list(again.json()["error"]["fields"])) == (400, ["ticker"])
    assert client.post(f"{V1}symbols/", {"ticker": "a b"}).status_code == 400


def test_a_calendar_nobody_keeps_is_refused(client: APIClient) -> None:
    answer = client.post(f"{V1}symbols/", {"ticker": "NEW", "calendar": "XNYZ"})
    assert (answer.status_code, list(answer.json()["error"]["fields"])) == (400, ["calendar"])
    assert "XNYS" in answer.json()["error"]["message"]
    for name in ("XNYS", "XLON", "24/7"):
        assert client.post(f"{V1}symbols/", {"ticker": f"NEW{name[1]}", "calendar": name}).status_code == 201
    pk = Symbol.objects.get(ticker="NEWN").pk
    assert client.patch(f"{V1}symbols/{pk}/", {"calendar": "nonsense"}).status_code == 400
    with pytest.raises(InvalidInput, match="calendar"):
        MarketDataService().create_symbol_sync(ticker="NEW", calendar="nonsense")


def test_a_universe_counts_the_series_that_stand_for_its_symbols(
    client: APIClient, universe: Universe
) -> None:
    panel, longer = small_panel(), small_panel(n_bars=700)
    shipped = PricePanel(
        panel.symbols[:3],
        longer.timestamps - np.timedelta64(365 * 4, "D"),
        longer.values[:, :3],
        "total_return",
    )
    MarketDataService().ingest_panel_sync(shipped, source="skfolio")
    shorter = PricePanel(("AAB",), panel.timestamps[5:50], panel.values[5:50, :1], "total_return")
    MarketDataService().ingest_panel_sync(shorter, source="elsewhere")
    quoted = PricePanel(
        ("AAA",), panel.timestamps[:50] + np.timedelta64(365 * 9, "D"), panel.values[:50, :1], "raw"
    )
    MarketDataService().ingest_panel_sync(quoted, source="test")
    only = PricePanel(("ZZZ",), panel.timestamps[:10], panel.values[:10, :1], "split")
    other = make_universe(only, name="Other")
    listed = {row["name"]: row for row in client.get(f"{V1}universes/").json()["results"]}
    first, last = (f"{moment.astype('M8[s]')}Z" for moment in panel.timestamps[[0, -1]])
    assert listed["Small"]["coverage"] == {"first": first, "last": last, "n_bars": 3600}
    assert (listed["Small"]["n_symbols"], listed["Other"]["coverage"]["n_bars"]) == (6, 10)
    for one in (universe, other):
        found = client.get(f"{V1}universes/{one.pk}/").json()
        assert found["coverage"] == listed[one.name]["coverage"]
        assert found["coverage"]["n_bars"] == sum(symbol["coverage"]["n_bars"] for symbol in found["symbols"])


def test_a_universe_without_bars_says_so(client: APIClient) -> None:
    Universe.objects.create(name="Empty", slug="empty").symbols.add(Symbol.objects.create(ticker="ZZZ"))
    [row] = client.get(f"{V1}universes/").json()["results"]
    assert (row["n_symbols"], row["coverage"]) == (1, {"first": None, "last": None, "n_bars": 0})
