"""Celery's worker with TITAN's way of stopping, and with more patience for a broker that comes and goes."""

import logging
from collections.abc import Callable
from typing import Any

__all__ = ["worker_class"]

logger = logging.getLogger(__name__)

_RETRY_MOST_SECONDS = 5


def worker_class(app: Any, *, on_stop: Callable[[int, Any], None]) -> Any:
    """The class of workers of `app` that call `on_stop` for SIGTERM, SIGINT and SIGQUIT."""
    from celery import platforms
    from celery.worker.consumer import Consumer
    from celery.worker.state import maybe_shutdown

    class PatientConsumer(Consumer):  # type: ignore[misc]  # celery is untyped
        def ensure_connected(self, conn: Any) -> Any:
            """Try again every few seconds, for ever: the original waits longer each time, up to half a minute."""
            connection = conn.ensure_connection(
                self._told,
                None,
                interval_start=1,
                interval_step=1,
                interval_max=_RETRY_MOST_SECONDS,
                callback=maybe_shutdown,
            )
            self.first_connection_attempt = False
            self.broker_connection_retry_attempt = 0
            return connection

        @staticmethod
        def _told(error: Exception, seconds: float) -> None:
            logger.warning("the broker does not answer (%s); trying again in %s s", error, seconds)

    class Worker(app.Worker):  # type: ignore[misc]  # made at run time
        def install_platform_tweaks(self, worker: Any) -> None:
            """Our signals instead of Celery's, of which a warm one waits for ever and a cold one not at all."""
            for name in ("SIGTERM", "SIGINT", "SIGQUIT"):
                platforms.signals[name] = on_stop

    app.conf.worker_consumer = PatientConsumer
    return Worker
