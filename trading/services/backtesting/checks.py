"""Backtests answered at once, and proofs against look-ahead on demand."""

from typing import Any

from trading.models import BacktestRun, Job, JobKind
from trading.services.jobs import JobService
from trading.services.refusals import Refusal
from users.models import User

__all__ = ["quick_backtest", "request_causality"]


def quick_backtest(*, owner: User, **asked: Any) -> Any:
    """One pair at once."""
    raise Refusal("Quick backtests are not ready yet.")


def request_causality(run: BacktestRun, *, owner: User) -> Job:
    """A job that proves, or disproves, that a run knew nothing of the future."""
    return JobService().enqueue_sync(kind=JobKind.CAUSALITY, owner=owner, subject=run)
