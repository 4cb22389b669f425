"""``titan worker``: a Celery worker with TITAN's own settings, so that nobody types its flags."""

import gc
import logging
import os
import signal
import socket
import sys
import threading
from collections.abc import Callable, Sequence
from typing import Any

from django.conf import settings
from django.db import connections
from django.utils.module_loading import import_string

from trading.runtime import process
from trading.runtime.board import Board
from trading.runtime.watchdog import Watchdog, kill_all
from trading.services.jobs import conf
from trading.services.jobs.parts.crew import limit_blas
from trading.services.jobs.registry import prepare

__all__ = ["celery_app", "leave_logging", "work"]

logger = logging.getLogger(__name__)

_LAST_SECONDS = 3.0  # for Celery to notice that its processes are gone


def celery_app() -> Any:
    """The Celery application of these settings (``TITAN_CELERY_APP``)."""
    return import_string(getattr(settings, "TITAN_CELERY_APP", "titan.celery.app"))


def work(queues: Sequence[str], processes: int) -> int:
    """Serve `queues` with so many processes until told to stop; returns the exit code."""
    from celery import signals

    from trading.runtime.consumer import worker_class

    app, board = celery_app(), Board(processes)
    app.conf.worker_max_tasks_per_child = conf.jobs_per_process()
    app.conf.worker_max_memory_per_child = settings.ENVIRONMENT.worker_memory_mb * 1024
    receivers: list[tuple[Any, Callable[..., None]]] = [
        (signals.setup_logging, leave_logging),
        (signals.worker_process_init, lambda **_: _begin(board, queues, processes)),
        (signals.worker_process_shutdown, lambda **_: process.end()),
        (signals.worker_ready, lambda **_: Watchdog(board, conf.silent_seconds()).start()),
    ]
    for signal_, receiver in receivers:
        signal_.connect(receiver, weak=False)
    _load()
    stop = Stop(board)
    worker = worker_class(app, on_stop=stop)(
        hostname=f"titan-{os.getpid()}@{socket.gethostname()}",
        queues=list(queues),
        concurrency=processes,
        pool_cls="prefork",
        quiet=True,
        redirect_stdouts=False,
        # Rows tell who lives and what is done: workers have nothing to tell each other.
        without_gossip=True,
        without_mingle=True,
        without_heartbeat=True,
    )
    worker.start()
    return 1 if stop.n_killed else int(worker.exitcode or 0)


def leave_logging(**_: Any) -> None:
    """Being connected is enough to keep Celery from setting up loggers: Django's LOGGING rules them, and redacts."""


def _load() -> None:
    """Handlers and kernels are loaded once, here: processes forked from this one share their memory.

    Nothing that a fork would break is left open: no thread, no connection. BLAS looks after its own threads.
    """
    for settings_of in connections.settings.values():
        # A process that does one job at a time has three connections at most, and Celery would close a pool under
        # the threads that use it, before and after every job.
        settings_of.get("OPTIONS", {}).pop("pool", None)
    logger.info(
        "loading handlers and kernels; the first start after an update compiles them, for a minute or two"
    )
    prepare()
    connections.close_all()
    gc.collect()
    gc.freeze()  # what is loaded stays: collectors of the processes need not touch, and so copy, its pages


def _begin(board: Board, queues: Sequence[str], processes: int) -> None:
    from billiard import current_process

    # Its parent decides when it ends; a terminal's Ctrl-C reaches the whole group.
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    limit_blas(processes)
    process.begin(board, int(current_process().index), queues)


class Stop:
    """What signals do: the first asks jobs to end or go back to their queue, the second does not wait for them."""

    def __init__(self, board: Board) -> None:
        self._board = board
        self._asked = 0
        self.n_killed = 0

    def __call__(self, number: int, frame: Any) -> None:
        """Handle a signal."""
        from celery.worker import state

        self._asked += 1
        self._board.stop()
        state.should_stop = 0  # no more messages; the worker ends when its processes have
        seconds = conf.stop_seconds() if self._asked == 1 else 0.0
        threading.Thread(target=self._force, args=(seconds,), name="worker-stop", daemon=True).start()

    def _force(self, seconds: float) -> None:
        _wait(seconds)
        self.n_killed += kill_all(self._board)
        if self.n_killed:
            logger.warning(
                "processes killed to stop: %s; what they did is taken over elsewhere", self.n_killed
            )
        _wait(_LAST_SECONDS)
        sys.stdout.flush()
        os._exit(1)


def _wait(seconds: float) -> None:
    threading.Event().wait(seconds)
