"""Jobs from request to end: enqueue, run under a lease, cancel, sweep."""

import logging
import os
import socket
import uuid
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from datetime import timedelta

from django.db import (
    DatabaseError,
    IntegrityError,
    InterfaceError,
    InternalError,
    OperationalError,
    connection,
    models,
    transaction,
)
from structlog.contextvars import bound_contextvars

from common.commits import after_commit
from common.middleware import request_behind
from titan_core.errors import Cancelled, DataUnavailable, StoreUnreachable, TitanError
from trading.models.job_parts import JobPart, PartState
from trading.models.jobs import Job, JobKind, JobStatus
from trading.services.base_service import BaseService, async_form
from trading.services.jobs import conf, leases, workers
from trading.services.jobs.bound import words_of
from trading.services.jobs.dispatch import dispatch
from trading.services.jobs.errors import Interrupted, LostLease
from trading.services.jobs.heartbeat import Heartbeat
from trading.services.jobs.parts.helping import help_next, help_with
from trading.services.jobs.parts.sweeping import forget_ended, sweep_parts
from trading.services.jobs.registry import handler_for
from trading.services.jobs.report import Flag, Report
from trading.services.jobs.sweeping import sweep
from trading.services.jobs.tally import count_end
from users.models import User

__all__ = ["JobService", "worker_name"]

logger = logging.getLogger(__name__)


def worker_name() -> str:
    """A name no other worker has: machine, process and a nonce against reused process ids."""
    return f"{socket.gethostname()[:60]}:{os.getpid()}:{uuid.uuid4().hex[:8]}"


class JobService(BaseService):
    """Everything done to jobs; handlers and views change them through nothing else."""

    @transaction.atomic
    def enqueue_sync(
        self,
        *,
        kind: JobKind | str,
        owner: User | None,
        subject: models.Model | None = None,
        schedule_key: str | None = None,
    ) -> Job:
        """Add a job to the queue; a worker is hinted at once the surrounding transaction commits.

        `owner` is the user it belongs to, None for the schedule's own; `subject` the row it works for.
        """
        job = Job.objects.create(
            kind=str(kind),
            owner=owner,
            subject_type=subject._meta.model_name or "" if subject is not None else "",
            subject_id=subject.pk if subject is not None else None,
            schedule_key=schedule_key,
            request_id=request_behind(),
        )
        leases.announce(job)
        after_commit(dispatch, job.pk, job.kind)
        return job

    enqueue = async_form(enqueue_sync)

    def enqueue_once_sync(
        self, *, kind: JobKind | str, schedule_key: str, subject: models.Model | None = None
    ) -> Job | None:
        """Add a scheduled job unless one with this key was ever added, here or by another server."""
        if Job.objects.filter(schedule_key=schedule_key).exists():
            return None
        try:
            return self.enqueue_sync(kind=kind, owner=None, subject=subject, schedule_key=schedule_key)
        except IntegrityError:
            return None

    enqueue_once = async_form(enqueue_once_sync)

    def cancel_sync(self, job_id: int, *, user: User | None = None) -> Job:
        """Ask a job to stop: a pending one ends here, a running one sees the flag within half a second.

        Asking twice, or after the end, changes nothing. With `user` only that user's jobs are found.
        """
        mine = (Job.objects.all() if user is None else Job.objects.visible_to(user)).filter(pk=job_id)
        with transaction.atomic():
            ended = mine.filter(status=JobStatus.PENDING).update(
                status=JobStatus.CANCELLED,
                cancel_requested=True,
                finished_at=leases.now(),
                alerted_at=leases.now(),
            )
            flagged = ended or mine.filter(status=JobStatus.RUNNING, cancel_requested=False).update(
                cancel_requested=True
            )
            job = mine.first()
            if job is None:
                raise DataUnavailable(f"There is no job {job_id}.")
            if flagged:
                leases.announce(job)
            if ended:
                count_end(job)
        return job

    cancel = async_form(cancel_sync)

    def run_sync(
        self,
        job_id: int,
        *,
        worker: str | None = None,
        stopping: Flag | None = None,
        on_overdue: Callable[[], None] | None = None,
    ) -> bool:
        """Claim `job_id` and do it; False where there was nothing to claim.

        `stopping` is set when this worker must shut down; `on_overdue` ends the process when a cancelled handler
        does not stop. Called inside a transaction (a test's), it works without a thread of its own.
        """
        lease = leases.claim(job_id, worker=worker or worker_name(), seconds=conf.lease_seconds())
        if lease is None:
            return False
        inline = connection.in_atomic_block
        report = Report(Job.objects.get(pk=job_id), lease, stopping=stopping, inline=inline)
        with bound_contextvars(**words_of(report.job)):
            logger.info("job %s begins: %s, attempt %s", job_id, report.job.kind, lease.attempt)
            self._work(report, nullcontext() if inline else Heartbeat(report, on_overdue=on_overdue))
            forget_ended(job_id)
        return True

    run = async_form(run_sync)

    def run_next_sync(
        self, *, worker: str, stopping: Flag, on_overdue: Callable[[], None] | None = None
    ) -> bool:
        """Run the oldest job that can be claimed; False when the queue is empty."""
        waiting = Job.objects.claimable(leases.now()).order_by("pk").values_list("pk", flat=True)
        return any(
            self.run_sync(job_id, worker=worker, stopping=stopping, on_overdue=on_overdue)
            for job_id in list(waiting[:16])
        )

    def help_sync(
        self,
        part_id: int,
        *,
        worker: str | None = None,
        stopping: Flag | None = None,
        on_overdue: Callable[[], None] | None = None,
    ) -> int:
        """Do a part of another worker's job, then others until a job waits in its queue; how many."""
        name = worker or worker_name()
        return help_with(part_id, worker=name, stopping=stopping, on_overdue=on_overdue)

    help = async_form(help_sync)

    def help_next_sync(
        self, *, worker: str, stopping: Flag, on_overdue: Callable[[], None] | None = None
    ) -> bool:
        """Do the first free part of any job; False where there is none."""
        return help_next(worker=worker, stopping=stopping, on_overdue=on_overdue)

    def sweep_sync(self) -> int:
        """Look after what waits: hint again where a message or a worker was lost; returns how many hints."""
        moment = leases.now()
        return sweep(moment) + sweep_parts(moment)

    sweep = async_form(sweep_sync)

    def abandon_sync(self, worker: str) -> int:
        """A worker is known to be dead: its row goes, its leases run out now; returns how many jobs it held."""
        workers.forget(worker)
        past = leases.now() - timedelta(seconds=1)
        JobPart.objects.filter(worker=worker, state=PartState.WORKING).update(lease_until=past)
        return Job.objects.filter(worker=worker, status=JobStatus.RUNNING).update(lease_until=past)

    def _work(self, report: Report, beside: AbstractContextManager[object]) -> None:
        """Call the handler, and end the job as it went."""
        try:
            with beside:
                handler_for(report.job.kind)(report.job, report)
        except BaseException as error:
            self._settle_error(report, error)
            if not isinstance(error, Exception):
                raise
        else:
            self._settle(report)

    def _settle(self, report: Report) -> None:
        """End a job whose handler returned."""
        if report.completed:
            return
        if report.stop_observed:  # told to stop and obeyed by returning: the work may be half done
            try:
                report.raise_if_stopped()
            except TitanError as stop:
                self._settle_error(report, stop)
                return
        if not leases.end(report.lease, JobStatus.COMPLETED, **(report.final() | {"progress": 1.0})):
            logger.warning("job %s: attempt %s was stale", report.lease.job_id, report.lease.attempt)

    def _settle_error(self, report: Report, error: BaseException) -> None:
        """End a job whose handler raised, or give it back; what a stale attempt raises is only logged."""
        lease, job = report.lease, report.job
        cancelled = isinstance(error, Cancelled)
        if isinstance(error, DatabaseError) and not (report.completed or connection.in_atomic_block):
            report.look()  # it may have failed because this process stood still, and others went on
        if isinstance(error, LostLease) or report.lost.is_set():
            logger.warning("job %s: attempt %s was taken over", lease.job_id, lease.attempt)
        elif cancelled and (report.cancel_requested.is_set() or not report.should_stop()):
            leases.end(lease, JobStatus.CANCELLED, **(report.final() | {"message": "Cancelled on request."}))
        elif cancelled or isinstance(error, Interrupted) or not isinstance(error, Exception):
            leases.requeue(lease)
        elif isinstance(
            error, StoreUnreachable
        ):  # the job's doing least of all: tried again as long as it takes
            logger.warning("job %s (%s): %s; it will be tried again", job.pk, job.kind, error)
            leases.requeue(lease)
        elif isinstance(error, TitanError):
            leases.end(
                lease, JobStatus.FAILED, **(report.final() | {"message": str(error), "error": str(error)})
            )
        elif isinstance(error, (OperationalError, InterfaceError, InternalError)):
            logger.warning(
                "job %s (%s): the database failed; it will be tried again", job.pk, job.kind, exc_info=error
            )
            leases.requeue(lease, death=True)
        else:
            leases.end(lease, JobStatus.ERRORED, **(report.final() | leases.errored(job, error)))
