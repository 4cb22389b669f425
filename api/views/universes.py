"""Universes."""

from typing import Any, ClassVar

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from api.filters import UniverseFilter
from api.representations import covered_universes
from api.serializers.ingestions import UniverseQualitySerializer
from api.serializers.universes import UniverseDetailSerializer, UniverseSerializer, UniverseWriteSerializer
from api.views.base import TitanViewSet, signed_in
from trading.models import Ingestion, PlantedPair, Price, QuarantinedBar, Series, Symbol, Universe
from trading.services.ingestion import IngestionService

__all__ = ["UniverseViewSet"]


class UniverseViewSet(TitanViewSet):
    """Universes: readable by everyone signed in, kept by those with the permission."""

    key_scope: ClassVar = "data"
    queryset = Universe.objects.all()
    permission_model = Universe
    action_permissions: ClassVar = {"list": "", "retrieve": "", "coverage": ""}
    made_of: ClassVar = {
        "list": (Universe, Universe.symbols.through, Symbol, Series),
        "retrieve": (Universe, Universe.symbols.through, Symbol, Series, PlantedPair),
        "coverage": (
            *(Universe, Universe.symbols.through, Symbol, Series, Price),
            *(Ingestion, QuarantinedBar),
        ),
    }
    serializer_class = UniverseSerializer
    response_serializers: ClassVar = {
        "retrieve": UniverseDetailSerializer,
        "coverage": UniverseQualitySerializer,
    }
    write_serializers: ClassVar = dict.fromkeys(
        ("create", "update", "partial_update"), UniverseWriteSerializer
    )
    filterset_class = UniverseFilter
    search_fields: ClassVar = ["name", "description"]
    ordering_fields: ClassVar = ["name", "source", "n_symbols", "id"]
    ordering: ClassVar = ["name"]

    def get_queryset(self) -> QuerySet[Universe]:
        """With counts and coverage; with members and planted pairs where one is read."""
        return covered_universes(super().get_queryset(), members=self.action != "list")

    @extend_schema(responses={201: UniverseDetailSerializer})
    def create(self, request: Request) -> Response:
        """Make a universe of symbols."""
        form = self.validated(request)
        universe = form.save(created_by=signed_in(request))
        return self._reread(universe.pk, status.HTTP_201_CREATED)

    @extend_schema(responses=UniverseDetailSerializer)
    def update(self, request: Request, pk: str) -> Response:
        """Replace a universe's particulars and members."""
        self.validated(request, instance=self.get_object()).save()
        return self._reread(pk)

    @extend_schema(responses=UniverseDetailSerializer)
    def partial_update(self, request: Request, pk: str) -> Response:
        """Change some of a universe's particulars."""
        self.validated(request, instance=self.get_object(), partial=True).save()
        return self._reread(pk)

    @extend_schema(responses={204: None})
    def destroy(self, request: Request, pk: str) -> Response:
        """Delete a universe; its symbols and the scans made of it stay."""
        self.get_object().delete()
        return Response(status=status.HTTP_204_NO_CONTENT)

    @extend_schema(operation_id="universes_coverage", responses=UniverseQualitySerializer, filters=False)
    @action(detail=True, pagination_class=None)
    def coverage(self, request: Request, pk: str) -> Response:
        """Bars by symbol and month, beside the sessions the exchange held."""
        quality = IngestionService().quality_sync(self.get_object())
        return Response(self.get_serializer(quality).data)

    def _reread(self, pk: Any, code: int = status.HTTP_200_OK) -> Response:
        return self.shown(self.get_queryset().get(pk=pk), status=code)
