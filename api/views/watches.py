"""Watching pairs: what the pairs' viewset does about one's own stars on them."""

from typing import Any

from django.db.models import Prefetch
from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from api.representations import covered_pairs
from api.serializers.watches import WatchedPairSerializer
from api.views.base import TitanViewSet, signed_in
from trading.models import TradingPair
from trading.services.watching import WatchService

__all__ = ["WATCH_PERMISSIONS", "WatchActions"]

WATCH_PERMISSIONS = {
    "watch": "trading.add_watch",
    "unwatch": "trading.delete_watch",
    "watched": "trading.view_watch",
}


class WatchActions(TitanViewSet):
    """``watch`` and ``watched`` of pairs."""

    @extend_schema(operation_id="pairs_watch", request=None, responses={204: None})
    @action(detail=True, methods=["put"])
    def watch(self, request: Request, pk: str) -> Response:
        """Put a pair under watch; twice changes nothing."""
        WatchService().watch_sync(owner=signed_in(request), pair=self.get_object())
        return Response(status=status.HTTP_204_NO_CONTENT)

    @extend_schema(operation_id="pairs_unwatch", request=None, responses={204: None})
    @watch.mapping.delete
    def unwatch(self, request: Request, pk: str) -> Response:
        """Let a pair go; twice changes nothing."""
        WatchService().unwatch_sync(owner=signed_in(request), pair=self.get_object())
        return Response(status=status.HTTP_204_NO_CONTENT)

    @extend_schema(
        operation_id="pairs_watched_list", responses=WatchedPairSerializer(many=True), filters=False
    )
    @action(detail=False)
    def watched(self, request: Request) -> Response:
        """One's own watched pairs, the newest first, each with where its spread stands."""
        owner = signed_in(request)
        pairs = Prefetch("pair", queryset=covered_pairs(TradingPair.objects.all()))
        watches = WatchService().watches_sync(owner).prefetch_related(pairs)
        page: list[Any] = self.paginate_queryset(watches) or []
        rows = WatchService().described_sync(page, owner=owner)
        return self.get_paginated_response(
            WatchedPairSerializer(rows, many=True, context=self.get_serializer_context()).data
        )
