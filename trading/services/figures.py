"""What the rows say of the work: how much waits, how long, who works, how old the data is. For those who watch over it.

Each question is one query whose cost does not grow with what has been: only active jobs, counters, and a bounded
number of universes are looked at. No answer names a person or a pair.
"""

from collections import Counter
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Count, Max, Min, Q

from trading.models import Ingestion, Job, JobKind, JobStatus, Scan, Series, Universe
from trading.models.workers import Worker
from trading.services.jobs import conf, leases, tally
from trading.services.jobs.queues import QUEUES, queue_of
from trading.services.jobs.workers import WorkerState, state_of

__all__ = [
    "MAX_UNIVERSES",
    "MAX_WORKERS",
    "DataFigures",
    "JobFigures",
    "data_figures",
    "job_figures",
    "worker_figures",
]

MAX_UNIVERSES = 50
MAX_WORKERS = 1_000
OLD_AFTER = timedelta(days=5)  # more than any usual weekend with a holiday; the alert's, too
_LOOK_BACK = 500  # scans and uploads that are asked which universes are in use


@dataclass(frozen=True, slots=True)
class JobFigures:
    """The queues at one instant.

    Attributes
    ----------
    pending : jobs that wait, by (queue, kind)
    running : jobs under a lease, by kind
    oldest_pending : seconds since the oldest waiting job was asked for, by queue; 0 where none waits
    lease_age : seconds since the most silent worker renewed its lease; 0 where nothing runs
    ended : jobs ended ever, by (kind, status); it never falls
    """

    pending: dict[tuple[str, str], int]
    running: dict[str, int]
    oldest_pending: dict[str, float]
    lease_age: float
    ended: dict[tuple[str, str], int]


@dataclass(frozen=True, slots=True)
class DataFigures:
    """How old the bars are that people brought.

    Attributes
    ----------
    age : seconds since the newest bar of a universe people made, by its slug; of those used last, a bounded number
    newest : seconds since the newest bar of all; None where there is none
    series : series that should go on (no symbol delisted or deactivated), by whether they did: "fresh" or "old"
    """

    age: dict[str, float]
    newest: float | None
    series: dict[str, int]


def job_figures() -> JobFigures:
    """How the queues stand, by the database's clock."""
    now = leases.now()
    pending: Counter[tuple[str, str]] = Counter()
    running: Counter[str] = Counter()
    oldest = dict.fromkeys(QUEUES, 0.0)
    lease_age = 0.0
    groups = (
        Job.objects.active()
        .order_by()
        .values_list("kind", "status")
        .annotate(n=Count("pk"), asked=Min("created_at"), until=Min("lease_until"))
    )
    for kind, status, n, asked, until in groups:
        queue = queue_of(kind)
        if status == JobStatus.PENDING:
            pending[queue, kind] = n
            oldest[queue] = max(oldest.get(queue, 0.0), _seconds(asked, now))
        else:
            running[kind] = n
            if until is not None:
                lease_age = max(lease_age, conf.lease_seconds() + _seconds(until, now, least=None))
    # an end that has not happened yet is told as 0, so that the first one is seen as an increase
    ended = {(str(kind), str(end)): 0 for kind in JobKind for end in JobStatus if end not in Job.ACTIVE}
    return JobFigures(dict(pending), dict(running), oldest, max(0.0, lease_age), ended | tally.ended())


def worker_figures() -> dict[tuple[str, str], int]:
    """Workers by the queue they serve and how they are; one that serves several counts in each, none is told as 0."""
    now = leases.now()
    found = Counter({(queue, state.value): 0 for queue in QUEUES for state in WorkerState})
    for worker in Worker.objects.order_by("-seen_at")[:MAX_WORKERS]:
        found.update((queue, state_of(worker, now).value) for queue in worker.queues if queue in QUEUES)
    return dict(found)


def data_figures() -> DataFigures:
    """How old the data is; what comes with TITAN ends where it ends and is left out."""
    now = leases.now()
    universes = Universe.objects.filter(pk__in=_universes_in_use())
    found = universes.annotate(newest=Max("symbols__series__last_timestamp")).values_list("slug", "newest")
    ages = {slug: _seconds(newest, now) for slug, newest in found if newest is not None}
    going_on = Series.objects.with_bars().filter(symbol__is_active=True, symbol__delisted_on=None)
    whole = going_on.exclude(source__in=Series.SHIPPED_WITH_TITAN).aggregate(
        newest=Max("last_timestamp"),
        n=Count("pk"),
        old=Count("pk", filter=Q(last_timestamp__lt=now - OLD_AFTER)),
    )
    newest = None if whole["newest"] is None else _seconds(whole["newest"], now)
    return DataFigures(ages, newest, {"fresh": whole["n"] - whole["old"], "old": whole["old"]})


def _universes_in_use() -> list[int]:
    """Universes of the newest scans and uploads, then those made last: a label each, so no more than a few."""
    asked = [
        universe
        for model in (Scan, Ingestion)
        for universe in model._default_manager.order_by("-pk").values_list("universe", flat=True)[:_LOOK_BACK]
    ]
    made = Universe.objects.filter(source=Universe.Source.USER)
    there = set(made.filter(pk__in={*asked} - {None}).values_list("pk", flat=True))
    in_use = [universe for universe in asked if universe in there]
    newest = list(made.order_by("-pk").values_list("pk", flat=True)[:MAX_UNIVERSES])
    return list(dict.fromkeys(in_use + newest))[:MAX_UNIVERSES]


def _seconds(since: datetime, now: datetime, *, least: float | None = 0.0) -> float:
    seconds = (now - since).total_seconds()
    return seconds if least is None else max(least, seconds)
