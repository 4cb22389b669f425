"""What a part's function is given to tell how far it is and to learn that it should stop, and the thread beside it."""

import logging
import math
import threading
import time
from collections.abc import Callable
from contextvars import copy_context
from types import TracebackType

from django.db import DatabaseError, InterfaceError, connections

from trading.services.jobs.parts import leases
from trading.services.jobs.report import Flag

__all__ = ["PartBeat", "Step"]

logger = logging.getLogger(__name__)

_TICK_SECONDS = 0.25
_NEWS_SECONDS = 1.0  # between two writes of progress
_OVERDUE_SECONDS = 4.0  # a part that was told to stop and has not by then is stopped with its process


class Step:
    """Progress and stop signals of one attempt at one part.

    `asked` is asked as well whether to stop (the job's holder has a job that may end); `told` is called with each
    progress, in the thread of the work.
    """

    def __init__(
        self,
        lease: leases.PartLease,
        *,
        stopping: Flag | None = None,
        asked: Callable[[], bool] | None = None,
        told: Callable[[], None] | None = None,
        patience: float = math.inf,
    ) -> None:
        self.lease = lease
        self.fraction = 0.0
        self.patience = patience  # seconds it may go without a sign that it moves on
        self.moved_at = time.monotonic()
        self.unwanted = threading.Event()  # taken over, or the job was cancelled or has ended
        self._stopping: Flag = threading.Event() if stopping is None else stopping
        self._asked = asked
        self._told = told

    def __call__(self, done: float, total: float) -> None:
        """Note that `done` of `total` is; written once a second at most."""
        fraction = min(1.0, max(0.0, done / total)) if total else 1.0
        if fraction != self.fraction:
            self.fraction, self.moved_at = fraction, time.monotonic()
        if self._told is not None:
            self._told()

    def should_stop(self) -> bool:
        """Whether to stop at the next convenient point, by raising `Cancelled`."""
        if self._asked is not None and self._asked():
            return True
        return self.unwanted.is_set() or self._stopping.is_set()


class PartBeat:
    """Context manager that renews a part's lease, writes its progress and notices that it is not wanted any more.

    `on_overdue` ends the process of a function that does not listen.
    """

    def __init__(self, step: Step, *, on_overdue: Callable[[], None] | None = None) -> None:
        self._step = step
        self._on_overdue = on_overdue
        self._done = threading.Event()
        self._unwanted_at: float | None = None
        # in the context of the work: what it logs carries the same request and job
        self._thread = threading.Thread(
            target=copy_context().run,
            args=(self._run,),
            name=f"part-{step.lease.part_id}-heartbeat",
            daemon=True,
        )

    def __enter__(self) -> "PartBeat":
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._done.set()
        self._thread.join()

    def _run(self) -> None:
        renewed_at, written = time.monotonic(), 0.0
        lease = self._step.lease
        try:
            while not self._done.wait(_TICK_SECONDS):
                try:
                    since = time.monotonic() - renewed_at
                    news = self._step.fraction != written and since > _NEWS_SECONDS
                    if news or since > lease.seconds / 4:
                        written, renewed_at = self._step.fraction, time.monotonic()
                        leases.renew(lease, written)
                    if not leases.look(lease):
                        self._step.unwanted.set()
                    self._end_overdue()
                except (DatabaseError, InterfaceError):
                    # Busy or restarting. The lease decides: renewed in time, or another worker has it.
                    logger.warning("part %s: the database did not answer", lease.part_id, exc_info=True)
                    connections.close_all()
        finally:
            connections.close_all()

    def _end_overdue(self) -> None:
        hangs = time.monotonic() - self._step.moved_at > self._step.patience
        if hangs and self._on_overdue is not None:
            logger.error("part %s gets nowhere; ending its process", self._step.lease.part_id)
            leases.give_back(self._step.lease, death=True)
            self._on_overdue()
        if not self._step.unwanted.is_set():
            return
        self._unwanted_at = self._unwanted_at or time.monotonic()
        if self._on_overdue is None or time.monotonic() - self._unwanted_at < _OVERDUE_SECONDS:
            return
        logger.warning("part %s did not stop when asked to; ending its process", self._step.lease.part_id)
        leases.give_back(self._step.lease)
        self._on_overdue()
