"""Signing in, rotating and revoking: a refresh token is good for one use, and its return ends the whole family."""

import datetime as dt
import uuid

from django.contrib.auth.models import update_last_login
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from django.utils import timezone
from rest_framework_simplejwt.exceptions import InvalidToken, TokenError
from rest_framework_simplejwt.tokens import RefreshToken, Token, UntypedToken
from rest_framework_simplejwt.utils import datetime_from_epoch

from api.models import RefreshTokenFamily
from common import audit, events
from common.origin import current_origin
from common.tickets import SESSION_CLAIM
from users.models import User

__all__ = [
    "FAMILY_CLAIM",
    "decode",
    "end_all",
    "end_one",
    "issue",
    "read_refresh",
    "revoke",
    "rotate",
    "tell_sockets",
    "used",
]

FAMILY_CLAIM = SESSION_CLAIM
REVOKED = "This session has ended"
# As with keys: the time of last use is for people, who read it in minutes.
_USE_RESOLUTION = dt.timedelta(minutes=1)
Reason = RefreshTokenFamily.Reason


def issue(user: User) -> dict[str, str]:
    """A first pair of tokens, opening a family; the person's expired families are swept."""
    token = RefreshToken.for_user(user)
    family = uuid.uuid4()
    token[FAMILY_CLAIM] = str(family)
    with transaction.atomic():
        user.refresh_families.filter(expires_at__lt=timezone.now()).delete()
        RefreshTokenFamily.objects.create(
            id=family,
            user=user,
            expires_at=_expiry(token),
            address=current_origin().address,
            user_agent=current_origin().user_agent,
        )
        update_last_login(User, user)
    return _pair(token)


def rotate(text: str) -> dict[str, str]:
    """The next pair for an unused refresh token.

    1. The family is locked and must not be revoked.
    2. The use is a row unique by the token's id: of two interleaved uses one fails.
    3. A token that comes back revokes its family, whichever use came first.
    """
    token = read_refresh(text)
    try:
        with transaction.atomic():
            family = _family(token)
            family.uses.create(jti=token["jti"])
            if not family.user.is_active:
                raise InvalidToken("The account is inactive")
            successor = RefreshToken.for_user(family.user)
            successor[FAMILY_CLAIM] = str(family.pk)
            family.expires_at, family.last_used_at = _expiry(successor), timezone.now()
            family.address = current_origin().address
            family.save(update_fields=["expires_at", "last_used_at", "address"])
    except IntegrityError as error:
        _reused(family)
        raise InvalidToken(
            "This refresh token was used before, so its whole session has been ended"
        ) from error
    return _pair(successor)


def used(family: RefreshTokenFamily) -> None:
    """Note that a sign-in is in use, at most once a minute; of requests at the same instant one writes."""
    now = timezone.now()
    stale_before = now - _USE_RESOLUTION
    if family.last_used_at < stale_before:
        RefreshTokenFamily.objects.filter(pk=family.pk, last_used_at__lt=stale_before).update(
            last_used_at=now
        )


def revoke(text: str, user: User) -> None:
    """Sign out: end the family of this person's refresh token; one that ended already stays ended."""
    token = read_refresh(text)
    if token["user_id"] != str(user.pk):
        raise InvalidToken("This refresh token belongs to someone else")
    with transaction.atomic():
        if _end(RefreshTokenFamily.objects.filter(pk=token[FAMILY_CLAIM]), Reason.LOGOUT, user):
            audit.record("logout", actor=user, target=user.username, detail={"which": "this"})


@transaction.atomic
def end_one(family: RefreshTokenFamily, *, by: User) -> None:
    """End one sign-in from another place."""
    if _end(RefreshTokenFamily.objects.filter(pk=family.pk), Reason.REVOKED, family.user):
        audit.record(
            "session_revoked", actor=by, target=family.user.username, detail={"which": str(family.pk)}
        )


def end_all(user: User, reason: RefreshTokenFamily.Reason, *, keep: uuid.UUID | None = None) -> None:
    """End every sign-in of a person but one; who asks for it writes the audit entry."""
    families = user.refresh_families.all()
    _end(families.exclude(pk=keep) if keep is not None else families, reason, user)


def tell_sockets(user: User) -> None:
    """After the commit, have this person's open sockets ask again whether they may stay open."""
    events.publish(f"user_{user.pk}", "access_changed", {})


def read_refresh(text: str) -> RefreshToken:
    """A refresh token whose signature, kind, expiry and family claim hold."""
    try:
        token = RefreshToken(text)  # type: ignore[arg-type]  # simplejwt's hint forgets encoded tokens
        uuid.UUID(token[FAMILY_CLAIM])
    except (TokenError, KeyError, ValueError, TypeError, AttributeError) as error:
        raise InvalidToken("The refresh token is invalid or expired") from error
    return token


def decode(text: str) -> UntypedToken:
    """A token of either kind whose signature and expiry hold, of a sign-in that does; a refresh token also unused."""
    try:
        token = UntypedToken(text)  # type: ignore[arg-type]  # simplejwt's hint forgets encoded tokens
    except TokenError as error:
        raise InvalidToken("The token is invalid or expired") from error
    is_refresh = token.get("token_type") == "refresh"
    try:
        family = _family(read_refresh(text) if is_refresh else token)
    except (KeyError, ValidationError) as error:
        raise InvalidToken("The token names no session") from error
    if not family.user.is_active:
        raise InvalidToken("The account is inactive")
    if is_refresh and family.uses.filter(jti=token["jti"]).exists():
        raise InvalidToken("This refresh token was used before")
    return token


def _family(token: Token) -> RefreshTokenFamily:
    """The family of a token, locked inside a transaction, not revoked."""
    families = RefreshTokenFamily.objects.select_related("user")
    if transaction.get_connection().in_atomic_block:
        families = families.select_for_update(of=("self",))
    family = families.filter(pk=token[FAMILY_CLAIM]).first()
    if family is None or family.revoked_at is not None:
        raise InvalidToken(REVOKED)
    return family


def _reused(family: RefreshTokenFamily) -> None:
    """A used token came back: it was stolen, or a client is broken; nobody can tell, so the sign-in ends."""
    with transaction.atomic():
        if _end(RefreshTokenFamily.objects.filter(pk=family.pk), Reason.REUSE, family.user):
            audit.record("token_reuse", target=family.user.username, detail={"session": str(family.pk)})


def _end(families: QuerySet[RefreshTokenFamily], reason: RefreshTokenFamily.Reason, user: User) -> int:
    """Revoke those not yet revoked; access tokens end with them at once, sockets as soon as they hear of it."""
    n_ended = families.filter(revoked_at__isnull=True).update(
        revoked_at=timezone.now(), revoked_reason=reason
    )
    if n_ended:
        tell_sockets(user)
    return n_ended


def _expiry(token: RefreshToken) -> dt.datetime:
    return datetime_from_epoch(token["exp"])


def _pair(token: RefreshToken) -> dict[str, str]:
    return {"access": str(token.access_token), "refresh": str(token)}
