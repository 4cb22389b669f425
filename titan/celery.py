"""The Celery application for production workers; a message carries a job's id and nothing else."""

import os

from celery import Celery
from django.conf import settings

__all__ = ["app"]

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "titan.settings.production")

app = Celery("titan")
app.conf.update(
    broker_url=settings.ENVIRONMENT.redis_url,
    broker_connection_retry_on_startup=True,
    # The row is the truth: results are not kept, and a message lost or doubled is harmless to a leased job.
    task_ignore_result=True,
    task_acks_late=True,
    task_reject_on_worker_lost=True,
    worker_prefetch_multiplier=1,
    task_serializer="json",
    accept_content=["json"],
    timezone="UTC",
    worker_hijack_root_logger=False,
)
app.autodiscover_tasks()
