"""Walk-forwards: optimised on the past, traded on what came after."""

from typing import Any, ClassVar

from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from api.arrow import SERIES_RENDERERS
from api.filters import WalkForwardFilter
from api.serializers.backtest_results import ResultsSerializer
from api.serializers.walk_forwards import (
    WalkForwardCreateSerializer,
    WalkForwardEquitySerializer,
    WalkForwardSerializer,
    WalkForwardWindowSerializer,
)
from api.views.base import signed_in
from api.views.runs import RunViewSet
from trading.models import WalkForwardRun
from trading.services.walk_forward_service import WalkForwardService

__all__ = ["WalkForwardViewSet"]


class WalkForwardViewSet(RunViewSet):
    """One's own walk-forwards, newest first."""

    queryset = WalkForwardRun.objects.select_related("universe")
    permission_model = WalkForwardRun
    action_permissions: ClassVar = dict.fromkeys(
        ("windows", "equity", "results"), "trading.view_walkforwardrun"
    )
    list_actions: ClassVar = frozenset({"list", "windows"})
    serializer_class = WalkForwardSerializer
    write_serializers: ClassVar = {"create": WalkForwardCreateSerializer}
    response_serializers: ClassVar = {
        "windows": WalkForwardWindowSerializer,
        "equity": WalkForwardEquitySerializer,
        "results": ResultsSerializer,
    }
    filterset_class = WalkForwardFilter

    def described(self, runs: Any, *, exact: bool = False) -> list[Any]:
        """Walk-forwards with their jobs and figures."""
        return WalkForwardService().described_sync(runs, exact=exact)

    @extend_schema(responses={202: WalkForwardSerializer})
    def create(self, request: Request) -> Response:
        """Check everything, then start a walk-forward; it goes on at its last window whatever stops it."""
        form = self.validated(request)
        run = WalkForwardService().request_sync(owner=signed_in(request), **form.validated_data)
        return self.shown(run, status=status.HTTP_202_ACCEPTED)

    @extend_schema(
        operation_id="walk_forwards_windows_list",
        responses=WalkForwardWindowSerializer(many=True),
        filters=False,
    )
    @action(detail=True)
    def windows(self, request: Request, pk: str) -> Response:
        """Windows finished so far: what the past chose, and what that earned afterwards."""
        return self.page_of(self.get_object().windows.order_by("number"))

    @extend_schema(operation_id="walk_forwards_equity", responses=WalkForwardEquitySerializer)
    @action(detail=True, renderer_classes=SERIES_RENDERERS)
    def equity(self, request: Request, pk: str) -> Response:
        """The account through all tests, in-sample beside out-of-sample by window."""
        return self.columns(request, WalkForwardService().equity_sync(self.get_object()))

    @extend_schema(operation_id="walk_forwards_results", responses=ResultsSerializer)
    @action(detail=True)
    def results(self, request: Request, pk: str) -> Response:
        """Out-of-sample figures, deflated by every combination tried in every window."""
        return Response(self.get_serializer(WalkForwardService().results_sync(self.get_object())).data)
