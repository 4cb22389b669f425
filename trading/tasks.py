"""Celery's way into jobs; imported by Celery workers only. A message carries a job's id and nothing else."""

from celery import shared_task

from trading.services.jobs.schedule import enqueue_due
from trading.services.jobs.service import JobService

__all__ = ["run_job", "start_scheduled", "sweep_jobs"]


@shared_task(name="trading.run_job")  # type: ignore[untyped-decorator]  # celery is untyped
def run_job(job_id: int) -> None:
    """Claim the lease and do the job; a second worker finds nothing to claim."""
    JobService().run_sync(job_id)


@shared_task(name="trading.sweep_jobs")  # type: ignore[untyped-decorator]  # celery is untyped
def sweep_jobs() -> int:
    """Hint again at jobs whose message or worker was lost."""
    return JobService().sweep_sync()


@shared_task(name="trading.start_scheduled")  # type: ignore[untyped-decorator]  # celery is untyped
def start_scheduled() -> int:
    """Start the day's jobs whose time has come."""
    return len(enqueue_due())
