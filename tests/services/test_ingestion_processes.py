"""Uploads survive what happens to processes: workers killed, two of the same series at once."""

import os
import random
import signal
import time

import numpy as np
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from tests.services.processes import ROUNDS, wait_for_status
from titan_core.data.calendars import sessions_between
from trading.models import Ingestion, Job, JobStatus, Series
from trading.runtime.supervisor import EmbeddedRuntime
from trading.services.ingestion import IngestionService
from trading.services.ingestions import uploads
from trading.services.jobs import JobService
from trading.services.price_stores import price_store
from users.models import User

pytestmark = [
    pytest.mark.django_db(transaction=True, databases=["default", "timescale"]),
    pytest.mark.usefixtures("prices"),
]
DAYS = sessions_between("XNYS", "2012-01-03", "2019-12-31")
SYMBOLS = [f"S{i:02}" for i in range(40)]


def csv_of(seed: int, n_days: int = DAYS.size) -> bytes:
    closes = np.round(
        100 * np.exp(np.cumsum(np.random.default_rng(seed).normal(0, 0.01, (n_days, 40)), axis=0)), 3
    )
    lines = ["date,symbol,close"]
    for day, row in zip(DAYS, closes, strict=False):
        lines += [f"{day},{symbol},{close}" for symbol, close in zip(SYMBOLS, row, strict=True)]
    return "\n".join(lines).encode()


def ask(owner: User, raw: bytes) -> tuple[Ingestion, Job]:
    ingestion = IngestionService().request_sync(owner=owner, upload=SimpleUploadedFile("bars.csv", raw))
    return ingestion, Job.objects.about(ingestion).get()


def everything() -> dict[str, list[float]]:
    held = {s.symbol.ticker: s.pk for s in Series.objects.select_related("symbol")}
    panel = price_store().read_prices(held, adjustment="raw")
    return {symbol: panel.values[:, j].tolist() for j, symbol in enumerate(panel.symbols)}


def bar_counts() -> set[int]:
    return {c.n_bars for c in price_store().coverage([s.pk for s in Series.objects.all()]).values()}


@pytest.mark.parametrize("seed", range(ROUNDS))
def test_killed_at_a_random_point_nothing_is_half_and_the_end_is_the_same(
    runtime: EmbeddedRuntime, owner: User, seed: int
) -> None:
    ingestion, job = ask(owner, csv_of(1))
    wait_for_status(job, JobStatus.RUNNING, JobStatus.COMPLETED)
    time.sleep(random.Random(seed).uniform(0.0, 0.9))
    pid = runtime.child_pid
    assert pid is not None
    os.kill(pid, signal.SIGKILL)
    # a series has all of its bars or none, whenever one looks
    assert bar_counts() <= {0, DAYS.size}
    wait_for_status(job, JobStatus.COMPLETED)
    ingestion.refresh_from_db()
    assert ingestion.report is not None
    assert ingestion.report["stored"] + ingestion.report["unchanged"] == DAYS.size * 40
    assert bar_counts() == {DAYS.size}
    assert not uploads.is_kept(ingestion.sha256)
    assert not uploads.work_folder(ingestion).exists()


def test_two_uploads_of_the_same_series_at_once(owner: User) -> None:
    """Each is whole: every bar is of one file or the other, and the one that comes last has all of its own."""
    import threading

    from django.db import connections

    jobs = [ask(owner, csv_of(seed, 500))[1] for seed in (1, 2)]
    failures: list[BaseException] = []

    def run(job: Job) -> None:
        try:
            JobService().run_sync(job.pk)
        except BaseException as error:
            failures.append(error)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=(job,)) for job in jobs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(120)
    assert failures == []
    for job in jobs:
        job.refresh_from_db()
        assert job.status == JobStatus.COMPLETED, job.error
    assert bar_counts() == {500}
    found = everything()
    wanted = []
    for seed in (1, 2):
        walk = np.random.default_rng(seed).normal(0, 0.01, (500, 40))
        closes = np.round(100 * np.exp(np.cumsum(walk, axis=0)), 3)
        wanted.append({symbol: closes[:, j].tolist() for j, symbol in enumerate(SYMBOLS)})
    assert found in wanted
    reports = [i.report for i in Ingestion.objects.all()]
    assert sorted((r["stored"], r["changed"]) for r in reports if r) == [(0, 20_000), (20_000, 0)]


def test_cancelled_while_it_runs_it_stops_and_leaves_nothing(runtime: EmbeddedRuntime, owner: User) -> None:
    ingestion, job = ask(owner, csv_of(3))
    wait_for_status(job, JobStatus.RUNNING, JobStatus.COMPLETED)
    began = time.monotonic()
    JobService().cancel_sync(job.pk)
    wait_for_status(job, JobStatus.CANCELLED, JobStatus.COMPLETED)
    assert time.monotonic() - began < 30
    if job.status == JobStatus.CANCELLED:
        assert bar_counts() <= {0}
        assert not uploads.is_kept(ingestion.sha256)
    assert not uploads.work_folder(ingestion).exists()
