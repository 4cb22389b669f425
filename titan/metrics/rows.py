"""What the databases, the queues and the disk say, as metrics; asked for once in a few seconds however many scrape."""

import logging
import shutil
import threading
import time
from collections.abc import Iterable, Mapping
from typing import Any

from django.conf import settings
from django.db import DatabaseError, connection, transaction
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.metrics_core import Metric

from titan_core import __version__
from trading.runtime import messages
from trading.services import figures

__all__ = ["Rows", "families"]

logger = logging.getLogger(__name__)

KEEP_SECONDS = 5.0
_LIMIT_MILLISECONDS = 2000  # what PostgreSQL may spend on one question of ours


class Rows:
    """The newest answer of the rows, asked for again when it is older than a few seconds."""

    def __init__(self, keep_seconds: float = KEEP_SECONDS) -> None:
        self._keep = keep_seconds
        self._lock = threading.Lock()
        self._found: list[Metric] = []
        self._asked_at = -keep_seconds

    def metrics(self) -> list[Metric]:
        """What they said; nothing but ``titan_rows_read 0`` where they could not be asked."""
        with self._lock:  # scrapes that come at once ask once
            if time.monotonic() - self._asked_at >= self._keep:
                self._found = self._ask()
                self._asked_at = time.monotonic()
            return self._found

    @staticmethod
    def _ask() -> list[Metric]:
        began = time.perf_counter()
        try:
            found = list(families())
        except DatabaseError:
            logger.warning("the figures of /metrics could not be read", exc_info=True)
            found = []
        seconds = time.perf_counter() - began
        return [
            *found,
            _gauge("titan_rows_read", "Whether queues, workers and ages of data could be read.", bool(found)),
            _gauge("titan_rows_read_seconds", "How long reading them took.", seconds),
        ]


def families() -> Iterable[Metric]:
    """Everything that rows tell; raises `DatabaseError`."""
    with transaction.atomic():
        _bound_cost()
        jobs, ages = figures.job_figures(), figures.data_figures()
        workers = figures.worker_figures()
    yield _by("titan_jobs_pending", "Jobs that wait for a worker.", ("queue", "kind"), jobs.pending)
    yield _by("titan_jobs_running", "Jobs a worker holds.", ("kind",), jobs.running)
    yield _by(
        "titan_job_oldest_pending_seconds",
        "Since the oldest waiting job was asked for.",
        ("queue",),
        jobs.oldest_pending,
    )
    yield _gauge(
        "titan_job_lease_age_seconds", "Since the most silent worker renewed its lease.", jobs.lease_age
    )
    ended = CounterMetricFamily("titan_jobs_ended", "Jobs that have ended, ever.", labels=("kind", "status"))
    for labels, count in jobs.ended.items():
        ended.add_metric(labels, count)
    yield ended
    yield _by("titan_workers", "Worker processes by what they work on.", ("queue", "state"), workers)
    yield _by("titan_data_age_seconds", "Since a universe's newest bar.", ("universe",), ages.age)
    newest = {} if ages.newest is None else {(): ages.newest}
    yield _by("titan_data_newest_age_seconds", "Since the newest bar of all.", (), newest)
    yield _by("titan_data_series", "Series by whether new bars came lately.", ("state",), ages.series)


def states(found: Mapping[str, str], redis: str | None) -> Iterable[Metric]:
    """Whether what we stand on answers."""
    up = {alias: float(state == "ok") for alias, state in found.items()}
    yield _by("titan_database_up", "Whether a database answers and is migrated.", ("database",), up)
    if redis is not None:
        yield _gauge("titan_redis_up", "Whether Redis answers.", redis == "ok")


def broker() -> Iterable[Metric]:
    """What workers found in the broker and could not read."""
    n = messages.counted()
    if n is not None:
        yield CounterMetricFamily(
            "titan_broker_unreadable", "Messages that no worker could read, ever.", value=float(n)
        )


def machine() -> Iterable[Metric]:
    """The version, and the disk under TITAN_HOME."""
    info = GaugeMetricFamily("titan_build_info", "Always 1; the version is its label.", labels=("version",))
    info.add_metric((__version__,), 1.0)
    yield info
    disk = shutil.disk_usage(settings.TITAN_HOME)
    yield _gauge("titan_disk_free_bytes", "Free on the disk of TITAN_HOME.", disk.free)
    yield _gauge("titan_disk_size_bytes", "Size of the disk of TITAN_HOME.", disk.total)


def _bound_cost() -> None:
    """Have PostgreSQL give up on what takes too long; the setting ends with the transaction."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT set_config('statement_timeout', %s, true)", [str(_LIMIT_MILLISECONDS)])


def _gauge(name: str, words: str, value: float) -> Metric:
    return GaugeMetricFamily(name, words, value=float(value))


def _by(
    name: str,
    words: str,
    labels: tuple[str, ...],
    values: Mapping[Any, float],
) -> Metric:
    family = GaugeMetricFamily(name, words, labels=labels)
    for key, value in values.items():
        family.add_metric((key,) if isinstance(key, str) else key, float(value))
    return family
