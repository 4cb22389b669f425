"""Two servers, one of them killed again and again: sockets go to the other, and no event is missed or heard twice."""

import asyncio
import json

import httpx
import pytest
import websockets
from asgiref.sync import sync_to_async

from common import events
from tests.conftest import PASSWORD
from tests.production.processes import PROXY, Web
from tests.production.stack import Stack
from tests.services.processes import ROUNDS
from trading.models import Job
from trading.services.jobs import JobService
from users.models import User

N_CLIENTS = 12
PER_SECOND = 40


@pytest.fixture
def pair(stack: Stack) -> list[Web]:
    return stack.web(2)


class Listener:
    """A client as the application is one: where its socket breaks off it goes to another server and resumes by seq."""

    def __init__(self, urls: list[str], stream: str, access: str) -> None:
        self._urls, self._stream, self._access = urls, stream, access
        self.heard: list[int] = []
        self.connections = 0
        self.listens = asyncio.Event()

    async def listen(self, last: int) -> None:
        """Hear everything up to the event `last`."""
        turn = 0
        while not self.heard or self.heard[-1] < last:
            turn += 1
            try:
                await self._follow(self._urls[turn % len(self._urls)], last)
            except (OSError, websockets.WebSocketException, httpx.TransportError, TimeoutError):
                await asyncio.sleep(0.1)

    async def _follow(self, url: str, last: int) -> None:
        async with asyncio.timeout(5), httpx.AsyncClient(base_url=url, headers=PROXY) as http:
            bearer = {"Authorization": f"Bearer {self._access}"}
            ticket = (await http.post("/api/v1/auth/ws-ticket/", headers=bearer)).json()["ticket"]
        address = url.replace("http", "ws", 1) + "/ws/trading-data/"
        protocols = [websockets.Subprotocol(name) for name in ("titan.v1", f"ticket.{ticket}")]
        async with websockets.connect(address, subprotocols=protocols, open_timeout=5) as socket:
            self.connections += 1
            target = {
                "job_id": int(self._stream.removeprefix("job_")),
                "after": self.heard[-1] if self.heard else 0,
            }
            await socket.send(json.dumps({"type": "subscribe", **target}))
            async for text in socket:
                frame = json.loads(text)
                if frame["type"] == "tick":
                    self.listens.set()
                    self.heard.append(frame["seq"])
                    if frame["seq"] >= last:
                        return


async def publish(stream: str, n: int) -> None:
    """`n` events at an even pace, from a process that is no server."""
    for i in range(n):
        await sync_to_async(events.publish)(stream, "tick", {"i": i})
        await asyncio.sleep(1 / PER_SECOND)


async def sign_in(url: str, user: User) -> str:
    async with httpx.AsyncClient(base_url=url, headers=PROXY, timeout=20) as http:
        answer = await http.post(
            "/api/v1/auth/token/", json={"username": user.username, "password": PASSWORD}
        )
    return str(answer.json()["access"])


async def test_sockets_move_to_the_other_server_and_miss_nothing(
    stack: Stack, pair: list[Web], owner: User
) -> None:
    job: Job = await JobService().enqueue(kind="test_deaf", owner=owner)
    await JobService().cancel(job.pk)
    first = await sync_to_async(events.last_seq)(job.group)
    n = PER_SECOND * 4 * ROUNDS
    last = first + n
    access = await sign_in(pair[0].url, owner)
    urls = [web.url for web in pair]
    listeners = [Listener(urls[i % 2 :] + urls[: i % 2], job.group, access) for i in range(N_CLIENTS)]
    tasks = [asyncio.create_task(listener.listen(last)) for listener in listeners]
    publisher = asyncio.create_task(publish(job.group, n))
    async with asyncio.timeout(60):
        await asyncio.gather(*(listener.listens.wait() for listener in listeners))
    for turn in range(ROUNDS):
        victim = pair[turn % 2]
        await asyncio.to_thread(victim.kill)
        await asyncio.sleep(0.5)
        await asyncio.to_thread(victim.start, victim.answers)
    async with asyncio.timeout(120):
        await asyncio.gather(publisher, *tasks)
    for listener in listeners:
        assert listener.heard == list(range(first + 1, last + 1))
    assert sum(listener.connections for listener in listeners) >= N_CLIENTS + ROUNDS  # some did have to move
