"""What runs left undone or behind: points a kill lost, points and files that belong to no run any more."""

import re
from collections.abc import Iterator
from itertools import chain

import structlog
from django.db import models
from django.utils import timezone

from titan_core.errors import TitanError
from trading.models import BacktestRun, EquityPoint, Job, JobStatus, Scan, Sweep, WalkForwardRun
from trading.services import artefacts
from trading.services.backtesting.curves import store_equity

__all__ = ["mend_points", "remove_files"]

_log = structlog.get_logger(__name__)
_CURVES: dict[str, type[models.Model]] = {
    EquityPoint.Kind.BACKTEST: BacktestRun,
    EquityPoint.Kind.WALK_FORWARD: WalkForwardRun,
}
_KINDS: tuple[artefacts.Kind, ...] = ("panels", "scans", "bars", "backtests", "windows")
_HASH = re.compile(r"[0-9a-f]{64}")
# a file is written before the row that names it is committed, and a walk-forward may wait for its turn in between
_GRACE_SECONDS = 24 * 3600.0


def mend_points() -> tuple[int, int]:
    """Write curves whose points were lost between commit and write, remove those of deleted runs; (filled, removed).

    Points of a run are written in one transaction: there are all of them or none.
    """
    filled = removed = 0
    for kind, model in _CURVES.items():
        held = set(_runs_with_points(kind))
        runs = model._default_manager.filter(completed_at__isnull=False)
        for run_id, inputs in runs.values_list("pk", "inputs").iterator():
            if run_id not in held and inputs.get("curve"):
                filled += _fill(kind, run_id, inputs["curve"])
        for run_id in held - set(model._default_manager.values_list("pk", flat=True)):
            EquityPoint.objects.filter(kind=kind, run_id=run_id).delete()
            removed += 1
    return filled, removed


def _runs_with_points(kind: str) -> Iterator[int]:
    """Each once, hopping over its points by the primary key."""
    points = EquityPoint.objects.filter(kind=kind).order_by("run_id")
    last = points.values_list("run_id", flat=True).first()
    while last is not None:
        yield last
        last = points.filter(run_id__gt=last).values_list("run_id", flat=True).first()


def _fill(kind: str, run_id: int, name: str) -> bool:
    """A file that is gone or altered is said and stands in nobody's way."""
    try:
        store_equity(kind, run_id, name)
    except TitanError as error:
        _log.warning("curve_unreadable", kind=kind, run=run_id, reason=str(error))
        return False
    return True


def remove_files() -> int:
    """Remove files a day old that no scan, no run and no job under way names any more; how many."""
    before = timezone.now().timestamp() - _GRACE_SECONDS
    old = {kind: artefacts.names(kind, before=before) for kind in _KINDS}
    named = _named() if any(old.values()) else set()
    removed = 0
    for kind, names in old.items():
        unnamed = set(names) - named
        # asked again: a new run may have written one anew meanwhile
        for name in unnamed & set(artefacts.names(kind, before=before)) if unnamed else ():
            artefacts.delete(kind, name)
            removed += 1
    return removed


def _named() -> set[str]:
    """Every hash that stands anywhere in what scans and runs keep and jobs go on from."""
    runs = (BacktestRun, Sweep, WalkForwardRun)
    under_way = Job.objects.filter(status__in=(JobStatus.PENDING, JobStatus.RUNNING))
    rows = chain(
        Scan.objects.values_list("manifest", "result_hash").iterator(),
        *(m._default_manager.values_list("inputs", "manifest", "result_hash").iterator() for m in runs),
        under_way.values_list("checkpoint").iterator(),
    )
    return {name for row in rows for name in _HASH.findall(str(row))}
