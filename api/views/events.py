"""Events a client missed, or waits for."""

from dataclasses import dataclass
from typing import Any, ClassVar

from drf_spectacular.utils import extend_schema
from rest_framework.exceptions import NotFound
from rest_framework.request import Request
from rest_framework.response import Response

from api.serializers.events import EventPageSerializer, EventQuerySerializer
from api.views.base import TitanAPIView, signed_in
from common import events
from trading.services.streams import StreamService

__all__ = ["WAIT", "WAITED", "EventsView", "Wait"]

# Between this view and the layer around Django in which a request waits (`titan.long_poll`), in the request's scope.
WAIT, WAITED = "titan.wait", "titan.waited"


@dataclass(frozen=True, slots=True)
class Wait:
    """What an answer without events waits for."""

    stream: str
    after: int
    seconds: float
    user_id: int


class EventsView(TitanAPIView):
    """The log behind the sockets, by stream."""

    key_scope = "research"
    query_forms: ClassVar = {"get": EventQuerySerializer}

    @extend_schema(operation_id="events_list", responses=EventPageSerializer)
    def get(self, request: Request) -> Response:
        """Events of a stream after a sequence number, oldest first; ask again until none come.

        With `wait` the answer comes as soon as there is an event, or empty when that many seconds are over: sockets for
        those whose network lets none through. Begin with `newest`, go on with ``after=last_seq&wait=25``.
        """
        query, person = self.query(request), signed_in(request)
        stream = f"user_{person.pk}" if query["stream"] == "user" else query["stream"]
        if not StreamService().is_visible_sync(person, stream):
            raise NotFound(f"There is no stream {stream!r} of yours.")
        if query["newest"]:
            last = events.last_seq(stream)
            found = events.latest(stream, last - 1, 1)
        else:
            found = events.latest(stream, query["after"], query["limit"])
            last = found[-1].seq if found else query["after"]
        if not found and query["wait"] and not query["newest"] and not self._has_waited:
            self._scope[WAIT] = Wait(stream, query["after"], float(query["wait"]), person.pk)
        return Response({"results": [events.envelope(event) for event in found], "last_seq": last})

    def get_throttles(self) -> list[Any]:
        """The usual ones, once for a request that has waited."""
        return [] if self._has_waited else super().get_throttles()

    @property
    def _has_waited(self) -> bool:
        return WAITED in self._scope

    @property
    def _scope(self) -> dict[str, Any]:
        """The scope of the server's request; a fresh one where the server knows none, and then nobody waits."""
        scope: dict[str, Any] = getattr(self.request._request, "scope", {})
        return scope
