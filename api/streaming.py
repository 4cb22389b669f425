"""Answers that are made while they are sent: bounded memory however many rows, the first byte at once.

The rows are read in the request's own thread, a piece at a time, and only as fast as the client takes them; the loop
sends. A client that goes, or takes nothing for a minute, ends the query. Each holds a connection of the database, so
only a few run at once in a process, and half of those at most are one person's.
"""

import asyncio
import contextlib
import logging
import re
import threading
from collections import Counter
from collections.abc import Iterator
from typing import Any

from asgiref.sync import sync_to_async
from django.conf import settings
from django.db import connections
from django.http import StreamingHttpResponse
from rest_framework.exceptions import APIException
from rest_framework.request import Request

from common.metrics import EXPORTS

__all__ = ["ROWS_AT_ONCE", "TooManyExports", "csv_answer", "file_name", "streamed"]

logger = logging.getLogger(__name__)

ROWS_AT_ONCE = 2_000  # that a query hands over, a few hundred KB
_AT_ONCE = 4  # a process, of the eight connections it has
_PATIENCE_SECONDS = 60.0

_places = threading.RLock()  # an answer that is collected meanwhile gives its place back in this very thread
_taken: Counter[int | None] = Counter()  # by person


class TooManyExports(APIException):
    """So many files are being sent that another would leave no connection for anything else."""

    status_code = 429
    default_code = "too_many_exports"
    default_detail = "Too many exports run at once on this server: try again in a few seconds."
    wait = 5


def csv_answer(request: Request, lines: Iterator[str], filename: str) -> StreamingHttpResponse:
    """A CSV file of these lines."""
    return streamed(request, lines, media_type="text/csv; charset=utf-8", filename=filename)


def streamed(
    request: Request, chunks: Iterator[str] | Iterator[bytes], *, media_type: str, filename: str
) -> StreamingHttpResponse:
    """A file sent as `chunks` makes it; `chunks` begins its work when it is first asked, and ends with the answer.

    Raises
    ------
    TooManyExports
        No place is free.
    """
    pieces = _Pieces(chunks, request.user.pk)
    # a server that is none of ours (WSGI, a test's client) takes pieces one after the other by itself
    is_served = hasattr(request._request, "scope")
    answer = StreamingHttpResponse(_FromLoop(pieces) if is_served else pieces, content_type=media_type)
    answer["Content-Disposition"] = f'attachment; filename="{filename}"'
    return answer


def file_name(text: str) -> str:
    """`text` as part of a file's name on any system."""
    return re.sub(r"[^A-Za-z0-9._-]", "_", text)


class _Pieces:
    """The pieces one after the other, and a place among the exports held from the first to the last."""

    def __init__(self, chunks: Iterator[Any], user_id: int | None) -> None:
        most = int(getattr(settings, "TITAN_EXPORTS_AT_ONCE", _AT_ONCE))
        with _places:
            if _taken.total() >= most or _taken[user_id] >= max(1, most // 2):
                raise TooManyExports
            _taken[user_id] += 1
        EXPORTS.inc()
        self._user_id = user_id
        self._chunks = chunks
        self._is_open = True
        self._raw: list[Any] = []
        # what fails before the first piece is still answered as an error
        self._first: bytes | None = None
        self._first = next(self, None)

    def __iter__(self) -> "_Pieces":
        return self

    def __next__(self) -> bytes:
        first, self._first = self._first, None
        if first is not None:
            return first
        try:
            chunk = next(self._chunks)
        except BaseException:
            self.close()
            raise
        # what the query runs on, for whoever must interrupt it from another thread
        self._raw = [one.connection for one in connections.all(initialized_only=True)]
        return chunk.encode() if isinstance(chunk, str) else bytes(chunk)

    def __del__(self) -> None:
        """Give the place back where an answer was never sent."""
        if getattr(self, "_is_open", False):
            self.close()

    def stop(self) -> None:
        """Interrupt the query that makes the next piece; from any thread."""
        for raw in self._raw:
            interrupt = getattr(raw, "interrupt", None) or getattr(raw, "cancel", None)
            if interrupt is not None:
                with contextlib.suppress(Exception):  # it has just ended
                    interrupt()

    def close(self) -> None:
        """End the query and give the place back, once; in the thread that read."""
        if not self._is_open:
            return
        self._is_open = False
        self._raw = []
        close = getattr(self._chunks, "close", None)
        try:
            if close is not None:
                close()
        finally:
            EXPORTS.dec()
            with _places:
                _taken[self._user_id] -= 1
                if not _taken[self._user_id]:
                    del _taken[self._user_id]


class _FromLoop:
    """The same for the event loop: each piece is made in the request's thread."""

    def __init__(self, pieces: _Pieces) -> None:
        self._pieces = pieces
        self._impatience: asyncio.TimerHandle | None = None
        self.close = pieces.close  # Django calls it in the request's thread, whatever ended the answer

    def __aiter__(self) -> "_FromLoop":
        return self

    async def __anext__(self) -> bytes:
        if self._impatience is not None:
            self._impatience.cancel()
        making = asyncio.ensure_future(sync_to_async(_next_or_none)(self._pieces))
        try:
            piece = await asyncio.shield(making)
        except asyncio.CancelledError:
            await asyncio.to_thread(self._pieces.stop)
            with contextlib.suppress(Exception):
                await making
            raise
        if piece is None:
            raise StopAsyncIteration
        task = asyncio.current_task()
        if task is not None:
            self._impatience = asyncio.get_running_loop().call_later(_patience(), _give_up, task)
        return piece


def _next_or_none(pieces: _Pieces) -> bytes | None:
    return next(pieces, None)


def _patience() -> float:
    return float(getattr(settings, "TITAN_EXPORT_PATIENCE_SECONDS", _PATIENCE_SECONDS))


def _give_up(task: "asyncio.Task[Any]") -> None:
    if not task.done():
        logger.info("an export was ended: its client takes nothing")
        task.cancel()
