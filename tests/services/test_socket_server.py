"""Sockets over a real server and a real port: a job's progress from the child's process to the client."""

import asyncio
import contextlib
import random
import socket as sockets
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import orjson
import pytest
import websockets
from asgiref.sync import sync_to_async
from websockets.asyncio.client import ClientConnection

from common import events
from tests.conftest import PASSWORD
from tests.services.job_kinds import expected_result
from tests.services.processes import Server
from trading.models import Job
from trading.services.jobs import JobService
from users.models import User

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "timescale"])


class Client:
    """A signed-in user of the REST API."""

    def __init__(self, server: Server, user: User) -> None:
        self.port = server.port
        self.http = httpx.AsyncClient(base_url=f"{server.url}/api/v1/", timeout=20)
        self.credentials = {"username": user.username, "password": PASSWORD}
        self.access = ""

    async def sign_in(self) -> "Client":
        answer = await self.http.post("auth/token/", json=self.credentials)
        assert answer.status_code == 200, answer.text
        self.access = answer.json()["access"]
        self.http.headers["Authorization"] = f"Bearer {self.access}"
        return self

    async def ticket(self) -> str:
        answer = await self.http.post("auth/ws-ticket/")
        assert answer.status_code == 200, answer.text
        return str(answer.json()["ticket"])

    @contextlib.asynccontextmanager
    async def socket(
        self, door: str = "trading-data/", *, ticket: str | None = None, **options: Any
    ) -> AsyncIterator[ClientConnection]:
        if ticket is not None:
            options["subprotocols"] = ["titan.v1", f"ticket.{ticket}"]
        options.setdefault("origin", f"http://127.0.0.1:{self.port}")
        async with websockets.connect(f"ws://127.0.0.1:{self.port}/ws/{door}", **options) as connection:
            yield connection


@pytest.fixture
async def client(server: Server, owner: User) -> AsyncIterator[Client]:
    made = Client(server, owner)
    async with made.http:
        yield await made.sign_in()


async def say(connection: ClientConnection, **frame: Any) -> None:
    await connection.send(orjson.dumps(frame).decode())


async def hear(connection: ClientConnection) -> dict[str, Any]:
    async with asyncio.timeout(30):
        return dict(orjson.loads(await connection.recv()))


async def until_the_end(connection: ClientConnection, heard: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """All frames up to the one that tells of the job's end."""
    while heard[-1]["data"]["status"] in Job.ACTIVE:
        heard.append(await hear(connection))
    return heard


async def close_code(connection: ClientConnection) -> int:
    async with asyncio.timeout(30):
        with contextlib.suppress(websockets.ConnectionClosed):
            while True:
                await connection.recv()
    assert connection.close_code is not None
    return connection.close_code


async def test_progress_flows_from_the_child_in_order_without_gap(client: Client, owner: User) -> None:
    async with client.socket(ticket=await client.ticket()) as connection:
        assert connection.subprotocol == "titan.v1"
        job = await JobService().enqueue(kind="test_slow", owner=owner)
        await say(connection, type="subscribe", job_id=job.pk)
        heard = await until_the_end(connection, [await hear(connection)])
    first = heard[0]["seq"]
    assert [frame["seq"] for frame in heard] == list(range(first, first + len(heard)))
    progress = [frame["data"]["progress"] for frame in heard]
    assert progress == sorted(progress)
    assert len(set(progress)) > 4
    assert heard[-1]["data"]["status"] == "COMPLETED"
    log = (await client.http.get("events/", params={"stream": f"job_{job.pk}", "after": 0})).json()
    assert [event for event in log["results"] if event["seq"] >= first] == heard
    await job.arefresh_from_db()
    assert expected_result(job)


async def test_after_a_gap_the_client_resumes_by_seq(client: Client, owner: User) -> None:
    job = await JobService().enqueue(kind="test_slow", owner=owner)
    async with client.socket(ticket=await client.ticket()) as connection:
        await say(connection, type="subscribe", job_id=job.pk)
        seen = [await hear(connection), await hear(connection)]
    await asyncio.sleep(0.7)
    async with client.socket(ticket=await client.ticket()) as connection:
        await say(connection, type="subscribe", job_id=job.pk)
        heard = await until_the_end(connection, [await hear(connection)])
    answer = await client.http.get("events/", params={"stream": f"job_{job.pk}", "after": seen[-1]["seq"]})
    missed = [event for event in answer.json()["results"] if event["seq"] < heard[0]["seq"]]
    assert missed
    whole = [frame["seq"] for frame in [*seen, *missed, *heard]]
    assert whole == list(range(whole[0], whole[0] + len(whole)))


async def test_a_ticket_works_once(client: Client) -> None:
    ticket = await client.ticket()
    async with client.socket(ticket=ticket) as connection:
        await say(connection, type="ping")
        assert (await hear(connection))["type"] == "pong"
    async with client.socket(ticket=ticket) as connection:
        assert await close_code(connection) == 4401


async def test_nobody_and_foreign_pages_are_refused(client: Client) -> None:
    async with client.socket() as connection:
        assert await close_code(connection) == 4401
    async with client.socket(ticket=await client.ticket(), origin="https://evil.example") as connection:
        assert await close_code(connection) == 4403


async def test_the_token_in_the_address_works_and_reaches_no_log(client: Client, server: Server) -> None:
    async with client.socket(f"trading-data/?token={client.access}") as connection:
        await say(connection, type="ping")
        assert (await hear(connection))["type"] == "pong"
    ticket = await client.ticket()
    async with client.socket(ticket=ticket):
        pass
    server.stop()
    log = server.everything_logged()
    assert "WebSocket" in log
    assert client.access not in log
    assert client.access.split(".")[2] not in log
    assert ticket not in log


async def test_cancel_over_rest_is_heard_on_the_socket(client: Client, owner: User) -> None:
    job = await JobService().enqueue(kind="test_lasting", owner=owner)
    async with client.socket("backtesting/", ticket=await client.ticket()) as connection:
        await say(connection, type="subscribe", job_id=job.pk)
        heard = [await hear(connection)]
        answer = await client.http.post(f"jobs/{job.pk}/cancel/")
        assert answer.status_code == 202
        assert answer.json()["cancel_requested"] or answer.json()["status"] == "CANCELLED"
        heard = await until_the_end(connection, heard)
    assert heard[-1]["data"]["status"] == "CANCELLED"


def hostile_frame(rng: random.Random) -> bytes:
    """One frame as it goes over the wire: of a reserved kind, unmasked, cut off, too long, deep, or no text at all."""
    first = rng.choice([0x81, 0x82, 0x80, 0x01, 0x83, 0x8B, 0x88, 0x89, 0x8F, 0xF1, 0xC1, rng.randrange(256)])
    body = rng.choice(
        [
            b"[" * rng.randint(1, 30_000),
            b'{"a":' * rng.randint(1, 5_000),
            rng.randbytes(rng.randint(0, 2_000)),
            b"\xff\xfe\xed\xa0\x80",
            b'{"type": "subscribe", "job_id": ' + str(10 ** rng.randint(0, 400)).encode() + b"}",
            b'{"type": "ping"}',
        ]
    )
    told = rng.choice([len(body)] * 6 + [0, 2**16, 2**31, 2**63 - 1, 2**64 - 1])
    length = (
        bytes([0x80 | told])
        if told < 126
        else b"\xfe" + told.to_bytes(2, "big")
        if told < 2**16
        else b"\xff" + told.to_bytes(8, "big")
    )
    return bytes([first]) + length + b"\0\0\0\0" + body  # masked with zeros


def handshake(server: Server, query: str = "") -> bytes:
    return (
        f"GET /ws/trading-data/{query} HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
        f"Origin: {server.url}\r\n"
    ).encode()


def talk(server: Server, *texts: bytes, wait: bool = False) -> None:
    """Send bytes, after each piece waiting for an answer or not, until the other side ends it."""
    with (
        contextlib.suppress(OSError),  # reset, or gone before we were
        sockets.create_connection(("127.0.0.1", server.port), timeout=10) as raw,
    ):
        for text in texts:
            raw.sendall(text)
            if wait:
                raw.recv(4096)
        raw.shutdown(sockets.SHUT_WR)
        while raw.recv(65536):
            pass


async def test_ten_thousand_hostile_frames_leave_the_server_up(client: Client, server: Server) -> None:
    rng = random.Random(11)
    n_sockets, n_frames = 200, 50  # more on one socket than it is let say before it is closed
    opening = handshake(server, f"?token={client.access}") + b"\r\n"
    for number in range(n_sockets):
        frames = b"".join(hostile_frame(rng) for _ in range(n_frames))
        # before and after the handshake is answered
        await asyncio.to_thread(talk, server, opening, frames, wait=number % 4 > 0)
    half = handshake(server)
    for junk in (
        b"GET /ws/trading-data/ HTTP/1.1\r\nUpgrade: websocket\r\n\r\n",
        b"\x00" * 4096,
        b"\x81\xff\x00",
        half + b"Sec-WebSocket-Protocol: titan.v1, ticket." + b"x" * 20_000 + b"\r\n\r\n",
        half + b"Sec-WebSocket-Protocol: titan.v1, ticket.a, ticket.b\r\n\r\n",
        half.replace(b"/ws/trading-data/", b"/ws/signals/?pairs=" + b"1," * 5_000) + b"\r\n",
        half.replace(b"/ws/trading-data/", b"/ws/\xff\xfe%ff%00/?token=\xff") + b"\r\n",
        half.replace(b"Origin: ", b"Origin: http://[") + b"\r\n",
        b"GET / HTTP/1.1\r\n" + b"X: " + b"y" * 200_000,
    ):
        await asyncio.to_thread(talk, server, junk)
    async with client.socket(ticket=await client.ticket()) as connection:
        await connection.send("x" * 200_000)
        assert await close_code(connection) == 1009
    async with client.socket(ticket=await client.ticket()) as connection:
        await say(connection, type="ping")
        assert (await hear(connection))["type"] == "pong"
    assert "Traceback" not in server.everything_logged()


def resident_mb(pid: int) -> float:
    """What a process holds in memory."""
    [line] = [
        line for line in Path(f"/proc/{pid}/status").read_text().splitlines() if line.startswith("VmRSS")
    ]
    return int(line.split()[1]) / 1024


async def test_a_client_that_stops_reading_is_cut_off(client: Client, server: Server, owner: User) -> None:
    """It costs the server less than 16 MB, and another reader of the same stream misses nothing meanwhile."""
    assert server.process is not None
    reader, writer = await asyncio.open_connection("127.0.0.1", server.port, limit=1024)
    writer.get_extra_info("socket").setsockopt(sockets.SOL_SOCKET, sockets.SO_RCVBUF, 4096)
    ticket = await client.ticket()
    writer.write(handshake(server) + f"Sec-WebSocket-Protocol: titan.v1, ticket.{ticket}\r\n\r\n".encode())
    assert b"101" in await reader.readline()
    frame = orjson.dumps({"type": "subscribe", "stream": "user"})
    writer.write(bytes([0x81, 0x80 | len(frame), 0, 0, 0, 0]) + frame)  # masked with zeros
    await writer.drain()
    async with client.socket(ticket=await client.ticket()) as other:
        await say(other, type="subscribe", stream="user")
        first = (await hear(other))["seq"]
        big = {"filler": "x" * 100_000}
        before = most = resident_mb(server.process.pid)
        for number in range(200):
            await sync_to_async(events.publish)(f"user_{owner.pk}", "job_update", big)
            assert (await hear(other))["seq"] == first + 1 + number
            most = max(most, resident_mb(server.process.pid))
        async with asyncio.timeout(60):
            while "reads too slowly" not in server.everything_logged():
                await asyncio.sleep(0.1)
            with contextlib.suppress(ConnectionResetError):
                while await reader.read(65536):
                    pass
        writer.close()
        await say(other, type="ping")
        assert (await hear(other))["type"] == "pong"
    assert most - before < 16, f"{before:.0f} MB before, {most:.0f} MB at most"


async def test_open_sockets_do_not_hold_up_a_stop(client: Client, server: Server, owner: User) -> None:
    job = await JobService().enqueue(kind="test_polite", owner=owner)
    async with client.socket(ticket=await client.ticket()) as connection:
        await say(connection, type="subscribe", job_id=job.pk)
        await hear(connection)
        assert await asyncio.to_thread(server.stop) < 20
        assert await close_code(connection) in {1001, 1006, 1012}
    log = server.everything_logged()
    assert "graceful shutdown exceeded" not in log  # what uvicorn says after the five seconds it would wait
    assert "Traceback" not in log
