"""Bodies that are too long stop at the door, whether they say so or not."""

import json
from typing import Any

import pytest
from pytest_django import Settings

from titan.body_limit import SMALL, UPLOADS, limit_bodies


async def run(path: str, chunks: list[bytes], *, declared: int | None = None) -> tuple[list[Any], list[Any]]:
    """What the application received and what the client was sent."""
    received: list[Any] = []
    sent: list[Any] = []
    parts = iter([{"type": "http.request", "body": chunk, "more_body": True} for chunk in chunks])

    async def application(scope: Any, receive: Any, send: Any) -> None:
        for _ in chunks:
            received.append(await receive())
            if received[-1]["type"] == "http.disconnect":
                return

    async def receive() -> Any:
        return next(parts)

    async def send(message: Any) -> None:
        sent.append(message)

    headers = [(b"content-length", str(declared).encode())] if declared is not None else []
    await limit_bodies(application)({"type": "http", "path": path, "headers": headers}, receive, send)
    return received, sent


async def test_a_declared_length_is_refused_before_it_is_read() -> None:
    received, sent = await run("/api/v1/scans/", [b"x"], declared=SMALL + 1)
    assert received == []
    assert sent[0]["status"] == 413
    assert json.loads(sent[1]["body"])["error"]["code"] == "payload_too_large"


async def test_a_body_that_grows_too_long_ends_as_if_the_client_had_gone() -> None:
    half = b"x" * (SMALL // 2)
    received, sent = await run("/api/v1/scans/", [half, half, b"x", b"x"])
    assert [message["type"] for message in received] == ["http.request", "http.request", "http.disconnect"]
    assert sent == []


@pytest.mark.parametrize(("declared", "refused"), [(SMALL + 1, False), (2**20 + 101, True)])
async def test_uploads_have_a_limit_of_their_own(declared: int, refused: bool, settings: Settings) -> None:
    settings.TITAN_UPLOAD_LIMIT = 100 if refused else 2 * SMALL
    _, sent = await run(UPLOADS, [b"x"], declared=declared)
    assert bool(sent) == refused
