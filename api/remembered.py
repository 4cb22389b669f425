"""Rows that make the API's promises hold: answers given to a key, and how often each table changed."""

from typing import ClassVar

from django.conf import settings
from django.db import models

__all__ = ["IdempotentAnswer", "TableVersion"]


class IdempotentAnswer(models.Model):
    """What was answered to one ``Idempotency-Key`` of one person; the body is sealed, for it may hold a secret."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    key = models.CharField(max_length=200)
    fingerprint = models.CharField(max_length=64, help_text="SHA-256 of method, address and body.")
    status = models.PositiveSmallIntegerField(default=0)
    body = models.TextField(blank=True)
    created_at = models.DateTimeField(auto_now_add=True, db_index=True)

    class Meta:
        app_label = "api"
        constraints: ClassVar = [models.UniqueConstraint(fields=("user", "key"), name="idempotency_key_once")]

    def __str__(self) -> str:
        return f"{self.user_id}: {self.key}"


class TableVersion(models.Model):
    """A share of one table's count of changes; the sum over its rows is the count (`api.table_versions`)."""

    name = models.CharField(max_length=64, db_index=True)
    version = models.BigIntegerField()

    class Meta:
        app_label = "api"

    def __str__(self) -> str:
        return f"{self.name}: {self.version}"
