"""Tickets that open one socket once: opaque, short-lived, kept only as a hash, taken atomically."""

import hashlib
import secrets
from dataclasses import dataclass, field
from datetime import UTC, datetime
from uuid import UUID

from django.core.cache import cache
from django.utils import timezone

__all__ = ["SESSION_CLAIM", "TICKET_SECONDS", "Pass", "Ticket", "issue", "take"]

TICKET_SECONDS = 30
SESSION_CLAIM = "fam"  # in tokens: the id of the sign-in they belong to


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
    session: UUID | None = None
    key_id: int | None = None


def issue(
    user_id: int,
    *,
    expires_at: datetime | None = None,
    session: UUID | None = None,
    key_id: int | None = None,
) -> Ticket:
    """A fresh ticket; its socket is closed at `expires_at`, the end of the access token that asked.

    It is closed earlier when the sign-in `session` or the API key `key_id` it was got with is ended.
    """
    opaque = secrets.token_urlsafe(32)
    until = expires_at.timestamp() if expires_at is not None else None
    cache.set(_key(opaque), (user_id, until, session, key_id), timeout=TICKET_SECONDS)
    return Ticket(opaque, TICKET_SECONDS)


def take(opaque: str) -> Pass | None:
    """Use up a ticket; None when it is unknown, expired or used, and also once its access token has ended."""
    key = _key(opaque)
    held = cache.get(key)
    # Deleting tells whether the key was still there, so of two takers at once only one is told yes.
    if held is None or not cache.delete(key):
        return None
    user_id, until, session, key_id = held
    expires_at = datetime.fromtimestamp(until, tz=UTC) if until is not None else None
    if expires_at is not None and expires_at <= timezone.now():
        return None
    return Pass(user_id, expires_at, session, key_id)


def _key(opaque: str) -> str:
    return f"ws-ticket:{hashlib.sha256(opaque.encode()).hexdigest()}"
