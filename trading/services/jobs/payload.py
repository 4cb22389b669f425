"""The JSON of a job: one function, for the REST API and the sockets alike."""

from datetime import datetime
from typing import TypedDict

from django.utils import timezone

from common.events import instant
from trading.models.jobs import Job, JobStatus
from trading.services.jobs.queues import queue_of

__all__ = ["JobPayload", "PartsPayload", "SubjectPayload", "job_payload"]

_ETA_MIN_PROGRESS, _ETA_MIN_SECONDS = 0.02, 1.0  # below these an estimate is noise


class SubjectPayload(TypedDict):
    """The row a job works for."""

    type: str
    id: int


class PartsPayload(TypedDict):
    """How far a job is that was cut for several workers."""

    done: int
    total: int
    workers: int


class JobPayload(TypedDict):
    """A job as clients see it."""

    id: int
    kind: str
    queue: str
    worker: str
    status: str
    progress: float
    stage: str
    message: str
    error: str
    attempt: int
    cancel_requested: bool
    subject: SubjectPayload | None
    parts: PartsPayload | None
    created_at: str | None
    started_at: str | None
    finished_at: str | None
    elapsed_seconds: float
    eta_seconds: float | None


def job_payload(job: Job, *, now: datetime | None = None) -> JobPayload:
    """`job` as JSON; `now` is the instant elapsed time is measured to while it runs."""
    elapsed = _elapsed(job, now or timezone.now())
    return {
        "id": job.pk,
        "kind": job.kind,
        "queue": queue_of(job.kind),
        "worker": job.worker if job.status == JobStatus.RUNNING else "",
        "status": str(job.status),
        "progress": round(job.progress, 4),
        "stage": job.stage,
        "message": job.message,
        "error": job.error,
        "attempt": job.attempt,
        "cancel_requested": job.cancel_requested,
        "subject": {"type": job.subject_type, "id": job.subject_id} if job.subject_id is not None else None,
        "parts": _parts(job),
        "created_at": instant(job.created_at),
        "started_at": instant(job.started_at),
        "finished_at": instant(job.finished_at),
        "elapsed_seconds": round(elapsed, 3),
        "eta_seconds": _eta(job, elapsed),
    }


def _parts(job: Job) -> PartsPayload | None:
    if job.parts_total is None:
        return None
    working = (job.parts_workers or 0) if job.is_active else 0
    done = job.parts_total if job.status == JobStatus.COMPLETED else job.parts_done or 0
    return {"done": done, "total": job.parts_total, "workers": working}


def _elapsed(job: Job, now: datetime) -> float:
    if job.started_at is None:
        return 0.0
    return max(0.0, ((job.finished_at or now) - job.started_at).total_seconds())


def _eta(job: Job, elapsed: float) -> float | None:
    """Seconds left if the rest goes as fast as what is done; None until that means something."""
    if job.status != JobStatus.RUNNING or elapsed < _ETA_MIN_SECONDS or job.progress < _ETA_MIN_PROGRESS:
        return None
    return round(elapsed * (1.0 - job.progress) / job.progress, 1)
