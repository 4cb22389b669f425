"""events/ that waits: woken by a hint, no thread and no connection held, rights and rates as without waiting."""

import asyncio
import contextlib
import threading
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from dataclasses import replace
from typing import Any

import orjson
import pytest
from asgiref.sync import sync_to_async
from asgiref.testing import ApplicationCommunicator
from django.core.cache import cache
from django.core.signals import request_finished, request_started
from django.db.backends.signals import connection_created
from pytest_django import Settings
from rest_framework.settings import api_settings

from api import tokens
from api.views.events import Wait
from channels_app import hub
from channels_app.hub import current_hub
from common import events
from common.metrics import LONG_POLLS
from titan import long_poll
from titan.asgi import application
from trading.services.jobs import JobService
from users.models import User

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "timescale"])


class Answer:
    """What came back."""

    def __init__(self, messages: list[dict[str, Any]]) -> None:
        start, *bodies = messages
        self.status = start["status"]
        self.headers = {name.decode().lower(): value.decode() for name, value in start["headers"]}
        self.names = [name.decode().lower() for name, _ in start["headers"]]
        self.json = orjson.loads(b"".join(body.get("body", b"") for body in bodies))


class Asker:
    """A person's requests through the whole application."""

    def __init__(self, user: User) -> None:
        self.token = tokens.issue(user)["access"]

    def open(self, query: str, *headers: tuple[bytes, bytes], method: str = "GET") -> ApplicationCommunicator:
        authorization = (b"authorization", f"Bearer {self.token}".encode())
        return ApplicationCommunicator(
            application,
            {
                "type": "http",
                "http_version": "1.1",
                "method": method,
                "path": "/api/v1/events/",
                "raw_path": b"/api/v1/events/",
                "query_string": query.encode(),
                "headers": [(b"host", b"testserver"), authorization, *headers],
                "client": ("127.0.0.1", 5),
                "server": ("127.0.0.1", 80),
                "scheme": "http",
            },
        )

    async def ask(
        self, query: str, *headers: tuple[bytes, bytes], method: str = "GET", patience: float = 30
    ) -> Answer:
        asked = self.open(query, *headers, method=method)
        await asked.send_input({"type": "http.request"})
        return await answered(asked, patience)


async def answered(asked: ApplicationCommunicator, patience: float) -> Answer:
    messages = [await asked.receive_output(patience)]
    while not (messages[-1]["type"] == "http.response.body" and not messages[-1].get("more_body")):
        messages.append(await asked.receive_output(30))
    await asked.wait(30)
    return Answer(messages)


async def until_waiting(n: int, seconds: float = 20) -> None:
    async with asyncio.timeout(seconds):
        while sum(long_poll._waiting.values()) < n:
            await asyncio.sleep(0.01)


@pytest.fixture
async def asker(trader: User) -> AsyncIterator[Asker]:
    cache.clear()
    yield await sync_to_async(Asker)(trader)
    assert not long_poll._waiting
    assert LONG_POLLS._value.get() == 0
    assert not current_hub()._groups


@pytest.fixture
async def stream(trader: User) -> str:
    job = await JobService().enqueue(kind="scan", owner=trader)
    return str(job.group)


async def newest(asker: Asker, stream: str) -> int:
    """Where to begin: the newest event."""
    found = (await asker.ask(f"stream={stream}&newest=true")).json
    assert found["results"][-1]["seq"] == found["last_seq"]
    return int(found["last_seq"])


async def test_a_hint_wakes_it(asker: Asker, stream: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        hub, "_QUIET_SECONDS", 60.0
    )  # the tail would not look by itself before the time is up
    after = await newest(asker, stream)
    for number in range(3):
        asked = asyncio.create_task(asker.ask(f"stream={stream}&after={after}&wait=25"))
        await until_waiting(1)
        await asyncio.sleep(0.3)
        await sync_to_async(events.publish)(stream, "job_update", {"number": number})
        answer = await asked
        assert answer.status == 200
        assert [event["data"]["number"] for event in answer.json["results"]] == [number]
        assert answer.json["last_seq"] == after + 1
        after = answer.json["last_seq"]


async def test_what_is_there_already_is_not_waited_for(asker: Asker, stream: str) -> None:
    answer = await asker.ask(f"stream={stream}&after=0&wait=25")
    assert answer.json["results"]


async def test_an_empty_answer_when_the_time_is_up(asker: Asker, stream: str) -> None:
    after = await newest(asker, stream)
    began = time.monotonic()
    answer = await asker.ask(f"stream={stream}&after={after}&wait=1")
    assert time.monotonic() - began >= 0.9
    assert (answer.status, answer.json) == (200, {"results": [], "last_seq": after})


async def test_what_is_committed_between_looking_and_waiting_is_not_missed(
    asker: Asker, stream: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    after = await newest(asker, stream)
    news = long_poll._news

    async def late(*arguments: Any) -> Any:
        await sync_to_async(events.publish)(stream, "job_update", {"between": True})
        return await news(*arguments)

    monkeypatch.setattr(long_poll, "_news", late)
    answer = await asker.ask(f"stream={stream}&after={after}&wait=25")
    assert answer.json["results"][0]["data"] == {"between": True}


async def test_ones_own_stream_needs_no_number(asker: Asker, trader: User) -> None:
    asked = asyncio.create_task(asker.ask("stream=user&wait=25"))
    await until_waiting(1)
    await sync_to_async(events.publish)(f"user_{trader.pk}", "alert_update", {})
    assert (await asked).json["results"][0]["stream"] == f"user_{trader.pk}"


async def test_anothers_stream_is_refused_as_without_waiting(
    asker: Asker, stream: str, other_trader: User
) -> None:
    other = await sync_to_async(Asker)(other_trader)
    for query in (f"stream={stream}&wait=25", "stream=job_99999999&wait=25", "stream=nonsense&wait=25"):
        assert (await other.ask(query)).status == 404
    other.token = "eyJ" + "x" * 40
    assert (await other.ask(f"stream={stream}&wait=25")).status == 401


async def test_bad_queries_are_refused_at_once(asker: Asker, stream: str) -> None:
    for query in (
        f"stream={stream}&wait=31",
        f"stream={stream}&wait=-1",
        f"stream={stream}&wait=x",
        "wait=5",
    ):
        assert (await asker.ask(query)).status == 400


async def test_a_right_that_ends_while_it_waits_ends_the_wait_with_no(
    asker: Asker, stream: str, trader: User
) -> None:
    after = await newest(asker, stream)
    asked = asyncio.create_task(asker.ask(f"stream={stream}&after={after}&wait=25"))
    await until_waiting(1)
    await trader.refresh_families.aupdate(revoked_at="2026-01-01T00:00:00Z")
    await sync_to_async(events.publish)(stream, "job_update", {"secret": 1})
    answer = await asked
    assert answer.status == 401
    assert "secret" not in str(answer.json)


async def test_it_counts_once_and_says_what_is_left(
    asker: Asker, stream: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    rates = api_settings.DEFAULT_THROTTLE_RATES | {"user": "100/d"}
    monkeypatch.setattr(api_settings, "DEFAULT_THROTTLE_RATES", rates)
    after = await newest(asker, stream)
    asked = asyncio.create_task(asker.ask(f"stream={stream}&after={after}&wait=25"))
    await until_waiting(1)
    await sync_to_async(events.publish)(stream, "job_update", {})
    waited = await asked
    assert waited.headers["ratelimit-remaining"] == "98"
    assert waited.names.count("ratelimit-remaining") == 1
    assert (await asker.ask(f"stream={stream}")).headers["ratelimit-remaining"] == "97"


async def test_it_has_one_id(asker: Asker, stream: str) -> None:
    after = await newest(asker, stream)
    asked = asyncio.create_task(
        asker.ask(f"stream={stream}&after={after}&wait=25", (b"x-request-id", b"my-own-id-77"))
    )
    await until_waiting(1)
    await sync_to_async(events.publish)(stream, "job_update", {})
    answer = await asked
    assert answer.headers["x-request-id"] == "my-own-id-77"
    assert answer.names.count("x-request-id") == 1


async def test_a_client_that_goes_is_not_waited_for(asker: Asker, stream: str) -> None:
    after = await newest(asker, stream)
    asked = asker.open(f"stream={stream}&after={after}&wait=25")
    await asked.send_input({"type": "http.request"})
    await until_waiting(1)
    await asked.send_input({"type": "http.disconnect"})
    await asked.wait(20)
    assert asked.output_queue.empty()


async def test_only_so_many_of_one_person_wait(asker: Asker, stream: str, settings: Settings) -> None:
    settings.TITAN_WAITS_PER_USER = 2
    after = await newest(asker, stream)
    two = [asyncio.create_task(asker.ask(f"stream={stream}&after={after}&wait=25")) for _ in range(2)]
    await until_waiting(2)
    third = await asker.ask(f"stream={stream}&after={after}&wait=25")
    assert (third.status, third.json["error"]["code"]) == (429, "too_many_waiting")
    assert third.headers["x-content-type-options"] == "nosniff"
    await sync_to_async(events.publish)(stream, "job_update", {})
    assert [answer.status for answer in await asyncio.gather(*two)] == [200, 200]


class Looks:
    """How many requests are inside of Django: now, at most so far, and how many there were."""

    def __init__(self) -> None:
        self.now = self.most = self.all = 0

    def begun(self, **_: Any) -> None:
        self.now, self.all = self.now + 1, self.all + 1
        self.most = max(self.most, self.now)

    def ended(self, **_: Any) -> None:
        self.now -= 1


@pytest.fixture
def looks() -> Iterator[Looks]:
    counted = Looks()
    request_started.connect(counted.begun)
    request_finished.connect(counted.ended)
    yield counted
    request_started.disconnect(counted.begun)
    request_finished.disconnect(counted.ended)


@pytest.fixture
def patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody's time is up, however long a busy machine takes until all of them wait."""
    news = long_poll._news

    async def patiently(wait: Wait, receive: Any) -> Any:
        return await news(replace(wait, seconds=600.0), receive)

    monkeypatch.setattr(long_poll, "_news", patiently)


@pytest.mark.usefixtures("patient")
async def test_hundreds_wait_without_threads_and_connections(
    asker: Asker, stream: str, settings: Settings, looks: Looks
) -> None:
    n = 300
    settings.TITAN_WAITS_PER_USER = n
    after = await newest(asker, stream)
    looks.all = 0
    opened: list[int] = []

    def count(connection: Any, **_: Any) -> None:
        opened.append(id(connection))

    query = f"stream={stream}&after={after}&wait=30"
    async with asyncio.TaskGroup() as group:  # nobody is left waiting where this fails
        asked = [group.create_task(asker.ask(query, patience=240)) for _ in range(n)]
        await until_waiting(n, seconds=120)
        threads = threading.active_count()
        connection_created.connect(count)
        try:
            await asyncio.sleep(0.7)
        finally:
            connection_created.disconnect(count)
        assert LONG_POLLS._value.get() == n
        assert threads < 40, [thread.name for thread in threading.enumerate()]
        assert len(opened) <= 1  # the tail's
        await sync_to_async(events.publish)(stream, "job_update", {"to": "all"})
    answers = [task.result() for task in asked]
    assert {answer.status for answer in answers} == {200}
    assert {answer.json["last_seq"] for answer in answers} == {after + 1}
    # Hundreds asked at once, and hundreds were woken at once; a pool of eight has half of itself left for others.
    assert (looks.all, looks.now) == (2 * n, 0)
    assert looks.most == 4


async def test_clients_that_take_nothing_hold_no_place(asker: Asker, stream: str) -> None:
    n, sending = long_poll._n_places() + 2, 0
    all_send, never = asyncio.Event(), asyncio.Event()

    async def send(_: dict[str, Any]) -> None:
        nonlocal sending
        sending += 1
        if sending == n:
            all_send.set()
        await never.wait()

    def receive() -> Callable[[], Awaitable[dict[str, Any]]]:
        messages = [{"type": "http.request"}]

        async def one() -> dict[str, Any]:
            if not messages:
                await never.wait()
            return messages.pop()

        return one

    after = await newest(asker, stream)
    scope = asker.open(f"stream={stream}&after={after}&wait=25").scope
    slow = [asyncio.create_task(application(dict(scope), receive(), send)) for _ in range(n)]
    try:
        await until_waiting(n)
        await sync_to_async(events.publish)(stream, "job_update", {})
        async with asyncio.timeout(60):
            await all_send.wait()
    finally:
        for task in slow:
            task.cancel()
        await asyncio.gather(*slow, return_exceptions=True)


async def test_a_server_that_ends_lets_go_of_them(asker: Asker, stream: str) -> None:
    after = await newest(asker, stream)
    asked = asyncio.create_task(asker.ask(f"stream={stream}&after={after}&wait=30"))
    await until_waiting(1)
    long_poll._stopping[asyncio.get_running_loop()] = stop = asyncio.Event()
    stop.set()
    asked.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await asked
    began = time.monotonic()
    answer = await asker.ask(f"stream={stream}&after={after}&wait=30")
    assert (answer.status, answer.json["results"]) == (200, [])
    assert time.monotonic() - began < 20


async def test_a_hub_that_fails_costs_the_wait_and_nothing_else(
    asker: Asker, stream: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def fails(*_: Any) -> int:
        raise RuntimeError("the log can't be read")

    after = await newest(asker, stream)
    monkeypatch.setattr(type(current_hub()), "join", fails)
    answer = await asker.ask(f"stream={stream}&after={after}&wait=30")
    assert (answer.status, answer.json["results"]) == (200, [])
