"""Who opens a socket: a ticket in the subprotocols, or the specification's ``?token=<access JWT>``."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qs, urlsplit
from uuid import UUID

from django.conf import settings
from django.http.request import validate_host
from django.utils import timezone
from rest_framework.exceptions import APIException
from rest_framework.settings import api_settings

from common import tickets
from users.models import User

__all__ = ["PROTOCOL", "Identity", "authenticate", "hide_token", "is_known_origin", "still_valid"]

PROTOCOL = "titan.v1"
_TICKET = "ticket."
_HIDDEN = "titan.token"  # where `hide_token` puts what it took out of the URL
_MAX_SECRET = 4096  # longer than any ticket or token of ours


@dataclass(frozen=True, slots=True)
class Identity:
    """Whose socket this is, and until when it may stay open."""

    user: User
    expires_at: datetime | None
    session: UUID | None = None  # the sign-in, or the API key, that the ticket or token was got with
    key_id: int | None = None


def hide_token(scope: dict[str, Any]) -> None:
    """Take ``token=`` out of the scope's URL, in place, before the server or anyone else logs it."""
    if b"token" not in scope.get("query_string", b"").lower():
        return
    kept = []
    for part in scope["query_string"].split(b"&"):
        name, _, value = part.partition(b"=")
        if name.lower() == b"token":
            scope[_HIDDEN] = value.decode("latin-1")
            part = b"token=[redacted]"
        kept.append(part)
    scope["query_string"] = b"&".join(kept)


def authenticate(scope: dict[str, Any]) -> Identity | None:
    """The identity behind a handshake, None where it proves none; a ticket shown is used up."""
    shown = [name for name in scope.get("subprotocols", ()) if name.startswith(_TICKET)]
    if shown:
        return _by_ticket(shown[0].removeprefix(_TICKET)) if len(shown) == 1 else None
    token = (
        scope.get(_HIDDEN) or parse_qs(scope.get("query_string", b"").decode("latin-1")).get("token", [""])[0]
    )
    return _by_token(token) if token else None


def still_valid(identity: Identity) -> Identity | None:
    """The identity with its user read afresh; None once it expired, was ended, or the account was closed."""
    if identity.expires_at is not None and identity.expires_at <= timezone.now():
        return None
    user = User.objects.filter(pk=identity.user.pk, is_active=True).first()
    if user is None or user.password != identity.user.password:
        return None
    read_afresh = replace(identity, user=user)
    return read_afresh if _is_backed(read_afresh) else None


def _is_backed(identity: Identity) -> bool:
    """Whether the sign-in or the API key behind it still holds; both are reached through their user."""
    if identity.session is not None:
        return identity.user.refresh_families.filter(pk=identity.session, revoked_at__isnull=True).exists()
    if identity.key_id is not None:
        return identity.user.api_keys.live(timezone.now()).filter(pk=identity.key_id).exists()
    return True


def is_known_origin(scope: dict[str, Any]) -> bool:
    """Whether the page that opens this socket is one of ours; programs that are no browser send no origin."""
    origins = [value for name, value in scope.get("headers", ()) if name == b"origin"]
    if not origins:
        return True
    try:
        host = urlsplit(origins[0].decode("latin-1")).hostname
    except ValueError:
        return False
    if len(origins) > 1 or host is None:
        return False
    host = f"[{host}]" if ":" in host else host
    return validate_host(host, settings.ALLOWED_HOSTS)


def _by_ticket(opaque: str) -> Identity | None:
    ticket = tickets.take(opaque) if len(opaque) <= _MAX_SECRET else None
    if ticket is None:
        return None
    user = User.objects.filter(pk=ticket.user_id, is_active=True).first()
    if user is None:
        return None
    identity = Identity(user, ticket.expires_at, ticket.session, ticket.key_id)
    return identity if _is_backed(identity) else None


def _by_token(raw: str) -> Identity | None:
    """As the REST API would judge the token: by the same classes, refresh tokens refused."""
    for authentication in api_settings.DEFAULT_AUTHENTICATION_CLASSES:
        judge: Any = authentication()  # type: ignore[operator]  # the stubs take the setting for the class's name
        if len(raw) > _MAX_SECRET or not hasattr(judge, "get_validated_token"):
            continue
        try:
            token = judge.get_validated_token(raw.encode("latin-1", "replace"))
            user = judge.get_user(token)
        except APIException:
            return None
        return Identity(
            user, datetime.fromtimestamp(token["exp"], tz=UTC), UUID(token[tickets.SESSION_CLAIM])
        )
    return None
