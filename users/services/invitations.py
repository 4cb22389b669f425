"""Links with which somebody sets the password of an account: made by admins, good once, for a week."""

import datetime as dt
import hashlib
import secrets
from collections.abc import Callable
from dataclasses import dataclass, field

from django.db import transaction
from django.utils import timezone

from common import audit, mail
from users.errors import AccountConflict, NoSuchInvitation
from users.models import Invitation, User
from users.services import passwords

__all__ = ["LIFETIME", "Link", "accept", "find", "invite"]

LIFETIME = dt.timedelta(days=7)
_MAX_TOKEN = 200


@dataclass(frozen=True, slots=True)
class Link:
    """A link as it is shown, once."""

    url: str = field(repr=False)
    expires_at: dt.datetime
    mailed: bool


def invite(user: User, *, by: User | None, address: Callable[[str], str]) -> Link:
    """A new link, instead of any before it; `address` makes a URL of the path ``/welcome/<token>``.

    Raises
    ------
    AccountConflict
        The account is closed.
    """
    if not user.is_active:
        raise AccountConflict(f"{user.username} is deactivated: activate the account before you invite.")
    token, now = secrets.token_urlsafe(32), timezone.now()
    with transaction.atomic():
        Invitation.objects.filter(user=user, used_at__isnull=True).delete()
        Invitation.objects.create(user=user, digest=_digest(token), created_by=by, expires_at=now + LIFETIME)
        audit.record("user_invited", actor=by, target=user.username)
    url = address(f"/welcome/{token}")
    giver = by.username if by is not None else "Your administrator"
    text = (
        f"Hello {user.first_name or user.username},\n\n{giver} gives you access to TITAN as "
        f"{user.username!r}. Set your password within {LIFETIME.days} days:\n\n{url}\n\n"
        "The link is good once. If you did not expect it, leave it alone and tell your administrator.\n"
    )
    return Link(url, now + LIFETIME, mail.send(user.email, "Your access to TITAN", text))


def find(token: str) -> Invitation:
    """The invitation of a token that still opens.

    Raises
    ------
    NoSuchInvitation
    """
    found = (
        Invitation.objects.select_related("user")
        .filter(
            digest=_digest(token[:_MAX_TOKEN]),
            used_at__isnull=True,
            expires_at__gt=timezone.now(),
            user__is_active=True,
        )
        .first()
    )
    if found is None:
        raise NoSuchInvitation
    return found


@transaction.atomic
def accept(token: str, *, password: str) -> User:
    """Use the link up and set the password; every earlier sign-in of the account ends.

    Raises
    ------
    NoSuchInvitation, UnfitPassword
    """
    invitation = find(token)
    used = Invitation.objects.filter(pk=invitation.pk, used_at__isnull=True).update(used_at=timezone.now())
    if used != 1:  # somebody with the same link was quicker
        raise NoSuchInvitation
    passwords.set_new(invitation.user, password, by=invitation.user)
    return invitation.user


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode("utf-8", "replace")).hexdigest()
