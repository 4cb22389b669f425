"""A worker's word that it lives: its row, written by a thread of its own every few seconds."""

import logging
import threading
from collections.abc import Callable, Sequence
from functools import partial

from django.db import connections

from trading.services.jobs import workers

__all__ = ["Presence"]

logger = logging.getLogger(__name__)

_TICK_SECONDS = 1.0


class Presence:
    """The row of this process. A database that does not answer is asked again; jobs do not wait for it."""

    def __init__(
        self,
        name: str,
        queues: Sequence[str],
        *,
        is_stopping: Callable[[], bool],
    ) -> None:
        self._name = name
        self._queues = tuple(queues)
        self._is_stopping = is_stopping
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._run, name="worker-presence", daemon=True)

    def start(self) -> None:
        """Register, and go on saying so."""
        self._thread.start()

    def stop(self) -> None:
        """The worker has ended: its row goes."""
        self._ended.set()
        self._thread.join(5.0)

    def _run(self) -> None:
        since, told = workers.SEEN_EVERY_SECONDS, False
        try:
            while True:
                stopping = self._is_stopping()
                if since >= workers.SEEN_EVERY_SECONDS or stopping != told:
                    since, told = 0.0, stopping
                    self._try(partial(self._say, stopping=stopping))
                if self._ended.wait(_TICK_SECONDS):
                    break
                since += _TICK_SECONDS
            self._try(partial(workers.forget, self._name))
        finally:
            connections.close_all()

    def _say(self, *, stopping: bool) -> None:
        if not workers.seen(self._name, stopping=stopping):
            workers.register(self._name, self._queues)

    @staticmethod
    def _try(work: Callable[[], object]) -> None:
        try:
            work()
        except Exception:
            logger.warning("the worker's row could not be written; trying again", exc_info=True)
        finally:
            connections.close_all()  # a process that computes needs no idle connection beside it
