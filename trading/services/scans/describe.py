"""Scans as they are shown: with their job, the truth where it is known, and whether the data has changed since."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db.models import F

from trading.models import Job, PlantedPair, Scan, ScanCandidate, Universe
from trading.services.scans.data_version import data_changed
from trading.services.scans.table import NOMINAL

__all__ = ["DescribedScan", "describe"]

# For a count of pairs; `skipped/` says it per pair, with the symbols' names.
COUNTED = {
    "collinear": "The two legs are the same series up to scale and shift, so nothing is left to test.",
    "constant": "A leg does not move on the bars both have.",
    "too_little_overlap": "Fewer than {min_overlap} bars in common: widen the window or lower the minimum overlap.",
    "not_positive": "A leg has a price at or below zero, which has no log: correct the bar or leave the symbol out.",
    "singular": "The residual repeats itself exactly, so its lags can't be told apart.",
}


@dataclass(frozen=True, slots=True)
class DescribedScan:
    """A scan with all that is shown of it; field names are the API's."""

    id: int
    universe: Universe | None
    symbols: list[str]
    parameters: dict[str, Any]
    timeframe: str
    start_date: date | None
    end_date: date | None
    n_symbols: int
    n_tests: int
    n_skipped: int
    n_discoveries: int
    n_nominal: int
    null_discoveries: float | None
    null_nominal: float | None
    null_draws: int | None
    expected_by_chance: float
    reasons: list[dict[str, Any]]
    truth: dict[str, int] | None
    data_changed: bool | None
    manifest: dict[str, Any] | None
    created_at: datetime
    completed_at: datetime | None
    job: Job | None


def describe(scans: Sequence[Scan], *, exact: bool = False) -> list[DescribedScan]:
    """Everything about these scans, in a number of queries that does not grow with theirs.

    `exact` settles whether data changed by loading panels where that takes it; without, such a scan says None.
    """
    jobs, truths = _jobs(scans), _truths(scans)
    changed = data_changed(scans, exact=exact)
    return [
        DescribedScan(
            id=scan.pk,
            universe=scan.universe,
            symbols=scan.symbols,
            parameters=scan.parameters,
            timeframe=scan.timeframe,
            start_date=scan.start_date,
            end_date=scan.end_date,
            n_symbols=scan.n_symbols,
            n_tests=scan.n_tests,
            n_skipped=scan.n_skipped,
            n_discoveries=scan.n_discoveries,
            n_nominal=scan.n_nominal,
            null_discoveries=scan.null_discoveries,
            null_nominal=scan.null_nominal,
            null_draws=scan.null_draws,
            expected_by_chance=NOMINAL * scan.n_tests,
            reasons=_reasons(scan),
            truth=truths.get(scan.pk),
            data_changed=is_changed,
            manifest=scan.manifest,
            created_at=scan.created_at,
            completed_at=scan.completed_at,
            job=jobs.get(scan.pk),
        )
        for scan, is_changed in zip(scans, changed, strict=True)
    ]


def _reasons(scan: Scan) -> list[dict[str, Any]]:
    """Reasons with counts, the most frequent first, in words."""
    minimum = scan.parameters.get("min_overlap")
    return [
        {
            "reason": reason,
            "count": count,
            "message": COUNTED.get(reason, reason.replace("_", " ")).format(min_overlap=minimum),
        }
        for reason, count in sorted(scan.reasons.items(), key=lambda item: (-item[1], item[0]))
    ]


def _jobs(scans: Sequence[Scan]) -> dict[int, Job]:
    """The newest job of each scan, by scan id."""
    jobs = Job.objects.filter(subject_type="scan", subject_id__in=[scan.pk for scan in scans]).order_by("id")
    return {job.subject_id: job for job in jobs if job.subject_id is not None}


def _truths(scans: Sequence[Scan]) -> dict[int, dict[str, int]]:
    """For finished scans of synthetic universes: pairs planted, found, and falsely found.

    Planted counts pairs cointegrated throughout whose legs were both scanned. A discovery that was never planted
    is false; a breaking pair that is found is neither, for it was cointegrated for a while.
    """
    known = [
        scan
        for scan in scans
        if scan.is_complete and scan.universe and scan.universe.source == Universe.Source.SYNTHETIC
    ]
    if not known:
        return {}
    planted = list(
        PlantedPair.objects.filter(universe_id__in={scan.universe_id for scan in known}).values_list(
            "universe_id", "symbol_1__ticker", "symbol_2__ticker", "kind"
        )
    )
    found = list(
        ScanCandidate.objects.filter(scan__in=known)
        .annotate(first=F("symbol_1__ticker"), second=F("symbol_2__ticker"))
        .values_list("scan_id", "first", "second", "qvalue")
    )
    truths = {}
    for scan in known:
        scanned, alpha = set(scan.symbols), scan.parameters["alpha"]
        kinds = {
            frozenset((one, two)): kind
            for universe_id, one, two, kind in planted
            if universe_id == scan.universe_id and {one, two} <= scanned
        }
        discovered = {
            frozenset((one, two)) for scan_id, one, two, q in found if scan_id == scan.pk and q <= alpha
        }
        true = {pair for pair, kind in kinds.items() if kind == "cointegrated"}
        truths[scan.pk] = {
            "n_planted": len(true),
            "n_found": len(true & discovered),
            "n_false": len(discovered - kinds.keys()),
        }
    return truths
