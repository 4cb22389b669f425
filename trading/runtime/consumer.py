"""Celery's worker with TITAN's way of stopping, and with more patience for a broker and what lies in it."""

import logging
from collections.abc import Callable
from importlib import import_module
from typing import Any

__all__ = ["worker_class"]

logger = logging.getLogger(__name__)

_RETRY_MOST_SECONDS = 5


def worker_class(app: Any, *, on_stop: Callable[[int, Any], None]) -> Any:
    """The class of workers of `app` that call `on_stop` for SIGTERM, SIGINT and SIGQUIT."""
    from celery import platforms
    from celery.worker.consumer import Consumer
    from celery.worker.state import maybe_shutdown

    broker: Any = import_module("kombu.transport.redis")
    virtual: Any = import_module("kombu.transport.virtual")

    class Acknowledging(broker.QoS):  # type: ignore[misc]  # kombu is untyped
        """Counts a message as done with even where the broker could not be told.

        The original counts it as held for ever. A process that may hold one then never asks for another, and so never
        learns that the connection it would ask over is gone.
        """

        def ack(self, delivery_tag: Any) -> None:
            try:
                super().ack(delivery_tag)
            except Exception:
                virtual.QoS.ack(self, delivery_tag)
                raise

        def reject(self, delivery_tag: Any, requeue: bool = False) -> None:  # noqa: FBT001, FBT002 - kombu's own
            try:
                super().reject(delivery_tag, requeue)
            except Exception:
                virtual.QoS.ack(self, delivery_tag)
                raise

    readable = virtual.Channel.decode_body

    def decode_body(channel: Any, body: Any, encoding: str | None = None) -> Any:
        """The body of a message; nothing of one that can't be decoded, which the consumer then sets aside and logs.

        Left to itself the error ends the worker, the message goes back, and ends the next one.
        """
        try:
            return readable(channel, body, encoding)
        except Exception:
            logger.warning("a message that can't be decoded was set aside", exc_info=True)
            return ""

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

    broker.Channel.QoS = Acknowledging
    broker.Channel.decode_body = decode_body
    app.conf.worker_consumer = PatientConsumer
    return Worker
