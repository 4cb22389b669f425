"""A scan's job, stage by stage; each finished stage is a checkpoint that whoever takes over starts from."""

from collections.abc import Iterator
from typing import Any

import numpy as np
from django.db import transaction
from django.utils import timezone

from titan_core.analysis import scan_pairs
from titan_core.data import PricePanel
from titan_core.errors import DataUnavailable
from titan_core.manifest import Manifest
from titan_core.types import BoolArray, Float2D
from trading.models import Job, Scan, ScanCandidate, Symbol
from trading.services.jobs import Report
from trading.services.market_data import MarketDataService
from trading.services.scans import artefacts
from trading.services.scans.data_version import data_versions
from trading.services.scans.table import NUMBERS, ScanTable
from trading.services.spreads import frozen_spread, sampled
from trading.utils import finite_or_none

__all__ = ["SPARKLINE_POINTS", "run_scan", "scan_table"]

SPARKLINE_POINTS = 48
_LOADED, _SCANNED, _STORED = 0.05, 0.90, 0.99  # how far each stage is the whole


def run_scan(job: Job, report: Report) -> None:
    """Load the panel, test every pair, correct, store; the same result however often it is interrupted."""
    scan = Scan.objects.filter(pk=job.subject_id or 0).first()
    if scan is None:
        raise DataUnavailable("The scan of this job was deleted; nothing is left to do.")
    done = dict(job.checkpoint)
    if "panel_hash" not in done or not artefacts.panel_path(done["panel_hash"]).exists():
        report(0.0, stage="Loading prices")
        done = _load(scan)
        report.checkpoint(done)
    panel = artefacts.panel_of(done["panel_hash"])
    if "result_hash" not in done or not artefacts.table_path(done["result_hash"]).exists():
        report(_LOADED, stage="Testing pairs")
        done["result_hash"] = artefacts.keep_table(
            scan_table(panel, scan.parameters, _families(scan), report)
        )
        report.checkpoint(done)
    report(_SCANNED, stage="Storing candidates", message="")
    report.checkpoint(done)
    table = ScanTable(artefacts.table_of(done["result_hash"]))
    _store(scan, panel, table, done, report)


def scan_table(
    panel: PricePanel,
    parameters: dict[str, Any],
    families: dict[str, str] | None,
    report: Report | None = None,
) -> Any:
    """The Arrow table of a scan of log prices."""

    def progress(done: int, total: int) -> None:
        if report is not None and total:
            share = _LOADED + (_SCANNED - _LOADED) * done / total
            report(share, stage="Testing pairs", message=f"{done:,} of {total:,} pairs")

    found = scan_pairs(
        panel.log(),
        trend=parameters["trend"],
        max_lag=parameters["max_lag"],
        autolag=parameters["autolag"],
        min_overlap=parameters["min_overlap"],
        families=families,
        fdr=parameters["fdr"],
        alpha=parameters["alpha"],
        progress=progress,
        should_stop=None if report is None else report.should_stop,
    )
    return found.to_arrow()


def _load(scan: Scan) -> dict[str, Any]:
    """Keep the exact panel; what a checkpoint says of it. The version is read first: a change meanwhile shows."""
    [version] = data_versions([scan])
    panel = MarketDataService().load_panel_sync(
        scan.symbols, timeframe=scan.timeframe, start=scan.start_date, end=scan.end_date
    )
    return {"panel_hash": artefacts.keep_panel(panel), "data_version": version}


def _families(scan: Scan) -> dict[str, str] | None:
    """Sector by ticker as it was when the scan was asked for; None where pairs cross sectors."""
    families: dict[str, str] | None = scan.parameters.get("families")
    return families


def _store(scan: Scan, panel: PricePanel, table: ScanTable, done: dict[str, Any], report: Report) -> None:
    """Candidates and figures in one fenced transaction, which also ends the job."""
    parameters = scan.parameters | {
        "symbols": scan.symbols,
        "timeframe": scan.timeframe,
        "start_date": str(scan.start_date),
        "end_date": str(scan.end_date),
    }
    made = Manifest(panel_hash=done["panel_hash"], parameters=parameters)
    candidates = list(_candidates(scan, panel, table, report))
    with transaction.atomic():
        report.fence()
        scan.candidates.all().delete()
        ScanCandidate.objects.bulk_create(candidates, batch_size=500)
        scan.manifest = made.as_dict() | {"data_version": done["data_version"]}
        scan.n_symbols = panel.n_symbols
        scan.n_tests, scan.n_skipped = table.n_tests, table.n_skipped
        scan.n_discoveries, scan.n_nominal = table.n_discoveries(scan.parameters["alpha"]), table.n_nominal
        scan.reasons, scan.result_hash = table.reasons(), done["result_hash"]
        scan.completed_at = timezone.now()
        scan.save()
        found = f"{scan.n_discoveries:,} of {scan.n_tests:,} pairs survive the correction"
        report.complete(message=f"{found}.")


def _candidates(scan: Scan, panel: PricePanel, table: ScanTable, report: Report) -> Iterator[ScanCandidate]:
    """Rows of the pairs kept, ranked over every pair tested."""
    ids = dict(Symbol.objects.filter(ticker__in=panel.symbols).values_list("ticker", "pk"))
    column = {symbol: j for j, symbol in enumerate(panel.symbols)}
    logs, present = np.log(panel.values), np.isfinite(panel.values)
    kept = table.kept
    columns = {name: table.numbers(name) for name in NUMBERS}
    first, second = table.symbols("symbol_1"), table.symbols("symbol_2")
    for rank, row in enumerate(kept, start=1):
        if rank % 100 == 0:
            report(_SCANNED + (_STORED - _SCANNED) * rank / kept.size)
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
