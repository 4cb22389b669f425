"""Big scans and walk-forwards on two real workers: the same bits as on one, whoever is killed, frozen or cancelled."""

import json
import os
import random
import signal
import time
from collections.abc import Iterator
from typing import Any

import pytest
from django.conf import settings
from django.test import override_settings
from structlog.contextvars import bound_contextvars

from tests.factories import make_universe
from tests.production.processes import Process
from tests.production.stack import Stack
from tests.services.processes import ROUNDS, children_of, is_alive, wait_for, wait_for_status
from titan.settings.artefacts import artefacts as folder
from titan_core.data.synthetic import synthetic_universe
from trading.models import Job, JobPart, JobStatus, PartState, Scan, Universe, WalkForwardRun, Worker
from trading.services import artefacts
from trading.services.cointegration_service import CointegrationService
from trading.services.jobs import JobService, job_payload
from trading.services.walk_forward_service import WalkForwardService
from users.models import User

LEASE = 2.0
FIGURES = ("result_hash", "n_tests", "n_discoveries", "null_discoveries", "null_nominal", "null_draws")
ROWS = ("rank", "symbol_1", "symbol_2", "statistic", "qvalue", "outlier_pvalue", "outlier_driven")


@pytest.fixture(scope="module")
def crew(stack: Stack) -> Iterator[Stack]:
    """Beat, and workers whose parts are a fraction of a second each, one thread each."""
    stack.variables |= {
        "TITAN_TEST_PART_SECONDS": "0.15",
        "TITAN_TEST_LEASE_SECONDS": str(LEASE),
        "TITAN_WORKER_THREADS": "1",
    }
    stack.beat()
    place = {"artefacts": folder(None, embedded=stack.home / "artefacts")}  # where the workers keep them
    with override_settings(STORAGES=settings.STORAGES | place):
        yield stack
    for name in ("TITAN_TEST_PART_SECONDS", "TITAN_TEST_LEASE_SECONDS", "TITAN_WORKER_THREADS"):
        del stack.variables[name]


@pytest.fixture(scope="module")
def many(stack: Stack) -> Universe:
    panel = synthetic_universe(seed=23, n_bars=1500, n_cointegrated=8, n_breaking=4, n_random=190).panel
    return make_universe(panel, name="Parts")


def workers(crew: Stack, n: int) -> list[Process]:
    """Exactly so many workers, and no row of another."""
    running = crew.worker("compute", n)
    pids = {pid for process in running for pid in children_of(process.pid)}
    Worker.objects.exclude(pid__in=pids).delete()
    wait_for(lambda: Worker.objects.filter(pid__in=pids).count() == n, what="the workers' rows")
    return running


def process_of(running: list[Process], name: str) -> Process:
    """The command whose process works under this name."""
    pid = Worker.objects.get(name=name).pid
    return next(process for process in running if pid in children_of(process.pid))


def ask(universe: Universe, owner: User) -> tuple[Scan, Job]:
    scan = CointegrationService().request_scan_sync(owner=owner, universe=universe, null_draws=12)
    return scan, Job.objects.about(scan).get()


def figures(scan: Scan) -> tuple[Any, ...]:
    scan.refresh_from_db()
    rows = list(scan.candidates.order_by("rank").values_list(*ROWS))
    return *(getattr(scan, name) for name in FIGURES), rows


@pytest.fixture(scope="module")
def whole(crew: Stack, many: Universe, stack: Stack) -> tuple[Any, ...]:
    """What one worker makes of the scan, without parts."""
    workers(crew, 1)
    scan, job = ask(many, stack.user("olga"))
    wait_for_status(job, JobStatus.COMPLETED, seconds=300)  # compiles, the first time
    assert job_payload(job)["parts"] is None
    return figures(scan)


def helper_of(job: Job) -> str:
    """Name of a worker that helps with the job; empty while none does."""
    job.refresh_from_db()
    helping = JobPart.objects.filter(job=job, state=PartState.WORKING).exclude(worker=job.worker)
    return helping.values_list("worker", flat=True).first() or ""


def test_two_workers_make_the_same_of_a_scan(
    crew: Stack, many: Universe, owner: User, whole: tuple[Any, ...]
) -> None:
    workers(crew, 2)
    scan, job = ask(many, owner)
    wait_for(lambda: helper_of(job), what="help")

    def both() -> bool:
        job.refresh_from_db()
        return job.parts_workers == 2

    wait_for(both, what="two workers on the job")
    assert str(job.pk) in artefacts.folders("parts")
    parts = job_payload(job)["parts"]
    assert parts is not None
    assert 0 <= parts["done"] < parts["total"]
    wait_for_status(job, JobStatus.COMPLETED)
    assert figures(scan) == whole
    assert job.attempt == 1
    wait_for(lambda: not JobPart.objects.filter(job=job).exists(), what="the end of the parts")
    wait_for(lambda: str(job.pk) not in artefacts.folders("parts"), what="the end of their results")


@pytest.mark.parametrize("victim", ["holder", "helper"])
@pytest.mark.parametrize("seed", range(ROUNDS))
def test_a_worker_killed_at_any_moment_changes_nothing(
    crew: Stack, many: Universe, owner: User, whole: tuple[Any, ...], victim: str, seed: int
) -> None:
    running = workers(crew, 2)
    scan, job = ask(many, owner)
    helper = wait_for(lambda: helper_of(job), what="help")
    time.sleep(random.Random(f"{victim}{seed}").uniform(0.0, 3.0))
    job.refresh_from_db()
    name = job.worker if victim == "holder" else helper
    if job.status == JobStatus.RUNNING:
        crew.kill(process_of(running, name))
    wait_for_status(job, JobStatus.COMPLETED, seconds=120)
    assert figures(scan) == whole
    if victim == "helper":
        assert job.attempt == 1


def test_a_frozen_worker_that_wakes_changes_nothing(
    crew: Stack, many: Universe, owner: User, whole: tuple[Any, ...]
) -> None:
    running = workers(crew, 2)
    scan, job = ask(many, owner)
    frozen = process_of(running, wait_for(lambda: helper_of(job), what="help"))
    frozen.send(signal.SIGSTOP)
    stale = set(JobPart.objects.filter(job=job, state=PartState.WORKING).exclude(worker=job.worker))
    wait_for_status(job, JobStatus.COMPLETED, seconds=120)  # its part was taken over when its lease ran out
    frozen.send(signal.SIGCONT)
    assert figures(scan) == whole
    assert stale
    wait_for(lambda: str(job.pk) not in artefacts.folders("parts"), what="the end of the stale result")
    assert figures(scan) == whole


def test_a_helper_that_gets_nowhere_is_ended_and_its_part_done_elsewhere(crew: Stack, owner: User) -> None:
    """It lives and renews its lease; only patience ends it. What it logs is found by the request behind the job."""
    running, name = workers(crew, 2), f"request-{time.time_ns()}"
    with bound_contextvars(request_id=name):
        job = JobService().enqueue_sync(kind="test_crew", owner=owner)
    pid = Worker.objects.get(name=wait_for(lambda: helper_of(job), what="help")).pid
    wait_for_status(job, JobStatus.COMPLETED)
    assert (job.message, job.attempt, job.deaths) == ("['0', '1'], 1 lost", 1, 0)
    wait_for(lambda: not is_alive(pid), what="the end of the helper's process")

    def told() -> list[dict[str, Any]]:
        lines = [line for process in running for line in process.text().splitlines()]
        return [json.loads(line) for line in lines if "gets nowhere" in line]

    [line] = wait_for(told, what="word of it")
    assert (line["request_id"], line["job_id"], line["job_kind"]) == (name, job.pk, "test_crew")
    assert line["user_id"] == owner.pk


def test_a_cancel_stops_every_worker(crew: Stack, many: Universe, owner: User) -> None:
    workers(crew, 2)
    scan, job = ask(many, owner)
    wait_for(lambda: helper_of(job), what="help")
    JobService().cancel_sync(job.pk)
    wait_for_status(job, JobStatus.CANCELLED, seconds=5)
    wait_for(lambda: not JobPart.objects.filter(job=job).exists(), seconds=5, what="the end of the parts")
    left = figures(scan)
    # Its table is kept before its checks begin, and help may have come as late as those: what only the end writes is
    # missing, and nothing came after the job's end.
    assert scan.null_draws is None
    assert job.finished_at is not None
    assert scan.completed_at is None or scan.completed_at < job.finished_at
    jobs = [JobService().enqueue_sync(kind="test_slow", owner=owner) for _ in range(2)]
    wait_for(
        lambda: Job.objects.filter(pk__in=[j.pk for j in jobs], status=JobStatus.RUNNING).count() == 2,
        what="both workers free for other work",
    )
    for other in jobs:
        wait_for_status(other, JobStatus.COMPLETED)
    assert figures(scan) == left
    job.refresh_from_db()
    assert job.status == JobStatus.CANCELLED


def walk(universe: Universe, owner: User) -> tuple[WalkForwardRun, Job]:
    run = WalkForwardService().request_sync(
        owner=owner, universe=universe, train_bars=400, test_bars=60, top=3, grid={"entry_z": [1.0, 1.5, 2.0]}
    )
    return run, Job.objects.about(run).get()


def test_a_walk_forward_on_two_workers_one_killed(crew: Stack, many: Universe, owner: User) -> None:
    workers(crew, 1)
    one, job = walk(many, owner)
    wait_for_status(job, JobStatus.COMPLETED, seconds=300)
    one.refresh_from_db()
    running = workers(crew, 2)
    two, job = walk(many, owner)
    wait_for(lambda: helper_of(job), what="help")
    job.refresh_from_db()
    os.kill(Worker.objects.get(name=job.worker).pid, signal.SIGKILL)
    wait_for_status(job, JobStatus.COMPLETED, seconds=120)
    two.refresh_from_db()
    assert running
    assert (two.result_hash, two.metrics) == (one.result_hash, one.metrics)
