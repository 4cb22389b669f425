"""Redis away, silent, or behind TLS; two clocks; messages that come twice."""

import signal
import subprocess
import sys
import time
from datetime import timedelta
from pathlib import Path

import httpx
import pytest

from common.models import Event
from tests.conftest import PASSWORD
from tests.production.processes import PROXY, ROOT
from tests.production.stack import Stack
from tests.services.job_kinds import expected_result
from tests.services.processes import wait_for, wait_for_status
from trading.models import Job, JobStatus
from trading.services.jobs import JobService
from users.models import User

SERVICE = JobService()


def test_two_clocks_have_one_effect(servers: Stack) -> None:
    servers.variables["TITAN_TEST_SCHEDULE"] = '{"housekeeping": "00:00"}'
    one = servers.beat()
    servers.processes.remove(one)
    two = servers.beat()
    servers.processes.append(one)
    del servers.variables["TITAN_TEST_SCHEDULE"]
    assert one.pid != two.pid
    for clock in (one, two):
        wait_for(lambda clock=clock: "trading.start_scheduled" in clock.text(), what="a look at the clock")  # type: ignore[misc]  # a lambda's default
    job = Job.objects.get(kind="housekeeping")
    servers.worker("ingest")
    wait_for_status(job, JobStatus.COMPLETED)
    assert Job.objects.filter(kind="housekeeping").count() == 1
    assert Job.objects.get(pk=job.pk).attempt == 1
    assert one.stop() < 10
    assert one.exit_code == 0


def test_a_message_delivered_again_while_the_job_runs_changes_nothing(servers: Stack, owner: User) -> None:
    servers.variables["TITAN_TEST_VISIBILITY_SECONDS"] = "1"
    servers.worker("compute", 2)
    del servers.variables["TITAN_TEST_VISIBILITY_SECONDS"]
    job = SERVICE.enqueue_sync(kind="test_slow", owner=owner)
    wait_for_status(job, JobStatus.RUNNING)
    Job.objects.filter(pk=job.pk).update(created_at=job.created_at - timedelta(seconds=60))
    for _ in range(3):
        SERVICE.sweep_sync()
        from titan.celery import dispatch

        dispatch(job.pk, "compute")
        time.sleep(0.5)
    job = wait_for_status(job, JobStatus.COMPLETED)
    assert (job.attempt, job.deaths) == (1, 0)
    events = Event.objects.filter(stream=f"result_{job.pk}")
    assert [event.payload["state"] for event in events] == [expected_result(job)]


def test_a_redis_that_is_down_or_silent_stops_no_request_and_loses_no_job(servers: Stack, owner: User) -> None:
    [web] = servers.web()
    servers.worker()
    servers.beat()
    log_in = {"username": owner.username, "password": PASSWORD}
    with httpx.Client(base_url=web.url, headers=PROXY, timeout=20) as client:
        token = client.post("/api/v1/auth/token/", json=log_in).json()["access"]
        client.headers["Authorization"] = f"Bearer {token}"
        assert client.get("/readyz").json()["redis"] == "ok"
        jobs = []
        for number in (signal.SIGSTOP, signal.SIGKILL):
            servers.redis.process.send_signal(number)  # type: ignore[union-attr]  # a server of this module's own
            began = time.monotonic()
            jobs.append(SERVICE.enqueue_sync(kind="test_slow", owner=owner))
            assert time.monotonic() - began < 2
            for method, path, body in (
                ("GET", "/api/v1/jobs/", None),
                ("GET", "/api/v1/universes/", None),
                ("POST", "/api/v1/auth/token/", log_in),
                ("POST", "/api/v1/auth/ws-ticket/", None),
                ("GET", "/readyz", None),
            ):
                began = time.monotonic()
                answer = client.request(method, path, json=body)
                assert answer.status_code in {200, 201}, (path, answer.text)
                assert time.monotonic() - began < 4, path
            assert answer.json()["redis"] == "unreachable"
            if number == signal.SIGSTOP:
                servers.redis.process.send_signal(signal.SIGCONT)  # type: ignore[union-attr]  # as above
        servers.redis.start()  # type: ignore[union-attr]  # as above
        began = time.monotonic()
        for job in jobs:
            wait_for_status(job, JobStatus.COMPLETED)
        assert time.monotonic() - began < 30
        wait_for(lambda: client.get("/readyz").json()["redis"] == "ok", what="readiness")


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A certificate of this machine, signed by itself, and its key."""
    folder = tmp_path_factory.mktemp("tls")
    made, key = folder / "redis.crt", folder / "redis.key"
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=localhost",
         "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1", "-keyout", key, "-out", made],
        check=True,
        capture_output=True,
    )  # fmt: skip
    return made, key
