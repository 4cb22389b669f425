"""Files of bars: uploads, what became of them, and the rows set aside."""

from typing import Any, ClassVar

from django.http import StreamingHttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.decorators import action
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response

from api.json import AlwaysJson
from api.serializers.ingestions import (
    IngestionRowCsvSerializer,
    IngestionRowSerializer,
    IngestionRowsQuerySerializer,
    IngestionSerializer,
    UploadSerializer,
)
from api.streaming import ROWS_AT_ONCE, csv_answer
from api.uploads import LimitedUploads
from api.views.base import OwnedModelViewSet, TitanAPIView, signed_in
from common.csv import csv_lines
from trading.models import Ingestion, QuarantinedBar
from trading.services.ingestion import IngestionService

__all__ = ["IngestionViewSet", "UploadView"]

ROW_COLUMNS = ["row", "symbol", "timestamp", "reason", "is_warning", "message"]


class UploadView(TitanAPIView):
    """Where files of bars come in."""

    key_scope: ClassVar = "data"
    action_permissions: ClassVar = {"": "trading.add_ingestion"}
    parser_classes = [MultiPartParser]
    costly: ClassVar = frozenset({"post"})
    idempotent: ClassVar = True

    def initialize_request(self, request: Any, *args: Any, **kwargs: Any) -> Request:
        """The handlers that stop a file which grows too long must be there before the body is read."""
        if request.method == "POST":
            request.upload_handlers = [LimitedUploads(request)]
        return super().initialize_request(request, *args, **kwargs)

    def finalize_response(self, request: Request, response: Response, *args: Any, **kwargs: Any) -> Response:
        """Whatever came of it, no file stays open."""
        for handler in request.upload_handlers:
            if isinstance(handler, LimitedUploads):
                handler.close_all()
        return super().finalize_response(request, response, *args, **kwargs)

    @extend_schema(
        operation_id="prices_upload", request=UploadSerializer, responses={202: IngestionSerializer}
    )
    def post(self, request: Request) -> Response:
        """Take in a file of bars; its job tells how far it is."""
        form = UploadSerializer(data=request.data, context={"request": request})
        form.is_valid(raise_exception=True)
        given = dict(form.validated_data)
        ingestion = IngestionService().request_sync(
            owner=signed_in(request), upload=given.pop("file"), **given
        )
        [described] = IngestionService().described_sync([ingestion])
        return Response(IngestionSerializer(described).data, status=status.HTTP_202_ACCEPTED)


class IngestionViewSet(OwnedModelViewSet):
    """One's own uploads, newest first."""

    key_scope: ClassVar = "data"
    queryset = Ingestion.objects.select_related("universe")
    permission_model = Ingestion
    action_permissions: ClassVar = {
        "rows": "trading.view_quarantinedbar",
        "rows_csv": "trading.view_quarantinedbar",
    }
    list_actions: ClassVar = frozenset({"list", "rows"})
    serializer_class = IngestionSerializer
    response_serializers: ClassVar = {"rows": IngestionRowSerializer, "rows_csv": IngestionRowCsvSerializer}
    query_forms: ClassVar = {"rows": IngestionRowsQuerySerializer, "rows_csv": IngestionRowsQuerySerializer}
    ordering_fields: ClassVar = ["id", "created_at", "completed_at", "filename", "size"]
    ordering: ClassVar = ["-created_at"]

    def list(self, request: Request) -> Response:
        """Those there are."""
        page = self.paginate_queryset(self.filter_queryset(self.get_queryset())) or []
        described = IngestionService().described_sync(page)
        return self.get_paginated_response(self.get_serializer(described, many=True).data)

    def retrieve(self, request: Request, pk: str) -> Response:
        """One of them."""
        [described] = IngestionService().described_sync([self.get_object()])
        return self.shown(described)

    @extend_schema(
        operation_id="ingestions_rows_list", responses=IngestionRowSerializer(many=True), filters=False
    )
    @action(detail=True)
    def rows(self, request: Request, pk: str) -> Response:
        """Rows that were set aside, in the file's order, each with its reason in words."""
        return self.page_of(IngestionService().rows_sync(self.get_object(), **self.query(request)))

    @extend_schema(
        operation_id="ingestions_rows_csv", responses={(200, "text/csv"): OpenApiTypes.STR}, filters=False
    )
    @action(detail=True, url_path="rows.csv", pagination_class=None, content_negotiation_class=AlwaysJson)
    def rows_csv(self, request: Request, pk: str) -> StreamingHttpResponse:
        """The same as CSV, in full, with the row's own cells; text that a spreadsheet would run is neutralised."""
        ingestion, wanted = self.get_object(), self.wanted_fields(request)
        found = IngestionService().rows_sync(ingestion, **self.query(request))
        told = [name for name in ROW_COLUMNS if wanted is None or name in wanted]
        has_cells = wanted is None or "values" in wanted
        names = IngestionService().cell_names_sync(ingestion) if has_cells else []
        lines = csv_lines([*told, *names], (_flat(row, names) for row in found.iterator(ROWS_AT_ONCE)))
        return csv_answer(request, lines, f"ingestion-{ingestion.pk}-rows.csv")


def _flat(row: QuarantinedBar, names: list[str]) -> dict[str, Any]:
    """A row of the report beside the row of the file."""
    told = {name: getattr(row, name) for name in ROW_COLUMNS}
    told["timestamp"] = row.timestamp.isoformat() if row.timestamp else None
    return {name: row.values.get(name) for name in names} | told
