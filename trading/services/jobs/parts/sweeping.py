"""Parts that lost their message, their worker or their job."""

from datetime import datetime

from trading.models.job_parts import JobPart
from trading.models.jobs import Job
from trading.services import artefacts
from trading.services.jobs.dispatch import backlog
from trading.services.jobs.parts.crew import crew_size
from trading.services.jobs.parts.gathering import forget
from trading.services.jobs.parts.hints import hint
from trading.services.jobs.queues import QUEUES, queue_of

__all__ = ["forget_ended", "sweep_left_results", "sweep_parts"]

_AT_ONCE = 200


def forget_ended(job_id: int) -> None:
    """Let go of the parts of a job that has ended; of one that goes on elsewhere they are kept."""
    parts = JobPart.objects.filter(job_id=job_id)
    if parts.exists() and not parts.filter(job__status__in=Job.ACTIVE).exists():
        forget(job_id)


def sweep_parts(moment: datetime) -> int:
    """Let go of the parts of jobs that have ended, hint at free ones; returns how many hints."""
    ended = JobPart.objects.exclude(job__status__in=Job.ACTIVE).values_list("job_id", flat=True).distinct()
    for job_id in list(ended[:_AT_ONCE]):
        forget(job_id)
    free = JobPart.objects.of_living_jobs().claimable(moment).filter(is_holders=False)
    of_queue: dict[str, list[int]] = {queue: [] for queue in QUEUES}
    for part_id, kind in free.values_list("pk", "job__kind")[:_AT_ONCE]:
        of_queue[queue_of(kind)].append(part_id)
    n_hints = 0
    for queue, parts in of_queue.items():
        helpers = crew_size(queue) - 1 if parts else 0
        if helpers > 0 and backlog(queue) < helpers:
            hint(parts[:helpers], queue)
            n_hints += len(parts[:helpers])
    return n_hints


def sweep_left_results() -> None:
    """Delete results whose job was deleted, or whose worker was killed between file and row."""
    kept = set(map(str, JobPart.objects.values_list("job_id", flat=True).distinct()))
    for job_id in artefacts.folders("parts"):
        if job_id not in kept:
            artefacts.forget_folder("parts", job_id)
