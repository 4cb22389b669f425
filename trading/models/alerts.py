"""Alerts: what a person wants to be told of, what they were told, and how far the telling got."""

from datetime import datetime
from typing import Self

from django.db import models

from users.models import User

__all__ = [
    "Alert",
    "AlertChannel",
    "AlertDefaults",
    "AlertDelivery",
    "AlertKind",
    "AlertRule",
    "ChannelKind",
    "DeliveryStatus",
    "Severity",
]


class AlertKind(models.TextChoices):
    """What a rule watches for."""

    JOB_FAILED = "job_failed", "A job of mine fails"
    JOB_COMPLETED = "job_completed", "A job of mine completes"
    SCAN_DISCOVERIES = "scan_discoveries", "A scan finds pairs that survive its correction"
    DATA_STALE = "data_stale", "The bars of a universe fall behind its exchange"
    ROWS_SET_ASIDE = "rows_set_aside", "Rows of a file I brought are set aside"
    COVERAGE_LOW = "coverage_low", "Sessions are missing from a universe"
    SIGNAL = "signal", "A pair I watch gives a signal"


class Severity(models.TextChoices):
    """How much it matters."""

    INFO = "info", "Information"
    WARNING = "warning", "Warning"
    CRITICAL = "critical", "Critical"


class ChannelKind(models.TextChoices):
    """By which protocol a channel is reached."""

    WEBHOOK = "webhook", "Webhook"
    EMAIL = "email", "E-mail"


class DeliveryStatus(models.TextChoices):
    """PENDING → DELIVERED or GAVE_UP."""

    PENDING = "pending", "On its way"
    DELIVERED = "delivered", "Delivered"
    GAVE_UP = "gave_up", "Given up"


class AlertChannelQuerySet(models.QuerySet["AlertChannel"]):
    """Questions asked of channels."""

    def visible_to(self, user: User) -> Self:
        """One's own, and no one else's."""
        return self.filter(owner=user)


class AlertChannel(models.Model):
    """A way to reach a person outside the application."""

    owner = models.ForeignKey(User, on_delete=models.CASCADE, related_name="alert_channels")
    kind = models.CharField(max_length=10, choices=ChannelKind.choices)
    name = models.CharField(max_length=80)
    url = models.CharField(max_length=2048, blank=True, default="", help_text="Of a webhook.")
    address = models.EmailField(blank=True, default="", help_text="Of e-mail.")
    sealed_secret = models.TextField(
        blank=True, default="", help_text="What deliveries are signed with, encrypted."
    )
    is_active = models.BooleanField(default=True)
    created_at = models.DateTimeField(auto_now_add=True)

    objects = AlertChannelQuerySet.as_manager()

    class Meta:
        ordering = ("name", "id")
        constraints = (
            models.UniqueConstraint(fields=("owner", "name"), name="channel_name_once"),
            models.CheckConstraint(
                condition=(models.Q(kind="webhook", address="") & ~models.Q(url=""))
                | (models.Q(kind="email", url="") & ~models.Q(address="")),
                name="channel_has_the_address_of_its_kind",
            ),
        )

    def __str__(self) -> str:
        return f"{self.kind} {self.name}"


class AlertRuleQuerySet(models.QuerySet["AlertRule"]):
    """Questions asked of rules."""

    def visible_to(self, user: User) -> Self:
        """One's own, and no one else's."""
        return self.filter(owner=user)


class AlertRule(models.Model):
    """One thing a person wants to be told of, how loudly and where."""

    owner = models.ForeignKey(User, on_delete=models.CASCADE, related_name="alert_rules")
    kind = models.CharField(max_length=20, choices=AlertKind.choices)
    parameters = models.JSONField(default=dict, blank=True)
    severity = models.CharField(max_length=10, choices=Severity.choices, default=Severity.INFO)
    in_app = models.BooleanField(default=True, help_text="Whether it is shown in the application.")
    channels = models.ManyToManyField(AlertChannel, related_name="rules", blank=True)
    is_active = models.BooleanField(default=True)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    objects = AlertRuleQuerySet.as_manager()

    class Meta:
        ordering = ("id",)
        indexes = (models.Index(fields=("kind", "is_active"), name="alert_rule_by_kind"),)

    def __str__(self) -> str:
        return f"rule {self.pk}: {self.kind}"


class AlertDefaults(models.Model):
    """That a person was given the usual rules, so that rules they delete stay deleted."""

    owner = models.OneToOneField(User, on_delete=models.CASCADE, related_name="alert_defaults")
    made_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name_plural = "alert defaults"

    def __str__(self) -> str:
        return f"usual alert rules of {self.owner_id}"


class AlertQuerySet(models.QuerySet["Alert"]):
    """Questions asked of alerts."""

    def visible_to(self, user: User) -> Self:
        """One's own, of rules that show in the application."""
        return self.filter(owner=user, in_app=True)

    def unacknowledged(self) -> Self:
        """Those nobody has taken note of."""
        return self.filter(acknowledged_at=None)


class Alert(models.Model):
    """Something a person was told. The same thing again within its window raises ``count`` and adds no row."""

    owner = models.ForeignKey(User, on_delete=models.CASCADE, related_name="alerts")
    rule = models.ForeignKey(
        AlertRule, null=True, blank=True, on_delete=models.SET_NULL, related_name="alerts"
    )
    kind = models.CharField(max_length=20, choices=AlertKind.choices)
    severity = models.CharField(max_length=10, choices=Severity.choices)
    title = models.CharField(max_length=200)
    message = models.TextField(blank=True, default="")
    subject_type = models.CharField(max_length=40, blank=True, default="")
    subject_id = models.BigIntegerField(null=True, blank=True)
    # What makes two tellings the same; unique for a person, so two workers can't both make the row.
    key = models.CharField(max_length=120)
    in_app = models.BooleanField(default=True)
    count = models.PositiveIntegerField(default=1)
    created_at = models.DateTimeField(auto_now_add=True)
    last_at = models.DateTimeField(help_text="When it was told last.")
    acknowledged_at = models.DateTimeField(null=True, blank=True)

    objects = AlertQuerySet.as_manager()

    class Meta:
        ordering = ("-last_at", "-id")
        constraints = (
            models.UniqueConstraint(fields=("owner", "key"), name="alert_once"),
            models.CheckConstraint(condition=models.Q(count__gte=1), name="alert_was_told"),
        )
        indexes = (models.Index(fields=("owner", "acknowledged_at", "-last_at"), name="alert_by_owner"),)

    def __str__(self) -> str:
        return f"alert {self.pk} {self.kind}: {self.title}"


class AlertDelivery(models.Model):
    """One alert on its way to one channel; without an alert it is a test. The row is the truth, its jobs are tries."""

    channel = models.ForeignKey(AlertChannel, on_delete=models.CASCADE, related_name="deliveries")
    alert = models.ForeignKey(
        Alert, null=True, blank=True, on_delete=models.CASCADE, related_name="deliveries"
    )
    status = models.CharField(max_length=10, choices=DeliveryStatus.choices, default=DeliveryStatus.PENDING)
    attempts = models.PositiveSmallIntegerField(default=0)
    next_attempt_at = models.DateTimeField(null=True, blank=True)
    error = models.TextField(blank=True, default="", help_text="Why the last try failed, in words.")
    created_at = models.DateTimeField(auto_now_add=True)
    delivered_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("-id",)
        verbose_name_plural = "alert deliveries"
        constraints = (models.UniqueConstraint(fields=("channel", "alert"), name="alert_delivered_once"),)
        indexes = (models.Index(fields=("status", "next_attempt_at"), name="delivery_due"),)

    def __str__(self) -> str:
        return f"delivery {self.pk}: {self.status} after {self.attempts}"

    def is_due(self, now: datetime) -> bool:
        """Whether the next try may be made."""
        return self.status == DeliveryStatus.PENDING and (
            self.next_attempt_at is None or self.next_attempt_at <= now
        )
