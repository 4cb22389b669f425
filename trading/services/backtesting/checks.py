"""Backtests answered at once, and proofs against look-ahead on demand."""

from django.db import transaction

from trading.models import BacktestRun, Job, JobKind
from trading.services.backtesting.quick import quick_backtest
from trading.services.jobs import JobService
from trading.services.refusals import Refusal
from users.models import User

__all__ = ["quick_backtest", "request_causality"]


@transaction.atomic
def request_causality(run: BacktestRun, *, owner: User) -> Job:
    """A job that proves, or disproves, that a run knew nothing of the future; its answer stands in `causality`."""
    if not run.is_complete:
        raise Refusal(
            "There is no result to prove anything of yet: wait until the job has ended.", code="conflict"
        )
    active = Job.objects.about(run).active().filter(kind=JobKind.CAUSALITY).first()
    return active or JobService().enqueue_sync(kind=JobKind.CAUSALITY, owner=owner, subject=run)
