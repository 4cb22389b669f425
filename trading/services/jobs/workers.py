"""Who does jobs: rows that workers write about themselves, and what follows for those who wait."""

import os
import socket
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from django.db.models import Count, Min, Q

from titan_core import __version__
from trading.models.jobs import Job, JobStatus
from trading.models.workers import Worker
from trading.services.jobs import leases
from trading.services.jobs.queues import QUEUES, queue_of, unserved_words

__all__ = [
    "SEEN_EVERY_SECONDS",
    "QueueFacts",
    "WorkerState",
    "forget",
    "forget_silent",
    "jobs_of",
    "queue_facts",
    "register",
    "seen",
    "serving",
    "state_of",
    "tell_unserved",
]

SEEN_EVERY_SECONDS = 5.0
_SILENT_AFTER = timedelta(seconds=20)
_FORGOTTEN_AFTER = timedelta(minutes=10)
_UNSERVED_AFTER = timedelta(seconds=10)
_AT_ONCE = 500


class WorkerState(StrEnum):
    """What others may expect of a worker."""

    UP = "up"
    SILENT = "silent"  # it has not been heard of for a while: stopped, cut off, or gone
    STOPPING = "stopping"  # it ends or hands back what it does, and takes nothing new


@dataclass(frozen=True, slots=True)
class QueueFacts:
    """One queue at one instant."""

    name: str
    pending: int
    running: int
    oldest_pending_seconds: float | None  # None where nothing waits
    workers: int  # processes that take from it and are up


def register(name: str, queues: Iterable[str]) -> None:
    """The calling process takes jobs from `queues` from now on."""
    moment = leases.now()
    Worker.objects.update_or_create(
        name=name,
        defaults={
            "host": socket.gethostname()[:100],
            "pid": os.getpid(),
            "queues": list(queues),
            "version": __version__,
            "started_at": moment,
            "seen_at": moment,
            "stopping": False,
        },
    )


def seen(name: str, *, stopping: bool = False) -> bool:
    """The worker lives; False where it was forgotten, and must register again."""
    return bool(Worker.objects.filter(name=name).update(seen_at=leases.now(), stopping=stopping))


def forget(name: str) -> None:
    """The worker has ended."""
    Worker.objects.filter(name=name).delete()


def forget_silent(moment: datetime) -> int:
    """Remove workers nobody has heard of for long; returns how many."""
    return Worker.objects.filter(seen_at__lt=moment - _FORGOTTEN_AFTER).delete()[0]


def state_of(worker: Worker, moment: datetime) -> WorkerState:
    """What is to be expected of `worker`."""
    if worker.seen_at < moment - _SILENT_AFTER:
        return WorkerState.SILENT
    return WorkerState.STOPPING if worker.stopping else WorkerState.UP


def serving(moment: datetime) -> dict[str, int]:
    """How many processes take jobs from each queue."""
    counts = dict.fromkeys(QUEUES, 0)
    up = Worker.objects.filter(stopping=False, seen_at__gte=moment - _SILENT_AFTER)
    for queues in up.values_list("queues", flat=True):
        for queue in queues:
            if queue in counts:
                counts[queue] += 1
    return counts


def jobs_of(workers: Iterable[Worker]) -> dict[str, Job]:
    """The running job of each worker that has one, by the worker's name."""
    names = [worker.name for worker in workers]
    return {job.worker: job for job in Job.objects.filter(status=JobStatus.RUNNING, worker__in=names)}


def queue_facts(moment: datetime) -> list[QueueFacts]:
    """Every queue as it stands, in two queries."""
    kinds = (
        Job.objects.active()
        .values("kind")
        .annotate(
            pending=Count("pk", filter=Q(status=JobStatus.PENDING)),
            running=Count("pk", filter=Q(status=JobStatus.RUNNING)),
            oldest=Min("created_at", filter=Q(status=JobStatus.PENDING)),
        )
        .order_by()
    )
    rows, workers = list(kinds), serving(moment)
    facts = []
    for queue in QUEUES:
        mine = [row for row in rows if queue_of(row["kind"]) == queue]
        oldest = min((row["oldest"] for row in mine if row["oldest"] is not None), default=None)
        facts.append(
            QueueFacts(
                name=queue,
                pending=sum(row["pending"] for row in mine),
                running=sum(row["running"] for row in mine),
                oldest_pending_seconds=(
                    round(max(0.0, (moment - oldest).total_seconds()), 1) if oldest is not None else None
                ),
                workers=workers[queue],
            )
        )
    return facts


def tell_unserved(moment: datetime) -> int:
    """Tell those whose jobs wait in a queue that no worker serves; returns how many jobs."""
    old = Job.objects.filter(status=JobStatus.PENDING, created_at__lt=moment - _UNSERVED_AFTER)
    kinds = set(old.order_by().values_list("kind", flat=True).distinct())
    if not kinds:
        return 0
    workers = serving(moment)
    n_told = 0
    for kind in sorted(kinds):
        words = unserved_words(kind)
        if not workers[queue_of(kind)]:
            untold = old.filter(kind=kind).exclude(message=words).order_by("pk")
            n_told += sum(leases.tell_waiting(job, words) for job in untold[:_AT_ONCE])
    return n_told
