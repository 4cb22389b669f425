"""Sockets under stress: resuming by seq without gap or double, floods of nonsense, bounds on how many are open."""

import asyncio
import random
from types import SimpleNamespace
from typing import Any

import pytest
from websockets.frames import Frame, Opcode
from websockets.protocol import State

from channels_app import limits, protocol
from channels_app.consumers.base import TitanConsumer
from channels_app.hub import current_hub
from channels_app.outbox import MAX_CHARACTERS, MAX_FRAMES, SEND_SECONDS, Outbox
from channels_app.routing import websocket_application
from channels_app.wire import direct
from common.models import Event
from tests.web.sockets import Socket
from tests.web.test_consumers import job_of, opened, publish, ticket_for
from users.models import User

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "timescale"])

N_FRAMES = 10_000


async def published(stream: str, n: int) -> None:
    for i in range(n):
        await publish(stream, "job_update", {"n": i})


# Resuming


@pytest.mark.parametrize(("n_events", "after"), [(5, 0), (5, 3), (5, 6), (250, 1), (200, 1)])
async def test_everything_missed_comes_by_seq_and_then_what_is_new(
    trader: User, n_events: int, after: int
) -> None:
    job = await job_of(trader)  # whose first event is seq 1
    await published(job.group, n_events)
    async with opened(protocols=ticket_for(trader)) as socket:
        await socket.say(type="subscribe", job_id=job.pk, after=after)
        heard = [await socket.hear() for _ in range(n_events + 1 - after)]
        assert [frame["seq"] for frame in heard] == list(range(after + 1, n_events + 2))
        resumed = await socket.hear()
        assert (resumed["type"], resumed["stream"], resumed["seq"]) == ("resumed", job.group, n_events + 1)
        assert resumed["data"] == {"after": after, "lost": 0}
        await publish(job.group, "job_update", {"n": "live"})
        assert (await socket.hear())["seq"] == n_events + 2
        await socket.pong()


@pytest.mark.parametrize("n_meanwhile", [3, MAX_FRAMES + 40])
@pytest.mark.parametrize("after", [None, 1])
async def test_events_while_it_is_made_good_arrive_once(
    trader: User, monkeypatch: pytest.MonkeyPatch, n_meanwhile: int, after: int | None
) -> None:
    """More than may wait too: the log is read again rather than the client dropped or left with a gap."""
    job = await job_of(trader)
    await published(job.group, 4)
    async with opened(protocols=ticket_for(trader)) as socket:
        hub = current_hub()
        join = hub.join

        async def busy_join(stream: str, subscriber: Any) -> None:
            await join(stream, subscriber)
            if isinstance(subscriber, TitanConsumer):
                monkeypatch.setattr(hub, "join", join)
                for seq in range(6, 6 + n_meanwhile):  # pushed as the tail would
                    await publish(stream, "job_update", {"n": "meanwhile"})
                    subscriber.push(stream, seq, f'{{"type":"job_update","seq":{seq}}}')

        monkeypatch.setattr(hub, "join", busy_join)
        await socket.say(type="subscribe", job_id=job.pk, **({} if after is None else {"after": after}))
        await asyncio.sleep(0)
        seqs: list[int] = []
        last = 5 + n_meanwhile
        while not seqs or seqs[-1] < last:
            frame = await socket.hear(20)
            if frame["type"] == "job_update":
                seqs.append(frame["seq"])
        assert seqs == list(range(seqs[0], last + 1))
        if after is not None:
            assert seqs[0] == after + 1


async def test_what_housekeeping_removed_is_said(trader: User) -> None:
    job = await job_of(trader)
    await published(job.group, 5)
    await Event.objects.filter(stream=job.group, seq__lte=4).adelete()
    async with opened(protocols=ticket_for(trader)) as socket:
        await socket.say(type="subscribe", job_id=job.pk, after=1)
        assert [(await socket.hear())["seq"] for _ in range(2)] == [5, 6]
        assert (await socket.hear())["data"] == {"after": 1, "lost": 3}


@pytest.mark.parametrize("after", [-1, 1.5, "3", True, 2, 2**63, [1]])
async def test_a_seq_nobody_was_sent_is_refused(trader: User, after: Any) -> None:
    job = await job_of(trader)
    async with opened(protocols=ticket_for(trader)) as socket:
        await socket.say(type="subscribe", job_id=job.pk, after=after)
        assert (await socket.hear())["data"]["code"] in {"bad_target", "bad_json"}
        await publish(job.group, "job_update", {})
        await asyncio.sleep(0.3)
        await socket.pong()


async def test_nobody_resumes_what_is_not_theirs(trader: User, other_trader: User) -> None:
    job = await job_of(other_trader)
    async with opened(protocols=ticket_for(trader)) as socket:
        await socket.say(type="subscribe", job_id=job.pk, after=0)
        assert (await socket.hear())["data"]["code"] == "not_found"


# Nonsense


def nonsense(rng: random.Random) -> tuple[str | None, bytes | None]:
    """One frame that means nothing: broken, deep, of the wrong kind, or close to a right one."""
    depth = rng.randint(1, 2000)
    values = [
        "null",
        "true",
        "1e999",
        "-0",
        "NaN",
        '"\\ud800"',
        '"\\u0000"',
        str(10 ** rng.randint(1, 300)),
        "[]",
        "{}",
    ]
    value = rng.choice(values)
    key = rng.choice(["job_id", "pair_id", "stream", "after", "type", "__proto__", "é" * 50, ""])
    kind = rng.choice(["unsubscribe", "close", "websocket.send", "job_update", "x" * 100])
    text = rng.choice(
        [
            "[" * depth,
            "[" * depth + "]" * depth,
            '{"type":' * min(depth, 900) + "1" + "}" * min(depth, 900),
            f'{{"type": "subscribe", "{key}": {value}}}',
            f'{{"type": {value}}}',
            f'{{"type": "{kind}", "{key}": {value}}}',
            "".join(
                chr(rng.choice([0, 9, 34, 92, 123, 233, 0x2028, 0x1F600])) for _ in range(rng.randint(0, 200))
            ),
            rng.randbytes(rng.randint(0, 200)).decode("latin-1"),
            '{"type": "ping"'[: rng.randint(0, 14)],
            " " * rng.randint(1, 8000),
        ]
    )
    return (None, rng.randbytes(rng.randint(0, 500))) if rng.random() < 0.1 else (text, None)


async def test_ten_thousand_bad_frames_and_the_socket_lives(
    trader: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(protocol.Bucket, "take", lambda _: True)  # else it is closed after sixty
    rng = random.Random(7)
    async with opened(protocols=ticket_for(trader)) as socket:
        for _ in range(N_FRAMES):
            await socket.send(*nonsense(rng))
            heard = await socket.hear()
            assert heard["type"] == "error", heard
            assert heard["data"]["code"] != "internal_error", heard
        await socket.pong()
        assert set(current_hub()._groups) == {f"user_{trader.pk}"}


@pytest.mark.parametrize("size", [protocol.MAX_FRAME_BYTES + 1, 65_536])
@pytest.mark.parametrize("binary", [False, True])
async def test_an_oversized_frame_ends_it_whatever_it_holds(trader: User, size: int, binary: bool) -> None:
    async with opened(protocols=ticket_for(trader)) as socket:
        await socket.send(*((None, b"x" * size) if binary else ("[" * size, None)))
        assert await socket.close_code() == protocol.TOO_BIG


# How many


async def test_an_account_holds_so_many_open(trader: User, other_trader: User, settings: Any) -> None:
    settings.TITAN_SOCKETS_PER_USER = 2
    async with opened(protocols=ticket_for(trader)) as one:
        async with opened(protocols=ticket_for(trader)), opened(protocols=ticket_for(trader)) as third:
            assert await third.close_code() == protocol.TOO_MANY
            async with opened(protocols=ticket_for(other_trader)) as other:
                await other.pong()
            await one.pong()
        async with opened(protocols=ticket_for(trader)) as again:  # a place was given back
            await again.pong()
    assert not limits._held


async def test_an_address_holds_so_many_open_signed_in_or_not(trader: User, settings: Any) -> None:
    settings.TITAN_SOCKETS_PER_ADDRESS = 1
    protocols = ticket_for(trader)
    async with opened(protocols=ticket_for(trader)), opened(protocols=protocols) as second:
        assert await second.close_code() == protocol.TOO_MANY
    async with opened(protocols=protocols) as socket:  # its ticket was not used up
        await socket.pong()
    async with opened() as nobody:
        assert await nobody.close_code() == protocol.EXPIRED
    assert not limits._held


@pytest.mark.parametrize(
    ("n_proxies", "forwarded", "address"),
    [
        (0, [b"1.2.3.4"], "10.0.0.9"),
        (1, [b"6.6.6.6, 1.2.3.4"], "1.2.3.4"),
        (2, [b"6.6.6.6", b"1.2.3.4, 5.6.7.8"], "1.2.3.4"),
        (1, [b"nonsense"], "10.0.0.9"),
        (1, [], "10.0.0.9"),
    ],
)
def test_the_address_of_a_handshake(
    settings: Any, n_proxies: int, forwarded: list[bytes], address: str
) -> None:
    settings.REST_FRAMEWORK = settings.REST_FRAMEWORK | {"NUM_PROXIES": n_proxies}
    headers = [(b"x-forwarded-for", value) for value in forwarded]
    assert limits.address_of({"client": ("10.0.0.9", 1), "headers": headers}) == address


# Rights that end while a socket is open


async def test_a_lost_right_ends_the_socket_at_once(trader: User, settings: Any) -> None:
    settings.TITAN_SOCKET_RECHECK_SECONDS = 60.0
    async with opened(protocols=ticket_for(trader)) as socket:
        await socket.pong()
        async with asyncio.timeout(20):
            while f"user_{trader.pk}" not in current_hub()._groups:
                await asyncio.sleep(0.02)
        await asyncio.sleep(0.3)  # the log is read where it joins
        await User.objects.filter(pk=trader.pk).aupdate(is_active=False)
        await publish(f"user_{trader.pk}", "access_changed", {})
        assert await socket.close_code() == protocol.EXPIRED


async def test_news_of_rights_that_still_hold_end_nothing(trader: User, settings: Any) -> None:
    settings.TITAN_SOCKET_RECHECK_SECONDS = 60.0
    async with opened(protocols=ticket_for(trader)) as socket:
        await asyncio.sleep(0.3)
        await publish(f"user_{trader.pk}", "access_changed", {})
        await asyncio.sleep(0.3)
        await socket.pong()


async def test_whoever_came_first_may_go_before_the_log_was_read(
    trader: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Listener:
        def push(self, stream: str, seq: int | None, text: str) -> None:
            heard.append(seq)

    heard: list[int | None] = []
    hub = current_hub()
    first, second = Listener(), Listener()
    leaving = asyncio.create_task(hub.join("job_77", first))
    await asyncio.sleep(0)
    staying = asyncio.create_task(hub.join("job_77", second))
    await asyncio.sleep(0)
    leaving.cancel()
    await hub.leave("job_77", first)
    await staying
    await publish("job_77", "job_update", {})
    async with asyncio.timeout(30):
        while not heard:
            await asyncio.sleep(0.02)
    assert heard == [1]
    await hub.leave("job_77", second)
    assert hub._groups == {}


# What waits for a slow reader


async def test_the_outbox_is_bounded_in_frames_and_characters() -> None:
    async def never(_: str) -> None:
        await asyncio.Event().wait()

    for text, most in (("x", MAX_FRAMES + 1), ("x" * 100_000, MAX_CHARACTERS // 100_000 + 1)):
        outbox = Outbox(never)
        n = 0
        while not outbox.stuck.is_set():
            outbox.put(text)
            n += 1
            assert n <= most + 1
    assert MAX_CHARACTERS * 4 < 16_000_000  # bytes, were each one an emoji
    assert SEND_SECONDS < 10


class Connection:
    """What uvicorn's protocol shows to an ASGI `send`: a buffer that is full after so many frames."""

    def __init__(self, room: int) -> None:
        self.conn, self.transport, self.writable = (
            SimpleNamespace(extensions=[], state=State.OPEN),
            self,
            asyncio.Event(),
        )
        self.writable.set()
        self.handshake_complete, self.close_sent, self.room = True, False, room
        self.written: list[bytes] = []

    async def send(self, message: Any) -> None: ...

    def is_closing(self) -> bool:
        return False

    def write(self, data: bytes) -> None:
        self.written.append(data)
        if len(self.written) >= self.room:
            self.writable.clear()


@pytest.mark.parametrize("text", ["x", "é" * 62, "x" * 125, "x" * 126, "é" * 40_000])
def test_the_short_way_writes_what_the_library_would(text: str) -> None:
    connection = Connection(room=9)
    write = direct(connection.send)
    assert write is not None
    assert write(text)
    assert write(text)
    assert connection.written == [Frame(Opcode.TEXT, text.encode()).serialize(mask=False)] * 2


async def test_the_short_way_keeps_the_order_and_stops_at_a_full_buffer() -> None:
    politely: list[str] = []

    async def polite(text: str) -> None:
        await connection.writable.wait()
        politely.append(text)

    connection = Connection(room=3)
    outbox = Outbox(polite)
    outbox.direct = direct(connection.send)
    writer = asyncio.create_task(outbox.write())
    for number in range(5):
        outbox.put(str(number))
    assert [data[2:] for data in connection.written] == [b"0", b"1", b"2"]
    connection.room = 9
    connection.writable.set()
    outbox.put("5")  # there is room again, and older ones still wait
    assert await outbox.sent(5)
    assert politely == ["3", "4", "5"]
    outbox.put("6")
    assert connection.written[-1][2:] == b"6"
    writer.cancel()


@pytest.mark.parametrize("change", ["close_sent", "handshake", "state", "extensions"])
def test_the_short_way_is_for_open_plain_connections(change: str) -> None:
    connection = Connection(room=9)
    if change == "extensions":
        connection.conn.extensions = ["permessage-deflate"]
        assert direct(connection.send) is None
        return
    write = direct(connection.send)
    assert write is not None
    connection.close_sent = change == "close_sent"
    connection.handshake_complete = change != "handshake"
    connection.conn.state = State.CLOSING if change == "state" else State.OPEN
    assert not write("x")
    assert connection.written == []


async def test_a_connection_that_breaks_frees_whoever_waits_for_it() -> None:
    async def broken(_: str) -> None:
        raise OSError("reset")

    outbox = Outbox(broken)
    writer = asyncio.create_task(outbox.write())
    outbox.put("x")
    async with asyncio.timeout(5):
        await outbox.stuck.wait()
    await writer


async def test_a_refused_door_carries_the_headers_of_a_refusal() -> None:
    socket = Socket(websocket_application, "/ws/nothing/", extensions={"websocket.http.response": {}})
    start, body = await socket.refusal()
    assert start["status"] == 404
    assert dict(start["headers"])[b"x-content-type-options"] == b"nosniff"
    assert body["body"]
