"""Hints across processes: a commit anywhere wakes the servers whose sockets watch that stream.

In memory the channel layer reaches nobody else, so the embedded form does without: its server polls the log.
"""

import asyncio
import logging
import os
import threading

from channels.layers import InMemoryChannelLayer, get_channel_layer

from common import events

__all__ = ["HINT", "install", "send"]

logger = logging.getLogger(__name__)

HINT = "titan.hint"  # message type that says "read the log", and carries nothing

_MOST = (
    10_000  # streams that may wait for a slow channel layer; whoever watches the others finds out by polling
)
_SECONDS = 2.0  # for one hint
_PAUSE_SECONDS = 1.0  # after a failure


class _Sender:
    """The hints of one process: a loop in a thread of its own, one hint at a time, a stream waiting once at most."""

    def __init__(self) -> None:
        self._loop = asyncio.new_event_loop()
        self._waiting: dict[str, None] = {}  # in order of arrival
        self._task: asyncio.Task[None] | None = None
        self._down = False
        threading.Thread(target=self._loop.run_forever, name="event-hints", daemon=True).start()

    def put(self, stream: str) -> None:
        """Have a hint sent; returns at once."""
        self._loop.call_soon_threadsafe(self._put, stream)

    def _put(self, stream: str) -> None:
        if len(self._waiting) < _MOST:
            self._waiting[stream] = None
        if self._task is None or self._task.done():
            self._task = self._loop.create_task(self._send_all())

    async def _send_all(self) -> None:
        while self._waiting:
            stream = next(iter(self._waiting))
            del self._waiting[stream]
            try:
                async with asyncio.timeout(_SECONDS):
                    await self._send(stream)
                self._down = False
            except Exception:  # the servers find out by polling
                if not self._down:
                    logger.warning(
                        "no hint was sent for stream %s: the channel layer did not answer",
                        stream,
                        exc_info=True,
                    )
                self._down = True
                self._waiting.clear()
                await asyncio.sleep(_PAUSE_SECONDS)

    @staticmethod
    async def _send(stream: str) -> None:
        layer = get_channel_layer()
        if layer is not None:
            await layer.group_send(stream, {"type": HINT})


_senders: dict[int, _Sender] = {}
_starting = threading.Lock()


def install() -> None:
    """Send a hint after each commit, where the channel layer joins processes."""
    layer = get_channel_layer()
    if layer is not None and not isinstance(layer, InMemoryChannelLayer):
        events.on_hint(send)


def send(stream: str) -> None:
    """Hint at `stream` over the channel layer, without waiting for it: whoever committed has other things to do."""
    _sender().put(stream)


def _sender() -> _Sender:
    """The process's own; one that was forked makes another instead of using its parent's, whose thread it lacks."""
    with _starting:
        sender = _senders.get(os.getpid())
        if sender is None:
            sender = _senders[os.getpid()] = _Sender()
    return sender
