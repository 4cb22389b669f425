"""Celery in production. Rows own the jobs: a lost message is found by the sweep, a doubled one by the lease."""

import os

from celery import Celery
from django.conf import settings

from common.redis import client, prefix, tls_options
from titan.outbox import Outbox

__all__ = ["app", "backlog", "dispatch", "dispatch_part"]

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "titan.settings.production")

app = Celery("titan")
app.conf.update(
    broker_url=settings.ENVIRONMENT.redis_url,
    broker_use_ssl=tls_options(settings.ENVIRONMENT.redis_url),
    broker_connection_retry_on_startup=True,
    broker_connection_max_retries=None,  # a worker waits for its broker, however long that takes
    broker_transport_options={
        "global_keyprefix": prefix("jobs"),
        "socket_connect_timeout": 2,
        "socket_timeout": 10,
        "socket_keepalive": True,
        "health_check_interval": 15,
        # Of no account: a message delivered again finds its job claimed. Long, so that it seldom is.
        "visibility_timeout": getattr(settings, "TITAN_BROKER_VISIBILITY_SECONDS", 6 * 60 * 60),
    },
    task_default_queue="compute",
    task_ignore_result=True,
    task_serializer="json",
    accept_content=["json"],
    # Acknowledged when done: only so does a prefetch of one mean that a busy process holds no second message, which
    # an idle one elsewhere could serve. What a killed process held comes again by the sweep, not from the broker.
    task_acks_late=True,
    task_acks_on_failure_or_timeout=True,
    task_reject_on_worker_lost=False,
    worker_prefetch_multiplier=1,
    worker_cancel_long_running_tasks_on_connection_loss=False,  # the row's lease goes on without the broker
    worker_hijack_root_logger=False,
    worker_redirect_stdouts=False,
    worker_enable_remote_control=False,
    worker_send_task_events=False,
    timezone="UTC",
    beat_schedule={
        "sweep": {"task": "trading.sweep_jobs", "schedule": 5.0},
        "schedule": {"task": "trading.start_scheduled", "schedule": 60.0},
    },
)
app.autodiscover_tasks(["trading"])

_outbox = Outbox(app)


def dispatch(job_id: int, queue: str) -> None:
    """Send the id to a worker that serves `queue`: what ``TITAN_JOB_DISPATCHER`` names in production.

    Returns at once, for whoever commits has other things to do than to wait for a broker; a message that could not be
    sent is sent again by the sweep.
    """
    _outbox.put("trading.run_job", job_id, queue)


def dispatch_part(part_id: int, queue: str) -> None:
    """Ask a worker that serves `queue` to help with a part: what ``TITAN_PART_DISPATCHER`` names in production."""
    _outbox.put("trading.run_part", part_id, queue)


def backlog(queue: str) -> int:
    """Messages that wait in `queue`: what ``TITAN_JOB_BACKLOG`` names in production."""
    return int(client().llen(prefix("jobs") + queue))
