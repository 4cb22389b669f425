"""Events as they happen, over a socket that is opened again where it breaks off, without gap or double.

Where no socket comes through (a proxy that does not pass them), requests that wait for events do.
"""

import json
import time
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import urlsplit

import httpx
from websockets.exceptions import WebSocketException
from websockets.sync.client import connect

__all__ = ["Event", "follow"]

Event = dict[str, Any]
_LONGEST_PAUSE = 15.0
_BLOCKED_AFTER_NEVER, _BLOCKED_AFTER = (
    2,
    4,
)  # failures in a row: of a socket that was never open, and of one that was
_ASK_SECONDS, _WAIT_SECONDS = 300.0, 20


def follow(
    url: str,
    stream: str,
    *,
    ticket: Callable[[], str],
    page: Callable[..., Any],
    after: int | None,
    patience: int,
) -> Iterator[Event]:
    """Events of a stream; the first is what it says now, unless `after` names the last one seen.

    `page` asks ``events/``. Raises ConnectionError after `patience` failures in a row of the socket and of `page`.
    """
    failures, enough = 0, _BLOCKED_AFTER_NEVER
    while True:
        try:
            for event in _events(url, stream, ticket(), after):
                failures, enough = 0, _BLOCKED_AFTER
                if event["type"] == "resumed":
                    continue
                after = max(after or 0, event["seq"])
                yield event
        except (OSError, WebSocketException) as error:
            failures += 1
            if failures > patience:
                raise ConnectionError(f"the socket for {stream} can't be kept open: {error}") from error
        if failures >= enough:
            try:
                for event in _asked(page, stream, after):
                    after = max(after or 0, event["seq"])
                    yield event
                failures = (
                    enough - 1
                )  # requests come through: one failure more of the socket, and back to them
                continue
            except httpx.TransportError:
                pass  # neither way comes through
        time.sleep(min(_LONGEST_PAUSE, 0.25 * 2**failures))


def _asked(page: Callable[..., Any], stream: str, after: int | None) -> Iterator[Event]:
    """Events by requests that wait, for some minutes; then it is worth trying a socket again."""
    until = time.monotonic() + _ASK_SECONDS
    if after is None:
        newest = page(stream=stream, newest=True)
        yield from newest["results"]
        after = newest["last_seq"]
    while time.monotonic() < until:
        found = page(stream=stream, after=after, wait=_WAIT_SECONDS)
        yield from found["results"]
        after = found["last_seq"]


def _events(url: str, stream: str, ticket: str, after: int | None) -> Iterator[Event]:
    parts = urlsplit(url)
    scheme = "wss" if parts.scheme == "https" else "ws"
    kind, _, number = stream.rpartition("_")
    target: dict[str, Any] = {f"{kind}_id": int(number)} if kind in {"job", "pair"} else {"stream": "user"}
    if after is not None:
        target["after"] = after
    with connect(
        f"{scheme}://{parts.netloc}/ws/trading-data/",
        subprotocols=["titan.v1", f"ticket.{ticket}"],  # type: ignore[list-item]  # plain texts to websockets
    ) as socket:
        socket.send(json.dumps({"type": "subscribe", **target}))
        for text in socket:
            event: Event = json.loads(text)
            if event["type"] == "error":
                raise LookupError(event["data"]["message"])
            if event.get("stream") == stream:
                yield event
