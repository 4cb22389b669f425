"""Celery in production. Rows own the jobs: a lost message is found by the sweep, a doubled one by the lease."""

import os

from celery import Celery
from django.conf import settings

__all__ = ["app", "dispatch"]

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "titan.settings.production")

app = Celery("titan")
app.conf.update(
    broker_url=settings.ENVIRONMENT.redis_url,
    broker_connection_retry_on_startup=True,
    broker_transport_options={"socket_connect_timeout": 2, "socket_timeout": 10},
    task_ignore_result=True,
    task_serializer="json",
    accept_content=["json"],
    worker_prefetch_multiplier=1,  # a long job must not hold messages that an idle worker could serve
    worker_hijack_root_logger=False,
    timezone="UTC",
    beat_schedule={
        "sweep": {"task": "trading.sweep_jobs", "schedule": 5.0, "options": {"expires": 5}},
        "schedule": {"task": "trading.start_scheduled", "schedule": 60.0, "options": {"expires": 60}},
    },
)
app.autodiscover_tasks(["trading"])


def dispatch(job_id: int) -> None:
    """Send the id to a worker: what ``TITAN_JOB_DISPATCHER`` names in production.

    A broker that is down is not waited for, because the sweep sends the id again.
    """
    app.send_task("trading.run_job", args=[job_id], retry=False, ignore_result=True)
