"""What the API itself must remember: sign-ins and which of their refresh tokens were used, and API keys."""

import datetime as dt
import uuid
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils import timezone

from api.remembered import IdempotentAnswer, TableVersion

__all__ = ["ApiKey", "IdempotentAnswer", "RefreshTokenFamily", "RefreshTokenUse", "TableVersion"]


class RefreshTokenFamily(models.Model):
    """One sign-in: every refresh token rotated from it, revoked together."""

    class Reason(models.TextChoices):
        """Why a family ended."""

        LOGOUT = "logout", "Signed out"
        REUSE = "reuse", "A used token came back: it was stolen, or a client is broken"
        PASSWORD = "password", "The password changed"
        REVOKED = "revoked", "Ended by its owner from another place"
        EVERYWHERE = "everywhere", "Signed out everywhere"
        ADMIN = "admin", "Ended by an administrator"
        DEACTIVATED = "deactivated", "The account was closed"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="refresh_families"
    )
    created_at = models.DateTimeField(auto_now_add=True)
    last_used_at = models.DateTimeField(default=timezone.now, help_text="To the minute.")
    expires_at = models.DateTimeField(db_index=True, help_text="When its newest token does.")
    user_agent = models.CharField(max_length=300, blank=True)
    address = models.CharField(max_length=45, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)
    revoked_reason = models.CharField(max_length=16, choices=Reason.choices, blank=True)

    class Meta:
        verbose_name_plural = "refresh token families"
        ordering: ClassVar = ["-created_at"]

    def __str__(self) -> str:
        return f"{self.user_id}: {self.id}"


class RefreshTokenUse(models.Model):
    """One use of one refresh token; unique, so that two uses at the same instant cannot both succeed."""

    family = models.ForeignKey(RefreshTokenFamily, on_delete=models.CASCADE, related_name="uses")
    jti = models.CharField(max_length=64, unique=True)
    used_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return self.jti


class ApiKeyQuerySet(models.QuerySet["ApiKey"]):
    """Keys, by whether they still open anything."""

    def live(self, now: dt.datetime) -> "ApiKeyQuerySet":
        """Neither revoked nor expired."""
        unexpired = models.Q(expires_at__isnull=True) | models.Q(expires_at__gt=now)
        return self.filter(unexpired, revoked_at__isnull=True)


class ApiKey(models.Model):
    """A key for a program: its owner's permissions, cut down to its scopes; the secret part is kept as a hash."""

    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="api_keys")
    name = models.CharField(max_length=80)
    prefix = models.CharField(max_length=12, unique=True, help_text="The part that may be shown.")
    digest = models.CharField(
        max_length=64, help_text="SHA-256 of the secret, which has 256 bits of its own."
    )
    scopes = models.JSONField(default=list)
    created_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField(null=True, blank=True)
    last_used_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)

    objects = ApiKeyQuerySet.as_manager()

    class Meta:
        verbose_name = "API key"
        ordering: ClassVar = ["-created_at", "-id"]

    def __str__(self) -> str:
        return f"{self.name} ({self.prefix})"
