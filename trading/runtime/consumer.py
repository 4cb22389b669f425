"""Celery's worker with TITAN's way of stopping, and with more patience for a broker and what lies in it."""

import logging
from collections.abc import Callable
from importlib import import_module
from typing import Any

from trading.runtime.messages import set_aside, tolerate

__all__ = ["worker_class"]

logger = logging.getLogger(__name__)

_RETRY_MOST_SECONDS = 5
_OF_THE_MESSAGE = (AttributeError, LookupError, TypeError, ValueError)


def worker_class(app: Any, *, on_stop: Callable[[int, Any], None]) -> Any:
    """The class of workers of `app` that call `on_stop` for SIGTERM, SIGINT and SIGQUIT."""
    from celery import platforms

    class Worker(app.Worker):  # type: ignore[misc]  # made at run time
        def install_platform_tweaks(self, worker: Any) -> None:
            """Our signals instead of Celery's, of which a warm one waits for ever and a cold one not at all."""
            for name in ("SIGTERM", "SIGINT", "SIGQUIT"):
                platforms.signals[name] = on_stop

    tolerate()
    import_module("kombu.transport.redis").Channel.QoS = _acknowledging()
    app.conf.worker_consumer = _patient_consumer()
    return Worker


def _acknowledging() -> Any:
    """The class that keeps account of messages a worker holds."""
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

    return Acknowledging


def _patient_consumer() -> Any:
    """The class that takes messages."""
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

        def create_task_handler(self, *arguments: Any, **options: Any) -> Any:
            """Refuse what has the form of a message and lacks something of its contents: the original ends."""
            received = super().create_task_handler(*arguments, **options)

            def handled(message: Any) -> Any:
                try:
                    return received(message)
                except _OF_THE_MESSAGE:
                    if message.acknowledged:
                        raise
                    logger.warning("a message could not be read", exc_info=True)
                    return self.on_unknown_message(None, message)

            return handled

        def on_unknown_message(self, body: Any, message: Any) -> None:
            """No task's message."""
            super().on_unknown_message(body, message)
            set_aside()

        def on_unknown_task(self, body: Any, message: Any, exc: Exception) -> None:
            """The message of a task that this version does not have."""
            super().on_unknown_task(body, message, exc)
            set_aside()

        def on_invalid_task(self, body: Any, message: Any, exc: Exception) -> None:
            """A message that its task can't be called with."""
            super().on_invalid_task(body, message, exc)
            set_aside()

        def on_decode_error(self, message: Any, exc: Exception) -> None:
            """A message whose body says nothing."""
            super().on_decode_error(message, exc)
            set_aside()

    return PatientConsumer
