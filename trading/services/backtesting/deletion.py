"""Deleting runs, and what the time-series database holds of them."""

from django.db import models, transaction

from trading.models import BacktestRun, EquityPoint, Job, WalkForwardRun
from trading.services.refusals import Refusal

__all__ = ["delete_run"]


def delete_run(run: models.Model) -> None:
    """Delete a run with its jobs, results and equity; one that still works must be cancelled first."""
    with transaction.atomic():
        jobs = Job.objects.about(run)
        if jobs.active().exists():
            raise Refusal("This run is still working: cancel its job first, then delete it.", code="conflict")
        pk = run.pk
        jobs.delete()
        run.delete()
    kinds = {BacktestRun: EquityPoint.Kind.BACKTEST, WalkForwardRun: EquityPoint.Kind.WALK_FORWARD}
    kind = kinds.get(type(run))
    if kind is not None:
        EquityPoint.objects.filter(kind=kind, run_id=pk).delete()
