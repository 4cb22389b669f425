"""Files of bars that were brought in: what was asked, what became of them, and every row that was set aside."""

from django.db import models

from trading.models.symbols import Universe
from users.models import User

__all__ = ["Ingestion", "QuarantinedBar"]


class IngestionQuerySet(models.QuerySet["Ingestion"]):
    """Questions asked of ingestions."""

    def visible_to(self, user: User) -> "IngestionQuerySet":
        """One's own, and no one else's."""
        return self.filter(owner=user)


class Ingestion(models.Model):
    """One file on its way into the price store. Status and progress belong to its `Job`."""

    owner = models.ForeignKey(User, on_delete=models.CASCADE, related_name="ingestions")
    filename = models.CharField(max_length=255, help_text="As its owner called it.")
    sha256 = models.CharField(max_length=64, db_index=True)
    size = models.PositiveBigIntegerField(help_text="Bytes.")
    options = models.JSONField(default=dict)
    universe = models.ForeignKey(
        Universe, null=True, blank=True, on_delete=models.SET_NULL, related_name="ingestions"
    )
    source = models.CharField(max_length=40, help_text="Provenance its series carry.")
    report = models.JSONField(null=True, blank=True, help_text="What was read, stored and set aside.")
    created_at = models.DateTimeField(auto_now_add=True, db_index=True)
    completed_at = models.DateTimeField(null=True, blank=True)

    objects = IngestionQuerySet.as_manager()

    class Meta:
        ordering = ("-created_at", "-id")

    def __str__(self) -> str:
        return f"ingestion {self.pk} of {self.filename}"

    @property
    def is_complete(self) -> bool:
        """Whether it has a report."""
        return self.completed_at is not None


class QuarantinedBar(models.Model):
    """One row of a file that was not stored, or was stored with a warning, and why."""

    ingestion = models.ForeignKey(Ingestion, on_delete=models.CASCADE, related_name="rows")
    # Line of the file, its header being line 1; empty where no single line is meant (a missing session).
    row = models.PositiveBigIntegerField(null=True, blank=True)
    symbol = models.CharField(max_length=40, blank=True, help_text="As far as the row tells.")
    timestamp = models.DateTimeField(null=True, blank=True)
    reason = models.CharField(max_length=24)
    is_warning = models.BooleanField(default=False, help_text="Told, and stored all the same.")
    message = models.TextField()
    values = models.JSONField(default=dict, help_text="What the row says.")

    class Meta:
        ordering = ("ingestion", "id")
        indexes = (
            models.Index(fields=("ingestion", "reason", "id"), name="quarantined_by_reason"),
            models.Index(fields=("symbol", "is_warning"), name="quarantined_by_symbol"),
        )

    def __str__(self) -> str:
        return f"row {self.row} of ingestion {self.ingestion_id}: {self.reason}"
