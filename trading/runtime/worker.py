"""The job child's own side: ``python -m trading.runtime.worker NAME``, warm before the first job, one job at a time."""

import logging
import os
import signal
import sys
import threading
from collections.abc import Callable

import django

__all__ = ["main"]

_IDLE_SECONDS = 1.0  # between looks at the queue when no hint comes
_STOP_SECONDS = 1.5  # for the running job to notice, once the server is gone or going


def main() -> None:
    """Work until standard input ends."""
    # Ctrl-C reaches the whole terminal group; it is the server that decides when this process ends.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    stopping, woken, ended = threading.Event(), threading.Event(), threading.Event()

    def stop(*_: object) -> None:
        stopping.set()
        woken.set()

    signal.signal(signal.SIGTERM, stop)
    threading.Thread(target=_listen, args=(stop, woken, ended), name="parent-pipe", daemon=True).start()
    django.setup()
    _work(sys.argv[1], stopping, woken)
    ended.set()


def _work(name: str, stopping: threading.Event, woken: threading.Event) -> None:
    """Warm up, then run one job after the other."""
    # Models can be imported only now that Django is set up.
    from django.db import connections

    from trading.runtime.presence import Presence
    from trading.services.jobs.queues import QUEUES
    from trading.services.jobs.registry import prepare
    from trading.services.jobs.service import JobService

    logger = logging.getLogger(__name__)
    presence = Presence(name, QUEUES, is_stopping=stopping.is_set)
    presence.start()
    prepare()
    while not stopping.is_set():
        woken.clear()
        try:
            if JobService().run_next_sync(worker=name, stopping=stopping, on_overdue=_die):
                continue
            if JobService().help_next_sync(worker=name, stopping=stopping, on_overdue=_die):
                continue
        except Exception:
            logger.exception("the job queue could not be read; trying again")
            connections.close_all()
        woken.wait(_IDLE_SECONDS)
    presence.stop()
    connections.close_all()


def _listen(stop: Callable[[], None], woken: threading.Event, ended: threading.Event) -> None:
    """Each byte from the server is a hint; the end of input means that the server is gone."""
    while os.read(sys.stdin.fileno(), 4096):
        woken.set()
    stop()
    if not ended.wait(_STOP_SECONDS):
        _die()


def _die() -> None:
    """End now: a handler that does not listen can't be stopped in any other way."""
    os._exit(70)


if __name__ == "__main__":
    main()
