"""Events as they happen, over a socket that is opened again where it breaks off, without gap or double."""

import json
import time
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import urlsplit

from websockets.exceptions import WebSocketException
from websockets.sync.client import connect

__all__ = ["Event", "follow"]

Event = dict[str, Any]
_LONGEST_PAUSE = 15.0


def follow(
    url: str, stream: str, *, ticket: Callable[[], str], after: int | None, patience: int
) -> Iterator[Event]:
    """Events of a stream; the first is what it says now, unless `after` names the last one seen.

    Raises ConnectionError after `patience` failures in a row to open the socket.
    """
    failures = 0
    while True:
        try:
            for event in _events(url, stream, ticket(), after):
                failures = 0
                if event["type"] == "resumed":
                    continue
                after = max(after or 0, event["seq"])
                yield event
        except (OSError, WebSocketException) as error:
            failures += 1
            if failures > patience:
                raise ConnectionError(f"the socket for {stream} can't be kept open: {error}") from error
            time.sleep(min(_LONGEST_PAUSE, 0.25 * 2**failures))


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
