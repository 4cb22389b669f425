"""The event log behind every socket: rows first, hints after commit.

A stream is a name such as ``job_5``, ``pair_3`` or ``user_1``, and also the name of its socket group. Writers of
one stream are ordered by its counter row, so seq order is commit order and a reader who remembers the last seq it
saw can neither miss an event nor see one twice.
"""

import logging
import math
import re
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime
from typing import Any, TypedDict

from django.db import connection, transaction

from common.commits import after_commit
from common.models import Event, EventStream
from titan_core.errors import InvalidInput

__all__ = [
    "Envelope",
    "envelope",
    "forget",
    "hint",
    "instant",
    "json_safe",
    "last_seq",
    "latest",
    "newer",
    "on_hint",
    "prune",
    "publish",
]

logger = logging.getLogger(__name__)

Listener = Callable[[str], None]

_STREAM = re.compile(r"[a-z][a-z_]{0,30}_[0-9]{1,19}")
_listeners: list[Listener] = []
# One statement on SQLite and PostgreSQL alike. On PostgreSQL the row stays locked until commit, on SQLite the
# whole database is: either way the next writer of this stream waits for this one to be visible.
_COUNT = (
    "INSERT INTO common_eventstream (stream, last_seq) VALUES (%s, 1) "
    "ON CONFLICT (stream) DO UPDATE SET last_seq = common_eventstream.last_seq + 1 RETURNING last_seq"
)
_CHUNK = 400  # names in one IN (…), well under SQLite's limit on variables


class Envelope(TypedDict):
    """What a client receives, over a socket and over ``events/`` alike."""

    type: str
    stream: str
    seq: int
    timestamp: str
    data: Any


def publish(stream: str, type: str, payload: Mapping[str, Any]) -> Event:  # noqa: A002 - the envelope's own word
    """Append an event to `stream`; it is visible, and hinted at, when the surrounding transaction commits."""
    if not _STREAM.fullmatch(stream):
        raise InvalidInput(f"stream is {stream!r}: name it <thing>_<id>, for example job_5")
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute(_COUNT, [stream])
            seq = int(cursor.fetchone()[0])
        event = Event.objects.create(stream=stream, seq=seq, type=type, payload=json_safe(payload))
        after_commit(hint, stream)
    return event


def latest(stream: str, after: int = 0, limit: int = 200) -> list[Event]:
    """Events of `stream` with seq above `after`, oldest first, at most `limit`."""
    return list(Event.objects.filter(stream=stream, seq__gt=after).order_by("seq")[:limit])


def last_seq(stream: str) -> int:
    """The seq of the newest event ever published on `stream`; 0 before the first."""
    return EventStream.objects.filter(pk=stream).values_list("last_seq", flat=True).first() or 0


def newer(cursors: Mapping[str, int]) -> list[Event]:
    """Events beyond each stream's cursor, in seq order within a stream.

    Asks the counters first: one indexed read tells which streams moved, however many are watched. No global id is
    compared, for on PostgreSQL a lower id may commit later.
    """
    names = list(cursors)
    moved = [
        name
        for start in range(0, len(names), _CHUNK)
        for name, seq in EventStream.objects.filter(pk__in=names[start : start + _CHUNK]).values_list(
            "pk", "last_seq"
        )
        if seq > cursors[name]
    ]
    events: list[Event] = []
    for name in moved:
        events.extend(Event.objects.filter(stream=name, seq__gt=cursors[name]).order_by("seq"))
    return events


def envelope(event: Event) -> Envelope:
    """The event as clients receive it."""
    return {
        "type": event.type,
        "stream": event.stream,
        "seq": event.seq,
        "timestamp": instant(event.created_at) or "",
        "data": event.payload,
    }


def on_hint(listener: Listener) -> Callable[[], None]:
    """Call `listener(stream)` in this process after each commit that published; returns how to stop that."""
    _listeners.append(listener)

    def stop() -> None:
        if listener in _listeners:
            _listeners.remove(listener)

    return stop


def hint(stream: str) -> None:
    """Tell this process's listeners that `stream` has news; a hint lost or doubled does no harm."""
    for listener in tuple(_listeners):
        try:
            listener(stream)
        except Exception:  # a broken listener must not undo what was committed
            logger.exception("a listener of events failed on stream %s", stream)


def prune(*, before: datetime, batch: int = 1000) -> int:
    """Delete up to `batch` events created before `before`, keeping each stream's newest; returns how many went."""
    old = Event.objects.filter(created_at__lt=before).order_by("id").values_list("id", "stream", "seq")
    newest: dict[str, int] = {}
    doomed: list[int] = []
    for pk, stream, seq in old.iterator(chunk_size=batch):
        if stream not in newest:
            newest[stream] = last_seq(stream)
        if seq < newest[stream]:
            doomed.append(pk)
        if len(doomed) == batch:
            break
    Event.objects.filter(pk__in=doomed).delete()
    return len(doomed)


def forget(streams: Iterable[str]) -> None:
    """Delete streams whole, counters included, because what they were about is gone."""
    names = list(streams)
    for start in range(0, len(names), _CHUNK):
        chunk = names[start : start + _CHUNK]
        Event.objects.filter(stream__in=chunk).delete()
        EventStream.objects.filter(pk__in=chunk).delete()


def instant(moment: datetime | None) -> str | None:
    """ISO text in UTC ending in Z, as the REST API writes instants; None stays None."""
    if moment is None:
        return None
    return moment.astimezone(UTC).isoformat().removesuffix("+00:00") + "Z"


def json_safe(value: Any) -> Any:
    """`value` as plain JSON: NaN and infinity become null, instants ISO text, tuples and arrays lists."""
    if value is None or isinstance(value, (bool, int, str)):
        return value
    if isinstance(value, float):
        return float(value) if math.isfinite(value) else None
    if isinstance(value, datetime):
        return instant(value)
    if isinstance(value, Mapping):
        return {str(key): json_safe(item) for key, item in value.items()}
    if hasattr(value, "tolist"):  # numpy scalars and arrays, without importing numpy here
        return json_safe(value.tolist())
    if isinstance(value, Iterable):
        return [json_safe(item) for item in value]
    return str(value)
