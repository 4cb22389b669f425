"""Backtests: asked for, shown, compared, taken along, run again."""

from typing import Any, ClassVar

from django.http import StreamingHttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from api.arrow import SERIES_RENDERERS
from api.filters import BacktestFilter
from api.json import AlwaysJson
from api.serializers.backtest_checks import QuickBacktestSerializer
from api.serializers.backtest_results import (
    CompareQuerySerializer,
    ComparisonSerializer,
    EquitySerializer,
    ExportQuerySerializer,
    ResultsSerializer,
)
from api.serializers.backtests import (
    BacktestCreateSerializer,
    BacktestSerializer,
    BacktestTradeSerializer,
    TradeQuerySerializer,
)
from api.serializers.jobs import JobSerializer
from api.streaming import ROWS_AT_ONCE, csv_answer, streamed
from api.views.backtest_checks import CHECK_PERMISSIONS, BacktestChecks
from api.views.base import signed_in
from api.views.runs import RunViewSet
from common.csv import csv_lines
from trading.models import BacktestRun
from trading.services.backtest_service import BacktestService

__all__ = ["BacktestViewSet"]

_FORMS = {
    (200, "text/csv"): OpenApiTypes.STR,
    (200, "application/vnd.apache.parquet"): OpenApiTypes.BINARY,
    (200, "application/json"): OpenApiTypes.OBJECT,
    (200, "text/html"): OpenApiTypes.STR,
}


class BacktestViewSet(BacktestChecks, RunViewSet):
    """One's own backtests, newest first."""

    queryset = BacktestRun.objects.select_related("universe", "result")
    permission_model = BacktestRun
    action_permissions: ClassVar = {
        **dict.fromkeys(
            ("results", "equity", "trades", "trades_csv", "export", "compare"), "trading.view_backtestrun"
        ),
        "rerun": "trading.add_backtestrun",
        **CHECK_PERMISSIONS,
    }
    costly: ClassVar = frozenset({"create", "rerun", "causality"})
    list_actions: ClassVar = frozenset({"list", "trades"})
    serializer_class = BacktestSerializer
    write_serializers: ClassVar = {"create": BacktestCreateSerializer, "quick": QuickBacktestSerializer}
    response_serializers: ClassVar = {
        "results": ResultsSerializer,
        "equity": EquitySerializer,
        "trades": BacktestTradeSerializer,
        "trades_csv": BacktestTradeSerializer,
        "compare": ComparisonSerializer,
    }
    query_forms: ClassVar = {
        "trades": TradeQuerySerializer,
        "trades_csv": TradeQuerySerializer,
        "compare": CompareQuerySerializer,
        "export": ExportQuerySerializer,
    }
    filterset_class = BacktestFilter

    def described(self, runs: Any, *, exact: bool = False) -> list[Any]:
        """Runs with their jobs and figures."""
        return BacktestService().described_sync(runs, exact=exact)

    @extend_schema(responses={202: BacktestSerializer})
    def create(self, request: Request) -> Response:
        """Check everything, then start a backtest; its job tells how far it is."""
        form = self.validated(request)
        run = BacktestService().request_sync(owner=signed_in(request), **form.validated_data)
        return self.shown(run, status=status.HTTP_202_ACCEPTED)

    @extend_schema(operation_id="backtests_results", responses=ResultsSerializer)
    @action(detail=True)
    def results(self, request: Request, pk: str) -> Response:
        """Every figure with its error, sample and formula, and how much of it is luck."""
        return Response(self.get_serializer(BacktestService().results_sync(self.get_object())).data)

    @extend_schema(operation_id="backtests_equity", responses=EquitySerializer)
    @action(detail=True, renderer_classes=SERIES_RENDERERS)
    def equity(self, request: Request, pk: str) -> Response:
        """The account bar by bar; empty columns while there is no result."""
        return self.columns(request, BacktestService().equity_sync(self.get_object()))

    @extend_schema(
        operation_id="backtests_trades_list", responses=BacktestTradeSerializer(many=True), filters=False
    )
    @action(detail=True)
    def trades(self, request: Request, pk: str) -> Response:
        """Trades, oldest first unless ordered otherwise."""
        return self.page_of(BacktestService().trades_sync(self.get_object(), **self.query(request)))

    @extend_schema(
        operation_id="backtests_trades_csv", responses={(200, "text/csv"): OpenApiTypes.STR}, filters=False
    )
    @action(detail=True, url_path="trades.csv", pagination_class=None, content_negotiation_class=AlwaysJson)
    def trades_csv(self, request: Request, pk: str) -> StreamingHttpResponse:
        """The same as CSV, in full."""
        run, wanted = self.get_object(), self.wanted_fields(request)
        names = [name for name in self.field_names() if wanted is None or name in wanted]
        rows = BacktestService().trades_sync(run, **self.query(request)).values(*names)
        lines = csv_lines(names, rows.iterator(ROWS_AT_ONCE))
        return csv_answer(request, lines, f"backtest-{run.pk}-trades.csv")

    @extend_schema(operation_id="backtests_export", responses=_FORMS, filters=False)
    @action(detail=True, pagination_class=None, content_negotiation_class=AlwaysJson)
    def export(self, request: Request, pk: str) -> StreamingHttpResponse:
        """A finished backtest as a file: csv, parquet, json, or a report that opens in any browser."""
        made = BacktestService().export_sync(self.get_object(), form=self.query(request)["as"])
        return streamed(request, made.chunks, media_type=made.media_type, filename=made.filename)

    @extend_schema(operation_id="backtests_compare", responses=ComparisonSerializer, filters=False)
    @action(detail=False, pagination_class=None)
    def compare(self, request: Request) -> Response:
        """Two to eight finished backtests: curves, what differs, and whether the difference is more than chance."""
        comparison = BacktestService().compare_sync(self.get_queryset(), self.query(request)["runs"])
        comparison["runs"] = BacktestSerializer(comparison["runs"], many=True).data
        return self.columns(request, comparison)

    @extend_schema(operation_id="backtests_rerun", request=None, responses={202: JobSerializer})
    @action(detail=True, methods=["post"])
    def rerun(self, request: Request, pk: str) -> Response:
        """Run it again on the bars it ran on; `rerun` of the backtest then says whether a bit differs."""
        job = BacktestService().rerun_sync(self.get_object())
        return Response(JobSerializer(job).data, status=status.HTTP_202_ACCEPTED)
