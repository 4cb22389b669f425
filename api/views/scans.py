"""Scans, their candidates, what they skipped, and promotion."""

from typing import Any, ClassVar

from django.http import StreamingHttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from api.arrow import SERIES_RENDERERS, table_of_rows, wants_arrow
from api.filters import ScanFilter
from api.json import AlwaysJson
from api.serializers.scans import (
    CANDIDATE_COLUMNS,
    CandidateCsvSerializer,
    CandidateQuerySerializer,
    CandidateSerializer,
    PromoteSerializer,
    PromotionSerializer,
    ScanCreateSerializer,
    ScanSerializer,
    SkippedPairSerializer,
)
from api.streaming import csv_answer
from api.views.base import OwnedModelViewSet, signed_in
from common.csv import csv_lines
from trading.models import PlantedPair, Scan, ScanCandidate, Symbol, Universe
from trading.services.cointegration_service import CointegrationService

__all__ = ["ScanViewSet"]


class ScanViewSet(OwnedModelViewSet):
    """One's own scans, newest first."""

    queryset = Scan.objects.select_related("universe")
    permission_model = Scan
    action_permissions: ClassVar = {
        "candidates": "trading.view_scancandidate",
        "candidates_csv": "trading.view_scancandidate",
        "skipped": "trading.view_scan",
        "promote": "trading.promote_scancandidate",
    }
    costly: ClassVar = frozenset({"create"})
    made_of: ClassVar = {
        "candidates": (Scan, ScanCandidate, Symbol, Universe, PlantedPair),
        "skipped": (Scan,),
    }
    list_actions: ClassVar = frozenset({"list", "candidates", "skipped"})
    serializer_class = ScanSerializer
    write_serializers: ClassVar = {"create": ScanCreateSerializer, "promote": PromoteSerializer}
    response_serializers: ClassVar = {
        "candidates": CandidateSerializer,
        "candidates_csv": CandidateCsvSerializer,
        "skipped": SkippedPairSerializer,
    }
    query_forms: ClassVar = {
        "candidates": CandidateQuerySerializer,
        "candidates_csv": CandidateQuerySerializer,
    }
    filterset_class = ScanFilter
    ordering_fields: ClassVar = ["id", "created_at", "completed_at", "n_symbols", "n_tests", "n_discoveries"]
    ordering: ClassVar = ["-created_at"]

    @extend_schema(responses={202: ScanSerializer})
    def create(self, request: Request) -> Response:
        """Start a scan; its job tells how far it is."""
        form = self.validated(request)
        scan = CointegrationService().request_scan_sync(owner=signed_in(request), **form.validated_data)
        return self.shown(scan, status=status.HTTP_202_ACCEPTED)

    @extend_schema(responses={204: None})
    def destroy(self, request: Request, pk: str) -> Response:
        """Delete a scan and its candidates; pairs promoted from it stay."""
        CointegrationService().delete_scan_sync(self.get_object())
        return Response(status=status.HTTP_204_NO_CONTENT)

    @extend_schema(
        operation_id="scans_candidates_list", responses=CandidateSerializer(many=True), filters=False
    )
    @action(detail=True, renderer_classes=SERIES_RENDERERS)
    def candidates(self, request: Request, pk: str) -> Response:
        """The better direction of each pair, by rank unless ordered otherwise; as Arrow all of them at once."""
        rows = CointegrationService().candidates_sync(self.get_object(), **self.query(request))
        if not wants_arrow(request):
            return self.page_of(rows)
        wanted = self.wanted_fields(request)
        kinds = {name: kind for name, kind in CANDIDATE_COLUMNS.items() if wanted is None or name in wanted}
        return Response(table_of_rows(rows[:], kinds))

    @extend_schema(
        operation_id="scans_candidates_csv", responses={(200, "text/csv"): OpenApiTypes.STR}, filters=False
    )
    @action(
        detail=True,
        url_path="candidates.csv",
        pagination_class=None,
        content_negotiation_class=AlwaysJson,
    )
    def candidates_csv(self, request: Request, pk: str) -> StreamingHttpResponse:
        """The same as CSV, in full; text that a spreadsheet would run is neutralised."""
        scan, wanted = self.get_object(), self.wanted_fields(request)
        rows = CointegrationService().candidates_sync(scan, **self.query(request))
        names = [name for name in self.field_names() if wanted is None or name in wanted]
        return csv_answer(request, csv_lines(names, rows.each()), f"scan-{scan.pk}-candidates.csv")

    @extend_schema(
        operation_id="scans_skipped_list", responses=SkippedPairSerializer(many=True), filters=False
    )
    @action(detail=True)
    def skipped(self, request: Request, pk: str) -> Response:
        """The pairs that could not be tested, each with its reason in words."""
        return self.page_of(CointegrationService().skipped_sync(self.get_object()))

    @extend_schema(
        operation_id="scans_promote", request=PromoteSerializer, responses={200: PromotionSerializer}
    )
    @action(detail=True, methods=["post"])
    def promote(self, request: Request, pk: str) -> Response:
        """Register candidates as pairs; each that is refused says why."""
        form = self.validated(request)
        asked = form.validated_data
        outcome = CointegrationService().promote_sync(
            self.get_object(),
            candidate_ids=asked["candidates"],
            by=signed_in(request),
            force_outliers=asked["force_outliers"],
        )
        return Response(PromotionSerializer(outcome).data)

    def page_of(self, items: Any, serializer_class: Any = None) -> Response:
        """Scans are listed with what surrounds them, gathered for the whole page at once."""
        if self.action != "list":
            return super().page_of(items, serializer_class)
        page = CointegrationService().described_sync(self.paginate_queryset(items) or [])
        return self.get_paginated_response(
            ScanSerializer(page, many=True, context=self.get_serializer_context()).data
        )

    def shown(self, instance: Any, *, status: int = status.HTTP_200_OK) -> Response:
        """One scan with what surrounds it, the check for changed data included."""
        [described] = CointegrationService().described_sync([instance], exact=True)
        return super().shown(described, status=status)

    def retrieve(self, request: Request, pk: str) -> Response:
        """One of them."""
        return self.shown(self.get_object())
