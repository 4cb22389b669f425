"""The thread beside a running handler: writes its progress, renews its lease, notices that it should stop."""

import logging
import threading
import time
from collections.abc import Callable
from contextvars import copy_context
from types import TracebackType

from django.db import DatabaseError, InterfaceError, connections

from trading.models.jobs import JobStatus
from trading.services.jobs import conf, leases
from trading.services.jobs.report import Report

__all__ = ["Heartbeat"]

logger = logging.getLogger(__name__)

_TICK_SECONDS = 0.2
_OVERDUE_SECONDS = 4.0  # a cancelled handler that has not stopped by then is stopped with its process
_LOST_SECONDS = 30.0  # one whose job was taken over computes for nobody


class Heartbeat:
    """Context manager that beats while the handler runs.

    Kernels release the GIL, so it beats while they compute. `on_overdue` ends the process of a handler that does not
    listen; without one it is left to finish, and its lease keeps everyone else away.
    """

    def __init__(self, report: Report, *, on_overdue: Callable[[], None] | None = None) -> None:
        self._report = report
        self._on_overdue = on_overdue
        self._done = threading.Event()
        self._cancelled_at: float | None = None
        # in the context of the work: what it logs carries the same request and job
        self._thread = threading.Thread(
            target=copy_context().run,
            args=(self._run,),
            name=f"job-{report.lease.job_id}-heartbeat",
            daemon=True,
        )

    def __enter__(self) -> "Heartbeat":
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._done.set()
        self._thread.join()

    def _run(self) -> None:
        renewed_at = time.monotonic()
        try:
            while not self._done.wait(_TICK_SECONDS) and not self._report.lost.is_set():
                try:
                    self._report.flush()
                    self._report.look()
                    if time.monotonic() - renewed_at > self._report.lease.seconds / 4:
                        leases.renew(self._report.lease)
                        renewed_at = time.monotonic()
                    self._end_overdue()
                    self._end_hung()
                except (DatabaseError, InterfaceError):
                    # Busy or restarting. The lease decides: regained in time, or another worker has it.
                    logger.warning(
                        "job %s: the database did not answer", self._report.lease.job_id, exc_info=True
                    )
                    connections.close_all()
        finally:
            connections.close_all()
        if not self._done.wait(_LOST_SECONDS) and self._on_overdue is not None:
            logger.warning(
                "job %s was taken over and goes on here; ending its process", self._report.lease.job_id
            )
            self._on_overdue()

    def _end_overdue(self) -> None:
        if not self._report.cancel_requested.is_set():
            return
        self._cancelled_at = self._cancelled_at or time.monotonic()
        if self._on_overdue is None or time.monotonic() - self._cancelled_at < _OVERDUE_SECONDS:
            return
        lease = self._report.lease
        if leases.end(
            lease, JobStatus.CANCELLED, message="Cancelled on request; its worker had to be stopped."
        ):
            logger.warning("job %s did not stop when asked to; ending its process", lease.job_id)
            self._on_overdue()

    def _end_hung(self) -> None:
        """A handler that lives and gets nowhere: others try once more, then the job fails, in words."""
        lease, limit = self._report.lease, conf.patience_seconds(self._report.job.kind)
        if self._on_overdue is None or time.monotonic() - self._report.moved_at < limit:
            return
        logger.error("job %s has made no progress for %.0f s; ending its process", lease.job_id, limit)
        leases.give_up(
            lease,
            f"It made no progress for {_duration(limit)}, twice, and was stopped. Try it smaller; if it may take so "
            "long, the administrator can raise TITAN_JOB_PATIENCE.",
        )
        self._on_overdue()


def _duration(seconds: float) -> str:
    return f"{seconds / 60:.0f} minutes" if seconds >= 120 else f"{seconds:.0f} seconds"
