"""What viewsets of backtests, sweeps and walk-forwards share."""

from typing import Any, ClassVar

from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.request import Request
from rest_framework.response import Response

from api.views.base import OwnedModelViewSet
from trading.services.backtesting.deletion import delete_run

__all__ = ["RunViewSet"]


class RunViewSet(OwnedModelViewSet):
    """One's own runs, newest first; they never change, and may be deleted."""

    costly: ClassVar = frozenset({"create", "rerun"})
    ordering_fields: ClassVar = ["id", "name", "created_at", "completed_at", "start_date", "end_date", "rule"]
    ordering: ClassVar = ["-created_at"]
    search_fields: ClassVar = ["name"]

    def described(self, runs: Any, *, exact: bool = False) -> list[Any]:
        """Runs with what surrounds them."""
        raise NotImplementedError

    @extend_schema(responses={204: None})
    def destroy(self, request: Request, pk: str) -> Response:
        """Delete a run with all that came of it; the trials it counted stay."""
        delete_run(self.get_object())
        return Response(status=status.HTTP_204_NO_CONTENT)

    def page_of(self, items: Any, serializer_class: Any = None) -> Response:
        """Runs are listed with what surrounds them, gathered for the whole page at once."""
        if self.action != "list":
            return super().page_of(items, serializer_class)
        page = self.described(self.paginate_queryset(items) or [])
        assert self.serializer_class is not None  # noqa: S101 - narrows the type
        return self.get_paginated_response(
            self.serializer_class(page, many=True, context=self.get_serializer_context()).data
        )

    def shown(self, instance: Any, *, status: int = status.HTTP_200_OK) -> Response:
        """One run with what surrounds it, the check for changed data included."""
        [described] = self.described([instance], exact=True)
        return super().shown(described, status=status)

    def retrieve(self, request: Request, pk: str) -> Response:
        """One of them."""
        return self.shown(self.get_object())
