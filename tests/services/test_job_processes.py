"""Jobs survive what happens to processes: workers and servers killed at random points, cancels, orphans."""

import os
import random
import signal
import time
from pathlib import Path

import pytest
from pytest_django import Settings

from common import events
from tests.services.job_kinds import STEP_SECONDS, STEPS, expected_result
from tests.services.processes import (
    ROUNDS,
    SETTINGS,
    Server,
    environment,
    is_alive,
    wait_for,
    wait_for_status,
)
from trading.models import Job, JobStatus, Worker
from trading.runtime.child import Child
from trading.runtime.supervisor import EmbeddedRuntime
from trading.services.jobs import JobService
from users.models import User

DATABASES = ["default", "timescale"]
pytestmark = pytest.mark.django_db(transaction=True, databases=DATABASES)


def the_result_of(job: Job) -> str:
    """The result of `job`, which must have happened exactly once."""
    results = events.latest(f"result_{job.pk}")
    assert len(results) == 1
    return str(results[0].payload["state"])


def test_a_job_runs_in_the_child(runtime: EmbeddedRuntime, owner: User) -> None:
    job = JobService().enqueue_sync(kind="test_slow", owner=owner)
    wait_for_status(job, JobStatus.COMPLETED)
    assert the_result_of(job) == expected_result(job)
    assert (job.attempt, job.deaths, job.progress, job.message) == (1, 0, 1.0, "Done.")


@pytest.mark.parametrize("seed", range(ROUNDS))
def test_worker_killed_at_a_random_point(runtime: EmbeddedRuntime, owner: User, seed: int) -> None:
    job = JobService().enqueue_sync(kind="test_slow", owner=owner)
    wait_for_status(job, JobStatus.RUNNING)
    time.sleep(random.Random(seed).uniform(0, STEPS * STEP_SECONDS * 0.9))
    pid = runtime.child_pid
    assert pid is not None
    os.kill(pid, signal.SIGKILL)
    wait_for_status(job, JobStatus.COMPLETED)
    assert the_result_of(job) == expected_result(job)
    wait_for(lambda: runtime.child_pid not in {None, pid}, what="another child")


def test_a_killed_worker_resumes_from_its_checkpoint(runtime: EmbeddedRuntime, owner: User) -> None:
    job = JobService().enqueue_sync(kind="test_halts", owner=owner)

    def far_enough() -> bool:
        job.refresh_from_db()
        return job.checkpoint.get("step", 0) >= STEPS // 2

    wait_for(far_enough, what="half of the work")
    assert runtime.child_pid is not None
    os.kill(runtime.child_pid, signal.SIGKILL)
    wait_for_status(job, JobStatus.COMPLETED)
    assert the_result_of(job) == expected_result(job)
    assert (job.attempt, job.deaths) == (2, 1)
    progress = [
        e.payload["progress"] for e in events.latest(job.group, limit=1000) if e.payload["attempt"] == 2
    ]
    assert min(progress[1:]) >= 0.5  # did not begin again


def test_a_dead_workers_job_does_not_wait_for_its_lease(owner: User, settings: Settings) -> None:
    settings.TITAN_SCHEDULE = {}
    running = EmbeddedRuntime()
    with environment(DJANGO_SETTINGS_MODULE=SETTINGS, TITAN_TEST_LEASE_SECONDS="3600"):
        running.start()
        try:
            job = JobService().enqueue_sync(kind="test_slow", owner=owner)
            wait_for_status(job, JobStatus.RUNNING)
            assert running.child_pid is not None
            os.kill(running.child_pid, signal.SIGKILL)
            wait_for_status(job, JobStatus.COMPLETED)
        finally:
            running.stop()
    assert the_result_of(job) == expected_result(job)


@pytest.mark.parametrize("seed", range(min(ROUNDS, 2)))
def test_server_killed_mid_job_recovers_at_the_next_start(server: Server, owner: User, seed: int) -> None:
    worker = server.worker_pid()
    job = JobService().enqueue_sync(kind="test_slow", owner=owner)
    wait_for_status(job, JobStatus.RUNNING)
    time.sleep(random.Random(seed).uniform(0, STEPS * STEP_SECONDS * 0.5))
    server.kill()
    wait_for(lambda: not is_alive(worker), seconds=30, what="the end of the orphaned worker")
    server.start()
    wait_for_status(job, JobStatus.COMPLETED)
    assert the_result_of(job) == expected_result(job)


def test_server_and_worker_killed_at_once_recover_when_the_lease_ends(server: Server, owner: User) -> None:
    worker = server.worker_pid()
    job = JobService().enqueue_sync(kind="test_slow", owner=owner)
    wait_for_status(job, JobStatus.RUNNING)
    os.kill(worker, signal.SIGKILL)
    server.kill()
    server.start()
    wait_for_status(job, JobStatus.COMPLETED)
    assert the_result_of(job) == expected_result(job)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_stopped_server_leaves_no_process_and_hands_the_job_back(
    server: Server, owner: User, number: signal.Signals
) -> None:
    worker = server.worker_pid()
    job = JobService().enqueue_sync(kind="test_polite", owner=owner)
    wait_for_status(job, JobStatus.RUNNING)
    assert server.stop(number) < 20  # the handler itself would take thirty
    assert not is_alive(worker)
    job.refresh_from_db()
    assert (job.status, job.deaths, job.finished_at) == (JobStatus.PENDING, 0, None)
    assert "Traceback" not in server.log.read_text()


def test_cancel_is_acknowledged_at_once_and_stops_the_handler(runtime: EmbeddedRuntime, owner: User) -> None:
    job = JobService().enqueue_sync(kind="test_lasting", owner=owner)
    wait_for_status(job, JobStatus.RUNNING)
    assert JobService().cancel_sync(job.pk, user=owner).cancel_requested
    wait_for_status(job, JobStatus.CANCELLED, seconds=20)  # left alone it works for longer than a minute
    assert events.latest(f"result_{job.pk}") == []


def test_a_deaf_handler_is_stopped_with_its_process(runtime: EmbeddedRuntime, owner: User) -> None:
    job = JobService().enqueue_sync(kind="test_deaf", owner=owner)
    wait_for_status(job, JobStatus.RUNNING)
    pid = runtime.child_pid
    JobService().cancel_sync(job.pk)
    wait_for_status(job, JobStatus.CANCELLED, seconds=30)  # asleep for sixty
    assert pid is not None
    wait_for(lambda: not is_alive(pid), seconds=30, what="the end of the deaf worker")
    after = JobService().enqueue_sync(kind="test_method", owner=owner)
    wait_for_status(after, JobStatus.COMPLETED)
    assert not Worker.objects.filter(pid=pid).exists(), "nobody waits to hear of the dead"


def test_a_job_that_kills_its_workers_is_given_up(runtime: EmbeddedRuntime, owner: User) -> None:
    job = JobService().enqueue_sync(kind="test_kills", owner=owner)
    wait_for_status(job, JobStatus.ERRORED, seconds=120)
    assert job.deaths == 5
    assert "logged as" in job.message


def test_a_worker_dies_with_its_parent_pipe(transactional_db: None) -> None:
    with environment(DJANGO_SETTINGS_MODULE=SETTINGS):
        child = Child()
    assert is_alive(child.pid)
    child.stop(20.0)
    assert child.exit_code in {0, 70}  # by itself: 70 where it was still importing and cut that short


def test_two_runtimes_on_one_database_do_each_job_once(runtime: EmbeddedRuntime, owner: User) -> None:
    second = EmbeddedRuntime()
    second.start()
    try:
        jobs = [JobService().enqueue_sync(kind="test_slow", owner=owner) for _ in range(4)]
        for job in jobs:
            wait_for_status(job, JobStatus.COMPLETED)
            assert the_result_of(job) == expected_result(job)
            assert job.attempt == 1
    finally:
        second.stop()


def test_the_log_of_a_server_is_its_own(server: Server, tmp_path: Path) -> None:
    server.worker_pid()
    assert server.stop() < 20
    assert "ERROR" not in server.log.read_text()
