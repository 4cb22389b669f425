"""What a scan's findings are worth: its own null, drawn and resumed; outliers flagged and kept from promotion."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from django.core.management import call_command
from rest_framework.test import APIClient

from tests.factories import make_universe, small_panel
from tests.web.conftest import run_scan
from titan_core.analysis import null_panel, scan_pairs
from titan_core.data import PricePanel
from titan_core.errors import Cancelled
from trading.models import Job, JobStatus, Scan, TradingPair, Universe
from trading.services.cointegration_service import CointegrationService
from trading.services.jobs import JobService, Report, leases
from trading.services.market_data import MarketDataService
from trading.services.scans import checks, run
from users.models import User

SCANS = "/api/v1/scans/"


@pytest.fixture
def client(trader: User, client_of: Callable[[User], APIClient]) -> APIClient:
    return client_of(trader)


def spun_off() -> PricePanel:
    """The small panel; one wanderer lost 60 % on its sixth bar, which no action explains."""
    panel = small_panel()
    values = panel.values.copy()
    values[:5, 4] *= 2.5
    return PricePanel(panel.symbols, panel.timestamps, values, panel.adjustment)


def shown(client: APIClient, scan: Scan, **query: Any) -> list[dict[str, Any]]:
    answer = client.get(f"{SCANS}{scan.pk}/candidates/", query)
    assert answer.status_code == 200, answer.content
    return list(answer.json()["results"])


def test_a_scan_tells_what_it_finds_on_its_own_null(client: APIClient, scanned: Scan) -> None:
    seen = client.get(f"{SCANS}{scanned.pk}/").json()
    assert seen["null_draws"] == 20
    assert seen["parameters"]["null_draws"] is None
    manifest = scanned.manifest or {}
    assert manifest["parameters"]["null_draws"] == 20
    assert manifest["seed"] == int(manifest["panel_hash"][:8], 16)
    panel = MarketDataService().load_panel_sync(scanned.symbols).log()
    draws = [scan_pairs(null_panel(panel, seed=manifest["seed"], draw=k)) for k in range(20)]
    assert seen["null_discoveries"] == pytest.approx(np.mean([scan.n_discoveries for scan in draws]))
    nominal = [np.count_nonzero(scan.hypothesis_pvalue <= 0.05) for scan in draws]
    assert seen["null_nominal"] == pytest.approx(np.mean(nominal))
    assert seen["null_nominal"] > 0
    assert seen["null_discoveries"] < seen["n_discoveries"]


def test_no_null_when_none_is_asked_for(client: APIClient, universe: Universe, trader: User) -> None:
    scan = run_scan(trader, universe=universe, null_draws=0)
    seen = client.get(f"{SCANS}{scan.pk}/").json()
    assert (seen["null_draws"], seen["null_discoveries"], seen["null_nominal"]) == (None, None, None)
    assert (scan.manifest or {})["seed"] is None
    assert {row["fwer_pvalue"] for row in shown(client, scan)} == {None}


def test_enough_draws_give_family_wise_pvalues(
    client: APIClient, universe: Universe, trader: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(checks, "FWER_DRAWS", 39)
    scan = run_scan(trader, universe=universe, null_draws=39)
    rows = shown(client, scan)
    values = [row["fwer_pvalue"] for row in rows]
    assert values == sorted(values)
    assert values[:2] == [pytest.approx(1 / 40)] * 2  # both planted pairs
    assert all(1 / 40 <= value <= 1.0 for value in values)
    everything = shown(client, scan, all=True, ordering="-fwer_pvalue")
    assert [row["fwer_pvalue"] for row in everything[: len(rows)]] == values[::-1]
    assert all(row["fwer_pvalue"] is None for row in everything[len(rows) :])


@pytest.mark.parametrize(
    ("draws", "said"),
    [(-1, "greater than"), (1_000, "less than"), (2.5, "integer"), ("many", "whole number")],
)
def test_draws_out_of_bounds_are_refused(
    client: APIClient, universe: Universe, draws: object, said: str
) -> None:
    answer = client.post(SCANS, {"universe": universe.pk, "null_draws": draws})
    assert answer.status_code == 400
    assert said in answer.json()["error"]["fields"]["null_draws"][0]


def test_a_takeover_goes_on_from_the_last_draw(
    universe: Universe, trader: User, scanned: Scan, monkeypatch: pytest.MonkeyPatch
) -> None:
    class KilledError(BaseException):
        pass

    scan = CointegrationService().request_scan_sync(owner=trader, universe=universe)
    job = Job.objects.about(scan).get()
    real, made = Report.checkpoint, []

    def dying(self: Report, data: Any) -> None:
        real(self, data)
        if len(data.get("null", {}).get("discoveries", ())) == 7:
            raise KilledError

    with monkeypatch.context() as patch:
        patch.setattr(Report, "checkpoint", dying)
        with pytest.raises(KilledError):
            JobService().run_sync(job.pk)
    Job.objects.filter(pk=job.pk).update(status=JobStatus.RUNNING, lease_until=leases.now())
    from titan_core.analysis.cointegration import null

    drawn = null.null_panel
    monkeypatch.setattr(null, "null_panel", lambda *a, **k: made.append(k["draw"]) or drawn(*a, **k))
    monkeypatch.setattr(run, "scan_table", None)
    assert JobService().run_sync(job.pk)
    scan.refresh_from_db()
    assert made == list(range(7, 20))
    assert scan.null_draws == 20
    assert scan.null_discoveries == scanned.null_discoveries
    assert scan.null_nominal == scanned.null_nominal


def test_the_null_reports_and_can_be_cancelled(
    universe: Universe, trader: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    scan = CointegrationService().request_scan_sync(owner=trader, universe=universe)
    job = Job.objects.about(scan).get()
    lease = leases.claim(job.pk, worker="w", seconds=30)
    assert lease is not None
    report = Report(job, lease, stopping=None, inline=True)
    said: list[tuple[float, str | None]] = []
    real = Report.__call__

    def listening(self: Report, fraction: float, **words: Any) -> None:
        said.append((fraction, words.get("stage")))
        if words.get("message") == "Draw 3 of 20":
            JobService().cancel_sync(job.pk)
        real(self, fraction, **words)

    monkeypatch.setattr(Report, "__call__", listening)
    with pytest.raises(Cancelled):
        run.run_scan(job, report)
    scan.refresh_from_db()
    # the ranked pairs were there already and stay; the null that was broken off says nothing
    assert scan.is_complete
    assert (scan.null_draws, scan.candidates.filter(outlier_driven__isnull=False).count()) == (None, 0)
    assert said[-1][1] == "Drawing the null"
    fractions = [fraction for fraction, _ in said]
    assert fractions == sorted(fractions)
    assert fractions[-1] < 0.3


def test_a_finding_made_by_one_bar_is_flagged_and_not_promoted(
    client: APIClient, prices: None, trader: User
) -> None:
    scan = run_scan(trader, universe=make_universe(spun_off()), null_draws=0)
    rows = {frozenset((row["symbol_1"], row["symbol_2"])): row for row in shown(client, scan)}
    real = rows[frozenset(("AAA", "AAB"))]
    assert (real["outlier_driven"], real["outlier_pvalue"] < 1e-3) == (False, True)
    faked = [row for row in rows.values() if row["outlier_driven"]]
    assert faked
    assert all("CCC" in (row["symbol_1"], row["symbol_2"]) for row in faked)
    assert all(row["hypothesis_pvalue"] <= 0.05 < row["outlier_pvalue"] for row in faked)
    only = shown(client, scan, outlier_driven=True)
    assert [row["id"] for row in only] == [
        row["id"] for row in shown(client, scan, outlier_driven=True, all=True)
    ]
    assert {row["id"] for row in only} == {row["id"] for row in faked}
    rest = shown(client, scan, outlier_driven=False)
    assert len(rest) + len(only) == len(rows)
    hedged = next(row for row in faked if row["hedge_ratio"] > 0)
    body = {"candidates": [hedged["id"], real["id"]]}
    answer = client.post(f"{SCANS}{scan.pk}/promote/", body).json()
    assert [pair["symbol_1"]["ticker"] for pair in answer["promoted"]] == [real["symbol_1"]]
    assert answer["refused"][0]["reason"].startswith(
        "outlier_driven: without its three most influential bars"
    )
    forced = client.post(f"{SCANS}{scan.pk}/promote/", body | {"force_outliers": True}).json()
    assert len(forced["promoted"]) == 1
    assert TradingPair.objects.count() == 2


def test_what_is_not_re_tested_yet_waits_unless_forced(
    client: APIClient, universe: Universe, trader: User, scanned: Scan
) -> None:
    scanned.candidates.update(outlier_driven=None, outlier_pvalue=None)
    job = Job.objects.about(scanned)
    job.update(status=JobStatus.RUNNING)
    best = scanned.candidates.filter(hedge_ratio__gt=0).earliest("rank")
    body = {"candidates": [best.pk]}
    waiting = client.post(f"{SCANS}{scanned.pk}/promote/", body).json()
    assert "still being tested" in waiting["refused"][0]["reason"]
    # a job that was cancelled in its checks will never say: the person decides
    job.update(status=JobStatus.CANCELLED)
    assert len(client.post(f"{SCANS}{scanned.pk}/promote/", body).json()["promoted"]) == 1


def test_a_price_below_zero_costs_its_own_pairs_only(
    prices: None, trader: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    scan = CointegrationService().request_scan_sync(owner=trader, universe=make_universe(small_panel()))
    panel = small_panel()
    values = panel.values.copy()
    values[17, 5] = -1.0
    broken = PricePanel(panel.symbols, panel.timestamps, values, panel.adjustment)
    monkeypatch.setattr(MarketDataService, "load_panel_sync", lambda *_, **__: broken)
    job = Job.objects.about(scan).get()
    assert JobService().run_sync(job.pk)
    scan.refresh_from_db()
    assert scan.reasons == {"not_positive": 5}
    assert (scan.n_tests, scan.n_skipped) == (10, 5)
    assert scan.null_draws == 20
    said = CointegrationService().skipped_sync(scan)
    assert {row["reason"] for row in said} == {"not_positive"}
    assert all("DDD has a price at or below zero" in row["message"] for row in said)
    [described] = CointegrationService().described_sync([scan])
    assert "at or below zero" in described.reasons[0]["message"]


def test_the_command_line_tells_it_too(
    prices: None, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Any
) -> None:
    monkeypatch.setattr(checks, "FWER_DRAWS", 19)
    monkeypatch.setenv("COLUMNS", "200")
    make_universe(spun_off())
    call_command("scan", "small", "--null-draws", "19", "--csv", str(tmp_path / "pairs.csv"))
    told = " ".join(capsys.readouterr().out.split())
    assert "On its own null, where nothing is cointegrated, the same scan makes" in told
    assert "(mean of 19 draws)" in told
    assert "outlier-driven" in told
    assert "FWER" in told
    header, best, *_, last = (tmp_path / "pairs.csv").read_text().splitlines()
    assert header.endswith(",outlier_pvalue,fwer_pvalue")
    assert best.endswith(",0.05")
    assert last.endswith(",,")
    call_command("scan", "small", "--null-draws", "0")
    assert "own null" not in capsys.readouterr().out
