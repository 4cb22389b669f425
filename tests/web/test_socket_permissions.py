"""Sockets by role: every door × every target it serves, of somebody else's, does not exist."""

from typing import Any

import pytest
from asgiref.sync import sync_to_async

from channels_app.consumers.base import TitanConsumer
from channels_app.routing import websocket_urlpatterns
from common import tickets
from tests.web.sockets import Socket
from tests.web.test_consumers import opened
from trading.services.jobs import JobService
from users.models import User
from users.roles import Role

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "timescale"])


def doors() -> dict[str, tuple[str, ...]]:
    """Every door in the routing, with what a subscribe frame may name there."""
    found = {}
    for pattern in websocket_urlpatterns:
        consumer = getattr(pattern.callback, "consumer_class", None)
        if consumer is not None:
            assert issubclass(consumer, TitanConsumer)
            found[f"/{pattern.pattern}"] = consumer.targets
    return found


async def refused(socket: Socket, **frame: Any) -> None:
    await socket.say(type="subscribe", **frame)
    heard = await socket.hear()
    assert (heard["type"], heard["data"]["code"]) == ("error", "not_found"), frame


@pytest.mark.parametrize("role", list(Role))
async def test_no_role_hears_of_somebody_elses(role: Role, other_trader: User) -> None:
    assert len(doors()) == 3
    person = await sync_to_async(User.objects.create_with_role)("rob", role=role, password="x", email="")
    theirs = await JobService().enqueue(kind="test_slow", owner=other_trader)
    for door, targets in doors().items():
        ticket = tickets.issue(person.pk).opaque
        async with opened(door, protocols=["titan.v1", f"ticket.{ticket}"]) as socket:
            for target in targets:
                await refused(socket, **{target: theirs.pk if target == "job_id" else 10**9})
                if target == "job_id":  # asking for what one missed is asking all the same
                    await refused(socket, job_id=theirs.pk, after=0)
            await socket.pong()
