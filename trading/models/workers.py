"""Processes that do jobs, as they say of themselves."""

from django.db import models

__all__ = ["Worker"]


class Worker(models.Model):
    """One process that takes jobs: Celery's or the embedded server's child. ``Job.worker`` names the one it is with."""

    name = models.CharField(max_length=100, unique=True)
    host = models.CharField(max_length=100)
    pid = models.PositiveIntegerField()
    queues = models.JSONField(default=list)  # names, in the order of `trading.services.jobs.queues`
    version = models.CharField(max_length=40)
    started_at = models.DateTimeField()
    seen_at = models.DateTimeField()  # it says every few seconds that it lives
    stopping = models.BooleanField(default=False)

    class Meta:
        ordering = ("host", "pid")
        indexes = (models.Index(fields=("seen_at",), name="worker_by_seen"),)

    def __str__(self) -> str:
        return self.name
