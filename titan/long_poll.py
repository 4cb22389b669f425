"""Requests to ``events/`` that wait for news.

The view answers as always; only where it has nothing yet to say does its answer wait here, on the event loop, until the
hub tells of news, and then the view is asked once more. Between the two nothing is held but a socket and a task: no
thread and no connection of a database. An ``async`` view could not do that: behind middleware that is sync it holds its
request's thread all the while.

Those who ask at once, and those whom one event wakes at once, take turns: each look takes a thread and a connection,
and hundreds together would leave none to anybody else.
"""

import asyncio
import contextlib
import logging
import signal
from collections import Counter
from collections.abc import Awaitable, Callable
from typing import Any, Literal
from weakref import WeakKeyDictionary, WeakValueDictionary

from django.conf import settings

from api.errors import error_body
from api.json import dumps
from api.views.events import WAIT, WAITED, Wait
from channels_app.hub import current_hub
from common.metrics import LONG_POLLS
from common.security import raw_headers

__all__ = ["end_with_server", "wait_for_news"]

logger = logging.getLogger(__name__)

Receive = Callable[[], Awaitable[dict[str, Any]]]
Send = Callable[[dict[str, Any]], Awaitable[None]]
Application = Callable[[Any, Any, Any], Awaitable[None]]

PATH = "/api/v1/events/"
_PER_USER = 64  # as many as sockets
# Said once by the first answer, and meant for the client whichever of the two it gets.
_KEPT_HEADERS = (b"ratelimit-limit", b"ratelimit-remaining", b"ratelimit-reset")

_waiting: Counter[int] = Counter()  # touched from event loops only, never across an await
_stopping: WeakKeyDictionary[asyncio.AbstractEventLoop, asyncio.Event] = WeakKeyDictionary()
_POOL = 8  # taken for the size of a pool where there is none
# Places of an event loop, held by those who look or want to; without them they go, and keep no loop alive.
_places: WeakValueDictionary[asyncio.AbstractEventLoop, asyncio.Semaphore] = WeakValueDictionary()


class _Waker:
    """What the hub pushes to: it is enough to know that something came."""

    def __init__(self) -> None:
        self.woken = asyncio.Event()

    def push(self, stream: str, seq: int | None, text: str) -> None:
        """News."""
        self.woken.set()


class _Held:
    """An answer of Django's, kept instead of sent."""

    def __init__(self) -> None:
        self.messages: list[dict[str, Any]] = []

    async def keep(self, message: dict[str, Any]) -> None:
        """Take one part of the answer."""
        self.messages.append(message)

    async def release(self, send: Send) -> None:
        """Send it after all."""
        for message in self.messages:
            await send(message)

    def headers(self, *names: bytes) -> list[tuple[bytes, bytes]]:
        """Those of its headers, where it has them."""
        found = self.messages[0].get("headers", []) if self.messages else []
        return [(name.lower(), value) for name, value in found if name.lower() in names]


def wait_for_news(application: Application) -> Application:
    """Have requests to ``events/`` with ``wait=`` answered when there is something to say, or when their time is up."""

    async def waiting(scope: dict[str, Any], receive: Receive, send: Send) -> None:
        asks = scope.get("path") == PATH and b"wait=" in scope.get("query_string", b"")
        if not asks or scope.get("method") != "GET":
            await application(scope, receive, send)
            return
        replay = await _body_read(receive)
        first = await _look(application, scope, replay())
        wait: Wait | None = scope.get(WAIT)
        if wait is None or not first.messages:
            await first.release(send)
            return
        if _waiting[wait.user_id] >= int(getattr(settings, "TITAN_WAITS_PER_USER", _PER_USER)):
            await _refuse(send)
            return
        outcome = await _news(wait, receive)
        if outcome == "news":
            second = await _look(application, _asked_again(scope, first), replay())
            await second.release(_adding(first, send))
        elif outcome == "none":
            await first.release(send)

    return waiting


def end_with_server() -> None:
    """Have those who wait answered when the server is told to end, instead of holding it up. For its main thread."""
    loop, stop = asyncio.get_running_loop(), asyncio.Event()
    _stopping[loop] = stop
    for number in (signal.SIGTERM, signal.SIGINT):
        before = signal.getsignal(number)

        def ended(received: int, frame: Any, before: Any = before) -> None:
            loop.call_soon_threadsafe(stop.set)
            if callable(before):
                before(received, frame)

        with contextlib.suppress(ValueError):  # not the main thread: a test's server
            signal.signal(number, ended)


async def _look(application: Application, scope: dict[str, Any], receive: Receive) -> _Held:
    """Ask the view, when it is this one's turn. Sending is left to the caller, so that a slow client holds no place."""
    loop = asyncio.get_running_loop()
    places = _places.get(loop)
    if places is None:
        places = _places[loop] = asyncio.Semaphore(_n_places())
    held = _Held()
    async with places:
        await application(scope, receive, held.keep)
    return held


def _n_places() -> int:
    """Half of the pool's connections: the other half is left to requests that do not wait."""
    return max(1, (settings.ENVIRONMENT.database_pool or _POOL) // 2)


async def _body_read(receive: Receive) -> Callable[[], Receive]:
    """Read the request to its end; each call of the result gives a `receive` that begins with that end again."""
    while (message := await receive())["type"] == "http.request" and message.get("more_body"):
        pass

    def replay() -> Receive:
        ended = False

        async def again() -> dict[str, Any]:
            nonlocal ended
            if ended:
                return await receive()
            ended = True
            return {"type": message["type"], "body": b"", "more_body": False}

        return again

    return replay


async def _news(wait: Wait, receive: Receive) -> Literal["news", "none", "gone"]:
    """What ended the wait: an event after the one named, the time, or the client."""
    waker, hub, stop = _Waker(), current_hub(), _stopping.get(asyncio.get_running_loop())
    _waiting[wait.user_id] += 1
    LONG_POLLS.inc()
    ends = [receive(), waker.woken.wait(), *([stop.wait()] if stop is not None else [])]
    tasks = [asyncio.ensure_future(one) for one in ends]
    try:
        async with asyncio.timeout(wait.seconds):
            if await hub.join(wait.stream, waker) > wait.after:
                return "news"  # committed after the view looked
            ended, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    except TimeoutError:
        return "none"
    except Exception:
        logger.warning("a request can't wait for news of %s; it is answered now", wait.stream, exc_info=True)
        return "none"
    finally:
        LONG_POLLS.dec()
        _waiting[wait.user_id] -= 1
        if not _waiting[wait.user_id]:
            del _waiting[wait.user_id]
        for task in tasks:
            task.cancel()
        await hub.leave(wait.stream, waker)
    if tasks[0] in ended:  # all that can still come of a client is its going
        return "gone"
    return "news" if waker.woken.is_set() else "none"


def _asked_again(scope: dict[str, Any], first: _Held) -> dict[str, Any]:
    """The same request, under the same id, and marked so that it is not counted twice."""
    headers = [(name, value) for name, value in scope["headers"] if name != b"x-request-id"]
    again = {key: value for key, value in scope.items() if key != WAIT}
    return again | {WAITED: True, "headers": [*headers, *first.headers(b"x-request-id")]}


def _adding(first: _Held, send: Send) -> Send:
    """What is left of the rate stands in the first answer alone."""

    async def add(message: dict[str, Any]) -> None:
        if message["type"] == "http.response.start":
            message = message | {"headers": [*message.get("headers", []), *first.headers(*_KEPT_HEADERS)]}
        await send(message)

    return add


async def _refuse(send: Send) -> None:
    """The one error shape."""
    words = "Too many requests of yours wait for news: let one end before you send another."
    body = dumps(error_body("too_many_waiting", words, {}, ""))
    headers = [
        *raw_headers(),
        (b"content-type", b"application/json"),
        (b"content-length", str(len(body)).encode()),
        (b"retry-after", b"1"),
    ]
    await send({"type": "http.response.start", "status": 429, "headers": headers})
    await send({"type": "http.response.body", "body": body})
