"""Tickets that open one socket once: opaque, short-lived, kept only as a hash, taken atomically."""

import hashlib
import secrets
from dataclasses import dataclass, field
from datetime import UTC, datetime

from django.core.cache import cache
from django.utils import timezone

__all__ = ["TICKET_SECONDS", "Pass", "Ticket", "issue", "take"]

TICKET_SECONDS = 30


@dataclass(frozen=True, slots=True)
class Ticket:
    """What the client is given; `opaque` goes into the socket's subprotocol list as ``ticket.<opaque>``."""

    opaque: str = field(repr=False)
    expires_in: int


@dataclass(frozen=True, slots=True)
class Pass:
    """What a ticket was worth: whose socket it opens, and until when that may stay open."""

    user_id: int
    expires_at: datetime | None


def issue(user_id: int, *, expires_at: datetime | None = None) -> Ticket:
    """A fresh ticket; the socket it opens is closed at `expires_at`, the end of the access token that asked."""
    opaque = secrets.token_urlsafe(32)
    until = expires_at.timestamp() if expires_at is not None else None
    cache.set(_key(opaque), (user_id, until), timeout=TICKET_SECONDS)
    return Ticket(opaque, TICKET_SECONDS)


def take(opaque: str) -> Pass | None:
    """Use up a ticket; None when it is unknown, expired or used, and also once its access token has ended."""
    key = _key(opaque)
    held = cache.get(key)
    # Deleting tells whether the key was still there, so of two takers at once only one is told yes.
    if held is None or not cache.delete(key):
        return None
    user_id, until = held
    expires_at = datetime.fromtimestamp(until, tz=UTC) if until is not None else None
    if expires_at is not None and expires_at <= timezone.now():
        return None
    return Pass(user_id, expires_at)


def _key(opaque: str) -> str:
    return f"ws-ticket:{hashlib.sha256(opaque.encode()).hexdigest()}"
