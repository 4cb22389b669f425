"""The administration of accounts: listing, making, changing; there is always an admin who can sign in."""

from typing import Any

from django.contrib.auth.hashers import UNUSABLE_PASSWORD_PREFIX
from django.contrib.auth.models import Group
from django.db import transaction
from django.db.models import Case, Exists, OuterRef, Q, QuerySet, Value, When
from django.db.models.functions import Now

from common import audit
from users.errors import AccountConflict, NameTaken
from users.models import Invitation, TotpDevice, User
from users.roles import Role
from users.services import second_factor
from users.signals import access_changed, access_ended

__all__ = ["active_admins", "change", "create", "described", "disable_second_factor", "sign_out"]


def described(users: QuerySet[User]) -> QuerySet[User]:
    """With ``held_role``, ``has_totp`` and ``invited`` (a link is out that nobody has used yet)."""
    links = Invitation.objects.filter(user=OuterRef("pk"), used_at__isnull=True, expires_at__gt=Now())
    devices = TotpDevice.objects.filter(user=OuterRef("pk"), confirmed_at__isnull=False)
    return users.annotate(
        held_role=Case(
            When(is_superuser=True, then=Value(Role.ADMIN.value)),
            *(When(_in_group(role), then=Value(role.value)) for role in reversed(Role)),
            default=Value(None),
        ),
        has_totp=Exists(devices),
        invited=Exists(links),
    )


def active_admins() -> QuerySet[User]:
    """Admins who can sign in: open accounts with a password."""
    return User.objects.filter(Q(is_superuser=True) | Q(_in_group(Role.ADMIN)), is_active=True).exclude(
        password__startswith=UNUSABLE_PASSWORD_PREFIX
    )


@transaction.atomic
def create(*, by: User | None, username: str, role: Role, email: str = "", **names: str) -> User:
    """An account nobody can sign in to until its invitation is accepted; made from the terminal without `by`.

    Raises
    ------
    NameTaken
        The name is taken, in capitals or not.
    """
    if User.objects.filter(username__iexact=username).exists():
        raise NameTaken(username)
    user = User.objects.create_with_role(username, role=role, password=None, email=email, **names)
    audit.record("user_created", actor=by, target=username, detail={"role": role.value})
    return user


@transaction.atomic
def change(
    user: User, *, by: User | None, role: Role | None = None, is_active: bool | None = None, **names: Any
) -> User:
    """Change role, state, or how to reach somebody; a closed account is signed out at once.

    Raises
    ------
    AccountConflict
        Nobody could administer accounts any more.
    """
    Group.objects.select_for_update().get(name=Role.ADMIN.value)  # one change of admins at a time
    user = User.objects.select_for_update().get(pk=user.pk)
    was_role, was_active = user.role, user.is_active
    was_admin = active_admins().filter(pk=user.pk).exists()
    changed = {name: value for name, value in names.items() if getattr(user, name) != value}
    if changed:
        for name, value in changed.items():
            setattr(user, name, value)
        user.save(update_fields=list(changed))
        audit.record("user_changed", actor=by, target=user.username, detail={"fields": sorted(changed)})
    if role is not None and role.value != was_role:
        _change_role(user, role, by=by, was=was_role)
    if is_active is not None and is_active != was_active:
        _change_state(user, is_active=is_active, by=by)
    if was_admin and not active_admins().exists():
        raise AccountConflict(
            f"{user.username} is the last admin who can log in: make somebody else an admin first."
        )
    return user


@transaction.atomic
def sign_out(user: User, *, by: User) -> None:
    """End every sign-in of a person, in the application and on the server's own pages."""
    _end_browser_sessions(user)
    access_ended.send(User, user=user, reason="everywhere" if by == user else "admin", keep=None)
    audit.record(
        "logout" if by == user else "session_revoked",
        actor=by,
        target=user.username,
        detail={"which": "everywhere"},
    )


def disable_second_factor(user: User, *, by: User) -> None:
    """Switch a person's codes off, for one who lost telephone and recovery codes.

    Raises
    ------
    AccountConflict
        Codes are off already.
    """
    if not second_factor.disable(user, by=by):
        raise AccountConflict(f"{user.username} logs in without codes already.")


def _change_role(user: User, role: Role, *, by: User | None, was: str | None) -> None:
    if user.is_superuser:
        raise AccountConflict(f"{user.username} is a superuser, who may do everything whatever the role.")
    user.assign_role(role)
    audit.record("role_changed", actor=by, target=user.username, detail={"from": was, "to": role.value})
    access_changed.send(User, user=user)


def _change_state(user: User, *, is_active: bool, by: User | None) -> None:
    user.is_active = is_active
    user.save(update_fields=["is_active"])
    audit.record("user_activated" if is_active else "user_deactivated", actor=by, target=user.username)
    if not is_active:
        _end_browser_sessions(user)
        access_ended.send(User, user=user, reason="deactivated", keep=None)


def _end_browser_sessions(user: User) -> None:
    user.sign_in_epoch += 1
    user.save(update_fields=["sign_in_epoch"])


def _in_group(role: Role) -> Exists:
    return Exists(User.groups.through.objects.filter(user_id=OuterRef("pk"), group__name=role.value))
