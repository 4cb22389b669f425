"""A scan's job, stage by stage; each finished stage is a checkpoint that whoever takes over starts from.

Ranked pairs are stored, and shown, as soon as they are tested. What they are worth (the scan on its own null,
candidates without their outliers) takes several scans more and is added when the job ends.
"""

from collections.abc import Iterator
from typing import Any

import numpy as np
from django.db import transaction
from django.utils import timezone

from titan_core.analysis import NullTally, OutlierRetest, positive_logs, scan_pairs
from titan_core.data import PricePanel
from titan_core.errors import DataUnavailable
from titan_core.manifest import Manifest
from titan_core.types import BoolArray, Float2D
from trading.models import Job, Scan, ScanCandidate, Symbol
from trading.services import artefacts
from trading.services.jobs import Report
from trading.services.jobs.parts import threads
from trading.services.market_data import MarketDataService
from trading.services.scans.checks import Checks, draw_null, draws_of, retest, scan_options, seed_of
from trading.services.scans.data_version import data_versions
from trading.services.scans.parts import ScanInParts, scan_in_parts
from trading.services.scans.table import NUMBERS, ScanTable
from trading.services.spreads import frozen_spread, sampled
from trading.utils import finite_or_none

__all__ = ["SPARKLINE_POINTS", "run_scan", "scan_table"]

SPARKLINE_POINTS = 48
_LOADED, _CHECKED = 0.05, 0.95  # how far each stage is the whole


def run_scan(job: Job, report: Report) -> None:
    """Load, test every pair, correct, check, store; the same result however often it is interrupted."""
    scan = Scan.objects.filter(pk=job.subject_id or 0).first()
    if scan is None:
        raise DataUnavailable("The scan of this job was deleted; nothing is left to do.")
    done = dict(job.checkpoint)
    if "panel_hash" in done and artefacts.exists("panels", done["panel_hash"]):
        panel = artefacts.panel(done["panel_hash"])
    else:
        report(0.0, stage="Loading prices")
        panel, done = _load(scan)
        report.checkpoint(done)
    split = scan_in_parts(scan, panel, done["panel_hash"], report)
    if "result_hash" in done and artefacts.exists("scans", done["result_hash"]):
        table = ScanTable(artefacts.table("scans", done["result_hash"]))
    else:
        report(_LOADED, stage="Testing pairs")
        table = ScanTable(_table(scan, panel, split, report))
        done["result_hash"] = artefacts.put_table("scans", table.table)
        report.checkpoint(done)
        if split is not None:
            split.kept()
    if "stored" not in done:
        report(_scanned(panel, scan.parameters), stage="Storing candidates", message="")
        _store(scan, panel, table, done, report)
        done["stored"] = True
        report.checkpoint(done)
    if split is not None and table.kept.size:
        split.cut_outliers(table)
    null = _null(scan, panel, table, done, report, split)
    report(_CHECKED, stage="Re-testing candidates", message="")
    outliers = _retested(scan, panel, table, report, split)
    report(_CHECKED, stage="Storing checks", message="")
    _store_checks(scan, table, Checks(null, outliers), done, report)


def _table(scan: Scan, panel: PricePanel, split: ScanInParts | None, report: Report) -> Any:
    """The Arrow table of the scan, by this worker alone or by all."""
    if split is None:
        return scan_table(panel, scan.parameters, _families(scan), report)
    scanned, n_pairs = _scanned(panel, scan.parameters), panel.n_symbols * (panel.n_symbols - 1) // 2

    def tell(share: float) -> None:
        message = f"{round(share * n_pairs):,} of {n_pairs:,} pairs"
        report(_LOADED + (scanned - _LOADED) * share, stage="Testing pairs", message=message)

    split.cut()
    return split.table(tell, report)


def _retested(
    scan: Scan, panel: PricePanel, table: ScanTable, report: Report, split: ScanInParts | None
) -> OutlierRetest:
    """Candidates without their outliers, by this worker alone or by all."""
    if split is not None and table.kept.size:
        return split.outliers(table, lambda share: report(_CHECKED, stage="Re-testing candidates"))
    return retest(panel, table, scan.parameters, should_stop=report.should_stop, n_threads=threads())


def scan_table(
    panel: PricePanel,
    parameters: dict[str, Any],
    families: dict[str, str] | None,
    report: Report | None = None,
) -> Any:
    """The Arrow table of a scan of log prices."""

    def progress(done: int, total: int) -> None:
        if report is not None and total:
            scanned = _scanned(panel, parameters)
            share = _LOADED + (scanned - _LOADED) * done / total
            report(share, stage="Testing pairs", message=f"{done:,} of {total:,} pairs")

    found = scan_pairs(
        panel,
        take_logs=True,
        progress=progress,
        should_stop=None if report is None else report.should_stop,
        n_threads=threads(),
        **scan_options(parameters, families),
    )
    return found.to_arrow()


def _scanned(panel: PricePanel, parameters: dict[str, Any]) -> float:
    """How far the whole is once every pair was tested: each draw of the null takes as long again."""
    n_pairs = panel.n_symbols * (panel.n_symbols - 1) // 2
    return _LOADED + (_CHECKED - _LOADED) / (1.0 + draws_of(parameters, n_pairs))


def _null(
    scan: Scan,
    panel: PricePanel,
    table: ScanTable,
    done: dict[str, Any],
    report: Report,
    split: ScanInParts | None,
) -> NullTally | None:
    """The scan's own null, draw by draw, each a checkpoint; None where none are wanted or nothing was tested."""
    draws = draws_of(scan.parameters, table.n_tests)
    if not draws:
        return None
    scanned = _scanned(panel, scan.parameters)
    kept = NullTally.from_dict(done["null"]) if "null" in done else None

    def on_draw(tally: NullTally) -> None:
        done["null"] = tally.as_dict()
        report.checkpoint(done)

    def progress(pairs: int, total: int) -> None:
        share = scanned + (_CHECKED - scanned) * pairs / max(1, total)
        made = min(draws, 1 + pairs * draws // max(1, total))
        report(share, stage="Drawing the null", message=f"Draw {made:,} of {draws:,}")

    if split is not None:
        return split.null(
            table,
            draws,
            kept,
            on_draw=on_draw,
            tell=lambda share: progress(round(share * 1e6), 1_000_000),
            report=report,
        )
    return draw_null(
        panel,
        table,
        scan.parameters,
        _families(scan),
        seed=seed_of(done["panel_hash"]),
        draws=draws,
        tally=kept,
        on_draw=on_draw,
        progress=progress,
        should_stop=report.should_stop,
        n_threads=threads(),
    )


def _load(scan: Scan) -> tuple[PricePanel, dict[str, Any]]:
    """The exact panel, kept, and what a checkpoint says of it. The version is read first: a change meanwhile shows."""
    [version] = data_versions([scan])
    panel = MarketDataService().load_panel_sync(
        scan.symbols, timeframe=scan.timeframe, start=scan.start_date, end=scan.end_date
    )
    return panel, {"panel_hash": artefacts.put_panel(panel), "data_version": version}


def _families(scan: Scan) -> dict[str, str] | None:
    """Sector by ticker as it was when the scan was asked for; None where pairs cross sectors."""
    families: dict[str, str] | None = scan.parameters.get("families")
    return families


def _store(scan: Scan, panel: PricePanel, table: ScanTable, done: dict[str, Any], report: Report) -> None:
    """Candidates and figures in one fenced transaction; nothing is known yet of what they are worth."""
    candidates = list(_candidates(scan, panel, table, report))
    with transaction.atomic():
        report.fence()
        scan.candidates.all().delete()
        ScanCandidate.objects.bulk_create(candidates, batch_size=500)
        scan.manifest = _manifest(scan, done, null=None)
        scan.n_symbols = panel.n_symbols
        scan.n_tests, scan.n_skipped = table.n_tests, table.n_skipped
        scan.n_discoveries, scan.n_nominal = table.n_discoveries(scan.parameters["alpha"]), table.n_nominal
        scan.reasons, scan.result_hash = table.reasons(), done["result_hash"]
        scan.completed_at = timezone.now()
        scan.save()


def _store_checks(scan: Scan, table: ScanTable, checks: Checks, done: dict[str, Any], report: Report) -> None:
    """What the checks say of the scan and of each candidate, in one fenced transaction, which also ends the job."""
    null, fwer = checks.null, checks.fwer_pvalues()
    driven = checks.outliers.crosses(table.numbers("hypothesis_pvalue")[table.kept], scan.parameters["alpha"])
    with transaction.atomic():
        report.fence()
        candidates = list(scan.candidates.order_by("rank"))
        for at, candidate in enumerate(candidates):
            candidate.outlier_pvalue = finite_or_none(checks.outliers.hypothesis_pvalue[at])
            candidate.outlier_driven = bool(driven[at])
            candidate.fwer_pvalue = None if fwer is None else float(fwer[at])
        # every row is there, so none is made: as insertions they are a fifth of the work of as many CASE WHEN
        ScanCandidate.objects.bulk_create(
            candidates,
            batch_size=500,
            update_conflicts=True,
            unique_fields=("id",),
            update_fields=("outlier_pvalue", "outlier_driven", "fwer_pvalue"),
        )
        scan.manifest = _manifest(scan, done, null=null)
        scan.null_discoveries = null.mean_discoveries if null else None
        scan.null_nominal = null.mean_nominal if null else None
        scan.null_draws = null.n_draws if null else None
        scan.save(update_fields=("manifest", "null_discoveries", "null_nominal", "null_draws"))
        found = f"{scan.n_discoveries:,} of {scan.n_tests:,} pairs survive the correction"
        report.complete(message=f"{found}.")


def _manifest(scan: Scan, done: dict[str, Any], *, null: NullTally | None) -> dict[str, Any]:
    """What the scan ran on and with, and how its null was drawn."""
    parameters = scan.parameters | {
        "symbols": scan.symbols,
        "timeframe": scan.timeframe,
        "start_date": str(scan.start_date),
        "end_date": str(scan.end_date),
        "null_draws": null.n_draws if null else 0,
    }
    seed = seed_of(done["panel_hash"]) if null else None
    made = Manifest(panel_hash=done["panel_hash"], parameters=parameters, seed=seed)
    return made.as_dict() | {"data_version": done["data_version"]}


def _candidates(scan: Scan, panel: PricePanel, table: ScanTable, report: Report) -> Iterator[ScanCandidate]:
    """Rows of the pairs kept, ranked over every pair tested."""
    ids = dict(Symbol.objects.filter(ticker__in=panel.symbols).values_list("ticker", "pk"))
    column = {symbol: j for j, symbol in enumerate(panel.symbols)}
    logs = positive_logs(panel).values
    present = np.isfinite(logs)
    columns = {name: table.numbers(name) for name in NUMBERS}
    first, second = table.symbols("symbol_1"), table.symbols("symbol_2")
    for rank, row in enumerate(table.kept, start=1):
        if rank % 100 == 0:
            report.raise_if_stopped()
        one, two = first[row], second[row]
        numbers = {name: float(values[row]) for name, values in columns.items()}
        spark = _sparkline(logs, present, (column[one], column[two]), numbers, scan.parameters["trend"])
        yield ScanCandidate(
            scan=scan,
            rank=rank,
            symbol_1_id=ids[one],
            symbol_2_id=ids[two],
            lag=int(numbers.pop("lag")),
            n_obs=int(numbers.pop("n_obs")),
            correlation=finite_or_none(numbers.pop("correlation")),
            half_life=finite_or_none(numbers.pop("half_life")),
            sparkline=spark,
            **numbers,
        )


def _sparkline(
    logs: Float2D, present: BoolArray, legs: tuple[int, int], numbers: dict[str, float], trend: str
) -> list[float]:
    """The spread in at most 48 points, four significant digits of its range being plenty."""
    bars = np.flatnonzero(present[:, legs[0]] & present[:, legs[1]])
    whole = frozen_spread(
        logs[bars, legs[0]],
        logs[bars, legs[1]],
        hedge_ratio=numbers["hedge_ratio"],
        intercept=numbers["intercept"],
        trend=trend,
        fit=np.ones(bars.size, dtype=np.bool_),
    )
    return [round(float(value), 6) for value in whole[sampled(bars.size, SPARKLINE_POINTS)]]
