"""Passwords: proving the current one, setting a new one."""

import uuid

from django.contrib.auth import password_validation
from django.core.exceptions import ValidationError
from django.db import transaction

from common import audit
from common.origin import current_origin
from users.errors import UnfitPassword, WrongPassword
from users.models import User
from users.services import lockout
from users.signals import access_ended

__all__ = ["change", "prove", "set_new"]


def prove(user: User, password: str, *, field: str = "password") -> None:
    """Refuse unless this is the signed-in person's password; failures count towards their lockout.

    Raises
    ------
    LockedOut, WrongPassword
    """
    attempt = lockout.begin(user.username, current_origin().address)
    if not user.check_password(password):
        raise WrongPassword(field)
    attempt.delete()


def change(user: User, *, current: str, new: str, keep: uuid.UUID | None = None) -> None:
    """One's own new password; every sign-in ends but the session `keep`.

    Raises
    ------
    LockedOut, WrongPassword, UnfitPassword
    """
    prove(user, current, field="current_password")
    set_new(user, new, by=user, keep=keep, field="new_password")


def set_new(
    user: User, new: str, *, by: User | None, keep: uuid.UUID | None = None, field: str = "password"
) -> None:
    """Set a password that fits the rules; every sign-in ends but the session `keep`.

    Raises
    ------
    UnfitPassword
    """
    try:
        password_validation.validate_password(new, user)
    except ValidationError as error:
        raise UnfitPassword(error.messages, field) from error
    with transaction.atomic():
        user.set_password(new)
        user.save(update_fields=["password"])
        access_ended.send(User, user=user, reason="password", keep=keep)
        audit.record("password_changed", actor=by or user, target=user.username)
