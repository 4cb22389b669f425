"""Accounts and each trader's preferences."""

import zoneinfo
from typing import Any, ClassVar

from django.contrib.auth.models import AbstractUser, Group
from django.contrib.auth.models import UserManager as DjangoUserManager
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models, transaction

from users.roles import Role

__all__ = ["TradingPreferences", "User", "UserManager"]


class UserManager(DjangoUserManager["User"]):
    """Makes accounts; a new one is a viewer unless told otherwise."""

    @transaction.atomic
    def create_with_role(
        self, username: str, *, role: Role, password: str, email: str = "", **extra: Any
    ) -> "User":
        """A new account in `role`, with default preferences."""
        user = self.create_user(username, email, password, **extra)
        user.assign_role(role)
        TradingPreferences.objects.create(user=user)
        return user


class User(AbstractUser):
    """A person who logs in."""

    objects: ClassVar[UserManager] = UserManager()

    class Meta(AbstractUser.Meta):
        ordering = ("username",)

    @property
    def roles(self) -> list[str]:
        """Names of the TITAN roles held, in alphabetical order."""
        return sorted(name for name in self.groups.values_list("name", flat=True) if name in Role.values)

    @property
    def permissions(self) -> list[str]:
        """What the user may do, as ``app.codename``, in alphabetical order."""
        return sorted(self.get_all_permissions())

    @transaction.atomic
    def assign_role(self, role: Role) -> None:
        """Hold `role` and no other; admins may enter Django's admin site, others may not."""
        self.groups.remove(*self.groups.filter(name__in=Role.values))
        self.groups.add(Group.objects.get(name=role.value))
        self.is_staff = self.is_superuser or role is Role.ADMIN
        self.save(update_fields=["is_staff"])


def validate_timezone(name: str) -> None:
    """Refuse a name the IANA database doesn't hold."""
    if name not in zoneinfo.available_timezones():
        raise ValidationError(
            f"{name!r} is not a time zone: use an IANA name such as Europe/London", code="timezone"
        )


class PreferencesManager(models.Manager["TradingPreferences"]):
    """Finds preferences."""

    def of(self, user: User) -> "TradingPreferences":
        """The user's preferences, made with defaults the first time."""
        return self.get_or_create(user=user)[0]


class TradingPreferences(models.Model):
    """How one trader likes the application, and the values new scans start from."""

    class Theme(models.TextChoices):
        """Which palette the application wears."""

        SYSTEM = "system", "Follow the system"
        LIGHT = "light", "Light"
        DARK = "dark", "Dark"

    class Timeframe(models.TextChoices):
        """Bar length a new analysis starts with."""

        DAILY = "1d", "Daily"
        WEEKLY = "1wk", "Weekly"
        MONTHLY = "1mo", "Monthly"

    user = models.OneToOneField(User, on_delete=models.CASCADE, related_name="preferences")
    theme = models.CharField(max_length=6, choices=Theme.choices, default=Theme.SYSTEM)
    timezone = models.CharField(max_length=64, default="UTC", validators=[validate_timezone])
    # A plain number: universes belong to a room this one may not know. A deleted universe reads as "none".
    default_universe = models.PositiveBigIntegerField(null=True, blank=True)
    default_timeframe = models.CharField(max_length=3, choices=Timeframe.choices, default=Timeframe.DAILY)
    scan_window_years = models.PositiveSmallIntegerField(
        default=10, validators=[MinValueValidator(1), MaxValueValidator(100)]
    )
    min_overlap = models.PositiveIntegerField(
        default=250, validators=[MinValueValidator(30), MaxValueValidator(100_000)]
    )
    alpha = models.FloatField(default=0.05, validators=[MinValueValidator(1e-6), MaxValueValidator(0.5)])

    objects: ClassVar[PreferencesManager] = PreferencesManager()

    class Meta:
        verbose_name_plural = "trading preferences"
        constraints = (
            models.CheckConstraint(
                condition=models.Q(alpha__gt=0, alpha__lte=0.5), name="preferences_alpha_in_range"
            ),
            models.CheckConstraint(
                condition=models.Q(scan_window_years__gte=1), name="preferences_window_at_least_a_year"
            ),
        )

    def __str__(self) -> str:
        return f"preferences of {self.user_id}"
