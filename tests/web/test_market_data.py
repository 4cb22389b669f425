"""Market data: what goes in comes out, twice is once, and what is missing is said."""

from datetime import UTC, date, datetime

import numpy as np
import pytest
from numpy.testing import assert_array_equal

from tests.factories import SMALL_TICKERS, make_universe, small_panel
from titan_core.data import PricePanel
from titan_core.data.store import open_store
from titan_core.errors import DataUnavailable, InvalidInput
from trading.models import Series, Symbol, Universe
from trading.services.demo import US_LARGE_CAPS
from trading.services.market_data import MarketDataService
from trading.services.price_stores import _postgres_url, price_store


@pytest.fixture
def service() -> MarketDataService:
    return MarketDataService()


def test_a_panel_comes_back_as_it_went_in(universe: Universe, service: MarketDataService) -> None:
    assert service.load_panel_sync(SMALL_TICKERS) == small_panel()


def test_columns_come_in_the_order_asked_for(universe: Universe, service: MarketDataService) -> None:
    panel = service.load_panel_sync(["DDD", "AAA"])
    assert panel.symbols == ("DDD", "AAA")
    assert panel == small_panel().select(["DDD", "AAA"])


def test_both_ends_of_the_window_are_included(universe: Universe, service: MarketDataService) -> None:
    bars = small_panel().timestamps
    start, end = date(2019, 3, 4), date(2019, 3, 8)
    panel = service.load_panel_sync(SMALL_TICKERS, start=start, end=end)
    days = bars.astype("datetime64[D]")
    assert_array_equal(panel.timestamps, bars[(days >= np.datetime64(start)) & (days <= np.datetime64(end))])
    assert panel.n_bars == 5


def test_coverage_is_recorded(universe: Universe, service: MarketDataService) -> None:
    panel = small_panel()
    series = service.best_series_sync(["AAA"])["AAA"]
    assert (series.n_bars, series.source, series.adjustment) == (600, "test", "total_return")
    assert series.first_timestamp == datetime(2019, 1, 2, 21, tzinfo=UTC)
    assert series.last_timestamp == panel.timestamps[-1].item().replace(tzinfo=UTC)
    assert universe.symbols.count() == 6


def test_ingesting_twice_changes_nothing(universe: Universe, service: MarketDataService) -> None:
    before = service.data_version_sync(SMALL_TICKERS)
    report = service.ingest_panel_sync(small_panel(), source="test", universe=universe)
    assert not report.changed_anything
    assert report.written.unchanged == 6 * 600
    assert service.data_version_sync(SMALL_TICKERS) == before
    assert Series.objects.count() == 6


def test_a_changed_bar_changes_the_data_version_of_its_symbol_only(
    universe: Universe, service: MarketDataService
) -> None:
    before = {t: service.data_version_sync([t]) for t in SMALL_TICKERS}
    panel = small_panel()
    values = panel.values.copy()
    values[-1, 0] *= 1.01
    report = service.ingest_panel_sync(
        PricePanel(panel.symbols, panel.timestamps, values, panel.adjustment), source="test"
    )
    assert (report.written.inserted, report.written.changed) == (0, 1)
    changed = {t for t in SMALL_TICKERS if service.data_version_sync([t]) != before[t]}
    assert changed == {"AAA"}


def test_gaps_stay_gaps(prices: None, service: MarketDataService) -> None:
    panel = small_panel(n_bars=20)
    values = panel.values.copy()
    values[3:7, 2] = np.nan
    gappy = PricePanel(panel.symbols, panel.timestamps, values, panel.adjustment)
    make_universe(gappy)
    assert service.load_panel_sync(SMALL_TICKERS) == gappy
    assert service.best_series_sync(["BBA"])["BBA"].n_bars == 16


def test_killed_between_bars_and_coverage_the_next_ingestion_mends_it(
    universe: Universe, service: MarketDataService
) -> None:
    Series.objects.update(n_bars=0, first_timestamp=None, last_timestamp=None)
    with pytest.raises(DataUnavailable, match=r"no 1d bars of AAA, AAB"):
        service.load_panel_sync(SMALL_TICKERS)
    service.ingest_panel_sync(small_panel(), source="test")
    assert service.load_panel_sync(SMALL_TICKERS) == small_panel()


def test_total_return_is_preferred_and_raw_bars_become_an_index(
    universe: Universe, service: MarketDataService
) -> None:
    symbol = service.create_symbol_sync(ticker="raw")
    series = service.register_series_sync(symbol=symbol, source="vendor", adjustment="raw")
    days = small_panel().timestamps[:4]
    price_store().write(series.pk, days, close=[100.0, 102.0, 51.0, 50.0])
    price_store().write_actions(series.pk, days[2:4], ["split", "dividend"], [2.0, 1.0])
    Series.objects.filter(pk=series.pk).update(
        n_bars=4, first_timestamp="2019-01-02T21:00Z", last_timestamp="2019-01-07T21:00Z"
    )
    panel = service.load_panel_sync(["AAA", "RAW"], end=date(2019, 1, 7))
    # split 2:1 on the third bar (102 → 51 is no loss), a dividend of 1 on the fourth (51 → 50 is no loss)
    assert panel.values[:, 1] / panel.values[0, 1] == pytest.approx([1.0, 1.02, 1.02, 1.02])
    assert_array_equal(panel.values[:, 0], small_panel().values[:4, 0])
    # a later start changes no value: the index is built from the first bar
    later = service.load_panel_sync(["RAW"], start=date(2019, 1, 4))
    assert_array_equal(later.values[:, 0], panel.values[2:, 1])

    better = service.register_series_sync(symbol=symbol, source="other", adjustment="total_return")
    price_store().write(better.pk, days[:2], close=[1.0, 2.0])
    Series.objects.filter(pk=better.pk).update(
        n_bars=2, first_timestamp="2019-01-02T21:00Z", last_timestamp="2019-01-03T21:00Z"
    )
    assert service.best_series_sync(["RAW"])["RAW"] == better


def test_bars_people_bring_go_before_those_of_the_demo(prices: None, service: MarketDataService) -> None:
    demo, own = small_panel(), small_panel().between("2019-02-01", "2019-12-31")
    for ticker in demo.symbols:
        service.create_symbol_sync(ticker=ticker)
    service.ingest_panel_sync(demo, source=US_LARGE_CAPS.provenance)
    assert service.best_series_sync(["AAA"])["AAA"].source == US_LARGE_CAPS.provenance
    brought = service.register_series_sync(
        symbol=Symbol.objects.get(ticker="AAA"), source="file", adjustment="raw"
    )
    price_store().write(brought.pk, own.timestamps, close=own.values[:, 0])
    Series.objects.filter(pk=brought.pk).update(
        n_bars=own.n_bars, first_timestamp="2019-02-01T21:00Z", last_timestamp="2019-12-31T21:00Z"
    )
    best = service.best_series_sync(["AAA", "AAB"])
    assert (best["AAA"], best["AAB"].source) == (brought, US_LARGE_CAPS.provenance)


def test_bars_say_where_they_come_from(universe: Universe, service: MarketDataService) -> None:
    found = service.bars_sync(Symbol.objects.get(ticker="CCC"), start=date(2019, 1, 7), end=date(2019, 1, 7))
    assert found.series.source == "test"
    assert found.bars.n_bars == 1
    assert found.bars.open is None
    assert found.bars.close[0, 0] == small_panel().values[3, 4]


def test_what_is_unknown_is_said(universe: Universe, service: MarketDataService) -> None:
    with pytest.raises(DataUnavailable, match="unknown ticker NOPE: check the spelling"):
        service.load_panel_sync(["AAA", "NOPE"])
    service.create_symbol_sync(ticker="EMPTY")
    with pytest.raises(DataUnavailable, match="no 1wk bars of EMPTY"):
        service.load_panel_sync(["AAA", "EMPTY"], timeframe="1wk")
    with pytest.raises(
        DataUnavailable, match=r"no whole month of AAA ended between 2019-03-04 and 2019-03-20"
    ):
        service.load_panel_sync(["AAA"], timeframe="1mo", start=date(2019, 3, 4), end=date(2019, 3, 20))
    with pytest.raises(InvalidInput, match="end"):
        service.load_panel_sync(["AAA"], start=date(2020, 1, 2), end=date(2020, 1, 1))
    with pytest.raises(InvalidInput, match="logs"):
        service.ingest_panel_sync(small_panel().log(), source="test")


@pytest.mark.django_db
def test_a_symbol_is_checked_before_it_is_stored(service: MarketDataService) -> None:
    assert service.create_symbol_sync(ticker=" brk.b ").ticker == "BRK.B"
    with pytest.raises(InvalidInput, match=r"'BRK.B' can't be added: ticker: .*already exists"):
        service.create_symbol_sync(ticker="BRK.B")
    with pytest.raises(InvalidInput, match="1 to 20 capital letters"):
        service.create_symbol_sync(ticker="=CMD()")


def test_a_deactivated_symbol_is_no_longer_listed(universe: Universe, service: MarketDataService) -> None:
    service.deactivate_symbol_sync(Symbol.objects.get(ticker="CCC"))
    assert [s.ticker for s in service.symbols_sync()] == ["AAA", "AAB", "BBA", "BBB", "DDD"]
    assert len(service.symbols_sync(include_inactive=True)) == 6


@pytest.mark.django_db(transaction=True, databases=["default", "timescale"])
async def test_the_async_forms_do_the_same(prices: None, service: MarketDataService) -> None:
    symbol = await service.create_symbol(ticker="XYZ")
    assert symbol.pk is not None
    assert [s.ticker for s in await service.symbols()] == ["XYZ"]


# ---------------------------------------------------------------- weeks and months


def ends_of(panel: PricePanel, unit: str) -> list[int]:
    """The plain way: the last row of each week or month, by walking through the days."""
    days = [stamp.item().date() for stamp in panel.timestamps]
    keys = [day.isocalendar()[:2] if unit == "1wk" else (day.year, day.month) for day in days]
    return [i for i, key in enumerate(keys) if i + 1 == len(keys) or keys[i + 1] != key]


@pytest.mark.parametrize("timeframe", ["1wk", "1mo"])
def test_longer_bars_are_made_of_days_where_only_days_are_stored(
    universe: Universe, service: MarketDataService, timeframe: str
) -> None:
    days = small_panel()  # to Tuesday, 20 April 2021: its last week and month are not over
    rows = ends_of(days, timeframe)[:-1]
    panel = service.load_panel_sync(SMALL_TICKERS, timeframe=timeframe)
    assert panel == PricePanel(days.symbols, days.timestamps[rows], days.values[rows], "total_return")
    [found] = [service.bars_sync(Symbol.objects.get(ticker="CCC"), timeframe=timeframe)]
    assert (found.timeframe, found.series.timeframe) == (timeframe, "1d")
    assert_array_equal(found.bars.close[:, 0], days.values[rows, 4])


def test_a_window_holds_the_weeks_that_ended_in_it_each_whole(
    universe: Universe, service: MarketDataService
) -> None:
    symbol = Symbol.objects.get(ticker="AAA")
    # Wednesday to Wednesday: the week of the first Wednesday ended inside it, that of the last did not
    found = service.bars_sync(symbol, timeframe="1wk", start=date(2019, 3, 6), end=date(2019, 3, 20))
    assert found.bars.timestamps.astype("datetime64[D]").astype(str).tolist() == ["2019-03-08", "2019-03-15"]
    # on a Friday no session is left, whatever is stored after it
    panel = service.load_panel_sync(["AAA"], timeframe="1wk", end=date(2019, 3, 15))
    assert panel.timestamps[-1].astype("datetime64[D]") == np.datetime64("2019-03-15")
    # Good Friday is no session: that week was over on Thursday, for stocks
    easter = service.load_panel_sync(["AAA"], timeframe="1wk", end=date(2019, 4, 18))
    assert easter.timestamps[-1].astype("datetime64[D]") == np.datetime64("2019-04-18")
    Symbol.objects.filter(ticker="AAA").update(calendar="24/7")
    around_the_clock = service.load_panel_sync(["AAA"], timeframe="1wk", end=date(2019, 4, 18))
    assert around_the_clock.timestamps[-1].astype("datetime64[D]") == np.datetime64("2019-04-12")


def test_stored_weeks_are_preferred_to_those_made_of_days(
    universe: Universe, service: MarketDataService
) -> None:
    weeks = PricePanel(("AAA",), small_panel().timestamps[[2, 7]], np.array([[1.0], [2.0]]), "total_return")
    service.ingest_panel_sync(weeks, source="vendor", timeframe="1wk")
    assert service.load_panel_sync(["AAA"], timeframe="1wk") == weeks
    assert service.best_series_sync(["AAA", "AAB"], timeframe="1wk")["AAB"].timeframe == "1d"
    both = service.load_panel_sync(["AAA", "AAB"], timeframe="1wk")
    assert np.isfinite(both.values).sum(axis=0)[0] == 2
    assert service.best_series_sync(["AAA"])["AAA"].timeframe == "1d"


# ---------------------------------------------------------------- where the bars lie


@pytest.mark.parametrize(
    ("settings", "url"),
    [
        ({"NAME": "titan"}, "postgresql:///titan"),
        (
            {"NAME": "t/t", "USER": "a@b", "PASSWORD": "p:w/?#%", "HOST": "db.example", "PORT": "5433"},
            "postgresql://a%40b:p%3Aw%2F%3F%23%25@db.example:5433/t%2Ft",
        ),
        (
            {"NAME": "titan", "USER": "u", "HOST": "::1", "OPTIONS": {"sslmode": "require", "pool": True}},
            "postgresql://u@[::1]/titan?sslmode=require",
        ),
    ],
)
def test_djangos_settings_become_one_address(settings: dict[str, object], url: str) -> None:
    assert _postgres_url(settings) == url
    assert str(settings.get("PASSWORD") or "nothing") not in repr(open_store(url))
