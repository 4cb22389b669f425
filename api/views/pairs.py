"""Pairs: registered ones, the analysis of any two symbols, the spread."""

from typing import ClassVar

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from api.arrow import SERIES_RENDERERS
from api.filters import PairFilter
from api.representations import covered_pairs
from api.serializers.bulk import BulkActivationSerializer, BulkResultSerializer
from api.serializers.pairs import (
    PairAnalysisSerializer,
    PairAnalyzeSerializer,
    PairSerializer,
    PairUpdateSerializer,
    PairWriteSerializer,
    SpreadQuerySerializer,
    SpreadSerializer,
)
from api.serializers.signals import SignalSerializer
from api.serializers.watches import WatchedPairSerializer
from api.views.base import signed_in
from api.views.bulk import each_by_itself
from api.views.signals import SIGNAL_PERMISSIONS, SignalActions
from api.views.watches import WATCH_PERMISSIONS, WatchActions
from trading.models import Price, Series, Symbol, TradingPair
from trading.services.pair_analysis import PairAnalysisService

__all__ = ["TradingPairViewSet"]


class TradingPairViewSet(WatchActions, SignalActions):
    """Registered pairs: shared, readable by everyone signed in, kept by those with the permission."""

    queryset = TradingPair.objects.with_symbols()
    permission_model = TradingPair
    action_permissions: ClassVar = {
        "list": "",
        "retrieve": "",
        "spread": "",
        "analyze": "",
        "bulk": "trading.change_tradingpair",
        **WATCH_PERMISSIONS,
        **SIGNAL_PERMISSIONS,
    }
    list_actions: ClassVar = frozenset({"list", "watched", "signals"})
    costly: ClassVar = frozenset({"analyze", "refresh_signals"})
    made_of: ClassVar = {
        "list": (TradingPair, Symbol, Series),
        "retrieve": (TradingPair, Symbol, Series),
        "spread": (TradingPair, Symbol, Series, Price),
    }
    serializer_class = PairSerializer
    write_serializers: ClassVar = {
        "create": PairWriteSerializer,
        "update": PairUpdateSerializer,
        "partial_update": PairUpdateSerializer,
        "analyze": PairAnalyzeSerializer,
        "bulk": BulkActivationSerializer,
    }
    response_serializers: ClassVar = {
        "spread": SpreadSerializer,
        "watched": WatchedPairSerializer,
        "signals": SignalSerializer,
    }
    query_forms: ClassVar = {"spread": SpreadQuerySerializer}
    filterset_class = PairFilter
    search_fields: ClassVar = ["symbol_1__ticker", "symbol_1__name", "symbol_2__ticker", "symbol_2__name"]
    ordering_fields: ClassVar = [
        "id",
        "symbol_1",
        "symbol_2",
        "cointegration_pvalue",
        "qvalue",
        "statistic",
        "half_life",
        "correlation",
        "hedge_ratio",
        "stability_score",
        "created_at",
    ]
    ordering_map: ClassVar = {"symbol_1": "symbol_1__ticker", "symbol_2": "symbol_2__ticker"}
    ordering: ClassVar = ["statistic"]

    def get_queryset(self) -> QuerySet[TradingPair]:
        """Retired pairs are listed only where ``is_active`` asks for them."""
        hide = self.action == "list" and "is_active" not in self.request.query_params
        pairs = covered_pairs(super().get_queryset())
        return pairs.filter(is_active=True) if hide else pairs

    @extend_schema(responses={201: PairSerializer})
    def create(self, request: Request) -> Response:
        """Register a pair; its statistics are computed from the stored bars."""
        form = self.validated(request)
        pair = PairAnalysisService().register_sync(created_by=signed_in(request), **form.validated_data)
        return self.shown(pair, status=status.HTTP_201_CREATED)

    @extend_schema(responses=PairSerializer)
    def update(self, request: Request, pk: str) -> Response:
        """Fit a pair again over another window, retire it or bring it back."""
        return self._refit(request, partial=False)

    @extend_schema(responses=PairSerializer)
    def partial_update(self, request: Request, pk: str) -> Response:
        """Fit a pair again over another window, retire it or bring it back."""
        return self._refit(request, partial=True)

    @extend_schema(responses={204: None})
    def destroy(self, request: Request, pk: str) -> Response:
        """Retire a pair: no longer listed, its history stays."""
        self.get_object().deactivate()
        return Response(status=status.HTTP_204_NO_CONTENT)

    @extend_schema(
        operation_id="pairs_analyze", request=PairAnalyzeSerializer, responses={200: PairAnalysisSerializer}
    )
    @action(detail=False, methods=["post"])
    def analyze(self, request: Request) -> Response:
        """Test any two symbols for cointegration in one window, at once."""
        form = self.validated(request)
        return Response(PairAnalysisService().analyze_sync(**form.validated_data))

    @extend_schema(
        operation_id="pairs_bulk", request=BulkActivationSerializer, responses={200: BulkResultSerializer}
    )
    @action(detail=False, methods=["post"])
    def bulk(self, request: Request) -> Response:
        """Retire pairs, or bring them back."""
        asked = self.validated(request).validated_data
        active = asked["action"] == "activate"
        return each_by_itself(asked["ids"], TradingPair.objects.all(), lambda row: row.set_active(active))

    @extend_schema(operation_id="pairs_spread", responses=SpreadSerializer, filters=False)
    @action(detail=True, pagination_class=None, renderer_classes=SERIES_RENDERERS)
    def spread(self, request: Request, pk: str) -> Response:
        """The spread of a registered pair, its coefficients frozen at the fit."""
        query = self.query(request)
        return self.columns(request, PairAnalysisService().spread_sync(pair=self.get_object(), **query))

    def _refit(self, request: Request, *, partial: bool) -> Response:
        pair = self.get_object()
        form = self.validated(request, partial=partial)
        return self.shown(PairAnalysisService().refit_sync(pair=pair, **form.validated_data))
