"""Links: one's own, and what their holders see without signing in."""

from typing import Any, ClassVar

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import status
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response

from api.filters import ShareFilter
from api.pagination import Pagination
from api.serializers.backtest_results import EquitySerializer, ResultsSerializer
from api.serializers.backtests import BacktestTradeSerializer, TradeQuerySerializer
from api.serializers.pairs import SpreadQuerySerializer, SpreadSerializer
from api.serializers.scans import CandidateQuerySerializer, CandidateSerializer
from api.serializers.shares import (
    NewShareSerializer,
    ShareCreateSerializer,
    SharedSerializer,
    ShareSerializer,
)
from api.throttling import AddressThrottle
from api.views.base import OwnedModelViewSet, TitanAPIView, signed_in
from titan_core.errors import DataUnavailable
from trading.models import BacktestRun, Scan, Share, TradingPair
from trading.services.backtest_service import BacktestService
from trading.services.cointegration_service import CointegrationService
from trading.services.pair_analysis import PairAnalysisService
from trading.services.scans.candidates import CandidateRows
from trading.services.shares import OpenShare, ShareService

__all__ = [
    "ShareViewSet",
    "SharedCandidatesView",
    "SharedEquityView",
    "SharedResultsView",
    "SharedSpreadView",
    "SharedTradesView",
    "SharedView",
]

TOKEN = OpenApiParameter(
    "token", {"type": "string", "pattern": "^[A-Za-z0-9_-]{20,64}$"}, OpenApiParameter.PATH
)


class ShareViewSet(OwnedModelViewSet):
    """One's own links."""

    queryset = Share.objects.all()
    permission_model = Share
    serializer_class = ShareSerializer
    write_serializers: ClassVar = {"create": ShareCreateSerializer}
    filterset_class = ShareFilter
    ordering_fields: ClassVar = ["id", "kind", "title", "created_at", "expires_at", "views"]
    ordering: ClassVar = ["-created_at"]

    @extend_schema(responses={201: NewShareSerializer})
    def create(self, request: Request) -> Response:
        """Make a link; its address is told in this answer and never again."""
        form = self.validated(request)
        share, token = ShareService().create_sync(owner=signed_in(request), **form.validated_data)
        shown = ShareSerializer(share).data | {"url": f"/shared/{token}"}
        return Response(shown, status=status.HTTP_201_CREATED, headers={"Cache-Control": "no-store"})

    @extend_schema(responses={204: None})
    def destroy(self, request: Request, pk: str) -> Response:
        """Withdraw a link: it shows nothing any more, and stays listed with the day it was withdrawn."""
        ShareService().revoke_sync(self.get_object())
        return Response(status=status.HTTP_204_NO_CONTENT)


class SharedThrottle(AddressThrottle):
    """What one address may ask of links; tokens can't be guessed, and nobody shall try."""

    scope = "shared"


class _SharedBase(TitanAPIView):
    """No sign-in; whoever holds the token sees the one thing."""

    authentication_classes = []
    permission_classes = [AllowAny]
    throttle_classes = [SharedThrottle]

    def opened(self, *, count: bool = False) -> OpenShare:
        """What the token of the address shows. Raises `DataUnavailable`."""
        return ShareService().opened_sync(str(self.kwargs["token"]), count=count)


class SharedView(_SharedBase):
    """The shared thing."""

    serializer_class = SharedSerializer

    @extend_schema(operation_id="shared_retrieve", parameters=[TOKEN], responses=SharedSerializer)
    def get(self, request: Request, token: str) -> Response:
        """What this link shows; 404 once it has expired or was withdrawn."""
        opened = self.opened(count=True)
        share, subject = opened.share, opened.subject
        scan = CointegrationService().described_sync([subject])[0] if isinstance(subject, Scan) else None
        run = BacktestService().described_sync([subject])[0] if isinstance(subject, BacktestRun) else None
        shown = {
            "kind": share.kind,
            "title": share.title,
            "owner_name": opened.owner_name,
            "expires_at": share.expires_at,
            "view": share.view,
            "scan": scan,
            "pair": subject if isinstance(subject, TradingPair) else None,
            "backtest": run,
        }
        return Response(SharedSerializer(shown, context={"fields": self.wanted_fields(request)}).data)


class _Anonymous:
    """Candidates without the numbers of the pairs they became: those are no part of what is shared."""

    def __init__(self, rows: CandidateRows) -> None:
        self._rows = rows

    def __len__(self) -> int:
        return len(self._rows)

    def __getitem__(self, part: slice) -> list[dict[str, Any]]:
        return [row | {"pair_id": None} for row in self._rows[part]]


class SharedCandidatesView(_SharedBase):
    """The candidates of a shared scan."""

    serializer_class = CandidateSerializer
    query_forms: ClassVar = {"get": CandidateQuerySerializer}
    list_actions: ClassVar = frozenset({"get"})
    pagination_class = Pagination

    @extend_schema(
        operation_id="shared_candidates_list", parameters=[TOKEN], responses=CandidateSerializer(many=True)
    )
    def get(self, request: Request, token: str) -> Response:
        """As scans/{id}/candidates/; 404 where the link shows no scan."""
        scan = self.opened().subject
        if not isinstance(scan, Scan):
            raise DataUnavailable("This link shows no scan, and so no candidates.")
        rows = CointegrationService().candidates_sync(scan, **self.query(request))
        pages = self.pagination_class()
        page: Any = pages.paginate_queryset(_Anonymous(rows), request, view=self)
        context = {"fields": self.wanted_fields(request)}
        return pages.get_paginated_response(CandidateSerializer(page, many=True, context=context).data)


class SharedSpreadView(_SharedBase):
    """The spread of a shared pair."""

    serializer_class = SpreadSerializer
    query_forms: ClassVar = {"get": SpreadQuerySerializer}

    @extend_schema(operation_id="shared_spread", parameters=[TOKEN], responses=SpreadSerializer)
    def get(self, request: Request, token: str) -> Response:
        """As pairs/{id}/spread/; 404 where the link shows no pair."""
        pair = self.opened().subject
        if not isinstance(pair, TradingPair):
            raise DataUnavailable("This link shows no pair, and so no spread.")
        return self.columns(request, PairAnalysisService().spread_sync(pair=pair, **self.query(request)))


class _SharedBacktest(_SharedBase):
    """What belongs to a shared backtest."""

    def run(self) -> BacktestRun:
        """The backtest this link shows. Raises `DataUnavailable` where it shows none."""
        run = self.opened().subject
        if not isinstance(run, BacktestRun):
            raise DataUnavailable("This link shows no backtest, and so no results.")
        return run


class SharedResultsView(_SharedBacktest):
    """The figures of a shared backtest."""

    serializer_class = ResultsSerializer

    @extend_schema(operation_id="shared_results", parameters=[TOKEN], responses=ResultsSerializer)
    def get(self, request: Request, token: str) -> Response:
        """As backtests/{id}/results/; 404 where the link shows no backtest."""
        context = {"fields": self.wanted_fields(request)}
        return Response(ResultsSerializer(BacktestService().results_sync(self.run()), context=context).data)


class SharedEquityView(_SharedBacktest):
    """The account of a shared backtest."""

    serializer_class = EquitySerializer

    @extend_schema(operation_id="shared_equity", parameters=[TOKEN], responses=EquitySerializer)
    def get(self, request: Request, token: str) -> Response:
        """As backtests/{id}/equity/; 404 where the link shows no backtest."""
        return self.columns(request, BacktestService().equity_sync(self.run()))


class SharedTradesView(_SharedBacktest):
    """The trades of a shared backtest."""

    serializer_class = BacktestTradeSerializer
    query_forms: ClassVar = {"get": TradeQuerySerializer}
    list_actions: ClassVar = frozenset({"get"})
    pagination_class = Pagination

    @extend_schema(
        operation_id="shared_trades_list", parameters=[TOKEN], responses=BacktestTradeSerializer(many=True)
    )
    def get(self, request: Request, token: str) -> Response:
        """As backtests/{id}/trades/; 404 where the link shows no backtest."""
        pages = self.pagination_class()
        rows = BacktestService().trades_sync(self.run(), **self.query(request))
        page: Any = pages.paginate_queryset(rows, request, view=self)
        context = {"fields": self.wanted_fields(request)}
        return pages.get_paginated_response(BacktestTradeSerializer(page, many=True, context=context).data)
