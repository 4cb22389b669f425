"""The audit trail: who did what, when and from where; appended only, each entry sealed to the one before it.

Every entry carries an HMAC over its own columns and its predecessor's HMAC. An entry changed, removed or slipped in
breaks the chain from there on, and without SECRET_KEY nobody can mend it. The counter row makes numbers gapless and
writers queue, so the order of numbers is the order of commits.
"""

import hashlib
import hmac
import json
import logging
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from django.db import connection, transaction
from django.utils import timezone

from common.events import json_safe
from common.middleware import current_request_id
from common.models import AuditEntry, AuditHead
from common.origin import current_origin
from common.sealing import derived_keys

__all__ = ["ACTIONS", "Verdict", "record", "verify"]

log = logging.getLogger(__name__)

ACTIONS = (
    "login",
    "login_failed",
    "logout",
    "token_reuse",
    "role_changed",
    "user_created",
    "user_changed",
    "user_invited",
    "user_activated",
    "user_deactivated",
    "password_changed",
    "totp_enabled",
    "totp_disabled",
    "recovery_codes_made",
    "key_created",
    "key_revoked",
    "session_revoked",
    "promotion",
    "share_created",
    "share_revoked",
)
GENESIS = "0" * 64
_PURPOSE = "audit"
# Counts and locks in one statement: the next writer waits until this one commits or rolls back.
_NEXT = (
    "INSERT INTO common_audithead (id, last_id, digest) VALUES (1, 1, %s) "
    "ON CONFLICT (id) DO UPDATE SET last_id = common_audithead.last_id + 1 RETURNING last_id, digest"
)


@dataclass(frozen=True, slots=True)
class Verdict:
    """What reading the whole trail found; `first_broken` is the number of the first entry that does not hold."""

    n_entries: int
    first_broken: int | None
    head: str

    @property
    def ok(self) -> bool:
        """Whether every entry holds."""
        return self.first_broken is None


def record(
    action: str, *, actor: Any = None, target: str = "", detail: Mapping[str, Any] | None = None
) -> AuditEntry:
    """Append one entry; it is there if and only if the surrounding transaction commits.

    Parameters
    ----------
    action : one of `ACTIONS`.
    actor : the user who acts, None where nobody is signed in.
    target : what it is done to, in a few words: a name, a number.
    detail : plain values, never a secret; numbers with a fraction are kept as text.
    """
    if action not in ACTIONS:
        raise ValueError(f"the audit trail knows no action {action!r}; add it to common.audit.ACTIONS")
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute(_NEXT, [GENESIS])
            number, previous = cursor.fetchone()
        entry = AuditEntry(
            id=number,
            at=timezone.now(),
            actor_id=getattr(actor, "pk", None),
            actor=str(getattr(actor, "username", "")),
            action=action,
            target=_plain(target)[:200],
            address=current_origin().address,
            request_id=current_request_id() or "",
            detail=_exact(json_safe(detail or {})),
            previous=previous,
        )
        entry.digest = _digest(entry, derived_keys(_PURPOSE)[0])
        entry.save(force_insert=True)
        AuditHead.objects.filter(pk=1).update(digest=entry.digest)
    log.info("audit %d:%s %s", number, entry.digest, action)  # the head, where the database can't reach
    return entry


def verify() -> Verdict:
    """Read the trail from its first entry and check every link, the count and the last digest."""
    keys = derived_keys(_PURPOSE)
    head = AuditHead.objects.filter(pk=1).first()
    previous, n_entries = GENESIS, 0
    for entry in AuditEntry.objects.order_by("id").iterator(chunk_size=2000):
        n_entries += 1
        if entry.pk != n_entries or entry.previous != previous or not _holds(entry, keys):
            return Verdict(n_entries, n_entries, previous)
        previous = entry.digest
    if (head.last_id if head else 0, head.digest if head else GENESIS) != (n_entries, previous):
        return Verdict(n_entries, n_entries + 1, previous)
    return Verdict(n_entries, None, previous)


def _holds(entry: AuditEntry, keys: Iterable[bytes]) -> bool:
    return any(hmac.compare_digest(entry.digest, _digest(entry, key)) for key in keys)


def _digest(entry: AuditEntry, key: bytes) -> str:
    """HMAC-SHA256 over the columns in a form that both databases give back alike."""
    columns = [
        entry.pk,
        _instant(entry.at),
        entry.actor_id,
        entry.actor,
        entry.action,
        entry.target,
        entry.address,
        entry.request_id,
        entry.detail,
        entry.previous,
    ]
    text = json.dumps(columns, sort_keys=True, separators=(",", ":"))
    return hmac.new(key, text.encode(), hashlib.sha256).hexdigest()


def _instant(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def _exact(value: Any) -> Any:
    """Floats as text, for databases write them in different words; no NUL, which PostgreSQL does not keep."""
    if isinstance(value, float):
        return repr(value)
    if isinstance(value, str):
        return _plain(value)
    if isinstance(value, Mapping):
        return {_plain(name): _exact(item) for name, item in value.items()}
    if isinstance(value, list):
        return [_exact(item) for item in value]
    return value


def _plain(text: str) -> str:
    return str(text).replace("\x00", "\ufffd").encode("utf-8", "replace").decode()
