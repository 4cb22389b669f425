"""Requests that wait and files that stream, on TimescaleDB and Redis: woken from afar, memory flat."""

import asyncio
import json
import os
import re
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import psycopg
import pytest
from asgiref.sync import sync_to_async
from django.db import connection
from django.utils import timezone

from common import events
from tests.conftest import PASSWORD
from tests.production.processes import PROXY
from tests.production.stack import Stack, Web
from tests.services.processes import wait_for
from trading.models import Ingestion, QuarantinedBar
from trading.services.jobs import JobService

ROWS = int(os.environ.get("TITAN_TEST_EXPORT_ROWS", "60000"))


POOL = 8  # of a server's connections to a database, its hub's among them
SERVER = "titan web, waited on"  # what this module's servers call themselves at the databases


@pytest.fixture(scope="module")
def web(stack: Stack) -> Iterator[Web]:
    stack.variables["PGAPPNAME"] = SERVER
    [made] = stack.web()
    yield made
    del stack.variables["PGAPPNAME"]


@pytest.fixture(scope="module")
def headers(web: Web, stack: Stack) -> dict[str, str]:
    stack.user("olga")
    signed_in = httpx.post(
        f"{web.url}/api/v1/auth/token/",
        json={"username": "olga", "password": PASSWORD},
        headers=PROXY,
        timeout=30,
    )
    return PROXY | {"Authorization": f"Bearer {signed_in.json()['access']}"}


def backends(stack: Stack, where: str = "true") -> list[str]:
    """What the connections of TITAN's servers do, as PostgreSQL sees them."""
    name = stack.database_url.rpartition("/")[2]
    with psycopg.connect(stack.database_url) as asking:
        asked = (
            "SELECT query FROM pg_stat_activity "
            f"WHERE datname = %s AND application_name = %s AND pid <> pg_backend_pid() AND {where}"
        )
        return [row[0] for row in asking.execute(asked, [name, SERVER]).fetchall()]


async def test_many_wait_and_hold_no_connection_and_a_hint_over_redis_wakes_them(
    web: Web, stack: Stack, headers: dict[str, str]
) -> None:
    n = 50
    job = await sync_to_async(lambda: JobService().enqueue_sync(kind="test_slow", owner=stack.user("olga")))()
    address = f"{web.url}/api/v1/events/"
    limits = httpx.Limits(max_connections=n + 5)
    async with httpx.AsyncClient(headers=headers, timeout=60, limits=limits) as client:
        newest = (await client.get(address, params={"stream": job.group, "newest": "true"})).json()
        query = {"stream": job.group, "after": newest["last_seq"], "wait": 30}
        asked = [asyncio.create_task(client.get(address, params=query)) for _ in range(n)]

        async def waiting() -> float:
            for line in (await client.get(f"{web.url}/metrics")).text.splitlines():
                if line.startswith("titan_long_polls "):
                    return float(line.split()[1])
            return 0.0

        async with asyncio.timeout(25):  # before the time of the first is up
            while await waiting() < n:
                await asyncio.sleep(0.1)
        assert 1 <= len(await asyncio.to_thread(backends, stack)) <= POOL
        async with asyncio.timeout(10):  # the hub's may be between two statements; one that is held stays
            while await asyncio.to_thread(backends, stack, "state = 'idle in transaction'"):
                await asyncio.sleep(0.05)
        assert await waiting() == n
        began = time.monotonic()
        await sync_to_async(events.publish)(job.group, "job_update", {"told": "all"})  # another process
        answers = await asyncio.gather(*asked)
        took = time.monotonic() - began
    assert {answer.status_code for answer in answers} == {200}
    assert all(answer.json()["results"][0]["data"] == {"told": "all"} for answer in answers)
    assert took < 15


def test_a_server_told_to_end_answers_those_who_wait(stack: Stack, headers: dict[str, str]) -> None:
    web = stack.web(2)[1]
    job = JobService().enqueue_sync(kind="test_slow", owner=stack.user("olga"))
    answers: list[httpx.Response] = []

    def ask() -> None:
        query = {"stream": job.group, "after": 10_000, "wait": 30}
        answers.append(httpx.get(f"{web.url}/api/v1/events/", params=query, headers=headers, timeout=60))

    asking = threading.Thread(target=ask)
    asking.start()
    wait_for(
        lambda: "titan_long_polls 1.0" in httpx.get(f"{web.url}/metrics", timeout=20).text, what="it to wait"
    )
    assert web.stop() < 15
    asking.join(10)
    assert (answers[0].status_code, answers[0].json()["results"]) == (200, [])


@pytest.fixture(scope="module")
def ingestion(stack: Stack) -> Ingestion:
    """An upload of which every row was set aside."""
    made = Ingestion.objects.create(
        owner=stack.user("olga"),
        filename="big.csv",
        sha256="0" * 64,
        size=1,
        source="test",
        report={},
        completed_at=timezone.now(),
    )
    table = QuarantinedBar._meta.db_table
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {table} (ingestion_id, row, symbol, timestamp, reason, is_warning, message, values) "
            "SELECT %s, n, 'AAA', now(), 'bad_price', false, 'The close is ' || n || ', below nothing.', %s "
            "FROM generate_series(1, %s) n",
            [made.pk, json.dumps({"date": "2020-01-01", "close": "-1"}), ROWS],
        )
        cursor.execute(f"ANALYZE {table}")
    return made


def resident(web: Web) -> int:
    """Bytes of memory the server's process holds."""
    pages = int(Path(f"/proc/{web.pid}/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE")


def download(web: Web, ingestion: Ingestion, headers: dict[str, str]) -> dict[str, Any]:
    """The whole file; what it took."""
    began, first, size, lines, peak = time.monotonic(), 0.0, 0, 0, 0
    address = f"{web.url}/api/v1/ingestions/{ingestion.pk}/rows.csv/"
    with httpx.stream("GET", address, headers=headers, timeout=120) as answer:
        assert answer.status_code == 200
        for piece in answer.iter_raw():
            first = first or time.monotonic() - began
            size, lines = size + len(piece), lines + piece.count(b"\n")
            peak = max(peak, resident(web))
    return {"first": first, "seconds": time.monotonic() - began, "bytes": size, "lines": lines, "peak": peak}


def test_a_file_of_many_rows_takes_no_memory(
    web: Web, ingestion: Ingestion, headers: dict[str, str], record_property: Any
) -> None:
    download(web, ingestion, headers)  # whatever the first one loads for good
    before = resident(web)
    told = download(web, ingestion, headers)
    told["grown"] = told["peak"] - before
    print(f"{ROWS} rows: {told}")  # for the page on performance
    assert told["lines"] == ROWS + 1
    assert told["bytes"] > ROWS * 50
    assert told["grown"] < 30 * 2**20
    assert told["first"] < told["seconds"]


def test_a_client_that_goes_ends_the_query(
    web: Web, stack: Stack, ingestion: Ingestion, headers: dict[str, str]
) -> None:
    address = f"{web.url}/api/v1/ingestions/{ingestion.pk}/rows.csv/"
    with httpx.stream("GET", address, headers=headers, timeout=60) as answer:
        pieces = answer.iter_raw()  # held: without it the connection is closed
        next(pieces)
        told = httpx.get(f"{web.url}/metrics", timeout=20).text
        assert "titan_exports 1.0" in told, re.findall("titan_exports.*", told)
    wait_for(
        lambda: "titan_exports 0.0" in httpx.get(f"{web.url}/metrics", timeout=20).text,
        seconds=30,
        what="the end of the export",
    )
    wait_for(lambda: not backends(stack, "state = 'active'"), seconds=30, what="the end of its query")


def test_the_client_follows_where_no_socket_comes_through(
    web: Web, stack: Stack, monkeypatch: pytest.MonkeyPatch
) -> None:
    def blocked(*_: Any) -> Any:
        raise OSError("a proxy lets no socket through")

    monkeypatch.setattr("titan_client.streams._events", blocked)
    owner = stack.user("olga")
    stack.worker()
    job = JobService().enqueue_sync(kind="test_slow", owner=owner)
    with stack.client(web.url) as titan:
        heard = []
        for event in titan.follow(job.group):
            heard.append(event)
            if event["data"].get("status") == "COMPLETED":
                break
    seqs = [event["seq"] for event in heard]
    assert seqs == list(range(seqs[0], seqs[0] + len(seqs)))
