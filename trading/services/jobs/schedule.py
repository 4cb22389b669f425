"""What runs once a day: a job whose unique key names the day, so no restart or second server repeats it."""

from datetime import UTC, datetime, time

from django.utils import timezone

from titan_core.errors import InvalidInput
from trading.models.jobs import Job
from trading.services.jobs import conf
from trading.services.jobs.service import JobService

__all__ = ["enqueue_due", "parse_time"]


def parse_time(text: str) -> time:
    """A time of day from ``"HH:MM"``."""
    try:
        return time.fromisoformat(text)
    except ValueError:
        raise InvalidInput(f"TITAN_SCHEDULE has the time {text!r}: write it as HH:MM, in UTC") from None


def enqueue_due(now: datetime | None = None) -> list[Job]:
    """Enqueue each daily job whose time has passed today; one missed while the server was off runs late, once."""
    today = (now or timezone.now()).astimezone(UTC)
    jobs = []
    for kind, at in conf.schedule().items():
        if today.time() >= parse_time(at):
            job = JobService().enqueue_once_sync(kind=kind, schedule_key=f"{kind}:{today.date().isoformat()}")
            if job is not None:
                jobs.append(job)
    return jobs
