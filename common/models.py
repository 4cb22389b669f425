"""The base of time-series models, and the event log behind every socket."""

from typing import ClassVar

from django.db import models

__all__ = ["Event", "EventStream", "OnTimescale", "TimescaleModel"]


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
