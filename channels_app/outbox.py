"""What waits to be sent over one socket: bounded, written by one task, so that nobody else ever waits for a client."""

import asyncio
import logging
from collections.abc import Awaitable, Callable

from django.conf import settings

__all__ = ["MAX_CHARACTERS", "MAX_FRAMES", "SEND_SECONDS", "Outbox"]

logger = logging.getLogger(__name__)

# What may wait for one slow reader; beyond that it is dropped, and may resume by seq. A character takes up to four
# bytes, so this is 8 MB at worst.
MAX_FRAMES, MAX_CHARACTERS = 256, 2_000_000
SEND_SECONDS = 8.0  # how long one frame may wait for the network


class Outbox:
    """The frames out of one socket; `stuck` is set when its client no longer takes them."""

    def __init__(self, send: Callable[[str], Awaitable[None]]) -> None:
        self._send = send
        self._queue: asyncio.Queue[str] = asyncio.Queue(MAX_FRAMES)
        self._waiting = 0  # characters in the queue
        self._n_unsent = 0
        self.direct: Callable[[str], bool] | None = None
        self.stuck = asyncio.Event()

    def put(self, text: str) -> None:
        """Send one frame, at once where nothing waits; a client that lets too much wait is dropped."""
        if self._n_unsent == 0 and self.direct is not None and self.direct(text):
            return
        if self._queue.full() or self._waiting > MAX_CHARACTERS:
            self.drop()
            return
        self._waiting += len(text)
        self._n_unsent += 1
        self._queue.put_nowait(text)

    async def put_patiently(self, text: str) -> None:
        """Queue one frame of many, as fast as the client takes them."""
        if self._queue.qsize() >= MAX_FRAMES // 2 or self._waiting > MAX_CHARACTERS // 2:
            await self._queue.join()
        self.put(text)

    async def sent(self, seconds: float) -> bool:
        """Wait until everything is out, so long at most; whether it is."""
        try:
            async with asyncio.timeout(seconds):
                await self._queue.join()
        except TimeoutError:
            return False
        return True

    def drop(self) -> None:
        """Give this client up."""
        if not self.stuck.is_set():
            logger.info("a socket was dropped: its client reads too slowly")
            self.stuck.set()

    async def write(self) -> None:
        """Send what is queued, for as long as the socket is open."""
        patience = float(getattr(settings, "TITAN_SOCKET_SEND_SECONDS", SEND_SECONDS))
        while True:
            text = await self._queue.get()
            try:
                async with asyncio.timeout(patience):
                    await self._send(text)
            except TimeoutError:
                self.drop()
                return
            except Exception:  # the connection is gone: whoever waits for this queue must not wait for ever
                self.stuck.set()
                return
            self._waiting -= len(text)
            self._n_unsent -= 1
            self._queue.task_done()
