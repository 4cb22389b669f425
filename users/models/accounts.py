"""Accounts."""

from typing import Any, ClassVar

from django.contrib.auth.models import AbstractUser, Group
from django.contrib.auth.models import UserManager as DjangoUserManager
from django.db import models, transaction
from django.utils.crypto import salted_hmac

from users.roles import Role

__all__ = ["User", "UserManager"]


class UserManager(DjangoUserManager["User"]):
    """Makes accounts; a new one is a viewer unless told otherwise."""

    @transaction.atomic
    def create_with_role(
        self, username: str, *, role: Role, password: str | None, email: str = "", **extra: Any
    ) -> "User":
        """A new account in `role`, with default preferences; without a password nobody can sign in yet."""
        from users.models.preferences import TradingPreferences

        user = self.create_user(username, email, password, **extra)
        user.assign_role(role)
        TradingPreferences.objects.create(user=user)
        return user


class User(AbstractUser):
    """A person who logs in."""

    # Part of what a signed-in browser of the server-side pages must match: raising it signs all of them out.
    sign_in_epoch = models.PositiveIntegerField(default=0, editable=False)

    objects: ClassVar[UserManager] = UserManager()

    class Meta(AbstractUser.Meta):
        ordering = ("username",)

    @property
    def roles(self) -> list[str]:
        """Names of the TITAN roles held, in alphabetical order."""
        return sorted(name for name in self.groups.values_list("name", flat=True) if name in Role.values)

    @property
    def role(self) -> str | None:
        """The greatest role held; a superuser is an admin, an account without a role has None."""
        held = [Role.ADMIN.value] if self.is_superuser else self.roles
        return max(held, key=Role.values.index, default=None)

    @property
    def permissions(self) -> list[str]:
        """What the user may do, as ``app.codename``, in alphabetical order."""
        return sorted(self.get_all_permissions())

    @property
    def totp_enabled(self) -> bool:
        """Whether signing in asks for a code."""
        from users.models.second_factor import TotpDevice

        return TotpDevice.objects.filter(user=self, confirmed_at__isnull=False).exists()

    @transaction.atomic
    def assign_role(self, role: Role) -> None:
        """Hold `role` and no other; admins may enter Django's admin site, others may not."""
        self.groups.remove(*self.groups.filter(name__in=Role.values))
        self.groups.add(Group.objects.get(name=role.value))
        self.is_staff = self.is_superuser or role is Role.ADMIN
        self.save(update_fields=["is_staff"])

    def _get_session_auth_hash(self, secret: str | None = None) -> str:
        """Django's session check, over the password and the sign-in epoch."""
        return salted_hmac(
            "users.models.User.session",
            f"{self.password}:{self.sign_in_epoch}",
            secret=secret,
            algorithm="sha256",
        ).hexdigest()
