"""Hints that a job is waiting. The row is the truth: a lost hint only means the sweeper finds the job later."""

import logging
import sys
from collections.abc import Callable

from django.conf import settings
from django.utils.module_loading import import_string

from trading.services.jobs.queues import queue_of

__all__ = ["backlog", "dispatch", "on_wake", "wake_local"]

logger = logging.getLogger(__name__)
_wakers: list[Callable[[], None]] = []


def dispatch(job_id: int, kind: str) -> None:
    """Hint with the callable that ``TITAN_JOB_DISPATCHER`` names; its failure is logged, the job stays queued."""
    try:
        import_string(getattr(settings, "TITAN_JOB_DISPATCHER", "trading.services.jobs.dispatch.wake_local"))(
            job_id, queue_of(kind)
        )
    except Exception:
        logger.exception("job %s could not be hinted at; the sweeper will pick it up", job_id)


def backlog(queue: str) -> int:
    """Hints that wait to be taken from `queue`, by the callable that ``TITAN_JOB_BACKLOG`` names; none waits here.

    Where that can't be told, nothing can be sent either, and the answer is a great many.
    """
    path = getattr(settings, "TITAN_JOB_BACKLOG", None)
    if path is None:
        return 0
    try:
        return int(import_string(path)(queue))
    except Exception:
        logger.warning("the broker could not be asked how much waits in %s", queue, exc_info=True)
        return sys.maxsize


def wake_local(job_id: int, queue: str) -> None:
    """Wake this process's own worker, if it has one (the embedded form)."""
    for waker in tuple(_wakers):
        waker()


def on_wake(waker: Callable[[], None]) -> Callable[[], None]:
    """Have `waker` called for each local hint; returns how to stop that."""
    _wakers.append(waker)

    def stop() -> None:
        if waker in _wakers:
            _wakers.remove(waker)

    return stop
