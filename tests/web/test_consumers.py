"""The sockets: sign-in, origins, subscriptions without gap or double, bounds, and sockets that outlive a right."""

import asyncio
import contextlib
import threading
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest
from asgiref.sync import sync_to_async
from channels.layers import get_channel_layer
from django.core.cache import cache
from django.utils import timezone
from rest_framework_simplejwt.tokens import AccessToken

from api import tokens
from channels_app import hints
from channels_app.consumers.base import TitanConsumer
from channels_app.hub import current_hub
from channels_app.routing import websocket_application
from common import events, tickets
from common.metrics import EVENTS_LAG, SOCKET_CLIENTS
from tests.factories import make_universe, small_panel
from tests.web.sockets import Socket
from trading.models import Job, TradingPair
from trading.services.jobs import JobService, job_payload, leases
from users.models import User

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "timescale"])

DOOR = "/ws/trading-data/"


@contextlib.asynccontextmanager
async def opened(
    path: str = DOOR,
    *,
    protocols: list[str] | None = None,
    origin: str | None = "http://localhost:8000",
    app: Any = websocket_application,
) -> AsyncIterator[Socket]:
    """A socket after its handshake, closed afterwards."""
    headers = [(b"origin", origin.encode())] if origin is not None else []
    socket = Socket(app, path, headers=headers, protocols=protocols)
    accepted, _ = await socket.connect()
    assert accepted
    try:
        yield socket
    finally:
        await socket.disconnect()


def ticket_for(user: User, **pass_: Any) -> list[str]:
    return ["titan.v1", f"ticket.{tickets.issue(user.pk, **pass_).opaque}"]


async def token_for(user: User) -> str:
    return (await sync_to_async(tokens.issue)(user))["access"]


async def job_of(user: User) -> Job:
    return await JobService().enqueue(kind="test_slow", owner=user)


publish = sync_to_async(events.publish)


# Signing in


async def test_a_ticket_opens_one_socket_once(trader: User) -> None:
    protocols = ticket_for(trader)
    async with opened(protocols=protocols) as socket:
        await socket.pong()
    async with opened(protocols=protocols) as socket:
        assert await socket.close_code() == 4401


async def test_the_server_names_its_protocol(trader: User) -> None:
    socket = Socket(websocket_application, DOOR, protocols=ticket_for(trader))
    assert await socket.connect() == (True, "titan.v1")
    await socket.disconnect()


async def test_of_two_takers_at_once_one_gets_the_ticket(trader: User) -> None:
    ticket = tickets.issue(trader.pk)
    taken = await asyncio.gather(*(asyncio.to_thread(tickets.take, ticket.opaque) for _ in range(8)))
    assert sum(holder is not None for holder in taken) == 1


def cache_content() -> bytes:
    """Keys and values of the cache, in memory or in Redis, in one text."""
    kept = cache._cache  # type: ignore[attr-defined]  # looked at from inside
    if isinstance(kept, dict):
        return b"".join(str(key).encode() + value for key, value in kept.items())
    redis = kept.get_client()
    return b"".join(key + (redis.get(key) or b"") for key in redis.keys("*") if redis.type(key) == b"string")


async def test_a_ticket_is_kept_as_a_hash_and_for_30_seconds(trader: User) -> None:
    ticket = tickets.issue(trader.pk)
    assert ticket.expires_in == 30
    assert ticket.opaque.encode() not in cache_content()
    assert ticket.opaque not in repr(ticket)


async def test_a_ticket_of_an_expired_token_is_worth_nothing(trader: User) -> None:
    async with opened(
        protocols=ticket_for(trader, expires_at=timezone.now() - timedelta(seconds=1))
    ) as socket:
        assert await socket.close_code() == 4401


async def test_the_access_token_opens_a_socket_too(trader: User) -> None:
    async with opened(f"{DOOR}?token={await token_for(trader)}") as socket:
        await socket.pong()


async def test_the_token_is_taken_out_of_the_servers_scope(trader: User) -> None:
    token = await token_for(trader)
    scope: dict[str, Any] = {}

    async def keep(given: dict[str, Any], receive: Any, send: Any) -> None:
        scope.update(given)
        await websocket_application(given, receive, send)
        scope["query_string"] = given["query_string"]

    async with opened(f"{DOOR}?a=1&token={token}", app=keep) as socket:
        await socket.pong()
    assert scope["query_string"] == b"a=1&token=[redacted]"


@pytest.mark.parametrize(
    "kind", ["nothing", "refresh", "garbage", "foreign key", "none", "expired", "audience"]
)
async def test_what_is_no_access_token_opens_nothing(trader: User, kind: str) -> None:
    import jwt

    pair = await sync_to_async(tokens.issue)(trader)
    expired = AccessToken(pair["access"])
    claims = {**expired.payload}
    expired.set_exp(lifetime=-timedelta(seconds=1))
    token = {
        "nothing": "",
        "refresh": pair["refresh"],
        "garbage": "abc.def.ghi",
        "foreign key": jwt.encode(claims, "k" * 64, algorithm="HS256"),
        "none": jwt.encode(claims, "", algorithm="none"),
        "expired": str(expired),
        "audience": jwt.encode(claims | {"aud": "other"}, _signing_key(), algorithm="HS256"),
    }[kind]
    async with opened(f"{DOOR}?token={token}") as socket:
        assert await socket.close_code() == 4401


def _signing_key() -> str:
    from rest_framework_simplejwt.settings import api_settings

    return str(api_settings.SIGNING_KEY)


async def test_a_closed_account_opens_nothing(trader: User) -> None:
    protocols = ticket_for(trader)
    await User.objects.filter(pk=trader.pk).aupdate(is_active=False)
    async with opened(protocols=protocols) as socket:
        assert await socket.close_code() == 4401


@pytest.mark.parametrize(
    "origin",
    [
        "https://evil.example",
        "http://localhost.evil.example",
        "null",
        "http://[::bad",
        "http://",
        "localhost",
    ],
)
async def test_a_foreign_page_is_refused_and_its_ticket_not_used_up(trader: User, origin: str) -> None:
    protocols = ticket_for(trader)
    async with opened(protocols=protocols, origin=origin) as socket:
        assert await socket.close_code() == 4403
    async with opened(protocols=protocols) as socket:
        await socket.pong()


@pytest.mark.parametrize(
    "origin", ["http://localhost:5173", "http://127.0.0.1:8000", "https://testserver", None]
)
async def test_our_own_pages_and_programs_are_welcome(trader: User, origin: str | None) -> None:
    async with opened(protocols=ticket_for(trader), origin=origin) as socket:
        await socket.pong()


async def test_an_address_without_a_door_is_refused() -> None:
    socket = Socket(websocket_application, "/ws/nothing/")
    accepted, _ = await socket.connect()
    assert not accepted


# Watching


async def test_snapshot_then_every_event_in_order(trader: User) -> None:
    job = await job_of(trader)
    async with opened(protocols=ticket_for(trader)) as socket:
        await socket.say(type="subscribe", job_id=job.pk)
        snapshot = await socket.hear()
        assert snapshot == {
            "type": "job_update",
            "stream": job.group,
            "seq": 1,
            "timestamp": snapshot["timestamp"],
            "data": dict(job_payload(job)),
        }
        lease = await sync_to_async(leases.claim)(job.pk, worker="w", seconds=10)
        assert lease is not None
        for step in range(1, 6):
            assert await sync_to_async(leases.write)(lease, progress=step / 10)
        heard = [await socket.hear() for _ in range(6)]
        assert [frame["seq"] for frame in heard] == [2, 3, 4, 5, 6, 7]
        assert [frame["data"]["progress"] for frame in heard] == [0.0, 0.1, 0.2, 0.3, 0.4, 0.5]
        await socket.pong()


async def test_one_event_reaches_every_watcher_and_nobody_else(trader: User) -> None:
    job, other = await job_of(trader), await job_of(trader)
    async with (
        opened(protocols=ticket_for(trader)) as one,
        opened("/ws/backtesting/", protocols=ticket_for(trader)) as two,
        opened(protocols=ticket_for(trader)) as three,
    ):
        for socket, watched in ((one, job), (two, job), (three, other)):
            await socket.say(type="subscribe", job_id=watched.pk)
            await socket.hear()
        await publish(job.group, "job_update", {"n": 1})
        for socket in (one, two):
            assert (await socket.hear())["data"] == {"n": 1}
        await three.pong()


async def test_the_own_stream_tells_of_every_own_job(trader: User, other_trader: User) -> None:
    async with opened(protocols=ticket_for(trader)) as socket:
        await socket.say(type="subscribe", stream="user")
        assert (await socket.hear())["type"] == "subscribed"
        await job_of(other_trader)
        job = await job_of(trader)
        heard = await socket.hear()
        assert (heard["type"], heard["stream"], heard["data"]["id"]) == (
            "job_update",
            f"user_{trader.pk}",
            job.pk,
        )


async def test_events_during_the_join_arrive_once(trader: User, monkeypatch: pytest.MonkeyPatch) -> None:
    job = await job_of(trader)
    async with opened(protocols=ticket_for(trader)) as socket:
        hub = current_hub()
        join = hub.join

        async def busy_join(stream: str, subscriber: Any) -> None:
            await publish(stream, "job_update", {"n": "before"})
            await join(stream, subscriber)
            await publish(stream, "job_update", {"n": "after"})
            await asyncio.sleep(0.5)  # the tail pushes it before the snapshot is read

        monkeypatch.setattr(hub, "join", busy_join)
        await socket.say(type="subscribe", job_id=job.pk)
        assert ((await socket.hear())["seq"]) == 3
        await publish(job.group, "job_update", {"n": "later"})
        assert ((await socket.hear())["seq"]) == 4
        await socket.pong()


async def test_after_unsubscribe_nothing_comes_and_the_hub_is_quiet(trader: User) -> None:
    job = await job_of(trader)
    async with opened(protocols=ticket_for(trader)) as socket:
        await socket.say(type="subscribe", job_id=job.pk)
        await socket.hear()
        await socket.say(type="unsubscribe", job_id=job.pk)
        await socket.pong()
        await publish(job.group, "job_update", {})
        await asyncio.sleep(0.4)
        await socket.pong()
        assert set(current_hub()._groups) == {f"user_{trader.pk}"}  # where a lost right would be told
    assert current_hub()._groups == {}
    assert current_hub()._tail is None


async def test_subscribing_again_gives_a_fresh_snapshot(trader: User) -> None:
    job = await job_of(trader)
    async with opened(protocols=ticket_for(trader)) as socket:
        for seq in (1, 2):
            await socket.say(type="subscribe", job_id=job.pk)
            assert (await socket.hear())["seq"] == seq
            await publish(job.group, "job_update", {"n": seq})
            assert (await socket.hear())["seq"] == seq + 1
            break
        await socket.say(type="subscribe", job_id=job.pk)
        assert (await socket.hear())["seq"] == 2
        await socket.pong()


async def test_another_users_things_are_not_found(trader: User, other_trader: User) -> None:
    job = await job_of(other_trader)
    async with opened(protocols=ticket_for(trader)) as socket:
        for pk in (job.pk, job.pk + 1000, 2**63 - 1):
            await socket.say(type="subscribe", job_id=pk)
            heard = await socket.hear()
            assert (heard["type"], heard["data"]["code"], heard["data"]["job_id"]) == (
                "error",
                "not_found",
                pk,
            )
        await publish(job.group, "job_update", {})
        await asyncio.sleep(0.3)
        await socket.pong()


async def pair() -> TradingPair:
    def make() -> TradingPair:
        first, second = make_universe(small_panel()).symbols.all()[:2]
        today = timezone.now()
        return TradingPair.objects.create(
            symbol_1=first,
            symbol_2=second,
            cointegration_pvalue=0.01,
            statistic=-4.0,
            hedge_ratio=0.8,
            n_obs=500,
            fit_start=today - timedelta(days=700),
            fit_end=today,
        )

    return await sync_to_async(make)()


async def test_signals_start_with_the_pairs_in_the_address(trader: User, prices: None) -> None:
    one = await pair()
    async with opened(f"/ws/signals/?pairs={one.pk},999", protocols=ticket_for(trader)) as socket:
        snapshot = await socket.hear()
        assert (snapshot["type"], snapshot["stream"], snapshot["data"]["hedge_ratio"]) == (
            "pair_update",
            f"pair_{one.pk}",
            0.8,
        )
        assert (await socket.hear())["data"]["code"] == "not_found"
        await publish(f"pair_{one.pk}", "signal_update", {"z_score": float("nan")})
        heard = await socket.hear()
        assert (heard["type"], heard["seq"], heard["data"]) == ("signal_update", 1, {"z_score": None})


async def told_again_until_heard(socket: Socket, group: str, message: dict[str, Any]) -> dict[str, Any]:
    """The next frame; the group is told again and again, for nobody outside sees when the server begins to listen."""
    layer = get_channel_layer()
    assert layer is not None
    hears = asyncio.create_task(socket.hear(timeout=20))
    while not hears.done():
        await layer.group_send(group, message)
        await asyncio.sleep(0.2)
    return await hears


async def test_a_group_message_is_forwarded_as_it_is(trader: User, prices: None) -> None:
    one = await pair()
    async with opened(f"/ws/signals/?pairs={one.pk}", protocols=ticket_for(trader)) as socket:
        await socket.hear()
        message = {
            "type": "signal_update",
            "seq": 7,
            "timestamp": "2026-01-01T00:00:00Z",
            "data": {"z_score": 2.5},
        }
        assert await told_again_until_heard(socket, f"pair_{one.pk}", message) == message


@pytest.mark.parametrize("pairs", ["x", "1;2", "-1", ",".join(map(str, range(1, 500)))])
async def test_bad_pairs_in_the_address_are_said(trader: User, pairs: str) -> None:
    async with opened(f"/ws/signals/?pairs={pairs}", protocols=ticket_for(trader)) as socket:
        assert (await socket.hear())["type"] == "error"
        await socket.pong()


# Bounds


@pytest.mark.parametrize(
    "text",
    [
        "",
        "no json",
        "[]",
        "3",
        "null",
        '"ping"',
        "{}",
        '{"type": 3}',
        '{"type": "unheard_of"}',
        '{"type": "subscribe"}',
        '{"type": "subscribe", "job_id": "1"}',
        '{"type": "subscribe", "job_id": true}',
        '{"type": "subscribe", "job_id": -1}',
        '{"type": "subscribe", "job_id": 1.5}',
        '{"type": "subscribe", "job_id": 99999999999999999999999}',
        '{"type": "subscribe", "job_id": 1, "pair_id": 1}',
        '{"type": "subscribe", "stream": "user_2"}',
        '{"type": "subscribe", "stream": "job_1"}',
        '{"type": "unsubscribe", "job_id": null}',
        '{"type": "websocket.disconnect"}',
        '{"type": "ping"' + "[" * 4000,
        '{"type": ' + '{"a":' * 1200 + "1" + "}" * 1201,
    ],
)
async def test_a_bad_frame_is_answered_and_the_socket_lives(trader: User, text: str) -> None:
    async with opened(protocols=ticket_for(trader)) as socket:
        await socket.send(text)
        heard = await socket.hear()
        assert heard["type"] == "error"
        assert heard["data"]["code"] in {"bad_frame", "bad_json", "bad_target", "unknown_type"}
        await socket.pong()


async def test_a_binary_frame_is_answered(trader: User) -> None:
    async with opened(protocols=ticket_for(trader)) as socket:
        await socket.send(data=b'{"type": "ping"}')
        assert (await socket.hear())["data"]["code"] == "bad_frame"


async def test_a_frame_too_big_ends_the_socket(trader: User) -> None:
    async with opened(protocols=ticket_for(trader)) as socket:
        await socket.say(type="ping", padding="é" * 4096)
        assert (await socket.hear())["data"]["code"] == "too_big"
        assert await socket.close_code() == 1009


async def test_a_flood_ends_the_socket(trader: User) -> None:
    async with opened(protocols=ticket_for(trader)) as socket:
        for _ in range(200):
            await socket.say(type="ping")
        assert await socket.close_code() == 1008


async def test_a_socket_watches_so_many_streams_and_no_more(
    trader: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(TitanConsumer, "max_streams", 2)
    async with opened(protocols=ticket_for(trader)) as socket:
        answers = []
        for _ in range(3):
            await socket.say(type="subscribe", job_id=(await job_of(trader)).pk)
            answers.append((await socket.hear())["type"])
        assert answers == ["job_update", "job_update", "error"]


@pytest.mark.parametrize(("n_events", "patience"), [(1, 0.3), (300, 60.0)])
async def test_a_slow_reader_is_dropped(trader: User, settings: Any, n_events: int, patience: float) -> None:
    settings.TITAN_SOCKET_SEND_SECONDS = patience
    job = await job_of(trader)
    ended = asyncio.Event()

    async def stuck_client(scope: dict[str, Any], receive: Any, send: Any) -> None:
        async def stuck(message: dict[str, Any]) -> None:
            if message["type"] == "websocket.send" and b'"seq":1,' not in message["text"].encode():
                await asyncio.Event().wait()
            await send(message)

        await websocket_application(scope, receive, stuck)
        ended.set()

    headers = [(b"origin", b"http://localhost")]
    socket = Socket(stuck_client, DOOR, headers=headers, protocols=ticket_for(trader))
    await socket.connect()
    await socket.say(type="subscribe", job_id=job.pk)
    await socket.hear()
    await sync_to_async(lambda: [events.publish(job.group, "job_update", {}) for _ in range(n_events)])()
    async with asyncio.timeout(60):
        await ended.wait()
    assert current_hub()._groups == {}


# Outliving a right


async def test_a_socket_ends_with_its_token(trader: User) -> None:
    soon = timezone.now() + timedelta(seconds=4)  # long enough for the pong on a busy machine
    async with opened(protocols=ticket_for(trader, expires_at=soon)) as socket:
        await socket.pong()
        assert await socket.close_code() == 4401


async def test_a_socket_ends_with_its_account(trader: User, settings: Any) -> None:
    settings.TITAN_SOCKET_RECHECK_SECONDS = 0.1
    async with opened(protocols=ticket_for(trader)) as socket:
        await asyncio.sleep(0.3)
        await socket.pong()
        await User.objects.filter(pk=trader.pk).aupdate(is_active=False)
        assert await socket.close_code() == 4401


async def test_a_new_password_ends_open_sockets(trader: User, settings: Any) -> None:
    settings.TITAN_SOCKET_RECHECK_SECONDS = 0.1
    async with opened(protocols=ticket_for(trader)) as socket:
        await User.objects.filter(pk=trader.pk).aupdate(password="changed")
        assert await socket.close_code() == 4401


async def test_a_stream_lost_to_its_watcher_is_left(trader: User, other_trader: User, settings: Any) -> None:
    settings.TITAN_SOCKET_RECHECK_SECONDS = 0.1
    job = await job_of(trader)
    async with opened(protocols=ticket_for(trader)) as socket:
        await socket.say(type="subscribe", job_id=job.pk)
        await socket.hear()
        await Job.objects.filter(pk=job.pk).aupdate(owner=other_trader)
        assert (await socket.hear())["data"]["code"] == "not_found"
        await publish(job.group, "job_update", {})
        await asyncio.sleep(0.4)
        await socket.pong()


async def test_a_hint_from_another_process_wakes_the_tail(
    trader: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("channels_app.hub._QUIET_SECONDS", 30.0)
    monkeypatch.setattr(events, "_listeners", [])  # as if another process had committed
    job = await job_of(trader)
    async with opened(protocols=ticket_for(trader)) as socket:
        await socket.say(type="subscribe", job_id=job.pk)
        await socket.hear()
        monkeypatch.setattr(events, "_listeners", [])
        await publish(job.group, "job_update", {"n": 1})
        heard = await told_again_until_heard(socket, job.group, {"type": hints.HINT})
        assert heard["data"] == {"n": 1}


@pytest.mark.parametrize("broken", [False, True])
async def test_commits_hint_over_the_channel_layer(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, broken: bool
) -> None:
    sent: list[tuple[str, dict[str, Any]]] = []
    done = threading.Event()

    class Layer:
        async def group_send(self, group: str, message: dict[str, Any]) -> None:
            sent.append((group, message))
            done.set()
            if broken:
                raise OSError("connection refused")

    monkeypatch.setattr(hints, "get_channel_layer", Layer)
    monkeypatch.setattr(events, "_listeners", [])
    hints.install()
    await publish("job_1", "t", {})
    assert await asyncio.to_thread(done.wait, 5)
    assert sent == [("job_1", {"type": "titan.hint"})]


async def test_a_log_that_cannot_be_read_is_tried_again(
    trader: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("channels_app.hub._RETRY_SECONDS", 0.1)
    job = await job_of(trader)
    newer, failures = events.newer, []

    def failing(cursors: Any) -> Any:
        if len(failures) < 2:
            failures.append(1)
            raise OSError("disk")
        return newer(cursors)

    monkeypatch.setattr(events, "newer", failing)
    async with opened(protocols=ticket_for(trader)) as socket:
        await socket.say(type="subscribe", job_id=job.pk)
        await socket.hear()
        await publish(job.group, "job_update", {"n": 1})
        assert (await socket.hear())["data"] == {"n": 1}
        assert len(failures) == 2


async def test_open_sockets_are_counted_by_door_and_lag_by_event(trader: User) -> None:
    gauge = SOCKET_CLIENTS.labels("trading-data")
    before, lag = gauge._value.get(), EVENTS_LAG._sum.get()
    async with opened(protocols=await sync_to_async(ticket_for)(trader)) as socket:
        job = await JobService().enqueue(kind="scan", owner=trader)
        await socket.say(type="subscribe", job_id=job.pk)
        await socket.hear()
        assert gauge._value.get() == before + 1
        await sync_to_async(events.publish)(job.group, "job_update", {})
        await socket.hear()
        assert EVENTS_LAG._sum.get() > lag
    async with opened(protocols=["titan.v1", "ticket.nobodys"]):
        pass  # turned away: nobody signed in
    async with asyncio.timeout(20):
        while gauge._value.get() != before:
            await asyncio.sleep(0.02)
