"""A real scan whose worker is killed at random points: the same bits, once."""

import os
import random
import signal
import time

import pytest

from tests.factories import make_universe
from tests.services.processes import ROUNDS, wait_for_status
from titan_core.data.synthetic import synthetic_universe
from trading.models import Job, JobStatus, Scan, Universe
from trading.runtime.supervisor import EmbeddedRuntime
from trading.services.cointegration_service import CointegrationService
from users.models import User

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "timescale"])


@pytest.fixture
def many(prices: None) -> Universe:
    panel = synthetic_universe(seed=11, n_bars=1500, n_cointegrated=8, n_breaking=4, n_random=60).panel
    return make_universe(panel, name="Many")


def scan(universe: Universe, owner: User) -> tuple[Scan, Job]:
    made = CointegrationService().request_scan_sync(owner=owner, universe=universe)
    return made, Job.objects.about(made).get()


def test_worker_killed_at_random_points_of_a_scan(
    runtime: EmbeddedRuntime, owner: User, many: Universe
) -> None:
    whole, job = scan(many, owner)
    wait_for_status(job, JobStatus.COMPLETED, seconds=200)  # compiles, the first time
    whole.refresh_from_db()
    _, job = scan(many, owner)
    began = time.monotonic()
    wait_for_status(job, JobStatus.COMPLETED)
    takes = time.monotonic() - began
    for seed in range(ROUNDS):
        killed, job = scan(many, owner)
        wait_for_status(job, JobStatus.RUNNING, JobStatus.COMPLETED)
        time.sleep(random.Random(seed).uniform(0, takes))
        if runtime.child_pid is not None:
            os.kill(runtime.child_pid, signal.SIGKILL)
        wait_for_status(job, JobStatus.COMPLETED)
        killed.refresh_from_db()
        assert killed.result_hash == whole.result_hash
        assert killed.n_discoveries == whole.n_discoveries > 0
        assert rows(killed) == rows(whole)


def rows(scan: Scan) -> list[tuple[object, ...]]:
    """The stored candidates, without what names the scan."""
    return list(
        scan.candidates.order_by("rank").values_list("rank", "symbol_1", "symbol_2", "statistic", "qvalue")
    )
