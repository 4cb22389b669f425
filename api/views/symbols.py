"""Symbols and their bars."""

from typing import ClassVar

from django.db.models import QuerySet
from django.http import StreamingHttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from api.arrow import SERIES_RENDERERS
from api.filters import SymbolFilter
from api.json import AlwaysJson
from api.representations import covered_symbols, price_columns
from api.serializers.bulk import BulkActivationSerializer, BulkResultSerializer
from api.serializers.symbols import (
    BarRowSerializer,
    PriceQuerySerializer,
    PricesSerializer,
    SymbolSerializer,
    SymbolWriteSerializer,
)
from api.streaming import csv_answer, file_name
from api.views.base import TitanViewSet
from api.views.bulk import each_by_itself
from common.csv import csv_lines
from trading.models import Price, Series, Symbol, Universe
from trading.services.bar_rows import bar_rows
from trading.services.market_data import MarketDataService

__all__ = ["SymbolViewSet"]


class SymbolViewSet(TitanViewSet):
    """Symbols: readable by everyone signed in, kept by those with the permission."""

    key_scope: ClassVar = "data"
    queryset = Symbol.objects.all()
    permission_model = Symbol
    action_permissions: ClassVar = {
        "list": "",
        "retrieve": "",
        "prices": "",
        "prices_csv": "",
        "bulk": "trading.change_symbol",
    }
    made_of: ClassVar = {
        "list": (Symbol, Series, Universe, Universe.symbols.through),
        "retrieve": (Symbol, Series),
        "prices": (Symbol, Series, Price),
    }
    serializer_class = SymbolSerializer
    write_serializers: ClassVar = {
        **dict.fromkeys(("create", "update", "partial_update"), SymbolWriteSerializer),
        "bulk": BulkActivationSerializer,
    }
    response_serializers: ClassVar = {"prices": PricesSerializer, "prices_csv": BarRowSerializer}
    query_forms: ClassVar = {"prices": PriceQuerySerializer, "prices_csv": PriceQuerySerializer}
    filterset_class = SymbolFilter
    search_fields: ClassVar = ["ticker", "name"]
    ordering_fields: ClassVar = ["ticker", "name", "sector", "exchange", "id"]
    ordering: ClassVar = ["ticker"]

    def get_queryset(self) -> QuerySet[Symbol]:
        """With coverage; deactivated ones are listed only where ``is_active`` asks for them."""
        symbols = covered_symbols(super().get_queryset())
        hide = self.action == "list" and "is_active" not in self.request.query_params
        return symbols.filter(is_active=True) if hide else symbols

    @extend_schema(responses={201: SymbolSerializer})
    def create(self, request: Request) -> Response:
        """Add a symbol."""
        return self.shown(self.validated(request).save(), status=status.HTTP_201_CREATED)

    @extend_schema(responses=SymbolSerializer)
    def update(self, request: Request, pk: str) -> Response:
        """Replace a symbol's particulars."""
        return self.shown(self.validated(request, instance=self.get_object()).save())

    @extend_schema(responses=SymbolSerializer)
    def partial_update(self, request: Request, pk: str) -> Response:
        """Change some of a symbol's particulars."""
        return self.shown(self.validated(request, instance=self.get_object(), partial=True).save())

    @extend_schema(responses={204: None})
    def destroy(self, request: Request, pk: str) -> Response:
        """Deactivate a symbol: it is hidden from new work, and what refers to it stays readable."""
        self.get_object().deactivate()
        return Response(status=status.HTTP_204_NO_CONTENT)

    @extend_schema(
        operation_id="symbols_bulk", request=BulkActivationSerializer, responses={200: BulkResultSerializer}
    )
    @action(detail=False, methods=["post"])
    def bulk(self, request: Request) -> Response:
        """Deactivate symbols, or bring them back."""
        asked = self.validated(request).validated_data
        active = asked["action"] == "activate"
        return each_by_itself(asked["ids"], Symbol.objects.all(), lambda row: row.set_active(active))

    @extend_schema(operation_id="symbols_prices", responses=PricesSerializer, filters=False)
    @action(detail=True, pagination_class=None, renderer_classes=SERIES_RENDERERS)
    def prices(self, request: Request, pk: str) -> Response:
        """Bars as columns, oldest first."""
        query, symbol = self.query(request), self.get_object()
        found = MarketDataService().bars_sync(
            symbol, timeframe=query["timeframe"], start=query.get("start_date"), end=query.get("end_date")
        )
        return self.columns(request, price_columns(symbol, found))

    @extend_schema(
        operation_id="symbols_prices_csv", responses={(200, "text/csv"): OpenApiTypes.STR}, filters=False
    )
    @action(detail=True, url_path="prices.csv", pagination_class=None, content_negotiation_class=AlwaysJson)
    def prices_csv(self, request: Request, pk: str) -> StreamingHttpResponse:
        """The same as CSV, a line a bar, however many there are."""
        query, symbol, wanted = self.query(request), self.get_object(), self.wanted_fields(request)
        rows = bar_rows(
            symbol, timeframe=query["timeframe"], start=query.get("start_date"), end=query.get("end_date")
        )
        names = [name for name in self.field_names() if wanted is None or name in wanted]
        return csv_answer(request, csv_lines(names, rows), f"{file_name(symbol.ticker)}-prices.csv")
