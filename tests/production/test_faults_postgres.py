"""PostgreSQL restarted in the middle of writing: no acknowledged row is lost, no batch is there by half."""

import random
import threading
import time

import httpx
import numpy as np
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connections

from tests.production.stack import Stack
from tests.services.processes import ROUNDS, wait_for, wait_for_status
from tests.services.test_ingestion_processes import DAYS, csv_of
from titan_core.errors import StoreError
from trading.models import Job, JobStatus, Series
from trading.services.ingestion import IngestionService
from trading.services.price_stores import price_store
from users.models import User

N_SERIES, N_BARS = 20, 2000
FIRST_ID = 1_000_000  # far from the ids of real series
TIMES = np.arange(N_BARS).astype("M8[D]").astype("M8[us]")


def restart(servers: Stack, *, violently: bool) -> None:
    """The server goes and comes back."""
    timescale = servers.timescale
    assert not isinstance(timescale, str)
    if violently:
        timescale.kill()
    else:
        timescale.stop()
    timescale.start()
    connections.close_all()  # this process's own are gone too


class Writer:
    """Batches of many series, each written whole or not at all; remembers which were acknowledged."""

    def __init__(self) -> None:
        self.acknowledged: list[int] = []
        self.failed: list[int] = []
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run)

    def __enter__(self) -> "Writer":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join()

    def _run(self) -> None:
        number = 0
        while not self._stop.is_set():
            number += 1
            try:
                with price_store().writing() as batch:
                    for series in range(N_SERIES):
                        batch.write(FIRST_ID + series, TIMES, close=np.full(N_BARS, float(number)))
            except StoreError:
                self.failed.append(number)
                time.sleep(0.05)
            else:
                self.acknowledged.append(number)


def held() -> set[float]:
    """Every price that stands in the series of `Writer`; one value, where no batch is there by half."""
    panel = price_store().read_prices({f"S{i}": FIRST_ID + i for i in range(N_SERIES)}, adjustment="raw")
    assert panel.values.shape == (N_BARS, N_SERIES)
    return set(np.unique(panel.values).tolist())


def test_acknowledged_batches_stay_and_none_is_there_by_half(servers: Stack) -> None:
    chance = random.Random(4)
    with Writer() as writer:
        for turn in range(ROUNDS):
            seen = len(writer.acknowledged)
            wait_for(lambda seen=seen: len(writer.acknowledged) > seen, what="an acknowledged batch")  # type: ignore[misc]
            time.sleep(chance.uniform(0.0, 0.5))
            restart(servers, violently=turn % 2 == 0)
        seen = len(writer.acknowledged)
        wait_for(lambda: len(writer.acknowledged) > seen, what="an acknowledged batch after the last restart")
    assert writer.failed, "no restart came in the middle of anything"
    [value] = held()
    # the last that was acknowledged, or one whose acknowledgement was lost on the way
    assert value >= writer.acknowledged[-1]
    assert value in {*writer.acknowledged, *writer.failed}


@pytest.mark.parametrize("seed", range(ROUNDS))
def test_an_upload_goes_on_after_a_restart_and_ends_whole(servers: Stack, owner: User, seed: int) -> None:
    [web] = servers.web()
    servers.worker()
    servers.beat()
    symbols = [f"P{seed}S{i:02}" for i in range(40)]
    raw = csv_of(seed)
    for i, symbol in enumerate(symbols):
        raw = raw.replace(f",S{i:02},".encode(), f",{symbol},".encode())
    ingestion = IngestionService().request_sync(owner=owner, upload=SimpleUploadedFile("bars.csv", raw))
    job = Job.objects.about(ingestion).get()
    wait_for_status(job, JobStatus.RUNNING, JobStatus.COMPLETED)
    time.sleep(random.Random(seed).uniform(0.0, 1.5))
    restart(servers, violently=seed % 2 == 0)
    wait_for(lambda: httpx.get(f"{web.url}/readyz", timeout=10).status_code == 200, what="readiness")
    assert bar_counts(symbols) <= {0, DAYS.size}  # a series has all of its bars or none
    wait_for_status(job, JobStatus.COMPLETED, seconds=90)
    ingestion.refresh_from_db()
    assert ingestion.report is not None
    assert ingestion.report["stored"] + ingestion.report["unchanged"] == DAYS.size * 40
    assert bar_counts(symbols) == {DAYS.size}


def bar_counts(symbols: list[str]) -> set[int]:
    """How many bars the series of these symbols have."""
    series = list(Series.objects.filter(symbol__ticker__in=symbols).values_list("pk", flat=True))
    return {found.n_bars for found in price_store().coverage(series).values()}
