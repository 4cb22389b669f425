"""``titan worker``: a Celery worker with TITAN's own settings, so that nobody types its flags."""

import os
import socket
from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.utils.module_loading import import_string

from trading.services.jobs.registry import prepare

__all__ = ["celery_app", "leave_logging", "work"]


def celery_app() -> Any:
    """The Celery application of these settings (``TITAN_CELERY_APP``)."""
    return import_string(settings.TITAN_CELERY_APP)


def work(queues: Sequence[str], processes: int) -> int:
    """Serve `queues` with so many processes until told to stop; returns the exit code."""
    from celery import signals

    app = celery_app()
    # Django's LOGGING rules all loggers, and redacts.
    signals.setup_logging.connect(leave_logging, weak=False)
    signals.worker_init.connect(_before_forking, weak=False)
    worker = app.Worker(
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
    return int(worker.exitcode or 0)


def leave_logging(**_: Any) -> None:
    """Being connected is enough to keep Celery from setting up loggers."""


def _before_forking(**_: Any) -> None:
    """Handlers and kernels are loaded once, here: processes forked from this one share them."""
    prepare()
