"""What runs by the clock: daily jobs, whose unique keys name the day so that none is repeated, and small chores."""

from datetime import UTC, datetime, time

from django.utils import timezone

from titan_core.errors import InvalidInput
from trading.models.jobs import Job
from trading.services.jobs import conf
from trading.services.jobs.listeners import do_chores
from trading.services.jobs.service import JobService

__all__ = ["enqueue_due", "parse_time"]


def parse_time(text: str) -> time:
    """A time of day from ``"HH:MM"``."""
    try:
        return time.fromisoformat(text)
    except ValueError:
        raise InvalidInput(f"TITAN_SCHEDULE has the time {text!r}: write it as HH:MM, in UTC") from None


def enqueue_due(now: datetime | None = None) -> list[Job]:
    """Enqueue each daily job whose time has passed today; one missed while the server was off runs late, once.

    Chores that listeners do once or twice a minute (`trading.services.jobs.listeners`) are done here too.
    """
    today = (now or timezone.now()).astimezone(UTC)
    jobs = []
    for kind, at in conf.schedule().items():
        if today.time() >= parse_time(at):
            job = JobService().enqueue_once_sync(kind=kind, schedule_key=f"{kind}:{today.date().isoformat()}")
            if job is not None:
                jobs.append(job)
    do_chores(now or timezone.now())
    return jobs
