"""The base of time-series models, the event log behind every socket, and the audit trail."""

from typing import Any, ClassVar, NoReturn

from django.db import models

__all__ = ["AuditEntry", "AuditHead", "Event", "EventStream", "OnTimescale", "TimescaleModel"]


class OnTimescale:
    """Marks a model whose table lies in the ``timescale`` database.

    A plain class on purpose: migrations keep it among a historical model's bases, so the router still sees the
    mark there. An attribute on an abstract model alone is lost, and rows land in the wrong database.
    """

    on_timescale: ClassVar[bool] = True


class TimescaleModel(OnTimescale, models.Model):
    """Abstract base of everything kept in the time-series database."""

    class Meta:
        abstract = True


class EventStream(models.Model):
    """The counter of one stream: updating its row orders the stream's writers, so seq order is commit order.

    The count outlives pruned events, hence a seq is never given twice.
    """

    stream = models.CharField(max_length=64, primary_key=True)
    last_seq = models.PositiveBigIntegerField(default=0)

    def __str__(self) -> str:
        return f"{self.stream} at {self.last_seq}"


class Event(models.Model):
    """One entry of a stream's log: the row is the truth, a push over a socket only hints at it."""

    stream = models.CharField(max_length=64)
    seq = models.PositiveBigIntegerField()
    type = models.CharField(max_length=64)
    payload = models.JSONField(default=dict)
    created_at = models.DateTimeField(auto_now_add=True, db_index=True)

    class Meta:
        ordering = ("id",)
        constraints = (models.UniqueConstraint(fields=("stream", "seq"), name="event_once_per_seq"),)

    def __str__(self) -> str:
        return f"{self.stream} #{self.seq} {self.type}"


class AppendOnly(TypeError):
    """An audit entry was to be changed or deleted."""

    def __init__(self) -> None:
        super().__init__(
            "the audit trail is append-only: write with common.audit.record, and leave what is there"
        )


class AuditQuerySet(models.QuerySet["AuditEntry"]):
    """Reads; whoever tries to change entries in bulk is told that it can't be done."""

    def update(self, **kwargs: Any) -> NoReturn:
        """Refused."""
        raise AppendOnly

    def delete(self) -> NoReturn:
        """Refused."""
        raise AppendOnly

    def bulk_update(self, *args: Any, **kwargs: Any) -> NoReturn:
        """Refused."""
        raise AppendOnly


class AuditEntry(models.Model):
    """One thing somebody did; written by `common.audit.record` alone, and sealed to the entry before it."""

    id = models.PositiveBigIntegerField(primary_key=True, help_text="Gapless, in the order of commits.")
    at = models.DateTimeField(db_index=True)
    # No foreign key: an entry outlives the account, and nothing may set its columns to null.
    actor_id = models.BigIntegerField(null=True, db_index=True)
    actor = models.CharField(max_length=150, blank=True, help_text="Name of the account that acted.")
    action = models.CharField(max_length=32, db_index=True)
    target = models.CharField(max_length=200, blank=True)
    address = models.CharField(max_length=45, blank=True)
    request_id = models.CharField(max_length=64, blank=True)
    detail = models.JSONField(default=dict)
    previous = models.CharField(max_length=64)
    digest = models.CharField(max_length=64)

    objects = AuditQuerySet.as_manager()

    class Meta:
        ordering = ("-id",)
        verbose_name_plural = "audit entries"
        default_permissions = ("view",)

    def __str__(self) -> str:
        return f"{self.id} {self.action} by {self.actor or 'nobody'}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Insert; a row that is there stays as it is."""
        if not self._state.adding:
            raise AppendOnly
        kwargs["force_insert"] = True
        super().save(*args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> NoReturn:
        """Refused."""
        raise AppendOnly


class AuditHead(models.Model):
    """The one counter of the audit trail: the last number given, and the digest the next entry is sealed to."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    last_id = models.PositiveBigIntegerField(default=0)
    digest = models.CharField(max_length=64)

    class Meta:
        default_permissions = ()

    def __str__(self) -> str:
        return f"audit trail at {self.last_id}"
