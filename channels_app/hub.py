"""One tail of the event log a process, fanned out to that process's sockets.

Per stream the hub holds one membership of the channel layer, one cursor and the sockets that watch. An event is
read once, serialised once and pushed to each of them. Rows decide what is sent and in which order; a hint only
decides when to look.
"""

import asyncio
import contextlib
import logging
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Protocol, TypeVar
from weakref import WeakKeyDictionary

import orjson
from channels.layers import get_channel_layer
from django.db import connections
from django.utils import timezone

from channels_app.hints import HINT
from common import events
from common.metrics import EVENTS_LAG
from common.models import Event

__all__ = ["Hub", "Subscriber", "current_hub"]

logger = logging.getLogger(__name__)

T = TypeVar("T")

_BUSY_SECONDS, _QUIET_SECONDS = 0.05, 0.2  # between two looks at the log: after news, and without
_RETRY_SECONDS = 1.0
_CANCEL_SECONDS = 0.1
_REJOIN_SECONDS = 600.0  # group memberships fade in Redis, and vanish when it restarts


class Subscriber(Protocol):
    """What the hub pushes to."""

    def push(self, stream: str, seq: int | None, text: str) -> None:
        """Take one serialised envelope, without waiting; `seq` is None for what is not from the log."""


@dataclass(slots=True)
class _Group:
    """One watched stream."""

    subscribers: set[Subscriber] = field(default_factory=set)
    cursor: int | None = None  # seq of the last event pushed; None until read
    opening: asyncio.Lock = field(default_factory=asyncio.Lock)
    task: asyncio.Task[None] | None = None


class Hub:
    """The sockets of one event loop and what they watch."""

    def __init__(self) -> None:
        self._loop: asyncio.AbstractEventLoop | None = None
        self._groups: dict[str, _Group] = {}
        self._news = asyncio.Event()
        self._tail: asyncio.Task[None] | None = None
        self._unhook: Callable[[], None] | None = None
        # One thread, so that reads of the log happen one after the other and a cursor never goes back.
        self._reader: ThreadPoolExecutor | None = None

    async def join(self, stream: str, subscriber: Subscriber) -> int:
        """Push events of `stream` to `subscriber` from now on; every event after the seq this returns arrives."""
        group = self._groups.get(stream)
        if group is None:
            group = self._groups[stream] = _Group()
            self._start()
            group.task = asyncio.create_task(self._listen(stream), name=f"hub-{stream}")
        group.subscribers.add(subscriber)
        try:
            # Whoever came first reads where the log ends; if that one has gone meanwhile, the next does.
            async with group.opening:
                if group.cursor is None:
                    group.cursor = await self._read(partial(events.last_seq, stream))
                return group.cursor
        except Exception:
            await self.leave(stream, subscriber)
            raise

    async def leave(self, stream: str, subscriber: Subscriber) -> None:
        """Stop pushing `stream` to `subscriber`; the last one to leave switches the tail off."""
        group = self._groups.get(stream)
        if group is None or subscriber not in group.subscribers:
            return
        group.subscribers.discard(subscriber)
        if group.subscribers:
            return
        del self._groups[stream]
        await _stop(group.task)
        if not self._groups:
            await self.close()

    async def close(self) -> None:
        """Stop everything; sockets that are still open hear nothing more."""
        self._loop = None  # a hub kept for its loop must not keep that loop alive
        tail, self._tail = self._tail, None
        reader, self._reader = self._reader, None
        groups, self._groups = self._groups, {}
        if self._unhook is not None:
            self._unhook()
            self._unhook = None
        for group in groups.values():
            await _stop(group.task)
        await _stop(tail)
        if reader is not None:
            await asyncio.get_running_loop().run_in_executor(reader, connections.close_all)
            reader.shutdown(wait=False)

    def _start(self) -> None:
        self._loop = asyncio.get_running_loop()
        if self._reader is None:
            self._reader = ThreadPoolExecutor(1, thread_name_prefix="event-tail")
        if self._unhook is None:
            self._unhook = events.on_hint(self._hinted)
        if self._tail is None or self._tail.done():
            self._tail = asyncio.create_task(self._follow(), name="event-tail")

    def _hinted(self, stream: str) -> None:
        """Called in whichever thread committed."""
        loop = self._loop
        if loop is not None and stream in self._groups:
            with contextlib.suppress(RuntimeError):  # the loop has just closed
                loop.call_soon_threadsafe(self._news.set)

    async def _follow(self) -> None:
        """Read what is new on the watched streams, push it, wait; as long as anything is watched."""
        wait = _QUIET_SECONDS
        while True:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(wait):
                    await self._news.wait()
            self._news.clear()
            cursors = {name: group.cursor for name, group in self._groups.items() if group.cursor is not None}
            try:
                news = await self._read(partial(events.newer, cursors)) if cursors else []
            except Exception:
                logger.exception("the event log could not be read; trying again")
                await self._read(connections.close_all)
                wait = _RETRY_SECONDS
                continue
            for event in news:
                self._deliver(event)
            wait = _BUSY_SECONDS if news else _QUIET_SECONDS

    def _deliver(self, event: Event) -> None:
        group = self._groups.get(event.stream)
        if group is None or group.cursor is None or event.seq <= group.cursor:
            return
        group.cursor = event.seq
        EVENTS_LAG.observe(max(0.0, (timezone.now() - event.created_at).total_seconds()))
        text = orjson.dumps(events.envelope(event)).decode()
        for subscriber in tuple(group.subscribers):
            subscriber.push(event.stream, event.seq, text)

    async def _listen(self, stream: str) -> None:
        """Hold the membership in the channel layer: hints wake the tail, envelopes are forwarded as they are."""
        layer = get_channel_layer()
        if layer is None:
            return
        channel = await layer.new_channel()
        try:
            while True:
                try:
                    await layer.group_add(stream, channel)
                    async with asyncio.timeout(_REJOIN_SECONDS):
                        while True:
                            self._received(stream, await layer.receive(channel))
                except TimeoutError:
                    continue
                except Exception:
                    logger.warning(
                        "the channel layer did not answer for %s; polling meanwhile", stream, exc_info=True
                    )
                    await asyncio.sleep(_RETRY_SECONDS)
        finally:
            with contextlib.suppress(Exception):
                await layer.group_discard(stream, channel)

    def _received(self, stream: str, message: dict[str, Any]) -> None:
        if message.get("type") == HINT:
            self._news.set()
            return
        group = self._groups.get(stream)
        if group is not None:
            text = orjson.dumps(events.json_safe(message)).decode()
            for subscriber in tuple(group.subscribers):
                subscriber.push(stream, None, text)

    async def _read(self, query: Callable[[], T]) -> T:
        if self._reader is None:
            raise RuntimeError("the hub is closed")
        return await asyncio.get_running_loop().run_in_executor(self._reader, query)


async def _stop(task: asyncio.Task[None] | None) -> None:
    if task is None or task is asyncio.current_task():
        return
    while not task.done():
        task.cancel()  # once more where the client of Redis, while it connects, has swallowed the first
        await asyncio.wait({task}, timeout=_CANCEL_SECONDS)
    if not task.cancelled():
        task.result()


_hubs: WeakKeyDictionary[asyncio.AbstractEventLoop, Hub] = WeakKeyDictionary()


def current_hub() -> Hub:
    """The hub of the running event loop."""
    loop = asyncio.get_running_loop()
    if loop not in _hubs:
        _hubs[loop] = Hub()
    return _hubs[loop]
