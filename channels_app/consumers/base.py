"""The base of all sockets: sign-in, subscriptions, bounds, and an end for every socket that outlives its right."""

import asyncio
import contextlib
import logging
import socket
import struct
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any, ClassVar

from channels.db import database_sync_to_async
from channels.generic.websocket import AsyncWebsocketConsumer
from django.conf import settings
from django.utils import timezone
from structlog.contextvars import bind_contextvars

from channels_app import auth, protocol
from channels_app.hub import current_hub
from channels_app.limits import Places, address_of
from channels_app.outbox import MAX_FRAMES, Outbox
from channels_app.protocol import BadFrame
from channels_app.wire import direct
from common import events
from common.metrics import SOCKET_CLIENTS
from titan_core.errors import DataUnavailable
from trading.services.streams import StreamService
from users.models import User

__all__ = ["TitanConsumer"]

logger = logging.getLogger(__name__)

_REPLAY = 100  # events read at a time for a client that resumes
# What services publish on a person's own stream when a right or a sign-in of theirs ends.
_ACCESS_CHANGED = '{"type":"access_changed"'


@dataclass(slots=True)
class _Subscription:
    """One watched stream: `sent` is the last seq sent; while `early` is a list, events wait in it.

    `overflowed` says that more came than it holds, so that the log must be read again.
    """

    sent: int = -1
    early: list[tuple[int | None, str]] | None = field(default_factory=list)
    overflowed: bool = False


class _AccessWatch:
    """Listens on a person's own stream for the end of a right, whatever the client has subscribed to."""

    def __init__(self) -> None:
        self.changed = asyncio.Event()

    def push(self, stream: str, seq: int | None, text: str) -> None:
        """Wake the guard; every other event is for subscribers."""
        if text.startswith(_ACCESS_CHANGED):
            self.changed.set()


class TitanConsumer(AsyncWebsocketConsumer):  # type: ignore[misc]  # channels is untyped
    """A socket: ``subscribe``, ``unsubscribe`` and ``ping`` in, envelopes out.

    Frames out pass through one bounded queue and one writer, so nothing that happens elsewhere waits for a client.
    """

    door: ClassVar[str]  # as metrics name it
    targets: ClassVar[tuple[str, ...]] = ()  # what a subscribe frame may name here: job_id, pair_id
    max_streams: ClassVar[int] = 200
    channel_layer_alias = ""  # the hub is the member of the channel layer, not each socket

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._identity: auth.Identity | None = None
        self._identity_shown = False  # stays true when the right to stay open ends
        self._own_stream = ""
        self._subscriptions: dict[str, _Subscription] = {}
        self._out = Outbox(lambda text: self.send(text_data=text))
        self._bucket = protocol.Bucket()
        self._tasks: list[asyncio.Task[None]] = []
        self._places = Places()
        self._access = _AccessWatch()
        self._streams = StreamService()

    async def __call__(
        self,
        scope: dict[str, Any],
        receive: Callable[[], Awaitable[Any]],
        send: Callable[[Any], Awaitable[None]],
    ) -> None:
        """Serve one socket; whatever ends it, its subscriptions and tasks end with it."""
        self._out.direct = direct(send)
        serving = asyncio.ensure_future(super().__call__(scope, receive, send))
        dropped = asyncio.create_task(self._out.stuck.wait())
        try:
            await asyncio.wait({serving, dropped}, return_when=asyncio.FIRST_COMPLETED)
            if serving.done():
                serving.result()
        finally:
            await _cancel(serving, dropped, *self._tasks)
            self._places.release()
            if self._identity_shown:
                SOCKET_CLIENTS.labels(self.door).dec()
            for stream in list(self._subscriptions):
                await self._leave(stream)
            await current_hub().leave(self._own_stream, self._access)
            if self._out.stuck.is_set():
                _abort(send)

    # Opening

    async def connect(self) -> None:
        """Accept, so that a browser can read the close code, then close again what may not stay."""
        offered = self.scope.get("subprotocols") or []
        await self.accept(auth.PROTOCOL if auth.PROTOCOL in offered else None)
        if not auth.is_known_origin(self.scope):
            await self.close(protocol.FOREIGN_ORIGIN, "This page may not open sockets here.")
            return
        if not self._places.take_for_address(address_of(self.scope)):
            await self.close(protocol.TOO_MANY, "Too many sockets are open from your address.")
            return
        identity = await database_sync_to_async(auth.authenticate)(self.scope)
        if identity is None:
            await self.close(protocol.EXPIRED, "Sign in: the ticket or token is missing, used or expired.")
            return
        if not self._places.take_for_user(identity.user.pk):
            await self.close(protocol.TOO_MANY, "Too many sockets of yours are open; close some first.")
            return
        self._identity = identity
        self._identity_shown = True
        SOCKET_CLIENTS.labels(self.door).inc()
        self._own_stream = f"user_{identity.user.pk}"
        bind_contextvars(user_id=identity.user.pk)
        self._tasks = [asyncio.create_task(self._out.write()), asyncio.create_task(self._guard())]
        try:
            frames = self.initial_frames()
        except BadFrame as error:
            self.say(protocol.error_text(error.code, str(error)))
            return
        for frame in frames:
            await self._act(frame, self._identity.user)

    def initial_frames(self) -> list[dict[str, object]]:
        """Frames to act on as if the client had sent them at once."""
        return []

    # Frames in

    async def receive(self, text_data: str | None = None, bytes_data: bytes | None = None) -> None:
        """Act on one frame; a bad one is answered with an error and changes nothing."""
        if self._identity is None:
            return
        if not self._bucket.take():
            await self._close_saying(
                protocol.TOO_FAST, "too_fast", "Too many frames: send fewer than 20 a second."
            )
            return
        size = len(bytes_data or b"") if text_data is None else len(text_data.encode())
        if size > protocol.MAX_FRAME_BYTES:
            await self._close_saying(
                protocol.TOO_BIG, "too_big", f"Frames hold {protocol.MAX_FRAME_BYTES} bytes."
            )
            return
        try:
            frame = protocol.parse(text_data)
        except BadFrame as error:
            self.say(protocol.error_text(error.code, str(error)))
            return
        await self._act(frame, self._identity.user)

    async def _act(self, frame: dict[str, Any], user: User) -> None:
        """Do what a frame asks."""
        kind = frame["type"]
        about = {
            key: frame[key] for key in (*self.targets, "stream") if isinstance(frame.get(key), int | str)
        }
        try:
            if kind == "ping":
                self.say(protocol.message_text("pong"))
            elif kind in {"subscribe", "unsubscribe"}:
                stream = protocol.stream_of(frame, allowed=self.targets, user_id=user.pk)
                if kind == "subscribe":
                    await self._subscribe(stream, user, protocol.after_of(frame))
                else:
                    await self._leave(stream)
            else:
                self.say(
                    protocol.error_text("unknown_type", "Known types are subscribe, unsubscribe and ping.")
                )
        except BadFrame as error:
            self.say(protocol.error_text(error.code, str(error), **about))
        except DataUnavailable as error:
            self.say(protocol.error_text("not_found", str(error), **about))
        except Exception:
            logger.exception("a socket frame of type %r could not be served", str(kind)[:40])
            self.say(protocol.error_text("internal_error", "That failed on our side; try again.", **about))

    # Subscriptions

    async def _subscribe(self, stream: str, user: User, after: int | None) -> None:
        """Join, then snapshot or replay: what happens in between waits, and what was said is not repeated."""
        if not await self._streams.is_visible(user, stream):
            raise DataUnavailable("There is nothing with this number for you to watch.")
        subscription = self._subscriptions.get(stream)
        if subscription is None:
            if len(self._subscriptions) >= self.max_streams:
                raise BadFrame("too_many", f"Watch at most {self.max_streams} streams over one socket.")
            subscription = self._subscriptions[stream] = _Subscription()
        else:
            subscription.early = []  # asked again: a fresh start
        try:
            await current_hub().join(stream, self)
            if after is None:
                snapshot = await self._streams.snapshot(user, stream)
                subscription.sent = snapshot["seq"]
                self.say(protocol.dumps(dict(snapshot)))
                if subscription.overflowed:
                    await self._catch_up(stream, subscription)
            else:
                await self._replay(stream, subscription, after)
        except BaseException:
            await self._leave(stream)
            raise
        early, subscription.early = subscription.early or [], None
        for seq, text in early:
            self.push(stream, seq, text)

    async def _replay(self, stream: str, subscription: _Subscription, after: int) -> None:
        """Everything later than `after`, then where that ended."""
        newest = await database_sync_to_async(events.last_seq)(stream)
        if after > newest:
            raise BadFrame("bad_target", f'"after" is {after}; the newest event here is {newest}.')
        subscription.sent = after
        first = await self._catch_up(stream, subscription)
        lost = first - after - 1 if first is not None else 0  # housekeeping was faster
        self.say(protocol.resumed_text(stream, subscription.sent, after=after, lost=lost))

    async def _catch_up(self, stream: str, subscription: _Subscription) -> int | None:
        """Send what the log holds beyond `sent`, in order and as fast as the client reads; the first seq of it."""
        first: int | None = None
        caught_up = False
        while not caught_up:
            subscription.early, subscription.overflowed = (
                [],
                False,
            )  # whatever comes from here on is read below
            missed = await database_sync_to_async(events.latest)(stream, subscription.sent, _REPLAY)
            if missed and first is None:
                first = missed[0].seq
            for event in missed:
                await self._out.put_patiently(protocol.dumps(dict(events.envelope(event))))
                subscription.sent = event.seq
            caught_up = len(missed) < _REPLAY and not subscription.overflowed
        return first

    async def _leave(self, stream: str) -> None:
        if self._subscriptions.pop(stream, None) is not None:
            await current_hub().leave(stream, self)

    def push(self, stream: str, seq: int | None, text: str) -> None:
        """Take an envelope from the hub: kept until the start is out, skipped when that said it already."""
        subscription = self._subscriptions.get(stream)
        if subscription is None:
            return
        if subscription.early is not None:
            if len(subscription.early) < MAX_FRAMES:
                subscription.early.append((seq, text))
            else:
                subscription.overflowed = True
            return
        if seq is not None:
            if seq <= subscription.sent:
                return
            subscription.sent = seq
        self.say(text)

    # Frames out

    def say(self, text: str) -> None:
        """Queue one frame; a client that lets too much wait is dropped."""
        self._out.put(text)

    async def _close_saying(self, code: int, error: str, message: str) -> None:
        """Say why, then close."""
        self.say(protocol.error_text(error, message))
        await self._out.sent(1.0)
        await self.close(code, message)

    # Staying open

    async def _guard(self) -> None:
        """Close the socket when its token expires or its user may no longer see what it watches."""
        recheck = float(getattr(settings, "TITAN_SOCKET_RECHECK_SECONDS", 30.0))
        try:
            await current_hub().join(self._own_stream, self._access)
            self._access.changed.set()  # what happened since the sign-in was looked at
        except Exception:
            logger.warning("a socket hears of changed rights by polling only", exc_info=True)
        while self._identity is not None:
            wait = recheck
            if self._identity.expires_at is not None:
                left = (self._identity.expires_at - timezone.now()).total_seconds()
                wait = min(recheck, max(0.0, left))
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(wait):
                    await self._access.changed.wait()
            self._access.changed.clear()
            try:
                self._identity = await database_sync_to_async(auth.still_valid)(self._identity)
                await self._recheck_streams()
            except Exception:
                logger.exception("a socket's permissions could not be checked; trying again")
        await self.close(protocol.EXPIRED, "Your sign-in has expired.")

    async def _recheck_streams(self) -> None:
        for stream in list(self._subscriptions):
            if self._identity is not None and not await self._streams.is_visible(self._identity.user, stream):
                await self._leave(stream)
                self.say(protocol.error_text("not_found", "You may no longer watch this.", stream=stream))


def _abort(send: Any) -> None:
    """Cut the connection behind `send`.

    ASGI can only close politely, which waits for the client to read what is buffered: the one thing it won't do.
    """
    transport: Any = getattr(getattr(send, "__self__", None), "transport", None)
    connection = transport.get_extra_info("socket") if transport is not None else None
    if connection is not None:
        # Reset, or the kernel would keep megabytes of unread frames for as long as the client likes.
        with contextlib.suppress(OSError):  # closed already
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        transport.abort()


async def _cancel(*tasks: "asyncio.Future[Any]") -> None:
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
