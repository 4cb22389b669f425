"""Sweeps: a rule over a grid of parameters, or searched through ranges of them."""

from typing import Any, ClassVar

from django.http import StreamingHttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from api.filters import SweepFilter
from api.json import AlwaysJson
from api.serializers.sweeps import (
    CombinationQuerySerializer,
    CombinationRowSerializer,
    SurfaceQuerySerializer,
    SurfaceSerializer,
    SweepCreateSerializer,
    SweepSerializer,
)
from api.streaming import csv_answer
from api.views.base import signed_in
from api.views.runs import RunViewSet
from common.csv import csv_lines
from trading.models import Sweep
from trading.services.sweep_service import SweepService

__all__ = ["SweepViewSet"]


class SweepViewSet(RunViewSet):
    """One's own sweeps, newest first."""

    queryset = Sweep.objects.select_related("universe")
    permission_model = Sweep
    action_permissions: ClassVar = dict.fromkeys(
        ("surface", "combinations", "combinations_csv"), "trading.view_sweep"
    )
    list_actions: ClassVar = frozenset({"list", "combinations"})
    serializer_class = SweepSerializer
    write_serializers: ClassVar = {"create": SweepCreateSerializer}
    response_serializers: ClassVar = {
        "surface": SurfaceSerializer,
        "combinations": CombinationRowSerializer,
        "combinations_csv": CombinationRowSerializer,
    }
    query_forms: ClassVar = {
        "surface": SurfaceQuerySerializer,
        "combinations": CombinationQuerySerializer,
        "combinations_csv": CombinationQuerySerializer,
    }
    filterset_class = SweepFilter

    def described(self, runs: Any, *, exact: bool = False) -> list[Any]:
        """Sweeps with their jobs."""
        return SweepService().described_sync(runs)

    @extend_schema(responses={202: SweepSerializer})
    def create(self, request: Request) -> Response:
        """Check everything, then start a sweep or a search; every combination counts as a trial."""
        form = self.validated(request)
        sweep = SweepService().request_sync(owner=signed_in(request), **form.validated_data)
        return self.shown(sweep, status=status.HTTP_202_ACCEPTED)

    @extend_schema(operation_id="sweeps_surface", responses=SurfaceSerializer, filters=False)
    @action(detail=True, pagination_class=None)
    def surface(self, request: Request, pk: str) -> Response:
        """A metric over two parameters of a finished sweep, with its plateau."""
        surface = SweepService().surface_sync(self.get_object(), **self.query(request))
        return Response(self.get_serializer(surface).data)

    @extend_schema(
        operation_id="sweeps_combinations_list",
        responses=CombinationRowSerializer(many=True),
        filters=False,
    )
    @action(detail=True)
    def combinations(self, request: Request, pk: str) -> Response:
        """Every combination that was tried, as tried unless ordered otherwise; none until the job has ended."""
        return self.page_of(SweepService().combinations_sync(self.get_object(), **self.query(request)))

    @extend_schema(
        operation_id="sweeps_combinations_csv", responses={(200, "text/csv"): OpenApiTypes.STR}, filters=False
    )
    @action(
        detail=True, url_path="combinations.csv", pagination_class=None, content_negotiation_class=AlwaysJson
    )
    def combinations_csv(self, request: Request, pk: str) -> StreamingHttpResponse:
        """The same as CSV, in full, a column a parameter."""
        sweep, wanted = self.get_object(), self.wanted_fields(request)
        rows = SweepService().combinations_sync(sweep, **self.query(request))
        chosen = [name for name in self.field_names() if wanted is None or name in wanted]
        names = [column for name in chosen for column in (rows.settings if name == "parameters" else [name])]
        return csv_answer(request, csv_lines(names, rows.flat()), f"sweep-{sweep.pk}-combinations.csv")
