"""What starts and ends with the server: the embedded job runtime and the hub of the sockets."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import Any

from django.conf import settings

from channels_app.hub import current_hub
from titan.long_poll import end_with_server
from trading.runtime.supervisor import EmbeddedRuntime

__all__ = ["lifespan"]

logger = logging.getLogger(__name__)

Receive = Callable[[], Awaitable[dict[str, Any]]]
Send = Callable[[dict[str, Any]], Awaitable[None]]


async def lifespan(scope: dict[str, Any], receive: Receive, send: Send) -> None:
    """ASGI lifespan: start what this server runs besides requests, end it when the server does."""
    runtime = EmbeddedRuntime() if settings.EMBEDDED and getattr(settings, "TITAN_RUN_JOBS", True) else None
    while True:
        message = await receive()
        if message["type"] == "lifespan.startup":
            if runtime is not None:
                runtime.start()
            end_with_server()
            await send({"type": "lifespan.startup.complete"})
        elif message["type"] == "lifespan.shutdown":
            await current_hub().close()
            if runtime is not None:
                await asyncio.to_thread(runtime.stop)
            await send({"type": "lifespan.shutdown.complete"})
            return
