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

_loops: dict[int, asyncio.AbstractEventLoop] = {}
_starting = threading.Lock()


def install() -> None:
    """Send a hint after each commit, where the channel layer joins processes."""
    layer = get_channel_layer()
    if layer is not None and not isinstance(layer, InMemoryChannelLayer):
        events.on_hint(send)


def send(stream: str) -> None:
    """Hint at `stream` over the channel layer, without waiting for it: whoever committed has other things to do."""
    asyncio.run_coroutine_threadsafe(_send(stream), _loop())


async def _send(stream: str) -> None:
    try:
        layer = get_channel_layer()
        if layer is not None:
            await layer.group_send(stream, {"type": HINT})
    except Exception:  # the servers find out by polling
        logger.warning(
            "no hint was sent for stream %s: the channel layer did not answer", stream, exc_info=True
        )


def _loop() -> asyncio.AbstractEventLoop:
    """The loop for hints, in a thread of its own; a forked worker makes its own instead of using its parent's."""
    with _starting:
        loop = _loops.get(os.getpid())
        if loop is None:
            loop = _loops[os.getpid()] = asyncio.new_event_loop()
            threading.Thread(target=loop.run_forever, name="event-hints", daemon=True).start()
    return loop
