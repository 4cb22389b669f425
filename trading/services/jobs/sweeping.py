"""What the sweep does every few seconds, in as many places as like: rows are the truth, and twice is not too often."""

from datetime import datetime, timedelta

from trading.models.jobs import Job, JobStatus
from trading.services.jobs import workers
from trading.services.jobs.dispatch import backlog, dispatch
from trading.services.jobs.queues import QUEUES, queue_of

__all__ = ["sweep"]

_HINT_GRACE = timedelta(seconds=2)  # younger than this, a pending job's own hint is still on its way
_AT_ONCE = 500


def sweep(moment: datetime) -> int:
    """Hint again at jobs that are pending without a worker, or whose lease ran out; returns how many.

    Those whose jobs wait for a worker that does not exist are told so.

    A queue in which at least as many hints wait as jobs do is left alone: where all workers are busy for hours, hints
    would pile up otherwise.
    """
    waiting = Job.objects.claimable(moment).exclude(
        status=JobStatus.PENDING, created_at__gt=moment - _HINT_GRACE
    )
    of_queue: dict[str, list[tuple[int, str]]] = {queue: [] for queue in QUEUES}
    for job_id, kind in waiting.order_by("pk").values_list("pk", "kind"):
        jobs = of_queue[queue_of(kind)]
        if len(jobs) < _AT_ONCE:
            jobs.append((job_id, kind))
    n_hints = 0
    for queue, jobs in of_queue.items():
        if jobs and backlog(queue) < len(jobs):
            for job_id, kind in jobs:
                dispatch(job_id, kind)
            n_hints += len(jobs)
    workers.tell_unserved(moment)
    workers.forget_silent(moment)
    return n_hints
