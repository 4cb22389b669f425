"""Bodies that are too long stop at the door: Django would first put all of one on disk, however long."""

from collections.abc import Awaitable, Callable
from typing import Any

from django.conf import settings

from api.errors import error_body
from api.json import dumps
from common.security import raw_headers

__all__ = ["limit_bodies"]

Receive = Callable[[], Awaitable[Any]]
Send = Callable[[Any], Awaitable[None]]
Application = Callable[[Any, Any, Any], Awaitable[None]]

UPLOADS = "/api/v1/prices/upload/"
SMALL = 16 * 2**20  # bytes of any other body; parsers and forms have narrower limits of their own
_AROUND = 2**20  # what surrounds the file in its form


def limit_bodies(application: Application) -> Application:
    """Answer 413 to a request that declares, or turns out, to be longer than its address takes."""

    async def limited(scope: dict[str, Any], receive: Receive, send: Send) -> None:
        limit = settings.TITAN_UPLOAD_LIMIT + _AROUND if scope.get("path") == UPLOADS else SMALL
        declared = dict(scope.get("headers", ())).get(b"content-length", b"")
        if declared.isdigit() and int(declared) > limit:
            await _refuse(send, limit)
            return
        received = 0

        async def counted() -> dict[str, Any]:
            nonlocal received
            message = await receive()
            received += len(message.get("body", b""))
            # to Django it looks as if the client had gone: what came so far is dropped
            return {"type": "http.disconnect"} if received > limit else message

        await application(scope, counted, send)

    return limited


async def _refuse(send: Send, limit: int) -> None:
    """The one error shape; the body is not read."""
    words = f"The body is longer than {limit / 2**20:,.0f} MiB; send less, or compress the file with gzip."
    body = dumps(error_body("payload_too_large", words, {}, ""))
    headers = [
        *raw_headers(),
        (b"content-type", b"application/json"),
        (b"content-length", str(len(body)).encode()),
        (b"connection", b"close"),
    ]
    await send({"type": "http.response.start", "status": 413, "headers": headers})
    await send({"type": "http.response.body", "body": body})
