"""Parts of other workers' jobs: what an idle worker does."""

import logging
from collections.abc import Callable

from django.db import InterfaceError, OperationalError
from structlog.contextvars import bound_contextvars

from titan_core.errors import Cancelled
from trading.models.job_parts import JobPart
from trading.models.jobs import Job
from trading.services.jobs import conf
from trading.services.jobs import leases as job_leases
from trading.services.jobs.bound import words_of
from trading.services.jobs.parts import leases
from trading.services.jobs.parts.registry import worker_for
from trading.services.jobs.parts.step import PartBeat, Step
from trading.services.jobs.queues import COMPUTE, queue_of
from trading.services.jobs.report import Flag

__all__ = ["help_next", "help_with"]

logger = logging.getLogger(__name__)


def help_with(
    part_id: int,
    *,
    worker: str,
    stopping: Flag | None = None,
    on_overdue: Callable[[], None] | None = None,
) -> int:
    """Do a part, and whatever parts are free after it; how many were done.

    Ends as soon as a job waits in the same queue: whoever asked for that should not have to wait for all parts of a
    great one.
    """
    lease = leases.claim(part_id, worker=worker, seconds=conf.lease_seconds())
    n_done = 0
    if lease is not None:
        _do(lease, stopping, on_overdue)
        n_done = 1
    while not (stopping is not None and stopping.is_set()) and not _job_waits():
        if not help_next(worker=worker, stopping=stopping, on_overdue=on_overdue):
            break
        n_done += 1
    return n_done


def help_next(
    *,
    worker: str,
    stopping: Flag | None = None,
    on_overdue: Callable[[], None] | None = None,
) -> bool:
    """Do the first free part of any job; False where there is none."""
    lease = leases.claim_next(worker=worker, seconds=conf.lease_seconds())
    if lease is None:
        return False
    _do(lease, stopping, on_overdue)
    return True


def _do(lease: leases.PartLease, stopping: Flag | None, on_overdue: Callable[[], None] | None) -> None:
    """Work on a part and keep what it made; what goes wrong with it is left to the job's holder to find out."""
    part = JobPart.objects.select_related("job").filter(lease.mine).first()
    if part is None:
        return
    step = Step(lease, stopping=stopping, patience=conf.patience_seconds(part.job.kind))
    with bound_contextvars(**words_of(part.job), part_id=part.pk):
        logger.debug("part %s begins: %s of job %s", part.pk, part.task, part.job_id)
        try:
            with PartBeat(step, on_overdue=on_overdue):
                made = worker_for(part.task)(part.job, part.payload, step)
            if not leases.finish(lease, made):
                logger.info("part %s: attempt %s was stale", part.pk, lease.attempt)
        except Cancelled:
            leases.give_back(lease)
        except (OperationalError, InterfaceError):
            logger.warning("part %s: the database failed; it will be tried again", part.pk, exc_info=True)
            leases.give_back(lease, death=True)
        except Exception:
            logger.warning("part %s failed here; the job's holder tries it", part.pk, exc_info=True)
            leases.give_back(lease, to_holder=True)
        except BaseException:
            leases.give_back(lease)
            raise


def _job_waits() -> bool:
    """Whether a job waits where big jobs do; only they have parts."""
    waiting = Job.objects.claimable(job_leases.now())
    return any(queue_of(kind) == COMPUTE for kind in waiting.values_list("kind", flat=True).distinct())
