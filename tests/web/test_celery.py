"""Celery's side of jobs: messages that carry an id, tasks that ask the rows, and none of it in the embedded form."""

import os
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import pytest
from celery import Celery

from tests.services import job_kinds  # noqa: F401 - registers the handlers of the tests
from trading.models import Job, JobStatus
from trading.services.jobs import JobService
from users.models import User

SERVICE = JobService()


@pytest.fixture
def celery_app(settings: Any) -> Iterator[Celery]:
    """The production application over a broker in memory."""
    from titan.celery import app

    app.loader.import_default_modules()  # what a worker does at its start
    before = app.conf.broker_url
    app.conf.broker_url = "memory://"
    app.control.purge()
    settings.TITAN_JOB_DISPATCHER = "titan.celery.dispatch"
    yield app
    app.conf.broker_url = before


@pytest.mark.django_db(transaction=True)
def test_a_message_carries_the_id_and_nothing_else(celery_app: Celery, trader: User) -> None:
    job = SERVICE.enqueue_sync(kind="test_method", owner=trader)
    with celery_app.connection_for_read() as connection:
        queue = connection.SimpleQueue("compute")
        message = queue.get(timeout=5)
        message.ack()
        queue.close()
    assert message.headers["task"] == "trading.run_job"
    args, kwargs, _ = message.decode()
    assert (list(args), kwargs) == ([job.pk], {})
    assert celery_app.tasks["trading.run_job"](*args) is None
    job.refresh_from_db()
    assert job.status == JobStatus.COMPLETED
    celery_app.tasks["trading.run_job"](*args)  # delivered twice: finds nothing to claim
    job.refresh_from_db()
    assert job.attempt == 1


@pytest.mark.django_db
def test_a_message_for_a_job_that_is_gone_is_no_error(celery_app: Celery) -> None:
    celery_app.tasks["trading.run_job"](987654)


@pytest.mark.django_db
def test_beat_sweeps_and_schedules(celery_app: Celery, settings: Any) -> None:
    settings.TITAN_SCHEDULE = {"housekeeping": "00:00"}
    scheduled = {entry["task"] for entry in celery_app.conf.beat_schedule.values()}
    assert scheduled == {"trading.sweep_jobs", "trading.start_scheduled"}
    assert scheduled <= set(celery_app.tasks)
    assert celery_app.tasks["trading.start_scheduled"]() == 1
    assert celery_app.tasks["trading.start_scheduled"]() == 0
    Job.objects.update(created_at="2020-01-01T00:00:00Z")
    assert celery_app.tasks["trading.sweep_jobs"]() == 1


def test_the_embedded_server_never_loads_celery() -> None:
    code = "import titan.asgi, sys; sys.exit('celery' in sys.modules or 'redis' in sys.modules)"
    subprocess.run(
        [sys.executable, "-c", code], check=True, env=os.environ | {"TITAN_TEST_DATABASE": "sqlite"}
    )
