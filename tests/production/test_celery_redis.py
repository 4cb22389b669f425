"""Redis away, silent, or behind TLS; two clocks; messages that come twice."""

import asyncio
import base64
import json
import os
import signal
import subprocess
import sys
import time
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
import redis
from asgiref.sync import sync_to_async
from channels_redis.core import RedisChannelLayer

from channels_app.hints import HINT
from common.models import Event
from tests.conftest import PASSWORD
from tests.production.processes import PROXY, ROOT
from tests.production.stack import Stack
from tests.services.job_kinds import expected_result
from tests.services.processes import wait_for, wait_for_status
from titan.celery import dispatch
from titan.settings.redis import channel_layer
from tools.ports import free_port
from tools.services import RedisServer
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
    # said before it is done
    job = wait_for(lambda: Job.objects.filter(kind="housekeeping").first(), what="the day's job")
    servers.worker("ingest")
    wait_for_status(job, JobStatus.COMPLETED)
    assert Job.objects.filter(kind="housekeeping").count() == 1
    assert Job.objects.get(pk=job.pk).attempt == 1
    assert one.stop() < 30
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
        dispatch(job.pk, "compute")
        time.sleep(0.5)
    job = wait_for_status(job, JobStatus.COMPLETED)
    assert (job.attempt, job.deaths) == (1, 0)
    events = Event.objects.filter(stream=f"result_{job.pk}")
    assert [event.payload["state"] for event in events] == [expected_result(job)]


def test_a_message_nobody_can_read_stops_no_worker(servers: Stack, owner: User) -> None:
    envelope = {
        "body": "abcde",
        "content-type": "application/json",
        "content-encoding": "utf-8",
        "headers": {},
        "properties": {
            "body_encoding": "base64",
            "delivery_tag": "unreadable",
            "delivery_info": {"exchange": "", "routing_key": "compute"},
        },
    }
    [worker] = servers.worker("compute")
    with redis.Redis.from_url(servers.redis.url) as broker:
        broker.lpush("titan:jobs:compute", json.dumps(envelope))
        wait_for(lambda: "set aside" in worker.text(), what="the message set aside")
        job = SERVICE.enqueue_sync(kind="test_polite", owner=owner)
        wait_for_status(job, JobStatus.RUNNING)
        SERVICE.cancel_sync(job.pk)
        wait_for_status(job, JobStatus.CANCELLED)
        assert worker.is_running
        assert not broker.hexists("titan:jobs:unacked", "unreadable")


def test_what_is_no_message_at_all_stops_no_worker_and_is_counted(servers: Stack, owner: User) -> None:
    """Anything may lie in a list of Redis; each is set aside, and the worker is the same one afterwards."""
    whole: dict[str, Any] = {
        "body": base64.b64encode(b"[[1], {}, {}]").decode(),
        "content-type": "application/json",
        "content-encoding": "utf-8",
        "headers": {"task": "trading.run_job", "id": "one"},
        "properties": {
            "body_encoding": "base64",
            "delivery_tag": "a",
            "delivery_info": {"exchange": "", "routing_key": "compute"},
        },
    }
    properties: dict[str, Any] = whole["properties"]
    strange: list[bytes] = [
        *(b"", b"no JSON {", b"\xff\xfe\x00", b"[" * 100_000, b"null", b"17", b'"text"', b"[1, 2, 3]", b"{}"),
        *(
            json.dumps(whole | changes).encode()
            for changes in (
                {"properties": None},
                {"properties": {}},
                {"properties": properties | {"delivery_tag": ["x"]}},
                {"properties": properties | {"delivery_info": None}},
                {"properties": properties | {"delivery_info": {}}},
                {"headers": "text"},
                {"headers": {}},
                {"headers": {"task": "trading.run_job"}},
                {"headers": {"task": "nobody.knows", "id": "two"}},
                {"headers": {"task": ["a"], "id": "three"}},
                {"body": 5},
                {"body": base64.b64encode(b"no JSON").decode()},
                {"body": base64.b64encode(b"5").decode()},
                {"body": base64.b64encode(b'"text"').decode()},
                {"content-type": "application/x-python-serialize"},
            )
        ),
    ]
    [worker] = servers.worker("compute")
    [web] = servers.web()
    process = worker.pid
    with redis.Redis.from_url(servers.redis.url) as broker:
        before, held = int(broker.get("titan:jobs:set-aside") or 0), set(broker.hkeys("titan:jobs:unacked"))
        for item in strange:
            broker.lpush("titan:jobs:compute", item)
        wait_for(
            lambda: int(broker.get("titan:jobs:set-aside") or 0) == before + len(strange),
            what="the count of what was set aside",
        )
        job = SERVICE.enqueue_sync(kind="test_slow", owner=owner)
        wait_for_status(job, JobStatus.COMPLETED)
        assert worker.is_running
        assert worker.pid == process
        wait_for(lambda: set(broker.hkeys("titan:jobs:unacked")) <= held, what="nothing held")
    told = httpx.get(f"{web.url}/metrics", timeout=20).text
    assert f"titan_broker_unreadable_total {before + len(strange)}.0" in told


def test_a_redis_that_is_down_or_silent_stops_no_request_and_loses_no_job(
    servers: Stack, owner: User
) -> None:
    [web] = servers.web()
    servers.worker()
    servers.beat()
    log_in = {"username": owner.username, "password": PASSWORD}
    asked = (
        ("GET", "/api/v1/jobs/", None),
        ("GET", "/api/v1/universes/", None),
        ("POST", "/api/v1/auth/token/", log_in),
        ("POST", "/api/v1/auth/ws-ticket/", None),
        ("GET", "/readyz", None),
    )
    with httpx.Client(base_url=web.url, headers=PROXY, timeout=20) as client:
        token = client.post("/api/v1/auth/token/", json=log_in).json()["access"]
        client.headers["Authorization"] = f"Bearer {token}"
        assert client.get("/readyz").json()["redis"] == "ok"
        jobs = []
        server = servers.redis
        assert isinstance(server, RedisServer)
        for silent in (True, False):
            if silent:
                os.kill(server.pid, signal.SIGSTOP)
            else:
                server.kill()
            began = time.monotonic()
            jobs.append(SERVICE.enqueue_sync(kind="test_slow", owner=owner))
            assert time.monotonic() - began < 8  # the client of a silent broker waits ten
            for method, path, body in asked:
                began = time.monotonic()
                answer = client.request(method, path, json=body)
                assert answer.status_code in {200, 201}, (path, answer.text)
                assert time.monotonic() - began < 10, path
            assert answer.json()["status"] == "degraded"
            assert answer.json()["redis"] in {"unreachable", "no answer"}
            if silent:
                os.kill(server.pid, signal.SIGCONT)
        server.start()
        began = time.monotonic()
        for job in jobs:
            wait_for_status(job, JobStatus.COMPLETED)
        assert time.monotonic() - began < 30
        wait_for(lambda: client.get("/readyz").json()["redis"] == "ok", what="readiness")


async def test_a_worker_s_commits_reach_every_server_as_hints(stack: Stack) -> None:
    person = await sync_to_async(stack.user)("hilda")
    await sync_to_async(stack.worker)("compute")
    layers = [RedisChannelLayer(**channel_layer(stack.redis_url)["CONFIG"]) for _ in range(2)]  # two servers'
    names = [await layer.new_channel() for layer in layers]
    job = await sync_to_async(SERVICE.enqueue_sync)(kind="test_slow", owner=person)
    for layer, name in zip(layers, names, strict=True):
        await layer.group_add(job.group, name)
    for layer, name in zip(layers, names, strict=True):
        async with asyncio.timeout(30):
            assert await layer.receive(name) == {"type": HINT}
        await layer.close_pools()


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


_OVER_TLS = """
import asyncio, django
django.setup()
from channels.layers import get_channel_layer
from django.core.cache import cache
from common.redis import answers, client
from titan import celery

async def round_trip():
    layer = get_channel_layer()
    name = await layer.new_channel()
    await layer.group_add("job_1", name)
    await layer.group_send("job_1", {"type": "titan.hint"})
    return (await layer.receive(name))["type"]

assert answers() is True
cache.set("a", (1, 2), 60)
assert cache.get("a") == (1, 2)
assert asyncio.run(round_trip()) == "titan.hint"
celery.dispatch(7, "trade")
assert celery._outbox.flush(10)
assert celery.backlog("trade") == 1
with celery.app.connection_for_read() as connection:
    message = connection.SimpleQueue("trade").get(timeout=5)
    assert message.decode()[0] == [7], message.decode()
for key in client().keys("*"):
    assert key.startswith((b"titan:jobs:", b"titan:cache:", b"titan:channels")), key
cache.clear()
assert cache.get("a") is None
assert any(key.startswith(b"titan:jobs:") for key in client().keys("*"))
print("all of it")
"""


_UNKNOWN = """
import asyncio, django
django.setup()
import kombu.exceptions, redis
from channels.layers import get_channel_layer
from common.redis import answers
from titan.celery import app

async def layer():
    await get_channel_layer().group_add("job_1", "somewhere!1")

def broker():
    with app.connection_for_write() as connection:
        connection.default_channel.client.ping()

print("refused" if answers() is False else "believed")
for use in (broker, lambda: asyncio.run(layer())):
    try:
        use()
        print("believed")
    except (redis.ConnectionError, kombu.exceptions.OperationalError) as error:
        print("refused" if "CERTIFICATE_VERIFY_FAILED" in str(error) else error)
"""


def _run(stack: Stack, code: str, url: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, "-c", code],
        cwd=ROOT,
        env=stack.environment | {"TITAN_REDIS_URL": url},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def test_everything_goes_over_tls_with_a_user_and_a_password(
    stack: Stack, certificate: tuple[Path, Path]
) -> None:
    made, key = map(str, certificate)
    port = free_port()
    options = {"tls-port": str(port), "tls-cert-file": made, "tls-key-file": key, "tls-ca-cert-file": made}
    with RedisServer(options=options | {"tls-auth-clients": "no"}) as server:
        admin = redis.Redis.from_url(server.url)
        admin.acl_setuser(
            "titan", enabled=True, passwords=["+s3cr3t/p@ss"], keys=["*"], channels=["*"], commands=["+@all"]
        )
        url = f"rediss://titan:s3cr3t%2Fp%40ss@localhost:{port}/3?ssl_ca_certs={made}"
        done = _run(stack, _OVER_TLS, url)
        assert done.stdout.strip().endswith("all of it"), done.stdout + done.stderr
        assert "s3cr3t" not in done.stderr
        # Signed by nobody this machine knows: refused by each of the three, and not only by those that always look.
        refused = _run(stack, _UNKNOWN, url.partition("?")[0])
        assert refused.stdout.split() == ["refused"] * 3, refused.stdout + refused.stderr
