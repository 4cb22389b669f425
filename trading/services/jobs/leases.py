"""Who may work on a job, decided by single compare-and-set updates; every write is fenced by the attempt number."""

import logging
import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import connection, transaction
from django.db.models import F, Q
from django.db.models.functions import Coalesce
from django.utils import timezone

from common import events
from common.commits import after_commit
from trading.models.jobs import Job, JobStatus
from trading.services.jobs import conf
from trading.services.jobs.dispatch import dispatch
from trading.services.jobs.errors import LostLease
from trading.services.jobs.listeners import tell_ended
from trading.services.jobs.payload import job_payload
from trading.services.jobs.queues import unserved_words
from trading.services.jobs.tally import count_end

__all__ = [
    "MAX_DEATHS",
    "Lease",
    "announce",
    "check",
    "claim",
    "end",
    "errored",
    "give_up",
    "look",
    "now",
    "renew",
    "requeue",
    "tell_waiting",
    "write",
]

logger = logging.getLogger(__name__)

MAX_DEATHS = 5  # workers a job may lose before it is taken for their murderer


@dataclass(frozen=True, slots=True)
class Lease:
    """The right to work on a job until `attempt` is no longer its latest."""

    job_id: int
    attempt: int
    seconds: float
    patience: float  # how long its handler may do nothing before it is taken to hang

    @property
    def mine(self) -> Q:
        """The job's row, as long as it is ours to change."""
        return Q(pk=self.job_id, attempt=self.attempt, status=JobStatus.RUNNING)


def now() -> datetime:
    """The database's clock, so that workers on machines whose clocks differ agree on what has expired."""
    if connection.vendor != "postgresql":
        return timezone.now()
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        moment: datetime = cursor.fetchone()[0]
    return moment


def _end_when_silent(seconds: float) -> None:
    """Let the database end the transaction once its process has sent nothing for so long.

    A process that froze, or whose machine is gone, would otherwise keep the rows it has changed from everybody.
    """
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            milliseconds = str(round(seconds * 1000))
            cursor.execute(
                "SELECT set_config('idle_in_transaction_session_timeout', %s, true)", [milliseconds]
            )


def announce(job: Job) -> None:
    """Publish the job's JSON to those who watch it and to its owner's own stream."""
    payload = job_payload(job)
    events.publish(job.group, "job_update", payload)
    if job.owner_id is not None:
        events.publish(f"user_{job.owner_id}", "job_update", payload)


def claim(job_id: int, *, worker: str, seconds: float) -> Lease | None:
    """Take a pending job, or one whose lease ran out; None where there is nothing to do or another was faster.

    A job cancelled while nobody worked on it ends here, and so does one that lost its `MAX_DEATHS`-th worker. One whose
    row another transaction holds is left to the next sweep: a worker waits for nobody who may have frozen.
    """
    moment = now()
    seen = Job.objects.claimable(moment).filter(pk=job_id).first()
    if seen is None:
        return None
    deaths = seen.deaths + (seen.status == JobStatus.RUNNING)
    changes: dict[str, Any] = {
        "attempt": seen.attempt + 1,
        "deaths": deaths,
        "lease_until": None,
        "worker": worker,
    }
    if seen.message == unserved_words(seen.kind):
        changes["message"] = ""
    if seen.cancel_requested:
        changes |= {"status": JobStatus.CANCELLED, "finished_at": moment}
    elif deaths >= MAX_DEATHS:
        changes |= {"status": JobStatus.ERRORED, "finished_at": moment}
        changes |= errored(seen, f"it lost {deaths} workers")
    else:
        changes |= {
            "status": JobStatus.RUNNING,
            "lease_until": moment + timedelta(seconds=seconds),
            "started_at": Coalesce("started_at", moment),
        }
    with transaction.atomic():
        _end_when_silent(seconds)
        row = Job.objects.select_for_update(skip_locked=True, of=("self",), no_key=True).filter(pk=job_id)
        if not row.exists():
            return None
        unchanged = Job.objects.claimable(moment).filter(pk=job_id, attempt=seen.attempt, status=seen.status)
        if not unchanged.filter(cancel_requested=seen.cancel_requested).update(**changes):
            return None
        job = Job.objects.get(pk=job_id)
        announce(job)
        if not job.is_active:
            tell_ended(job)
            count_end(job)
    if job.status != JobStatus.RUNNING:
        return None
    return Lease(job_id, job.attempt, seconds, conf.patience_seconds(job.kind))


def errored(job: Job, cause: BaseException | str) -> dict[str, Any]:
    """Log what is our fault under a fresh id; returns the fields that tell the user that id, and no more."""
    error_id = uuid.uuid4().hex[:12]
    trace = cause if isinstance(cause, BaseException) else None
    logger.error("job %s (%s) ERRORED as %s: %s", job.pk, job.kind, error_id, cause, exc_info=trace)
    message = f"Something went wrong on our side, not in what you entered. It is logged as {error_id}."
    return {"error": message, "message": message}


def check(lease: Lease) -> None:
    """Raise `LostLease` unless the lease is still held; holds the row until the surrounding transaction ends."""
    if not connection.in_atomic_block:
        raise RuntimeError("fence a write inside the transaction that makes it: with transaction.atomic(): …")
    _end_when_silent(lease.patience)
    if not Job.objects.select_for_update(of=("self",)).filter(lease.mine).exists():
        raise LostLease(
            f"job {lease.job_id} was taken over after attempt {lease.attempt}; this result is dropped"
        )


def renew(lease: Lease) -> bool:
    """Extend the lease silently; False where it is lost."""
    until = now() + timedelta(seconds=lease.seconds)
    return bool(Job.objects.filter(lease.mine).update(lease_until=until))


def look(lease: Lease) -> tuple[bool, bool]:
    """(still held, cancel requested), by one read."""
    flag = Job.objects.filter(lease.mine).values_list("cancel_requested", flat=True).first()
    return flag is not None, bool(flag)


def write(lease: Lease, **changes: Any) -> bool:
    """Change a running job under its lease, extend that, and tell; False where the lease is lost."""
    with transaction.atomic():
        _end_when_silent(lease.seconds)
        until = now() + timedelta(seconds=lease.seconds)
        if not Job.objects.filter(lease.mine).update(lease_until=until, **changes):
            return False
        announce(Job.objects.get(pk=lease.job_id))
    return True


def end(lease: Lease, status: JobStatus, **changes: Any) -> bool:
    """End a running job under its lease; False where the lease is lost, and then nothing was written."""
    with transaction.atomic():
        _end_when_silent(lease.seconds)
        final = {"status": status, "finished_at": now(), "lease_until": None} | changes
        if not Job.objects.filter(lease.mine).update(**final):
            return False
        job = Job.objects.get(pk=lease.job_id)
        announce(job)
        tell_ended(job)
        count_end(job)
    logger.info("job %s ended: %s", job.pk, status)
    return True


def tell_waiting(job: Job, message: str) -> bool:
    """Say of a job that nobody has claimed yet why that is; False where somebody has, meanwhile."""
    with transaction.atomic():
        unclaimed = Job.objects.filter(pk=job.pk, attempt=job.attempt, status=JobStatus.PENDING)
        if not unclaimed.update(message=message):
            return False
        announce(Job.objects.get(pk=job.pk))
    return True


def give_up(lease: Lease, message: str) -> bool:
    """End a job that hangs: the first time it is given back, for its worker may be to blame, then it has failed."""
    if Job.objects.filter(lease.mine, deaths=0).exists():
        return requeue(lease, death=True)
    return end(lease, JobStatus.FAILED, message=message, error=message)


def requeue(lease: Lease, *, death: bool = False) -> bool:
    """Hand a running job back to the queue with its checkpoint; a `death` counts against it."""
    with transaction.atomic():
        _end_when_silent(lease.seconds)
        changes: dict[str, Any] = {"status": JobStatus.PENDING, "lease_until": None, "worker": ""}
        if not Job.objects.filter(lease.mine).update(deaths=F("deaths") + int(death), **changes):
            return False
        job = Job.objects.get(pk=lease.job_id)
        announce(job)
        after_commit(dispatch, job.pk, job.kind)
    return True
