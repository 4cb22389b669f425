"""Celery's way into jobs; imported by Celery workers only. A message carries a job's id and nothing else."""

from celery import shared_task
from celery.exceptions import Reject

from trading.runtime.process import current, die
from trading.services.jobs.schedule import enqueue_due
from trading.services.jobs.service import JobService

__all__ = ["run_job", "run_part", "start_scheduled", "sweep_jobs"]


@shared_task(name="trading.run_job")  # type: ignore[untyped-decorator]  # celery is untyped
def run_job(job_id: int) -> None:
    """Claim the lease and do the job; a second worker finds nothing to claim.

    A process that is to stop gives the message back for others.
    """
    process = current()
    if process is None:
        JobService().run_sync(job_id)
    elif process.board.stopping:
        raise Reject("this worker is stopping", requeue=True)
    else:
        JobService().run_sync(job_id, worker=process.name, stopping=process.board, on_overdue=die)


@shared_task(name="trading.run_part")  # type: ignore[untyped-decorator]  # celery is untyped
def run_part(part_id: int) -> None:
    """Help with a big job, this part first; what nobody helps with the job's own worker does."""
    process = current()
    if process is None:
        JobService().help_sync(part_id)
    elif not process.board.stopping:
        JobService().help_sync(part_id, worker=process.name, stopping=process.board, on_overdue=die)


@shared_task(name="trading.sweep_jobs")  # type: ignore[untyped-decorator]  # celery is untyped
def sweep_jobs() -> int:
    """Hint again at jobs whose message or worker was lost."""
    return JobService().sweep_sync()


@shared_task(name="trading.start_scheduled")  # type: ignore[untyped-decorator]  # celery is untyped
def start_scheduled() -> int:
    """Start the day's jobs whose time has come."""
    return len(enqueue_due())
