"""The short way out: a frame built once and written straight to the connection, for every socket that hears it.

The polite way (consumer, ASGI, the server's own state machine) costs some 70 µs a frame, which is a whole core at
1,000 sockets × 10 messages a second. It stays the way of every frame that has to wait, and of other servers.
"""

from collections.abc import Callable
from typing import Any

__all__ = ["direct"]

_last: tuple[str, bytes] = ("", b"")  # the same text goes to many sockets in a row


def direct(send: Any) -> Callable[[str], bool] | None:
    """A writer of text frames on uvicorn's connection behind an ASGI `send`; None where there is none.

    It answers False, having written nothing, when the connection is not open or its buffer is full.
    """
    protocol = getattr(send, "__self__", None)
    connection, writable = getattr(protocol, "conn", None), getattr(protocol, "writable", None)
    transport: Any = getattr(protocol, "transport", None)
    # A frame of a connection with extensions would have to pass through them.
    if protocol is None or connection is None or writable is None or getattr(connection, "extensions", True):
        return None

    def write(text: str) -> bool:
        if not writable.is_set() or protocol.close_sent or transport.is_closing():
            return False
        if not protocol.handshake_complete or connection.state.name != "OPEN":
            return False
        transport.write(_frame(text))
        return True

    return write


def _frame(text: str) -> bytes:
    """One unmasked, unfragmented text frame (RFC 6455, section 5.2)."""
    global _last  # noqa: PLW0603 - a cache of one
    if _last[0] is not text:
        payload = text.encode()
        size = len(payload)
        if size < 126:
            head = bytes([0x81, size])
        elif size < 2**16:
            head = b"\x81\x7e" + size.to_bytes(2, "big")
        else:
            head = b"\x81\x7f" + size.to_bytes(8, "big")
        _last = (text, head + payload)
    return _last[1]
