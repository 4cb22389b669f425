"""Sweeps: a rule over a grid of parameters."""

from typing import Any, ClassVar

from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from api.run_filters import SweepFilter
from api.serializers.sweeps import (
    SurfaceQuerySerializer,
    SurfaceSerializer,
    SweepCreateSerializer,
    SweepSerializer,
)
from api.views.base import signed_in
from api.views.runs import RunViewSet
from trading.models import Sweep
from trading.services.sweep_service import SweepService

__all__ = ["SweepViewSet"]


class SweepViewSet(RunViewSet):
    """One's own sweeps, newest first."""

    queryset = Sweep.objects.select_related("universe")
    permission_model = Sweep
    action_permissions: ClassVar = {"surface": "trading.view_sweep"}
    serializer_class = SweepSerializer
    write_serializers: ClassVar = {"create": SweepCreateSerializer}
    response_serializers: ClassVar = {"surface": SurfaceSerializer}
    query_forms: ClassVar = {"surface": SurfaceQuerySerializer}
    filterset_class = SweepFilter

    def described(self, runs: Any, *, exact: bool = False) -> list[Any]:
        """Sweeps with their jobs."""
        return SweepService().described_sync(runs)

    @extend_schema(responses={202: SweepSerializer})
    def create(self, request: Request) -> Response:
        """Check everything, then start a sweep; every combination counts as a trial."""
        form = self.validated(request)
        sweep = SweepService().request_sync(owner=signed_in(request), **form.validated_data)
        return self.shown(sweep, status=status.HTTP_202_ACCEPTED)

    @extend_schema(operation_id="sweeps_surface", responses=SurfaceSerializer, filters=False)
    @action(detail=True, pagination_class=None)
    def surface(self, request: Request, pk: str) -> Response:
        """A metric over two parameters of a finished sweep, with its plateau."""
        surface = SweepService().surface_sync(self.get_object(), **self.query(request))
        return Response(self.get_serializer(surface).data)
