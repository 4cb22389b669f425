"""One server of two processes: any tells the sum; rows tell of workers; a request is found in a worker's log."""

import contextlib
import json
import os
import signal
import time
from typing import Any

import httpx
import pytest
from prometheus_client.parser import text_string_to_metric_families
from structlog.contextvars import bound_contextvars
from websockets.sync.client import connect

from tests.production.stack import Stack, Web
from tests.services.processes import wait_for
from trading.services.jobs import JobService

COUNT = "titan_http_request_duration_seconds_count"


@pytest.fixture(scope="module")
def web(stack: Stack) -> Web:
    stack.worker()
    [made] = stack.web(processes=2)
    return made


def scraped(web: Web, **headers: str) -> dict[tuple[str, frozenset[tuple[str, str]]], float]:
    """Every sample, over a connection of its own: whichever process takes it answers."""
    answer = httpx.get(f"{web.url}/metrics", headers=headers, timeout=20)
    assert answer.status_code == 200, answer.text
    return {
        (sample.name, frozenset(sample.labels.items())): sample.value
        for family in text_string_to_metric_families(answer.text)
        for sample in family.samples
    }


def value(web: Web, name: str, **labels: str) -> float:
    return scraped(web).get((name, frozenset(labels.items())), 0.0)


def test_two_processes_tell_one_sum(web: Web) -> None:
    labels = {"method": "GET", "route": "/livez", "status": "200"}
    before = value(web, COUNT, **labels)
    for _ in range(40):
        httpx.get(f"{web.url}/livez", timeout=20)
    assert len(web.family()) >= 3
    sums = {value(web, COUNT, **labels) - before for _ in range(12)}
    assert sums == {40.0}


def test_sockets_of_both_processes_are_summed_and_gone_when_closed(web: Web, stack: Stack) -> None:
    def told() -> float:
        return value(web, "titan_socket_clients", door="trading-data")

    address = f"ws://127.0.0.1:{web.port}/ws/trading-data/"
    with stack.client(web.url) as titan, contextlib.ExitStack() as open_ones:
        for _ in range(8):
            ticket = titan.auth_ws_ticket()["ticket"]
            open_ones.enter_context(connect(address, subprotocols=["titan.v1", f"ticket.{ticket}"]))
        wait_for(lambda: told() == 8, seconds=30, what="the count of the sockets")
    wait_for(lambda: told() == 0, seconds=30, what="their end")


def test_rows_tell_of_workers_and_jobs(web: Web, stack: Stack) -> None:
    owner = stack.user("olga")

    def ended() -> float:
        return value(web, "titan_jobs_ended_total", kind="test_slow", status="COMPLETED")

    before = ended()
    with stack.client(web.url) as titan:
        titan.wait(JobService().enqueue_sync(kind="test_slow", owner=owner).pk, progress=False, timeout=60)
    wait_for(lambda: ended() == before + 1, seconds=20, what="the count of the job")
    found = scraped(web)
    assert found["titan_workers", frozenset({("queue", "compute"), ("state", "up")})] >= 1
    assert found["titan_redis_up", frozenset()] == 1
    for name in ("default", "timescale"):
        assert found["titan_database_up", frozenset({("database", name)})] == 1
    assert 0 < found["titan_rows_read_seconds", frozenset()] < 20


def test_strangers_are_told_that_nothing_is_here(web: Web) -> None:
    answer = httpx.get(f"{web.url}/metrics", headers={"X-Forwarded-For": "203.0.113.5"}, timeout=20)
    assert answer.status_code == 404


def test_a_request_is_found_in_the_workers_log(web: Web, stack: Stack) -> None:
    owner, name = stack.user("olga"), f"request-{time.time_ns()}"
    with bound_contextvars(request_id=name), stack.client(web.url) as titan:
        job = JobService().enqueue_sync(kind="test_slow", owner=owner)
        titan.wait(job.pk, progress=False, timeout=60)

    def told() -> list[dict[str, Any]]:
        lines = "\n".join(process.text() for process in stack.processes if "worker" in process.command)
        return [json.loads(line) for line in lines.splitlines() if name in line]

    lines = wait_for(lambda: told() if len(told()) > 1 else [], seconds=20, what="the lines of the worker")
    assert {line["job_id"] for line in lines} == {job.pk}
    assert {line["user_id"] for line in lines} == {owner.pk}
    assert any("begins" in line["event"] for line in lines)
    assert any("COMPLETED" in line["event"] for line in lines)


def test_a_process_that_dies_takes_no_count_with_it(web: Web) -> None:
    labels = {"method": "GET", "route": "/livez", "status": "200"}
    for _ in range(20):
        httpx.get(f"{web.url}/livez", timeout=20)
    before = value(web, COUNT, **labels)
    victim = web.family()[-1]
    os.kill(victim, signal.SIGKILL)
    wait_for(lambda: victim not in web.family() and len(web.family()) >= 3, seconds=60, what="its successor")

    def answers() -> bool:
        try:
            return all(httpx.get(f"{web.url}/livez", timeout=5).status_code == 200 for _ in range(4))
        except httpx.TransportError:
            return False

    wait_for(answers, seconds=60, what="both processes")
    assert min(value(web, COUNT, **labels) for _ in range(6)) >= before + 4
