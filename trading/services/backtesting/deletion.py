"""Deleting runs, and what the time-series database holds of them."""

from django.db import models, transaction

from common.commits import after_commit
from trading.models import BacktestRun, EquityPoint, Job, WalkForwardRun
from trading.services.refusals import Refusal

__all__ = ["delete_run"]

_CURVES: dict[type[models.Model], str] = {
    BacktestRun: EquityPoint.Kind.BACKTEST,
    WalkForwardRun: EquityPoint.Kind.WALK_FORWARD,
}


def delete_run(run: models.Model) -> None:
    """Delete a run with its jobs, results and equity; one that still works must be cancelled first."""
    with transaction.atomic():
        jobs = Job.objects.about(run)
        if jobs.active().exists():
            raise Refusal("This run is still working: cancel its job first, then delete it.", code="conflict")
        kind = _CURVES.get(type(run))
        if kind is not None:
            after_commit(_forget_points, kind, run.pk)
        jobs.delete()
        run.delete()


def _forget_points(kind: str, run_id: int) -> None:
    EquityPoint.objects.filter(kind=kind, run_id=run_id).delete()
