"""Workers that are killed, frozen, or slower than the broker's patience: the same result, once."""

import random
import re
import signal
import time
from pathlib import Path

import pytest

from common import events
from tests.factories import make_universe
from tests.production.ends import the_result_of
from tests.production.stack import Process, Stack
from tests.services.job_kinds import STEP_SECONDS, STEPS
from tests.services.processes import ROUNDS, wait_for, wait_for_status
from titan.celery import app as celery_app
from titan_core.data.synthetic import synthetic_universe
from trading.models import Job, JobStatus, Scan, Universe
from trading.services.cointegration_service import CointegrationService
from trading.services.jobs import JobService
from users.models import User

SERVICE = JobService()


@pytest.fixture(scope="module")
def many(stack: Stack) -> Universe:
    panel = synthetic_universe(seed=11, n_bars=1000, n_cointegrated=6, n_breaking=2, n_random=40).panel
    return make_universe(panel, name="Faults of workers")


def holder(stack: Stack, job: Job) -> Process:
    """The worker whose process has the job."""
    pid = int(job.worker.split(":")[1])  # machine, process and a nonce
    return next(process for process in stack.processes if pid in process.family())


@pytest.mark.parametrize("seed", range(ROUNDS))
def test_a_worker_killed_at_a_random_point_of_a_job(stack: Stack, owner: User, seed: int) -> None:
    stack.beat()
    stack.worker(n=2)
    job = SERVICE.enqueue_sync(kind="test_slow", owner=owner)
    wait_for_status(job, JobStatus.RUNNING)
    time.sleep(random.Random(seed).uniform(0, STEPS * STEP_SECONDS * 0.9))
    stack.kill(holder(stack, job))
    wait_for_status(job, JobStatus.COMPLETED)
    the_result_of(job)
    assert (job.attempt, job.deaths) in {(2, 1), (1, 0)}  # the other where it had just ended


def test_a_worker_killed_at_random_points_of_a_scan(stack: Stack, owner: User, many: Universe) -> None:
    stack.beat()
    stack.worker(n=2)

    def scan() -> tuple[Scan, Job]:
        made = CointegrationService().request_scan_sync(owner=owner, universe=many)
        return made, Job.objects.about(made).get()

    whole, job = scan()
    wait_for_status(job, JobStatus.COMPLETED, seconds=200)  # compiles, the first time
    whole.refresh_from_db()
    began = time.monotonic()
    wait_for_status(scan()[1], JobStatus.COMPLETED)
    takes = time.monotonic() - began
    for seed in range(ROUNDS):
        stack.worker(n=2)
        killed, job = scan()
        wait_for_status(job, JobStatus.RUNNING, JobStatus.COMPLETED)
        time.sleep(random.Random(seed).uniform(0, takes))
        job.refresh_from_db()
        if job.status == JobStatus.RUNNING:
            stack.kill(holder(stack, job))
        wait_for_status(job, JobStatus.COMPLETED)
        killed.refresh_from_db()
        assert killed.result_hash == whole.result_hash
        assert list(killed.candidates.order_by("rank").values_list("symbol_1", "symbol_2", "qvalue")) == list(
            whole.candidates.order_by("rank").values_list("symbol_1", "symbol_2", "qvalue")
        )


def is_taken_over_for_good(stack: Stack, job: Job, first: Process) -> None:
    """Another worker ends the job that `first`, frozen, has; then `first` wakes and leaves everything as it is."""
    frozen = job.worker
    stack.worker(n=2)
    wait_for_status(job, JobStatus.COMPLETED)
    assert job.worker != frozen
    assert (job.attempt, job.deaths) == (2, 1)
    before = Job.objects.filter(pk=job.pk).values().get()
    told = [event.seq for event in events.latest(job.group, limit=1000)]
    first.send(signal.SIGCONT)
    wait_for(lambda: "was taken over" in first.text(), what="the stale worker's notice")
    assert Job.objects.filter(pk=job.pk).values().get() == before
    assert [event.seq for event in events.latest(job.group, limit=1000)] == told


def works_again(stack: Stack, first: Process, owner: User) -> None:
    """`first` alone does a job: it is a worker like any other."""
    for other in [process for process in stack.worker(n=2) if process is not first]:
        other.end()
    wait_for_status(SERVICE.enqueue_sync(kind="test_method", owner=owner), JobStatus.COMPLETED)


def test_a_stale_worker_that_wakes_after_its_job_was_taken_over_writes_nothing(
    stack: Stack, owner: User
) -> None:
    stack.end_processes()
    stack.beat()
    for seed in range(ROUNDS):
        [first] = stack.worker()
        job = SERVICE.enqueue_sync(kind="test_slow", owner=owner)
        wait_for_status(job, JobStatus.RUNNING)
        time.sleep(random.Random(seed).uniform(0, STEPS * STEP_SECONDS * 0.8))
        first.send(signal.SIGSTOP)
        job.refresh_from_db()
        if job.status != JobStatus.RUNNING:  # had just ended
            first.send(signal.SIGCONT)
            continue
        is_taken_over_for_good(stack, job, first)
        the_result_of(job)
        works_again(stack, first, owner)


def test_a_worker_frozen_in_the_midst_of_a_write_keeps_its_job_from_nobody(stack: Stack, owner: User) -> None:
    """Its transaction holds the job's row: the database must end it, and whoever looks meanwhile must not wait."""
    stack.end_processes()
    stack.beat()
    [first] = stack.worker()
    job = SERVICE.enqueue_sync(kind="test_freezes", owner=owner)
    wait_for_status(job, JobStatus.RUNNING)

    def stands_still() -> bool:
        states = [
            Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] for pid in first.family()
        ]
        return set(states) == {"T"}

    wait_for(stands_still, what="the freeze")
    is_taken_over_for_good(stack, job, first)
    assert [event.payload for event in events.latest(f"result_{job.pk}")] == [{"attempt": 2}]
    works_again(stack, first, owner)


def give_back_unacknowledged() -> None:
    """What a consumer does that holds the broker's patience to be over after a second, and not after hours."""
    options = celery_app.conf.broker_transport_options | {"visibility_timeout": 1}
    with celery_app.connection_for_write().clone(transport_options=options) as connection:
        connection.default_channel.qos.restore_visible(num=100, interval=1)


def test_a_job_longer_than_the_brokers_patience_has_one_result(stack: Stack, owner: User) -> None:
    """The broker gives the message to a second worker while the first still works: it finds nothing to claim."""
    stack.end_processes()
    workers = stack.worker("compute", 2)
    job = SERVICE.enqueue_sync(kind="test_long", owner=owner)
    wait_for_status(job, JobStatus.RUNNING)

    def twice() -> bool:
        received = re.findall(r"run_job\[([0-9a-f-]+)\] received", "".join(w.text() for w in workers))
        return len(received) > len(set(received))

    time.sleep(2)
    give_back_unacknowledged()
    wait_for(twice, seconds=60, what="the second delivery of the message")
    wait_for_status(job, JobStatus.COMPLETED)
    assert len(events.latest(f"result_{job.pk}")) == 1
    assert (job.attempt, job.deaths) == (1, 0)
