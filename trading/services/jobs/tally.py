"""Ends of jobs, counted for good: rows of jobs are pruned, and a counter that fell would look like a restart."""

from django.db import connection

from trading.models.jobs import Job, JobTally

__all__ = ["count_end", "ended"]

# One statement on SQLite and PostgreSQL alike, as for the counters of events.
_COUNT = (
    "INSERT INTO trading_jobtally (kind, status, ended) VALUES (%s, %s, 1) "
    "ON CONFLICT (kind, status) DO UPDATE SET ended = trading_jobtally.ended + 1"
)


def count_end(job: Job) -> None:
    """Count a job that has just ended, as the last thing in the transaction that ends it: the row is everyone's."""
    with connection.cursor() as cursor:
        cursor.execute(_COUNT, [job.kind, str(job.status)])


def ended() -> dict[tuple[str, str], int]:
    """How many jobs have ended, by kind and status."""
    return {(kind, status): n for kind, status, n in JobTally.objects.values_list("kind", "status", "ended")}
