"""Each trader's preferences."""

import zoneinfo
from typing import Any, ClassVar

from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator, RegexValidator
from django.db import models

from users.models.accounts import User

__all__ = [
    "NOTIFICATION_CHANNELS",
    "TradingPreferences",
    "in_app_only",
    "validate_channels",
    "validate_timezone",
]

NOTIFICATION_CHANNELS = ("in_app", "webhook", "email")


def validate_timezone(name: str) -> None:
    """Refuse a name the IANA database doesn't hold."""
    if name not in zoneinfo.available_timezones():
        raise ValidationError(
            f"{name!r} is not a time zone: use an IANA name such as Europe/London", code="timezone"
        )


def in_app_only() -> list[str]:
    """Where news goes unless told otherwise."""
    return ["in_app"]


def validate_channels(value: Any) -> None:
    """Refuse anything but a list of known channels, each once."""
    known = ", ".join(NOTIFICATION_CHANNELS)
    if not isinstance(value, list) or not set(map(str, value)) <= set(NOTIFICATION_CHANNELS):
        raise ValidationError(f"{value!r} is no list of channels: choose of {known}", code="channels")
    if len(set(value)) < len(value):
        raise ValidationError("a channel stands there twice", code="channels")


class PreferencesManager(models.Manager["TradingPreferences"]):
    """Finds preferences."""

    def of(self, user: User) -> "TradingPreferences":
        """The user's preferences, made with defaults the first time."""
        return self.get_or_create(user=user)[0]


class TradingPreferences(models.Model):
    """How one trader likes the application, and the values new scans, pairs and backtests start from."""

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
    base_currency = models.CharField(max_length=3, default="USD", validators=[RegexValidator(r"^[A-Z]{3}\Z")])
    capital = models.FloatField(
        default=100_000.0,
        validators=[MinValueValidator(1.0), MaxValueValidator(1e12)],
        help_text="In the base currency.",
    )
    risk_per_trade = models.FloatField(
        default=0.01,
        validators=[MinValueValidator(1e-5), MaxValueValidator(1.0)],
        help_text="Share of capital.",
    )
    gross_limit = models.FloatField(
        default=2.0,
        validators=[MinValueValidator(0.01), MaxValueValidator(100.0)],
        help_text="Gross exposure as a multiple of capital.",
    )
    entry_z = models.FloatField(default=2.0, validators=[MinValueValidator(0.1), MaxValueValidator(20.0)])
    exit_z = models.FloatField(default=0.5, validators=[MinValueValidator(-20.0), MaxValueValidator(20.0)])
    single_key_shortcuts = models.BooleanField(default=True)
    notification_channels = models.JSONField(default=in_app_only, validators=[validate_channels])

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
            models.CheckConstraint(
                condition=models.Q(exit_z__lt=models.F("entry_z")), name="preferences_exit_below_entry"
            ),
        )

    def __str__(self) -> str:
        return f"preferences of {self.user_id}"
