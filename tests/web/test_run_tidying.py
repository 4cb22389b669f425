"""Housekeeping of runs: curves whose points a kill lost are filled, files of deleted runs go, all others stay."""

import os
import shutil
import time
from pathlib import Path
from typing import Any

import pytest
from django.db.models import QuerySet

from trading.models import EquityPoint, Job, JobKind, Universe, WalkForwardRun
from trading.services.backtesting import tidying
from trading.services.backtesting.curves import read_curve
from trading.services.backtesting.deletion import delete_run
from trading.services.jobs import JobService
from trading.services.walk_forward_service import WalkForwardService
from users.models import User

WALK = {
    "train_bars": 200,
    "test_bars": 160,
    "purge": 20,
    "embargo": 20,
    "top": 1,
    "parameters": {"time_stop": 20},
    "grid": {"window": [20], "entry_z": [1.0]},
}

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "timescale"])


@pytest.fixture(autouse=True)
def home(settings: Any, tmp_path: Path) -> Path:
    folder = {
        "BACKEND": "trading.services.artefacts.storage.ArtefactFolder",
        "OPTIONS": {"location": str(tmp_path / "artefacts")},
    }
    settings.STORAGES = settings.STORAGES | {"artefacts": folder}
    return tmp_path


def tidied(owner: User) -> Job:
    job = JobService().enqueue_sync(kind=JobKind.HOUSEKEEPING, owner=owner)
    assert JobService().run_sync(job.pk)
    job.refresh_from_db()
    assert job.status == "COMPLETED", job.error
    return job


def walked(owner: User, universe: Universe) -> WalkForwardRun:
    """A finished walk-forward whose points were lost, as by a kill between its commit and their write."""
    run = WalkForwardService().request_sync(owner=owner, universe=universe, **WALK)  # type: ignore[arg-type]  # plain
    assert JobService().run_sync(Job.objects.about(run).get().pk)
    run.refresh_from_db()
    assert run.is_complete
    assert points(run.pk).delete()[0] > 0
    return run


def points(run_id: int) -> QuerySet[EquityPoint]:
    return EquityPoint.objects.filter(kind=EquityPoint.Kind.WALK_FORWARD, run_id=run_id)


def files(home: Path) -> set[str]:
    return {str(path.relative_to(home)) for path in (home / "artefacts").glob("[a-z]*/*.*")}


def age(home: Path) -> None:
    for path in (home / "artefacts").rglob("*.*"):
        os.utime(path, (time.time() - 2 * 86_400,) * 2)


def test_a_curve_whose_points_were_lost_is_filled_once(trader: User, universe: Universe) -> None:
    run = walked(trader, universe)
    assert "filled 1 lost curves" in tidied(trader).message
    equity = read_curve(run.inputs["curve"])["equity"]
    stored = points(run.pk).order_by("timestamp").values_list("equity", flat=True)
    assert list(stored) == equity.tolist()
    assert tidying.mend_points() == (0, 0)
    assert points(run.pk).count() == equity.size


def test_points_of_a_run_that_is_gone_go(trader: User, universe: Universe) -> None:
    run = walked(trader, universe)
    tidying.mend_points()
    gone, left = run.pk, list(points(run.pk))
    delete_run(run)
    EquityPoint.objects.bulk_create(left)  # as if it had died before it removed them
    assert tidying.mend_points() == (0, 1)
    assert not points(gone).exists()


def test_a_curve_whose_file_is_gone_stands_in_nobodys_way(
    trader: User, universe: Universe, home: Path
) -> None:
    walked(trader, universe)
    shutil.rmtree(home / "artefacts" / "backtests")
    assert tidying.mend_points() == (0, 0)


def test_files_of_deleted_runs_go_after_a_day_and_no_others(
    trader: User, universe: Universe, home: Path
) -> None:
    kept = walked(trader, universe)
    its_own = files(home)
    assert {name.split("/")[1] for name in its_own} == {"bars", "backtests", "windows"}
    deleted = WalkForwardService().request_sync(owner=trader, universe=universe, **WALK | {"capital": 5e4})  # type: ignore[arg-type]  # plain
    assert JobService().run_sync(Job.objects.about(deleted).get().pk)
    assert its_own < files(home)  # bars are shared
    delete_run(deleted)
    assert tidying.remove_files() == 0  # too young: a run may be about to name them
    age(home)
    assert "files of deleted runs" in tidied(trader).message
    # windows are what an unfinished walk-forward goes on from: this one's rows have it all
    assert files(home) == {name for name in its_own if "/windows/" not in name}
    assert tidying.remove_files() == 0
    delete_run(kept)
    assert tidying.remove_files() == 2
    assert files(home) == set()
