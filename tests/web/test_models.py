"""Models: what the database itself refuses, and how rows are found."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connections, transaction
from hypothesis import given
from hypothesis import strategies as st

from common.fields import InstantField, from_microseconds, to_microseconds
from tests.databases import is_postgresql
from trading.models import (
    CorporateAction,
    Job,
    PlantedPair,
    Price,
    Scan,
    ScanCandidate,
    Series,
    Signal,
    Symbol,
    TradingPair,
    Universe,
)
from users.models import User

DAY = datetime(2022, 6, 3, 20, tzinfo=UTC)
STATISTICS: dict[str, Any] = {
    "statistic": -4.2,
    "pvalue": 0.001,
    "hypothesis_pvalue": 0.002,
    "qvalue": 0.01,
    "lag": 1,
    "hedge_ratio": 0.8,
    "intercept": 0.1,
    "n_obs": 500,
}
FIT: dict[str, Any] = {
    "cointegration_pvalue": 0.01,
    "statistic": -4.0,
    "hedge_ratio": 0.9,
    "fit_start": DAY - timedelta(days=700),
    "fit_end": DAY,
    "n_obs": 480,
}


@pytest.fixture
def legs(db: None) -> tuple[Symbol, Symbol]:
    return Symbol.objects.create(ticker="KO"), Symbol.objects.create(ticker="PEP")


def refused(make: Callable[[], object], constraint: str) -> None:
    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        make()


def test_tickers_are_unique_and_in_capitals(legs: tuple[Symbol, Symbol]) -> None:
    refused(lambda: Symbol.objects.create(ticker="ko"), "symbol_ticker_is_upper_case")
    refused(lambda: Symbol.objects.create(ticker=""), "symbol_ticker_is_not_empty")
    refused(lambda: Symbol.objects.create(ticker="KO"), "ticker")
    for bad in ("K O", "ko", "=KO", "-KO", "@KO", "K" * 21, "KO\n"):
        with pytest.raises(ValidationError):
            Symbol(ticker=bad).clean_fields()
    for good in ("KO", "BRK.B", "BTC-USD", "ES=F", "0700.HK", "K" * 20):
        Symbol(ticker=good).clean_fields()


def test_a_pair_has_two_symbols(legs: tuple[Symbol, Symbol], trader: User) -> None:
    ko, pep = legs
    TradingPair.objects.create(symbol_1=ko, symbol_2=pep, **FIT)
    refused(lambda: TradingPair.objects.create(symbol_1=ko, symbol_2=ko, **FIT), "pair_has_two_symbols")
    refused(lambda: TradingPair.objects.create(symbol_1=ko, symbol_2=pep, **FIT), "symbol_1_id")
    TradingPair.objects.create(symbol_1=pep, symbol_2=ko, **FIT)  # the other direction is another relation
    backwards = FIT | {"fit_start": DAY, "fit_end": DAY - timedelta(days=1)}
    refused(
        lambda: TradingPair.objects.create(symbol_1=ko, symbol_2=pep, timeframe="1wk", **backwards),
        "pair_fit_starts_before_it_ends",
    )
    scan = Scan.objects.create(owner=trader)
    refused(
        lambda: ScanCandidate.objects.create(scan=scan, rank=1, symbol_1=ko, symbol_2=ko, **STATISTICS),
        "candidate_has_two_symbols",
    )
    universe = Universe.objects.create(name="U", slug="u")
    planted = {"universe": universe, "kind": "cointegrated", "hedge_ratio": 1.0, "half_life": 8.0}
    refused(
        lambda: PlantedPair.objects.create(symbol_1=ko, symbol_2=ko, **planted),
        "planted_pair_has_two_symbols",
    )


def test_probabilities_and_progress_stay_in_range(legs: tuple[Symbol, Symbol], trader: User) -> None:
    ko, pep = legs
    scan = Scan.objects.create(owner=trader)
    for field in ("pvalue", "hypothesis_pvalue", "qvalue"):
        values = STATISTICS | {field: 1.5}
        refused(
            lambda values=values: ScanCandidate.objects.create(
                scan=scan, rank=1, symbol_1=ko, symbol_2=pep, **values
            ),
            "candidate_probabilities_in_range",
        )
    refused(
        lambda: TradingPair.objects.create(
            symbol_1=ko, symbol_2=pep, **(FIT | {"cointegration_pvalue": -0.1})
        ),
        "pair_pvalue_in_range",
    )
    refused(
        lambda: TradingPair.objects.create(symbol_1=ko, symbol_2=pep, stability_score=1.01, **FIT),
        "pair_stability_in_range",
    )
    for progress in (-0.01, 1.01):
        refused(lambda p=progress: Job.objects.create(kind="scan", progress=p), "job_progress_in_range")
    Job.objects.create(kind="scan", progress=1.0)


def test_coverage_is_whole(legs: tuple[Symbol, Symbol]) -> None:
    base: dict[str, Any] = {"symbol": legs[0], "source": "s", "adjustment": "raw"}
    for broken in (
        {"n_bars": 3},
        {"n_bars": 0, "first_timestamp": DAY, "last_timestamp": DAY},
        {"n_bars": 2, "first_timestamp": DAY, "last_timestamp": DAY - timedelta(days=1)},
    ):
        refused(lambda b=broken: Series.objects.create(**base, **b), "series_coverage_is_whole")
    Series.objects.create(**base)
    refused(lambda: Series.objects.create(**base), "symbol_id")


def test_a_breaking_pair_says_when(legs: tuple[Symbol, Symbol]) -> None:
    ko, pep = legs
    universe = Universe.objects.create(name="U", slug="u")
    base: dict[str, Any] = {
        "universe": universe, "symbol_1": ko, "symbol_2": pep, "hedge_ratio": 1.0, "half_life": 8.0,
    }  # fmt: skip
    refused(
        lambda: PlantedPair.objects.create(kind="breaking", **base), "planted_pair_breaks_when_it_says_so"
    )
    refused(
        lambda: PlantedPair.objects.create(kind="cointegrated", break_at=DAY, **base),
        "planted_pair_breaks_when_it_says_so",
    )
    assert str(PlantedPair.objects.create(kind="breaking", break_at=DAY, **base)) == "KO/PEP (breaking)"


def test_a_scan_starts_before_it_ends(trader: User) -> None:
    refused(
        lambda: Scan.objects.create(owner=trader, start_date="2022-01-02", end_date="2022-01-01"),
        "scan_starts_before_it_ends",
    )
    assert not Scan.objects.create(owner=trader, start_date="2022-01-02").is_complete


def test_symbols_with_history_cannot_be_deleted_only_deactivated(legs: tuple[Symbol, Symbol]) -> None:
    ko, pep = legs
    TradingPair.objects.create(symbol_1=ko, symbol_2=pep, **FIT)
    with pytest.raises(IntegrityError):
        ko.delete()
    ko.deactivate()
    assert Symbol.objects.active().tickers() == ["PEP"]


def test_pairs_are_retired_not_lost(legs: tuple[Symbol, Symbol], django_assert_num_queries: Any) -> None:
    pair = TradingPair.objects.create(symbol_1=legs[0], symbol_2=legs[1], **FIT)
    with django_assert_num_queries(1):
        assert [str(p) for p in TradingPair.objects.active().with_symbols()] == ["KO/PEP"]
    pair.deactivate()
    assert not TradingPair.objects.active().exists()
    assert TradingPair.objects.count() == 1


def test_owned_rows_are_seen_by_their_owner_only(
    trader: User, other_trader: User, admin: User, legs: tuple[Symbol, Symbol]
) -> None:
    scan = Scan.objects.create(owner=trader)
    ScanCandidate.objects.create(scan=scan, rank=1, symbol_1=legs[0], symbol_2=legs[1], **STATISTICS)
    for model in (Scan, ScanCandidate):
        assert model.objects.visible_to(trader).count() == 1
        assert model.objects.visible_to(other_trader).count() == 0
        assert model.objects.visible_to(admin).count() == 0


def test_shared_rows_are_seen_by_whoever_may(trader: User, legs: tuple[Symbol, Symbol]) -> None:
    TradingPair.objects.create(symbol_1=legs[0], symbol_2=legs[1], **FIT)
    Universe.objects.create(name="U", slug="u")
    nobody = User.objects.create_user("nobody")
    for model in (TradingPair, Universe):
        assert model.objects.visible_to(trader).count() == 1
        assert model.objects.visible_to(nobody).count() == 0


def test_rows_are_readable(legs: tuple[Symbol, Symbol], trader: User) -> None:
    pair = TradingPair.objects.create(symbol_1=legs[0], symbol_2=legs[1], **FIT)
    signal = Signal.objects.create(
        pair=pair, timestamp=DAY, signal_type="exit", z_score=0.1, spread_value=0.0
    )
    scan = Scan.objects.create(owner=trader, symbols=["KO", "PEP"])
    candidate = ScanCandidate(scan=scan, rank=3, symbol_1=legs[0], symbol_2=legs[1], **STATISTICS)
    series = Series(symbol=legs[0], source="skfolio", adjustment="total_return")
    assert str(signal) == "exit KO/PEP at 2022-06-03T20:00:00+00:00"
    assert str(scan) == f"scan {scan.pk} of 2 symbols"
    assert str(candidate) == "#3 KO/PEP"
    assert str(series) == "KO 1d skfolio total_return"
    assert str(Price(series_id=4, timestamp=DAY)) == "series 4 at 2022-06-03T20:00:00+00:00"
    assert str(CorporateAction(series_id=4, timestamp=DAY, kind="split", value=2.0)) == (
        "split 2.0 of series 4 at 2022-06-03T20:00:00+00:00"
    )


@pytest.mark.django_db(databases=["default", "timescale"])
def test_a_bar_is_keyed_by_series_and_instant() -> None:
    instant = datetime(2022, 6, 3, 20, 0, 0, 123456, tzinfo=UTC)
    Price.objects.create(series_id=1, timestamp=instant, close=10.5)
    Price.objects.create(series_id=1, timestamp=instant + timedelta(microseconds=1), close=10.6)
    Price.objects.create(series_id=2, timestamp=instant, close=99.0)
    refused_here = pytest.raises(IntegrityError)
    with refused_here, transaction.atomic(using="timescale"):
        Price.objects.create(series_id=1, timestamp=instant, close=11.0)
    assert Price.objects.get(pk=(1, instant)).close == 10.5
    assert Price.objects.get(series_id=1, timestamp=instant).timestamp == instant
    assert Price.objects.filter(series_id=1, timestamp__gt=instant).count() == 1
    assert Price.objects.filter(timestamp__range=(instant, instant)).count() == 2
    assert Price.objects.filter(timestamp__in=[instant]).count() == 2
    with connections["timescale"].cursor() as cursor:
        if is_postgresql():
            cursor.execute("SELECT timestamp, pg_typeof(timestamp)::text FROM price WHERE series_id = 2")
            assert cursor.fetchone() == (instant, "timestamp with time zone")
        else:
            cursor.execute("SELECT timestamp, typeof(timestamp) FROM price WHERE series_id = 2")
            assert cursor.fetchone() == (to_microseconds(instant), "integer")


@given(st.datetimes(timezones=st.just(UTC)))
def test_instants_survive_to_the_microsecond(instant: datetime) -> None:
    assert from_microseconds(to_microseconds(instant)) == instant


def test_instants_without_a_zone_are_refused() -> None:
    with pytest.raises(ValueError, match="no time zone"):
        to_microseconds(datetime(2022, 6, 3))  # noqa: DTZ001 - the point
    with pytest.raises(ValidationError):
        InstantField().to_python(datetime(2022, 6, 3))  # noqa: DTZ001 - the point
    assert InstantField().to_python("2022-06-03T22:00:00+02:00") == DAY
