"""Links that show one thing to whoever holds them."""

from datetime import datetime
from typing import Self

from django.db import models

from users.models import User

__all__ = ["Share", "ShareKind"]


class ShareKind(models.TextChoices):
    """What a link shows."""

    SCAN = "scan", "A scan"
    PAIR = "pair", "A pair"
    BACKTEST = "backtest", "A backtest"


class ShareQuerySet(models.QuerySet["Share"]):
    """Questions asked of links."""

    def visible_to(self, user: User) -> Self:
        """One's own, and no one else's."""
        return self.filter(owner=user)

    def open_at(self, now: datetime) -> Self:
        """Neither expired nor revoked, and their owner may still sign in."""
        return self.filter(expires_at__gt=now, revoked_at=None, owner__is_active=True)


class Share(models.Model):
    """A read-only link to one scan, pair or backtest. Only the token's hash is kept, so no table gives a link away."""

    owner = models.ForeignKey(User, on_delete=models.CASCADE, related_name="shares")
    kind = models.CharField(max_length=10, choices=ShareKind.choices)
    object_id = models.BigIntegerField()
    title = models.CharField(max_length=200, blank=True, default="")
    view = models.JSONField(default=dict, help_text="The address's own state: filters, range, order.")
    shows_owner = models.BooleanField(default=False, help_text="Whether the page names who shared it.")
    token_hash = models.CharField(max_length=64, unique=True)
    expires_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True, blank=True)
    views = models.PositiveIntegerField(default=0)
    created_at = models.DateTimeField(auto_now_add=True)

    objects = ShareQuerySet.as_manager()

    class Meta:
        ordering = ("-created_at", "-id")
        indexes = (models.Index(fields=("owner", "-created_at"), name="share_by_owner"),)

    def __str__(self) -> str:
        return f"share {self.pk} of {self.kind} {self.object_id}"
