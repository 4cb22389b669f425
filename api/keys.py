"""API keys: made, found, judged by scope, revoked. The plain text exists in one answer and nowhere else."""

import datetime as dt
import hashlib
import hmac
import secrets
from collections.abc import Sequence
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from api.models import ApiKey
from api.serializers.choices import KEY_SCOPE
from api.tokens import tell_sockets
from common import audit
from users.errors import AccountConflict
from users.models import User

__all__ = ["PREFIX", "SCOPES", "allows", "create", "find", "is_closed", "is_live", "revoke", "used"]

PREFIX = "titan_"
SCOPES = tuple(KEY_SCOPE)
MAX_LIVE_KEYS = 50
_SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
# The time of last use is for people; a write a request would be for nobody.
_USE_RESOLUTION = dt.timedelta(minutes=1)


def create(
    owner: User, *, name: str, scopes: Sequence[str], expires_at: dt.datetime | None
) -> tuple[ApiKey, str]:
    """A key and its plain text, which is shown once."""
    prefix, secret = secrets.token_hex(4), secrets.token_urlsafe(32)
    with transaction.atomic():
        if owner.api_keys.live(timezone.now()).count() >= MAX_LIVE_KEYS:
            raise AccountConflict(f"You have {MAX_LIVE_KEYS} keys; revoke one that is not needed any more.")
        key = ApiKey.objects.create(
            owner=owner,
            name=name,
            prefix=prefix,
            digest=_digest(secret),
            scopes=[scope for scope in SCOPES if scope in scopes],
            expires_at=expires_at,
        )
        audit.record("key_created", actor=owner, target=f"{name} ({prefix})", detail={"scopes": key.scopes})
    return key, f"{PREFIX}{prefix}_{secret}"


def find(text: str) -> ApiKey | None:
    """The live key of a plain text, its owner read along; None for any other, whatever is wrong with it."""
    prefix, _, secret = text.removeprefix(PREFIX).partition("_")
    key = ApiKey.objects.select_related("owner").filter(prefix=prefix).first()
    # The digest is compared whether or not there is such a key.
    fits = hmac.compare_digest(_digest(secret), key.digest if key is not None else "0" * 64)
    if key is None or not fits or not is_live(key):
        return None
    return key


def is_live(key: ApiKey) -> bool:
    """Whether a key still opens anything: not revoked, not expired, its owner's account open."""
    unexpired = key.expires_at is None or key.expires_at > timezone.now()
    return key.revoked_at is None and unexpired and key.owner.is_active


def used(key: ApiKey) -> None:
    """Note that a key is in use, at most once a minute."""
    now = timezone.now()
    if key.last_used_at is None or key.last_used_at < now - _USE_RESOLUTION:
        stale = Q(last_used_at__isnull=True) | Q(last_used_at__lt=now - _USE_RESOLUTION)
        ApiKey.objects.filter(stale, pk=key.pk).update(last_used_at=now)


@transaction.atomic
def revoke(key: ApiKey, *, by: User) -> None:
    """End a key at once; one that ended stays ended."""
    if ApiKey.objects.filter(pk=key.pk, revoked_at__isnull=True).update(revoked_at=timezone.now()):
        audit.record("key_revoked", actor=by, target=f"{key.name} ({key.prefix})")
        tell_sockets(key.owner)


def allows(key: ApiKey, view: Any, method: str) -> bool:
    """Whether a key's scopes reach a view: its own scope for everything, ``read`` for what changes nothing.

    A view without a ``key_scope`` is closed to keys, so is an action it names in ``closed_to_keys``, and ``admin`` is
    never lent out by ``read``.
    """
    needed = getattr(view, "key_scope", None)
    if needed is None or is_closed(view):
        return False
    if needed in key.scopes:
        return True
    return method in _SAFE and needed != "admin" and "read" in key.scopes


def is_closed(view: Any) -> bool:
    """Whether a view keeps its action to people, whatever a key's scopes."""
    return getattr(view, "action", None) in getattr(view, "closed_to_keys", ())


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode("utf-8", "replace")).hexdigest()
