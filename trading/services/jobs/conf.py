"""What can be set about jobs, each with its default."""

from typing import Any

from django.conf import settings

__all__ = [
    "event_keep_days",
    "job_keep_days",
    "job_modules",
    "jobs_per_process",
    "lease_seconds",
    "part_seconds",
    "patience_seconds",
    "schedule",
    "silent_seconds",
    "stop_seconds",
    "warm_kernels",
    "worker_threads",
]

_SCHEDULE = {"housekeeping": "03:15", "check_data": "06:30", "signals": "06:45"}


# Seconds without a sign from a handler after which its job is taken to hang; "" is every other kind.
_PATIENCE = {"": 900.0, "deliver": 120.0, "ingest": 1800.0, "demo": 1800.0}


def _setting(name: str, default: Any) -> Any:
    return getattr(settings, name, default)


def lease_seconds() -> float:
    """How long a silent worker keeps its job (``TITAN_JOB_LEASE_SECONDS``)."""
    return float(_setting("TITAN_JOB_LEASE_SECONDS", 10.0))


def patience_seconds(kind: str) -> float:
    """How long a handler of `kind` may go without a sign that it moves on (``TITAN_JOB_PATIENCE``, by kind)."""
    limits = _PATIENCE | dict(_setting("TITAN_JOB_PATIENCE", {}))
    return float(limits.get(kind, limits[""]))


def silent_seconds() -> float:
    """How long a worker's process may run no Python before it is killed (``TITAN_WORKER_SILENT_SECONDS``)."""
    return float(_setting("TITAN_WORKER_SILENT_SECONDS", 30.0))


def stop_seconds() -> float:
    """How long jobs may take to end or be given back once their worker is to stop (``TITAN_WORKER_STOP_SECONDS``)."""
    return float(_setting("TITAN_WORKER_STOP_SECONDS", 25.0))


def jobs_per_process() -> int:
    """Jobs after which a worker's process is replaced, with what libraries have gathered (``TITAN_WORKER_JOBS``)."""
    return int(_setting("TITAN_WORKER_JOBS", 500))


def job_modules() -> tuple[str, ...]:
    """Modules with handlers besides ``trading.services`` (``TITAN_JOB_MODULES``)."""
    return tuple(_setting("TITAN_JOB_MODULES", ()))


def schedule() -> dict[str, str]:
    """Job kinds that run once a day and their UTC time, ``"HH:MM"`` (``TITAN_SCHEDULE``)."""
    return dict(_setting("TITAN_SCHEDULE", _SCHEDULE))


def event_keep_days() -> float:
    """Age after which events are pruned (``TITAN_EVENT_KEEP_DAYS``); each stream keeps its newest."""
    return float(_setting("TITAN_EVENT_KEEP_DAYS", 14))


def job_keep_days() -> float:
    """Age after which ended scheduled jobs are pruned (``TITAN_JOB_KEEP_DAYS``)."""
    return float(_setting("TITAN_JOB_KEEP_DAYS", 60))


def part_seconds() -> float:
    """What one part of a big job takes, about, on one core (``TITAN_PART_SECONDS``)."""
    return float(_setting("TITAN_PART_SECONDS", 2.0))


def worker_threads() -> int:
    """Threads one job may use; 0 for this machine's cores shared by its workers (``TITAN_WORKER_THREADS``)."""
    return int(_setting("TITAN_WORKER_THREADS", 0))


def warm_kernels() -> bool:
    """Whether a worker loads every compiled kernel before its first job (``TITAN_WARM_KERNELS``)."""
    return bool(_setting("TITAN_WARM_KERNELS", default=True))
