"""What the API itself must remember: which refresh tokens were used, and whose families are revoked."""

import uuid
from typing import ClassVar

from django.conf import settings
from django.db import models

__all__ = ["RefreshTokenFamily", "RefreshTokenUse"]


class RefreshTokenFamily(models.Model):
    """One sign-in: every refresh token rotated from it, revoked together."""

    class Reason(models.TextChoices):
        """Why a family ended."""

        LOGOUT = "logout", "Signed out"
        REUSE = "reuse", "A used token came back: it was stolen, or a client is broken"
        PASSWORD = "password", "The password changed"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="refresh_families"
    )
    created_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField(db_index=True, help_text="When its newest token does.")
    revoked_at = models.DateTimeField(null=True, blank=True)
    revoked_reason = models.CharField(max_length=8, choices=Reason.choices, blank=True)

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
