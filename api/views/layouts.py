"""Named arrangements of tables."""

from typing import ClassVar

from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.request import Request
from rest_framework.response import Response

from api.personal_filters import LayoutFilter
from api.serializers.layouts import (
    TableLayoutSerializer,
    TableLayoutUpdateSerializer,
    TableLayoutWriteSerializer,
)
from api.views.base import OwnedModelViewSet, signed_in
from trading.models import TableLayout
from trading.services.layouts import LayoutService

__all__ = ["TableLayoutViewSet"]


class TableLayoutViewSet(OwnedModelViewSet):
    """One's own layouts."""

    queryset = TableLayout.objects.all()
    permission_model = TableLayout
    serializer_class = TableLayoutSerializer
    write_serializers: ClassVar = {
        "create": TableLayoutWriteSerializer,
        "update": TableLayoutUpdateSerializer,
        "partial_update": TableLayoutUpdateSerializer,
    }
    filterset_class = LayoutFilter
    ordering_fields: ClassVar = ["id", "table", "name", "created_at", "updated_at"]
    ordering: ClassVar = ["table", "name"]

    @extend_schema(responses={201: TableLayoutSerializer})
    def create(self, request: Request) -> Response:
        """Keep an arrangement under a name."""
        form = self.validated(request)
        layout = LayoutService().create_sync(owner=signed_in(request), **form.validated_data)
        return self.shown(layout, status=status.HTTP_201_CREATED)

    @extend_schema(responses=TableLayoutSerializer)
    def update(self, request: Request, pk: str) -> Response:
        """Change a layout; what is left out stays."""
        return self._change(request)

    @extend_schema(responses=TableLayoutSerializer)
    def partial_update(self, request: Request, pk: str) -> Response:
        """Change a layout; what is left out stays."""
        return self._change(request)

    @extend_schema(responses={204: None})
    def destroy(self, request: Request, pk: str) -> Response:
        """Delete a layout."""
        self.get_object().delete()
        return Response(status=status.HTTP_204_NO_CONTENT)

    def _change(self, request: Request) -> Response:
        layout = self.get_object()
        form = self.validated(request)
        return self.shown(LayoutService().save_sync(layout, **form.validated_data))
