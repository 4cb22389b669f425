"""Hints across processes: a commit anywhere wakes the servers whose sockets watch that stream.

In memory the channel layer reaches nobody else, so the embedded form does without: its server polls the log.
"""

import logging

from asgiref.sync import async_to_sync
from channels.layers import InMemoryChannelLayer, get_channel_layer

from common import events

__all__ = ["HINT", "install"]

logger = logging.getLogger(__name__)

HINT = "titan.hint"  # message type that says "read the log", and carries nothing


def install() -> None:
    """Send a hint after each commit, where the channel layer joins processes."""
    layer = get_channel_layer()
    if layer is not None and not isinstance(layer, InMemoryChannelLayer):
        events.on_hint(send)


def send(stream: str) -> None:
    """Hint at `stream` over the channel layer; a failure only means that the servers find out by polling."""
    try:
        async_to_sync(get_channel_layer().group_send)(stream, {"type": HINT})
    except Exception:
        logger.warning(
            "no hint was sent for stream %s: the channel layer did not answer", stream, exc_info=True
        )
