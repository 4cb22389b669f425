"""The thread that keeps a job child running, hints again at waiting jobs and starts the day's scheduled ones."""

import logging
import threading
import time
from collections.abc import Callable
from typing import TypeVar

from django.db import connections

from trading.runtime.child import Child
from trading.services.jobs.dispatch import on_wake
from trading.services.jobs.schedule import enqueue_due
from trading.services.jobs.service import JobService

__all__ = ["EmbeddedRuntime"]

logger = logging.getLogger(__name__)

T = TypeVar("T")

_TICK_SECONDS = 0.2
_SWEEP_SECONDS, _SCHEDULE_SECONDS = 2.0, 30.0
_STOP_SECONDS = 2.0
_QUICK_DEATH_SECONDS, _MAX_PAUSE_SECONDS = 5.0, 10.0


class EmbeddedRuntime:
    """Jobs of a server that has no Celery. Several servers on one TITAN_HOME share the queue without harm."""

    def __init__(self) -> None:
        self._stopping = threading.Event()
        self._woken = threading.Event()
        self._thread: threading.Thread | None = None
        self._child: Child | None = None
        self._unhook: Callable[[], None] | None = None

    @property
    def child_pid(self) -> int | None:
        """Process id of the job child, None while there is none."""
        return self._child.pid if self._child is not None else None

    def start(self) -> None:
        """Start the child and the thread that watches it; returns at once, the child warms up meanwhile."""
        self._stopping.clear()
        self._unhook = on_wake(self._woken.set)
        self._thread = threading.Thread(target=self._run, name="job-supervisor", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """End both: the running job is handed back with its checkpoint, or its worker killed after two seconds."""
        if self._thread is None:
            return
        self._stopping.set()
        self._woken.set()
        self._thread.join()
        self._thread = None
        if self._unhook is not None:
            self._unhook()

    def _run(self) -> None:
        quick_deaths = 0
        try:
            while not self._stopping.is_set():
                started = time.monotonic()
                self._child = Child()
                self._watch(self._child)
                if self._stopping.is_set():
                    self._child.stop(_STOP_SECONDS)
                    break
                # One that died over a job was fit to work; one that could not even start had better wait.
                worked = self._mourn(self._child) or time.monotonic() - started > _QUICK_DEATH_SECONDS
                quick_deaths = 0 if worked else quick_deaths + 1
                self._stopping.wait(
                    min(_MAX_PAUSE_SECONDS, 0.25 * 2 ** min(quick_deaths, 6)) if quick_deaths else 0
                )
        except Exception:
            logger.exception("the job supervisor failed: jobs wait until the server is started again")
        finally:
            self._child = None
            connections.close_all()

    def _watch(self, child: Child) -> None:
        """Hint, sweep and schedule until the child ends or the server does."""
        swept = scheduled = -_SCHEDULE_SECONDS
        while child.exit_code is None and not self._stopping.is_set():
            if self._woken.wait(_TICK_SECONDS):
                self._woken.clear()
                child.hint()
            now = time.monotonic()
            if now - swept >= _SWEEP_SECONDS:
                swept = now
                self._try(JobService().sweep_sync)
            if now - scheduled >= _SCHEDULE_SECONDS:
                scheduled = now
                self._try(enqueue_due)

    def _mourn(self, child: Child) -> bool:
        """A dead worker's job need not wait for its lease to run out; returns whether it had one."""
        logger.warning("the job worker ended with code %s; starting another", child.exit_code)
        child.bury()
        return bool(self._try(lambda: JobService().abandon_sync(child.name)))

    @staticmethod
    def _try(work: Callable[[], T]) -> T | None:
        """A database that is busy, or not migrated yet, must not end the supervisor."""
        try:
            return work()
        except Exception:
            logger.exception("the job queue could not be looked after; trying again")
            connections.close_all()
            return None
