"""Signals: brought up to date by jobs, read by pair."""

from django.db import transaction
from django.db.models import QuerySet

from trading.models import Job, JobKind, JobStatus, Signal, TradingPair
from trading.services.base_service import BaseService, async_form
from trading.services.jobs import JobService, Report, handles
from trading.services.refusals import Refusal
from trading.services.signals.update import update_signals
from users.models import User

__all__ = ["SignalService"]


class SignalService(BaseService):
    """Everything about signals."""

    def of_pair_sync(self, pair: TradingPair) -> QuerySet[Signal]:
        """Its signals, newest first."""
        return Signal.objects.filter(pair=pair).select_related("pair__symbol_1", "pair__symbol_2")

    of_pair = async_form(of_pair_sync)

    @transaction.atomic
    def request_sync(self, pair: TradingPair, *, owner: User) -> Job:
        """The job that brings a pair's signals up to its last bar; one that waits already is that job."""
        if not pair.is_active:
            raise Refusal(f"{pair} is retired: bring it back to have its signals.", code="conflict")
        waiting = Job.objects.about(pair).filter(kind=JobKind.SIGNALS, owner=owner, status=JobStatus.PENDING)
        return waiting.first() or JobService().enqueue_sync(kind=JobKind.SIGNALS, owner=owner, subject=pair)

    request = async_form(request_sync)

    @handles(JobKind.SIGNALS)
    def update_sync(self, job: Job, report: Report) -> None:
        """One pair, or all that anybody watches."""
        pairs = TradingPair.objects.active().with_symbols().order_by("pk")
        pairs = (
            pairs.filter(pk=job.subject_id)
            if job.subject_id
            else pairs.filter(watches__isnull=False).distinct()
        )
        n_new = n_read = 0
        chosen = list(pairs)
        for at, pair in enumerate(chosen):
            report(at / max(1, len(chosen)), stage="Signals", message=str(pair))
            outcome = update_signals(pair)
            n_new += outcome.n_new
            n_read += outcome.is_read
        words = "1 pair" if len(chosen) == 1 else f"{len(chosen):,} pairs"
        report(1.0, stage="", message=f"{words}: {n_read:,} read, {n_new:,} signals written.")
