"""Real Celery workers on real queues: what they take, how they stop, what becomes of processes that hang."""

import os
import signal
import time
from collections.abc import Iterator
from datetime import timedelta

import pytest

from common.models import Event
from tests.production.processes import Process
from tests.production.stack import Stack
from tests.services.job_kinds import expected_result
from tests.services.processes import children_of, is_alive, wait_for, wait_for_status
from trading.models import Job, JobStatus, Worker
from trading.services.jobs import JobService
from trading.services.jobs.queues import unserved_words
from users.models import User

SERVICE = JobService()


@pytest.fixture(autouse=True)
def _no_workers_left(stack: Stack) -> Iterator[None]:
    yield
    for process in stack.processes:
        if "worker" in process.name:
            process.end()
    Worker.objects.all().delete()
    Job.objects.exclude(status__in=(JobStatus.COMPLETED, JobStatus.FAILED)).delete()


def start(kind: str, owner: User) -> Job:
    return SERVICE.enqueue_sync(kind=kind, owner=owner)


def processes_of(worker: Process) -> list[int]:
    """Process ids of those that do the jobs."""
    return children_of(worker.pid)


def result_of(job: Job) -> list[str]:
    return [event.payload["state"] for event in Event.objects.filter(stream=f"result_{job.pk}")]


def test_a_worker_says_who_it_is_does_jobs_and_takes_its_leave(stack: Stack, owner: User) -> None:
    [worker] = stack.worker(processes=2)
    wait_for(lambda: Worker.objects.count() == 2, what="two rows")
    rows = Worker.objects.all()
    assert {row.pid for row in rows} == set(processes_of(worker))
    assert all(row.queues == ["ingest", "compute", "trade"] for row in rows)
    names = {row.name for row in rows}
    job = wait_for_status(start("test_slow", owner), JobStatus.COMPLETED)
    assert job.worker in names
    assert result_of(job) == [expected_result(job)]
    assert worker.stop() < 30
    assert worker.exit_code == 0
    assert not Worker.objects.filter(name__in=names).exists()


def test_a_job_waits_for_a_worker_of_its_queue_and_says_so(stack: Stack, owner: User) -> None:
    stack.worker("ingest")
    job = start("test_slow", owner)
    Job.objects.filter(pk=job.pk).update(created_at=job.created_at - timedelta(seconds=30))
    SERVICE.sweep_sync()
    job.refresh_from_db()
    assert (job.status, job.message) == (JobStatus.PENDING, unserved_words("test_slow"))
    told = Event.objects.filter(stream=job.group).order_by("-seq").first()
    assert told is not None
    assert told.payload["message"] == unserved_words("test_slow")
    stack.worker("compute")
    assert wait_for_status(job, JobStatus.COMPLETED).message == "Done."


def test_sigterm_gives_the_job_back_at_its_checkpoint(stack: Stack, owner: User) -> None:
    [worker] = stack.worker()
    job = start("test_halts", owner)
    wait_for(lambda: Job.objects.get(pk=job.pk).progress > 0.3, what="some progress")
    assert worker.stop() < 30
    assert worker.exit_code == 0
    job.refresh_from_db()
    assert (job.status, job.attempt, job.deaths) == (JobStatus.PENDING, 1, 0)
    assert job.checkpoint["step"] >= 10
    stack.worker()
    job = wait_for_status(job, JobStatus.COMPLETED)
    assert job.attempt == 2
    assert result_of(job) == [expected_result(job)]


def test_a_handler_that_does_not_listen_is_killed_in_time_and_taken_over(stack: Stack, owner: User) -> None:
    [worker] = stack.worker()
    job = wait_for_status(start("test_deaf", owner), JobStatus.RUNNING)
    took = worker.stop()
    assert 2.5 < took < 30  # it had three seconds, here
    assert worker.exit_code == 1
    stack.beat()
    stack.worker()
    wait_for(lambda: Job.objects.get(pk=job.pk).attempt == 2, what="the take-over")
    assert Job.objects.get(pk=job.pk).deaths == 1
    SERVICE.cancel_sync(job.pk)


def test_a_second_signal_does_not_wait(stack: Stack, owner: User) -> None:
    stack.variables["TITAN_TEST_STOP_SECONDS"] = "30"
    try:
        [worker] = stack.worker()
    finally:
        del stack.variables["TITAN_TEST_STOP_SECONDS"]
    job = wait_for_status(start("test_deaf", owner), JobStatus.RUNNING)
    os.kill(worker.pid, signal.SIGTERM)
    time.sleep(1.0)
    assert worker.is_running
    assert worker.stop() < 25  # and not the thirty it may take
    SERVICE.cancel_sync(job.pk)


@pytest.mark.parametrize("kind", ["test_halts", "test_hog"])
def test_a_process_that_runs_no_more_is_killed_and_its_job_taken_over(
    stack: Stack, owner: User, kind: str
) -> None:
    [worker] = stack.worker(processes=1)
    [pid] = processes_of(worker)
    job = wait_for_status(start(kind, owner), JobStatus.RUNNING)
    if kind == "test_halts":
        os.kill(pid, signal.SIGSTOP)
    stack.beat()
    job = wait_for_status(job, JobStatus.COMPLETED)
    assert not is_alive(pid)
    assert (job.attempt, job.deaths) == (2, 1)
    assert "has not answered" in worker.text()
    if kind == "test_halts":
        assert result_of(job) == [expected_result(job)]
    assert processes_of(worker) != [pid]


def test_a_handler_that_gets_nowhere_is_tried_once_more_and_fails_in_words(stack: Stack, owner: User) -> None:
    [worker] = stack.worker(processes=1)
    stack.beat()
    pids = processes_of(worker)
    job = wait_for_status(start("test_stuck", owner), JobStatus.FAILED)
    assert (job.attempt, job.deaths) == (2, 1)
    assert "no progress for 2 seconds" in job.message
    assert "TITAN_JOB_PATIENCE" in job.message
    wait_for(lambda: processes_of(worker) and processes_of(worker) != pids, what="another process")
    assert wait_for_status(start("test_slow", owner), JobStatus.COMPLETED).worker


def test_a_killed_process_is_replaced_and_what_it_did_goes_on(stack: Stack, owner: User) -> None:
    [worker] = stack.worker(processes=2)
    stack.beat()
    job = wait_for_status(start("test_halts", owner), JobStatus.RUNNING)
    wait_for(lambda: Job.objects.get(pk=job.pk).progress > 0.3, what="some progress")
    os.kill(int(Job.objects.get(pk=job.pk).worker.split(":")[1]), signal.SIGKILL)
    job = wait_for_status(job, JobStatus.COMPLETED)
    assert (job.attempt, job.deaths) == (2, 1)
    assert result_of(job) == [expected_result(job)]
    wait_for(lambda: len(processes_of(worker)) == 2, what="its replacement")
