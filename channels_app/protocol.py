"""What is said over a socket: frames in, envelopes out, and the bounds on both."""

import time
from dataclasses import dataclass
from typing import Any, Final

import orjson
from django.utils import timezone

from common.events import instant

__all__ = [
    "EXPIRED",
    "FOREIGN_ORIGIN",
    "MAX_FRAME_BYTES",
    "TOO_BIG",
    "TOO_FAST",
    "TOO_MANY",
    "BadFrame",
    "Bucket",
    "after_of",
    "dumps",
    "error_text",
    "message_text",
    "parse",
    "resumed_text",
    "stream_of",
]

MAX_FRAME_BYTES: Final = 8 * 1024
# Close codes: ours in the private range, the others as RFC 6455 and its registry name them.
EXPIRED, FOREIGN_ORIGIN, TOO_MANY = 4401, 4403, 4429
TOO_FAST, TOO_BIG = 1008, 1009
_MAX_ID = 2**63 - 1


class BadFrame(Exception):
    """A frame we can't act on: `code` for programs, the message for whoever wrote the client."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


def parse(text: str | None) -> dict[str, Any]:
    """The JSON object in a text frame; raises `BadFrame`."""
    if text is None:
        raise BadFrame("bad_frame", "Send text frames; this one was binary.")
    try:
        frame = orjson.loads(text)
    except ValueError:
        raise BadFrame("bad_json", "This frame is not JSON.") from None
    if not isinstance(frame, dict) or not isinstance(frame.get("type"), str):
        raise BadFrame("bad_frame", 'Send a JSON object with a "type", such as {"type": "ping"}.')
    return frame


def stream_of(frame: dict[str, Any], *, allowed: tuple[str, ...], user_id: int) -> str:
    """The stream a (un)subscribe frame names, of the things this door serves; raises `BadFrame`."""
    named = [key for key in (*allowed, "stream") if key in frame]
    if len(named) != 1 or (named == ["stream"] and frame["stream"] != "user"):
        choices = ", ".join(f'"{key}": <id>' for key in allowed)
        raise BadFrame("bad_target", f'Name one thing to watch here: {choices} or "stream": "user".')
    if named == ["stream"]:
        return f"user_{user_id}"
    value = frame[named[0]]
    if type(value) is not int or not 0 < value <= _MAX_ID:
        raise BadFrame("bad_target", f'"{named[0]}" is a positive whole number.')
    return f"{named[0].removesuffix('_id')}_{value}"


def after_of(frame: dict[str, Any]) -> int | None:
    """The seq after which a subscribe frame wants everything; None for a snapshot instead. Raises `BadFrame`."""
    value = frame.get("after")
    if value is None:
        return None
    if type(value) is not int or not 0 <= value <= _MAX_ID:
        raise BadFrame("bad_target", '"after" is the seq of the last event you have: a whole number from 0.')
    return value


def dumps(message: dict[str, Any]) -> str:
    """JSON text, NaN and infinity as null."""
    return orjson.dumps(message).decode()


def message_text(kind: str, data: dict[str, Any] | None = None) -> str:
    """A message that belongs to no stream."""
    return dumps({"type": kind, "timestamp": instant(timezone.now()), "data": data or {}})


def resumed_text(stream: str, seq: int, *, after: int, lost: int) -> str:
    """The end of a replay: what follows is live. `lost` events were no longer in the log."""
    now = instant(timezone.now())
    data = {"after": after, "lost": lost}
    return dumps({"type": "resumed", "stream": stream, "seq": seq, "timestamp": now, "data": data})


def error_text(code: str, message: str, **about: Any) -> str:
    """An error message; the socket stays open unless it is closed as well."""
    return message_text("error", {"code": code, "message": message} | about)


@dataclass(slots=True)
class Bucket:
    """A token bucket: `burst` frames at once, `rate` a second after that."""

    rate: float = 20.0
    burst: float = 60.0
    tokens: float = 60.0
    filled_at: float = 0.0

    def take(self) -> bool:
        """Whether one more frame is within bounds."""
        now = time.monotonic()
        self.tokens = min(self.burst, self.tokens + (now - self.filled_at) * self.rate)
        self.filled_at = now
        if self.tokens < 1.0:
            return False
        self.tokens -= 1.0
        return True
