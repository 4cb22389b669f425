"""Events a client missed."""

from typing import ClassVar

from drf_spectacular.utils import extend_schema
from rest_framework.exceptions import NotFound
from rest_framework.request import Request
from rest_framework.response import Response

from api.serializers.events import EventPageSerializer, EventQuerySerializer
from api.views.base import TitanAPIView, signed_in
from common import events
from trading.services.streams import StreamService

__all__ = ["EventsView"]


class EventsView(TitanAPIView):
    """The log behind the sockets, by stream."""

    key_scope = "research"
    query_forms: ClassVar = {"get": EventQuerySerializer}

    @extend_schema(operation_id="events_list", responses=EventPageSerializer)
    def get(self, request: Request) -> Response:
        """Events of a stream after a sequence number, oldest first; ask again until none come."""
        query = self.query(request)
        if not StreamService().is_visible_sync(signed_in(request), query["stream"]):
            raise NotFound(f"There is no stream {query['stream']!r} of yours.")
        found = events.latest(query["stream"], query["after"], query["limit"])
        last = found[-1].seq if found else max(query["after"], 0)
        return Response({"results": [events.envelope(event) for event in found], "last_seq": last})
