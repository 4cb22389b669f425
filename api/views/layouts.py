"""Named arrangements of tables."""

from typing import Any, ClassVar

from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.request import Request
from rest_framework.response import Response

from api.filters import LayoutFilter
from api.serializers.layouts import (
    TableLayoutSerializer,
    TableLayoutUpdateSerializer,
    TableLayoutWriteSerializer,
)
from api.views.base import EditableViewSet, signed_in
from trading.models import TableLayout
from trading.services.layouts import LayoutService

__all__ = ["TableLayoutViewSet"]


class TableLayoutViewSet(EditableViewSet):
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

    def changed(self, instance: TableLayout, **data: Any) -> TableLayout:
        """A layout saved anew."""
        return LayoutService().save_sync(instance, **data)
