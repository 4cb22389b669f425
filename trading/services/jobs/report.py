"""What a running handler is given to tell how far it is, and to learn that it should stop."""

import threading
import time
from collections.abc import Mapping
from typing import Any, Protocol

from common.events import json_safe
from titan_core.errors import Cancelled
from trading.models.jobs import Job, JobStatus
from trading.services.jobs import leases
from trading.services.jobs.errors import Interrupted, LostLease

__all__ = ["Flag", "Report"]

_FLUSH_SECONDS = 0.2  # at most five writes a second, however often the handler reports


class Flag(Protocol):
    """What tells a worker to stop: an event, or memory that several processes share."""

    def is_set(self) -> bool:
        """Whether it is time to stop."""


class Report:
    """Progress, checkpoint, stop signals and the fence of one attempt at one job.

    Calling it only notes the progress; a `Heartbeat` writes what is newest a few times a second, so a tight loop
    may report as often as it likes. Without a heartbeat (``inline``) the call itself writes, as rarely.
    """

    def __init__(self, job: Job, lease: leases.Lease, *, stopping: Flag | None, inline: bool) -> None:
        self.job = job
        self.lease = lease
        self.completed = False
        self.stop_observed = False  # the handler was told, so what it returned may be half a result
        self.cancel_requested = threading.Event()
        self.lost = threading.Event()
        self._stopping: Flag = threading.Event() if stopping is None else stopping
        self._inline = inline
        self._news: dict[str, Any] = {}
        self._lock = threading.Lock()
        self._flushed_at = -_FLUSH_SECONDS
        self.moved_at = time.monotonic()  # when the handler last told of anything new
        self._told: dict[str, Any] = {}

    def __call__(self, fraction: float, *, stage: str | None = None, message: str | None = None) -> None:
        """Report progress, 0..1; raises `Cancelled` (or `Interrupted`, `LostLease`) when it is time to stop."""
        news: dict[str, Any] = {"progress": min(1.0, max(0.0, float(fraction)))}
        if stage is not None:
            news["stage"] = stage[:100]
        if message is not None:
            news["message"] = message
        with self._lock:
            self._news |= news
            if news != self._told:
                self._told, self.moved_at = news, time.monotonic()
        if self._inline:
            self.flush()
            self.look()
        self.raise_if_stopped()

    def parts(self, *, done: int, total: int, workers: int) -> None:
        """Report how many parts of the job are done, and how many workers are on the others; written as progress is."""
        with self._lock:
            self._news |= {"parts_done": done, "parts_total": total, "parts_workers": workers}

    def waits(self) -> None:
        """Note that others have what this job needs: they have a patience of their own, and its own stands still."""
        self.moved_at = time.monotonic()

    def should_stop(self) -> bool:
        """Whether to stop at the next convenient point: cancelled, taken over, or the worker is shutting down."""
        if self._inline:
            self.look()
        stop = self.cancel_requested.is_set() or self.lost.is_set() or self._stopping.is_set()
        self.stop_observed = self.stop_observed or stop
        return stop

    def raise_if_stopped(self) -> None:
        """Raise what `should_stop` would answer yes to."""
        if self.lost.is_set():
            raise LostLease(f"job {self.lease.job_id} was taken over by another worker")
        if self.cancel_requested.is_set():
            raise Cancelled("Cancelled on request.")
        if self._stopping.is_set():
            raise Interrupted("the worker is shutting down")

    def checkpoint(self, data: Mapping[str, Any]) -> None:
        """Keep `data` for whoever resumes this job, as ``job.checkpoint``; written at once, under the lease."""
        if not leases.write(self.lease, checkpoint=json_safe(data), **self._take_news()):
            self.lost.set()
            self.raise_if_stopped()
        self.job.checkpoint = dict(data)
        self.moved_at = time.monotonic()

    def fence(self) -> None:
        """Inside the transaction that writes results: raises `LostLease` unless this attempt is the current one."""
        leases.check(self.lease)

    def complete(self, message: str = "") -> None:
        """Inside the transaction that writes results: end the job with them, so that they happen exactly once."""
        self.fence()
        leases.end(self.lease, JobStatus.COMPLETED, progress=1.0, **({"message": message} if message else {}))
        self.completed = True

    def flush(self) -> None:
        """Write the newest progress unless the last write was a moment ago; extends the lease as well."""
        if not self._news or time.monotonic() - self._flushed_at < _FLUSH_SECONDS:
            return
        self._flushed_at = time.monotonic()
        if not leases.write(self.lease, **self._take_news()):
            self.lost.set()

    def look(self) -> None:
        """Learn from the row whether the job was cancelled or taken over."""
        held, cancel = leases.look(self.lease)
        if not held:
            self.lost.set()
        if cancel:
            self.cancel_requested.set()

    def final(self) -> dict[str, Any]:
        """Stage and message reported but not yet written, for the write that ends the job."""
        return {key: value for key, value in self._take_news().items() if key != "progress"}

    def _take_news(self) -> dict[str, Any]:
        with self._lock:
            news, self._news = self._news, {}
        return news
