"""Signals: of all pairs, and of one."""

from typing import ClassVar

from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from api.filters import SignalFilter
from api.serializers.jobs import JobSerializer
from api.serializers.signals import SignalSerializer
from api.views.base import TitanViewSet, signed_in
from trading.models import Signal
from trading.services.signals.service import SignalService

__all__ = ["SIGNAL_PERMISSIONS", "SignalActions", "SignalViewSet"]

SIGNAL_PERMISSIONS = {"signals": "trading.view_signal", "refresh_signals": "trading.add_watch"}


class SignalViewSet(TitanViewSet):
    """Signals of all pairs that are not retired, newest first; shared, as pairs are."""

    queryset = Signal.objects.filter(pair__is_active=True).select_related("pair__symbol_1", "pair__symbol_2")
    permission_model = Signal
    action_permissions: ClassVar = {"list": "trading.view_signal", "retrieve": "trading.view_signal"}
    serializer_class = SignalSerializer
    filterset_class = SignalFilter
    ordering_fields: ClassVar = ["id", "timestamp", "signal_type", "z_score", "confidence_score"]
    ordering: ClassVar = ["-timestamp"]


class SignalActions(TitanViewSet):
    """``signals`` of a pair."""

    @extend_schema(operation_id="pairs_signals_list", responses=SignalSerializer(many=True), filters=False)
    @action(detail=True)
    def signals(self, request: Request, pk: str) -> Response:
        """What the rule said about this pair, newest first."""
        return self.page_of(SignalService().of_pair_sync(self.get_object()), SignalSerializer)

    @extend_schema(operation_id="pairs_signals_refresh", request=None, responses={202: JobSerializer})
    @signals.mapping.post
    def refresh_signals(self, request: Request, pk: str) -> Response:
        """Bring its signals up to its last bar now, instead of tonight."""
        job = SignalService().request_sync(self.get_object(), owner=signed_in(request))
        return Response(JobSerializer(job).data, status=status.HTTP_202_ACCEPTED)
