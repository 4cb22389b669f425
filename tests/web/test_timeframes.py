"""Weeks and months reach the user where only days are stored: the chart, one pair, a scan."""

from collections.abc import Callable

import pytest
from rest_framework.test import APIClient

from tests.factories import small_panel
from tests.web.conftest import run_scan
from titan_core.analysis import engle_granger
from titan_core.data.resampling import resample_prices
from titan_core.manifest import panel_hash
from trading.models import Symbol, Universe
from trading.services.market_data import MarketDataService
from trading.services.scans.data_version import data_changed
from users.models import User

ClientOf = Callable[[User | None], APIClient]
WEEKS = resample_prices(small_panel(), "1wk", calendars=["XNYS"])


@pytest.fixture
def client(client_of: ClientOf, trader: User, universe: Universe) -> APIClient:
    return client_of(trader)


@pytest.mark.parametrize(("timeframe", "n_bars"), [("1d", 600), ("1wk", 120), ("1mo", 27)])
def test_prices(client: APIClient, timeframe: str, n_bars: int) -> None:
    symbol = Symbol.objects.get(ticker="BBA")
    answer = client.get(f"/api/v1/symbols/{symbol.pk}/prices/", {"timeframe": timeframe}).json()
    assert (answer["timeframe"], answer["adjustment"]) == (timeframe, "total_return")
    panel = resample_prices(small_panel(), timeframe, calendars=["XNYS"])  # type: ignore[arg-type]  # one of the three
    assert answer["close"] == panel.values[:, 2].tolist()
    assert len(answer["timestamps"]) == n_bars
    assert answer["timestamps"][-1].startswith(str(panel.timestamps[-1].astype("datetime64[s]")))


def test_one_pair(client: APIClient) -> None:
    asked = {"symbol_1": "AAA", "symbol_2": "AAB", "timeframe": "1wk"}
    answer = client.post("/api/v1/pairs/analyze/", asked, format="json").json()
    logs = WEEKS.log().values
    expected = engle_granger(logs[:, 0], logs[:, 1])
    assert answer["statistic"] == expected.statistic
    assert (answer["timeframe"], answer["n_obs"]) == ("1wk", expected.n_obs)
    assert "week" in answer["verdict"]


def test_a_window_without_a_whole_month_is_refused_in_words(client: APIClient) -> None:
    asked = {"timeframe": "1mo", "start_date": "2019-03-04", "end_date": "2019-03-20"}
    legs = {"symbol_1": "AAA", "symbol_2": "AAB"}
    symbol = Symbol.objects.get(ticker="AAA")
    for answer in (
        client.get(f"/api/v1/symbols/{symbol.pk}/prices/", asked),
        client.post("/api/v1/pairs/analyze/", asked | legs, format="json"),
    ):
        assert 400 <= answer.status_code < 500
        assert "no whole month of AAA" in answer.json()["error"]["message"]


def test_a_scan(client: APIClient, trader: User, universe: Universe) -> None:
    scan = run_scan(trader, universe=universe, timeframe="1wk", min_overlap=100)
    assert scan.manifest is not None
    assert scan.manifest["panel_hash"] == panel_hash(WEEKS)
    answer = client.get(f"/api/v1/scans/{scan.pk}/").json()
    assert (answer["timeframe"], answer["n_tests"], answer["data_changed"]) == ("1wk", 15, False)


def test_a_bar_of_the_week_changes_the_scans_data(trader: User, universe: Universe) -> None:
    scan = run_scan(trader, universe=universe, timeframe="1wk", min_overlap=100)
    panel = small_panel()
    service = MarketDataService()
    # a Tuesday is no week's close: other bars, and yet the same weeks
    for row, changed in ((2 + 5 * 20 + 2, False), (2 + 5 * 20, True)):
        values = panel.values.copy()
        values[row, 0] *= 1.01
        service.ingest_panel_sync(
            type(panel)(panel.symbols, panel.timestamps, values, "total_return"), source="test"
        )
        assert data_changed([scan], exact=True) == [changed], panel.timestamps[row]
