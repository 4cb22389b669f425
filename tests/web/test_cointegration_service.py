"""Scans: the right numbers, counted; the same ones after any interruption; compared with statsmodels and the truth."""

import datetime as dt
from typing import Any

import numpy as np
import pytest
from numpy.testing import assert_allclose
from statsmodels.tsa.stattools import coint

from tests.factories import make_universe, small_panel
from tests.web.conftest import run_scan
from titan_core.data import PricePanel
from titan_core.errors import Cancelled
from trading.models import Job, JobStatus, PlantedPair, Scan, Symbol, TradingPair, Universe
from trading.services import artefacts
from trading.services.cointegration_service import CointegrationService
from trading.services.demo import DemoService
from trading.services.jobs import JobService, Report, leases
from trading.services.market_data import MarketDataService
from trading.services.refusals import Refusal
from trading.services.scans import run
from trading.services.scans.table import MAX_CANDIDATES, ScanTable
from users.models import User

HAND_CHECKED = [
    ("KO", "PEP"),
    ("KO", "PG"),
    ("JPM", "BAC"),
    ("XOM", "CVX"),
    ("JNJ", "PFE"),
    ("MRK", "LLY"),
    ("AAPL", "MSFT"),
    ("HD", "WMT"),
    ("GE", "JPM"),
    ("PEP", "PG"),
    ("AMD", "RRC"),
]
SHOWN = (
    "rank",
    "statistic",
    "pvalue",
    "qvalue",
    "lag",
    "hedge_ratio",
    "intercept",
    "half_life",
    "n_obs",
    "sparkline",
)
CHECKED = ("outlier_pvalue", "outlier_driven", "fwer_pvalue")


def rows_of(scan: Scan) -> list[tuple[Any, ...]]:
    return list(
        scan.candidates.order_by("rank").values_list("symbol_1__ticker", "symbol_2__ticker", *SHOWN, *CHECKED)
    )


def job_of(scan: Scan) -> Job:
    return Job.objects.about(scan).get()


def add(panel: PricePanel, ticker: str, prices: np.ndarray[Any, Any]) -> PricePanel:
    values = np.column_stack([panel.values, prices])
    return PricePanel((*panel.symbols, ticker), panel.timestamps, values, panel.adjustment)


@pytest.fixture
def service() -> CointegrationService:
    return CointegrationService()


def test_a_scan_finds_what_was_planted_and_counts_every_look(scanned: Scan) -> None:
    assert scanned.n_symbols == 6
    assert scanned.n_tests == 15
    assert scanned.n_skipped == 0
    found = {tuple(sorted(row[:2])) for row in rows_of(scanned)[: scanned.n_discoveries]}
    assert found == {("AAA", "AAB"), ("BBA", "BBB")}
    assert job_of(scanned).status == JobStatus.COMPLETED
    assert job_of(scanned).progress == 1.0


def test_candidates_are_the_better_directions_ranked_over_all_tested(
    calm_blas: None, scanned: Scan, service: CointegrationService
) -> None:
    everything = service.candidates_sync(scanned, all=True)[:]
    assert [row["rank"] for row in everything] == list(range(1, 16))
    statistics = [row["statistic"] for row in everything]
    assert statistics == sorted(statistics)
    kept = service.candidates_sync(scanned)[:]
    assert all(row["hypothesis_pvalue"] <= 0.10 for row in kept)
    assert [row["hypothesis_pvalue"] <= 0.10 for row in everything].count(True) == len(kept)
    assert everything[: len(kept)] == kept
    panel = small_panel().log()
    for row in everything:
        y, x = (panel.values[:, panel.symbols.index(row[leg])] for leg in ("symbol_1", "symbol_2"))
        here, there = coint(y, x, autolag="aic"), coint(x, y, autolag="aic")
        assert_allclose(row["statistic"], min(here[0], there[0]), rtol=1e-7)
        assert_allclose(row["pvalue"], here[1], rtol=1e-5)
        assert_allclose(row["hypothesis_pvalue"], min(1.0, 2 * min(here[1], there[1])), rtol=1e-5)


def test_sparklines_are_the_spread(scanned: Scan) -> None:
    best = scanned.candidates.get(rank=1)
    panel = small_panel().log().select([best.symbol_1.ticker, best.symbol_2.ticker])
    spread = panel.values[:, 0] - best.intercept - best.hedge_ratio * panel.values[:, 1]
    assert len(best.sparkline) == 48
    assert_allclose([best.sparkline[0], best.sparkline[-1]], [spread[0], spread[-1]], atol=1e-6)
    assert_allclose(np.mean(best.sparkline), 0.0, atol=3 * spread.std() / np.sqrt(48))


def test_the_hand_check_every_number_equals_statsmodels(calm_blas: None, prices: None, trader: User) -> None:
    DemoService().load_sync()
    scan = run_scan(trader, universe=Universe.objects.get(slug="us-large-caps"))
    assert (scan.start_date, scan.end_date) == (dt.date(2012, 12, 28), dt.date(2022, 12, 28))
    assert scan.n_tests == 190
    rows = {
        frozenset((row["symbol_1"], row["symbol_2"])): row
        for row in CointegrationService().candidates_sync(scan, all=True)[:]
    }
    logs = MarketDataService().load_panel_sync(scan.symbols, start=scan.start_date, end=scan.end_date).log()
    for pair in HAND_CHECKED:
        row = rows[frozenset(pair)]
        y, x = (logs.values[:, logs.symbols.index(row[leg])] for leg in ("symbol_1", "symbol_2"))
        statistic, pvalue, _ = coint(y, x, trend="c", autolag="aic")
        assert_allclose(row["statistic"], statistic, rtol=1e-8, err_msg=str(pair))
        assert_allclose(row["pvalue"], pvalue, rtol=1e-6)
        assert statistic <= coint(x, y, trend="c", autolag="aic")[0] + 1e-9
        design = np.column_stack([np.ones_like(x), x])
        intercept, hedge_ratio = np.linalg.lstsq(design, y, rcond=None)[0]
        assert_allclose([row["hedge_ratio"], row["intercept"]], [hedge_ratio, intercept], rtol=1e-8)
        assert_allclose(row["correlation"], np.corrcoef(np.diff(y), np.diff(x))[0, 1], rtol=1e-9)
        assert row["n_obs"] == y.size == 2518


def test_the_synthetic_universe_is_compared_with_its_truth(prices: None, trader: User) -> None:
    DemoService().load_sync()
    scan = run_scan(trader, universe=Universe.objects.get(slug="synthetic"))
    [described] = CointegrationService().described_sync([scan])
    assert described.truth is not None
    assert described.truth["n_planted"] == 12
    assert described.truth["n_found"] == 12
    assert described.truth["n_false"] == 0
    assert described.n_nominal > described.expected_by_chance > described.n_discoveries
    kinds = [row["planted"] for row in CointegrationService().candidates_sync(scan, is_discovery=True)[:]]
    assert kinds == ["cointegrated"] * 12


def test_truth_tells_false_discoveries_from_true_ones(scanned: Scan, universe: Universe) -> None:
    legs = {symbol.ticker: symbol for symbol in Symbol.objects.all()}
    Universe.objects.filter(pk=universe.pk).update(source=Universe.Source.SYNTHETIC)
    for first, second in (("AAB", "AAA"), ("CCC", "DDD")):
        PlantedPair.objects.create(
            universe=universe,
            symbol_1=legs[first],
            symbol_2=legs[second],
            kind="cointegrated",
            hedge_ratio=1,
            half_life=5,
        )
    [described] = CointegrationService().described_sync(
        [Scan.objects.select_related("universe").get(pk=scanned.pk)]
    )
    assert described.truth == {"n_planted": 2, "n_found": 1, "n_false": 1}


def test_the_same_scan_twice_is_the_same_to_the_bit(scanned: Scan, universe: Universe, trader: User) -> None:
    again = run_scan(trader, universe=universe)
    assert again.result_hash == scanned.result_hash
    assert again.manifest == scanned.manifest
    assert rows_of(again) == rows_of(scanned)


def interrupted(scan: Scan, monkeypatch: pytest.MonkeyPatch, *, at: str) -> None:
    """Run the scan's job up to just before a function of its run, and let its lease lapse as if killed."""

    class KilledError(BaseException):
        pass

    def die(*args: Any, **kwargs: Any) -> None:
        raise KilledError

    with monkeypatch.context() as patch:
        patch.setattr(run, at, die)
        with pytest.raises(KilledError):
            JobService().run_sync(job_of(scan).pk)
    Job.objects.about(scan).update(
        status=JobStatus.RUNNING, lease_until=leases.now() - dt.timedelta(seconds=1)
    )


@pytest.mark.parametrize(
    ("at", "held"),
    [
        ("scan_table", {"panel_hash"}),
        ("_store", {"panel_hash", "result_hash"}),
        ("_store_checks", {"panel_hash", "result_hash", "stored", "null"}),
    ],
)
def test_a_takeover_starts_from_the_checkpoint_and_ends_the_same(
    at: str,
    held: set[str],
    scanned: Scan,
    universe: Universe,
    trader: User,
    monkeypatch: pytest.MonkeyPatch,
    service: CointegrationService,
) -> None:
    scan = service.request_scan_sync(owner=trader, universe=universe)
    interrupted(scan, monkeypatch, at=at)
    assert held <= set(job_of(scan).checkpoint)
    # what is finished must not be done again
    monkeypatch.setattr(run, "_load", None)
    if at != "scan_table":
        monkeypatch.setattr(run, "scan_table", None)
    if at == "_store_checks":
        monkeypatch.setattr(run, "_store", None)
    assert JobService().run_sync(job_of(scan).pk)
    scan.refresh_from_db()
    assert job_of(scan).status == JobStatus.COMPLETED
    assert job_of(scan).attempt == 2
    assert rows_of(scan) == rows_of(scanned)
    assert scan.result_hash == scanned.result_hash


def test_pairs_are_there_before_what_they_are_worth(
    scanned: Scan,
    universe: Universe,
    trader: User,
    monkeypatch: pytest.MonkeyPatch,
    service: CointegrationService,
) -> None:
    scan = service.request_scan_sync(owner=trader, universe=universe)
    interrupted(scan, monkeypatch, at="_null")
    scan.refresh_from_db()
    assert scan.is_complete
    assert (scan.n_tests, scan.n_discoveries) == (scanned.n_tests, scanned.n_discoveries)
    assert (scan.null_draws, scan.null_discoveries) == (None, None)
    bare, whole = rows_of(scan), rows_of(scanned)
    assert [row[: -len(CHECKED)] for row in bare] == [row[: -len(CHECKED)] for row in whole]
    assert {row[-len(CHECKED) :] for row in bare} == {(None, None, None)}
    first = list(scan.candidates.values_list("pk", flat=True))
    assert JobService().run_sync(job_of(scan).pk)
    assert list(scan.candidates.values_list("pk", flat=True)) == first
    assert rows_of(scan) == rows_of(scanned)


def test_a_lost_file_is_made_again(
    scanned: Scan,
    universe: Universe,
    trader: User,
    monkeypatch: pytest.MonkeyPatch,
    service: CointegrationService,
) -> None:
    scan = service.request_scan_sync(owner=trader, universe=universe)
    interrupted(scan, monkeypatch, at="_store")
    artefacts.delete("panels", job_of(scan).checkpoint["panel_hash"])
    artefacts.delete("scans", job_of(scan).checkpoint["result_hash"])
    assert JobService().run_sync(job_of(scan).pk)
    scan.refresh_from_db()
    assert rows_of(scan) == rows_of(scanned)


def test_a_stale_worker_writes_nothing(
    universe: Universe, trader: User, monkeypatch: pytest.MonkeyPatch, service: CointegrationService
) -> None:
    scan = service.request_scan_sync(owner=trader, universe=universe)
    real = run._candidates

    def overtaken(*args: Any) -> Any:
        Job.objects.about(scan).update(attempt=99)
        return real(*args)

    monkeypatch.setattr(run, "_candidates", overtaken)
    JobService().run_sync(job_of(scan).pk)
    scan.refresh_from_db()
    assert scan.completed_at is None
    assert scan.candidates.count() == 0
    assert job_of(scan).status == JobStatus.RUNNING


def test_a_cancelled_scan_leaves_nothing(
    universe: Universe, trader: User, service: CointegrationService
) -> None:
    scan = service.request_scan_sync(owner=trader, universe=universe)
    job = job_of(scan)
    lease = leases.claim(job.pk, worker="w", seconds=30)
    assert lease is not None
    JobService().cancel_sync(job.pk)
    with pytest.raises(Cancelled):
        service.run_sync(job, Report(job, lease, stopping=None, inline=True))
    scan.refresh_from_db()
    assert (scan.completed_at, scan.candidates.count()) == (None, 0)


def test_what_cannot_be_tested_is_said_per_pair(
    prices: None, trader: User, service: CointegrationService
) -> None:
    panel = small_panel()
    panel = add(panel, "CAAA", panel.values[:, 0] ** 2 * 3)
    panel = add(panel, "CFIX", np.full(panel.n_bars, 7.0))
    panel = add(panel, "DNEW", np.where(np.arange(panel.n_bars) < 500, np.nan, panel.values[:, 4]))
    scan = run_scan(trader, universe=make_universe(panel))
    assert scan.n_tests + scan.n_skipped == 36
    said = {(row["symbol_1"], row["symbol_2"]): row for row in service.skipped_sync(scan)}
    assert said["AAA", "CAAA"]["reason"] == "collinear"
    assert said["AAA", "CFIX"]["reason"] == "constant"
    assert said["AAA", "DNEW"]["reason"] == "too_little_overlap"
    assert "100 bars in common; this scan asks for 250" in said["AAA", "DNEW"]["message"]
    assert all(row["symbol_1"] in row["message"] for row in said.values())
    [described] = service.described_sync([scan])
    assert {item["reason"]: item["count"] for item in described.reasons} == scan.reasons
    assert sum(scan.reasons.values()) == scan.n_skipped == len(said)
    assert not any({"CFIX", "DNEW"} & set(row[:2]) for row in rows_of(scan))


def test_sectors_are_families_and_a_symbol_without_one_pairs_with_none(
    prices: None, trader: User, service: CointegrationService
) -> None:
    panel = small_panel()
    panel = add(panel, "XYZ", panel.values[:, 0] * np.exp(0.01 * np.sin(np.arange(panel.n_bars))))
    scan = run_scan(trader, universe=make_universe(panel), within_sectors=True)
    tested = {
        tuple(sorted((r["symbol_1"], r["symbol_2"]))) for r in service.candidates_sync(scan, all=True)[:]
    }
    assert tested == {("AAA", "AAB"), ("BBA", "BBB"), ("CCC", "DDD")}


@pytest.mark.parametrize("trend", ["n", "c", "ct", "ctt"])
def test_every_trend_and_lag_rule_is_carried_through(
    calm_blas: None, universe: Universe, trader: User, trend: str
) -> None:
    scan = run_scan(trader, universe=universe, trend=trend, autolag=None, max_lag=3, fdr="bh")
    panel = small_panel().log()
    for row in CointegrationService().candidates_sync(scan, all=True)[:]:
        y, x = (panel.values[:, panel.symbols.index(row[leg])] for leg in ("symbol_1", "symbol_2"))
        assert_allclose(row["statistic"], coint(y, x, trend=trend, maxlag=3, autolag=None)[0], rtol=1e-7)
        assert row["lag"] == 3


def test_changed_data_is_noticed_and_later_bars_are_no_change(
    scanned: Scan, universe: Universe, service: CointegrationService
) -> None:
    def changed(*, exact: bool) -> bool | None:
        return service.described_sync([Scan.objects.get(pk=scanned.pk)], exact=exact)[0].data_changed

    assert changed(exact=False) is False
    panel = small_panel()
    later = PricePanel(
        panel.symbols, panel.timestamps[-1:] + np.timedelta64(1, "D"), panel.values[-1:], panel.adjustment
    )
    MarketDataService().ingest_panel_sync(later, source="test")
    assert changed(exact=False) is None
    assert changed(exact=True) is False
    assert changed(exact=False) is False, "the answer is remembered"
    corrected = PricePanel(panel.symbols, panel.timestamps[:1], panel.values[:1] * 1.01, panel.adjustment)
    MarketDataService().ingest_panel_sync(corrected, source="test")
    assert changed(exact=True) is True


def test_selecting_pairs_filters_after_the_correction(
    universe: Universe, service: CointegrationService
) -> None:
    tickers = universe.symbols.tickers()
    passed = service.select_pairs_sync(tickers, min_correlation=0.5, significance_level=0.05)
    assert [{pair.symbol_1, pair.symbol_2} for pair in passed] == [{"AAA", "AAB"}, {"BBA", "BBB"}]
    assert all(pair.qvalue <= 0.05 for pair in passed)
    correlated = service.select_pairs_sync(tickers, min_correlation=0.7)
    assert [pair.symbol_1 for pair in correlated] == ["BBA"]
    assert correlated[0].qvalue == passed[1].qvalue, "the filter must not shrink the number of tests"


@pytest.mark.django_db(transaction=True, databases=["default", "timescale"])
async def test_selecting_pairs_awaits_too() -> None:
    with pytest.raises(Refusal, match="no active symbol 'AAA'"):
        await CointegrationService().select_pairs(["AAA", "AAB"])


def test_promotion_registers_pairs_and_refuses_in_words(
    scanned: Scan, trader: User, service: CointegrationService
) -> None:
    ids = [row["id"] for row in service.candidates_sync(scanned)[:]]
    outcome = service.promote_sync(scanned, candidate_ids=[*ids, ids[0], 10**9], by=trader)
    assert [str(pair) for pair in outcome.promoted] == ["AAA/AAB", "BBA/BBB"]
    pair, row = outcome.promoted[0], scanned.candidates.get(rank=1)
    assert (pair.hedge_ratio, pair.qvalue, pair.n_obs) == (row.hedge_ratio, row.qvalue, 600)
    assert pair.fit_end == small_panel().timestamps[-1].item().replace(tzinfo=dt.UTC)
    assert row.pair_id == pair.pk
    said = {item["candidate"]: item["reason"] for item in outcome.refused}
    assert "no candidate of this number" in said[10**9]
    assert any("hedge ratio is -" in reason for reason in said.values())
    again = service.promote_sync(scanned, candidate_ids=[ids[0]], by=trader)
    assert "registered already as pair" in again.refused[0]["reason"]
    assert TradingPair.objects.count() == 2


def test_candidates_are_capped_and_counted_whole(monkeypatch: pytest.MonkeyPatch, scanned: Scan) -> None:
    table = ScanTable(artefacts.table("scans", scanned.result_hash))
    monkeypatch.setattr("trading.services.scans.table.MAX_CANDIDATES", 1)
    assert (table.kept.size, table.n_nominal) == (1, scanned.n_nominal)
    assert MAX_CANDIDATES == 5_000


@pytest.mark.parametrize(
    ("request_", "field", "said"),
    [
        ({"symbols": ["AAA"]}, "symbols", "needs at least two; this one has only AAA"),
        ({"symbols": ["AAA", "aaa"]}, "symbols", "only AAA"),
        ({"symbols": ["AAA", "AXA"]}, "symbols", "did you mean"),
        ({"symbols": ["AAA", "BBA"], "within_sectors": True}, "within_sectors", "share a sector"),
        ({"symbols": ["AAA", "AAB"], "start_date": dt.date(2030, 1, 1)}, "start_date", "after the last bar"),
        ({"symbols": ["AAA", "AAB"], "end_date": dt.date(1999, 1, 1)}, "end_date", "before the first bar"),
        ({"symbols": ["AAA", "AAB"], "end_date": dt.date(9, 1, 1)}, "end_date", "before the first bar"),
        ({"symbols": ["AAA", "AAB"], "autolag": None}, "max_lag", "set max_lag"),
    ],
)
def test_scans_that_make_no_sense_are_refused_in_words(
    universe: Universe, trader: User, request_: dict[str, Any], field: str, said: str
) -> None:
    with pytest.raises(Refusal, match=said) as refusal:
        CointegrationService().request_scan_sync(owner=trader, **request_)
    assert refusal.value.field == field
    assert not Scan.objects.exists()


def test_a_universe_of_one_or_none_is_refused(universe: Universe, trader: User) -> None:
    universe.symbols.set(universe.symbols.filter(ticker="AAA"))
    with pytest.raises(Refusal, match="only AAA"):
        CointegrationService().request_scan_sync(owner=trader, universe=universe)
    universe.symbols.clear()
    with pytest.raises(Refusal, match="no active symbol"):
        CointegrationService().request_scan_sync(owner=trader, universe=universe)


def test_a_running_scan_is_not_deleted_and_a_finished_one_goes_with_its_job(
    scanned: Scan, universe: Universe, trader: User, service: CointegrationService
) -> None:
    with pytest.raises(Refusal, match="cancel its job first"):
        service.delete_scan_sync(service.request_scan_sync(owner=trader, universe=universe))
    service.delete_scan_sync(scanned)
    assert not Job.objects.filter(subject_type="scan", status=JobStatus.COMPLETED).exists()
