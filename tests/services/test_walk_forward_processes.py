"""Walk-forwards and searches whose worker is killed midway: they go on where they were, and end with the same bits."""

import os
import random
import signal
import time

import pytest

from tests.factories import make_universe
from tests.services.processes import ROUNDS, wait_for, wait_for_status
from titan_core.data.synthetic import synthetic_universe
from trading.models import EquityPoint, Job, JobStatus, Sweep, Trial, Universe, WalkForwardRun
from trading.runtime.supervisor import EmbeddedRuntime
from trading.services.sweep_service import SweepService
from trading.services.walk_forward_service import WalkForwardService
from users.models import User

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "timescale"])


@pytest.fixture
def many(prices: None) -> Universe:
    panel = synthetic_universe(seed=11, n_bars=1500, n_cointegrated=6, n_breaking=2, n_random=24).panel
    return make_universe(panel, name="Many")


def walk(universe: Universe, owner: User) -> tuple[WalkForwardRun, Job]:
    made = WalkForwardService().request_sync(
        owner=owner,
        universe=universe,
        train_bars=300,
        test_bars=60,
        top=4,
        grid={"window": [20, 40, 60], "entry_z": {"from": 1.0, "to": 2.5, "n": 31}},
    )
    return made, Job.objects.about(made).get()


def test_worker_killed_at_random_points_of_a_walk_forward(
    runtime: EmbeddedRuntime, owner: User, many: Universe
) -> None:
    whole, job = walk(many, owner)
    wait_for_status(job, JobStatus.COMPLETED, seconds=200)  # compiles, the first time
    began = time.monotonic()
    whole, job = walk(many, owner)
    wait_for_status(job, JobStatus.COMPLETED)
    takes = time.monotonic() - began
    whole.refresh_from_db()
    assert whole.result_hash
    wait_for(lambda: EquityPoint.objects.filter(kind="walk_forward", run_id=whole.pk).exists(), what="points")
    for seed in range(ROUNDS):
        killed, job = walk(many, owner)
        wait_for_status(job, JobStatus.RUNNING, JobStatus.COMPLETED)
        time.sleep(random.Random(seed).uniform(0.2, 0.8) * takes)
        if runtime.child_pid is not None:
            os.kill(runtime.child_pid, signal.SIGKILL)
        wait_for_status(job, JobStatus.COMPLETED)
        killed.refresh_from_db()
        assert killed.result_hash == whole.result_hash
        assert killed.metrics == whole.metrics
        assert windows(killed) == windows(whole)
    assert Trial.objects.count() == 1  # the same plan looked at again is the same look


def searched(owner: User) -> tuple[Sweep, Job]:
    made = SweepService().request_sync(
        owner=owner,
        pair=["AAA", "AAB"],
        method="search",
        ranges={"window": {"from": 10, "to": 90}, "entry_z": {"from": 0.5, "to": 2.5}},
        n_trials=400,
    )
    return made, Job.objects.about(made).get()


def test_worker_killed_within_a_search(runtime: EmbeddedRuntime, owner: User, universe: Universe) -> None:
    whole, job = searched(owner)
    wait_for_status(job, JobStatus.COMPLETED, seconds=200)
    whole.refresh_from_db()
    killed, job = searched(owner)

    def some_batches() -> bool:
        job.refresh_from_db()
        return len(job.checkpoint.get("batches", ())) >= 3

    wait_for(some_batches, what="three batches")
    assert runtime.child_pid is not None
    os.kill(runtime.child_pid, signal.SIGKILL)
    wait_for_status(job, JobStatus.COMPLETED)
    killed.refresh_from_db()
    assert job.attempt >= 2
    assert killed.result_hash == whole.result_hash
    assert killed.summary["best"] == whole.summary["best"]
    assert Trial.objects.get().source == "search"


def windows(run: WalkForwardRun) -> list[tuple[object, ...]]:
    """What each window shows, without what names the run."""
    names = ("number", "test_start", "n_tests", "n_trials", "pairs", "in_sample", "out_of_sample")
    return list(run.windows.order_by("number").values_list(*names))
