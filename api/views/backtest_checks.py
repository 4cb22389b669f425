"""Backtests answered at once, and proofs against look-ahead on demand."""

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from api.serializers.backtest_checks import QuickBacktestSerializer, QuickResultSerializer
from api.serializers.backtests import HeadlineSerializer
from api.serializers.jobs import JobSerializer
from api.views.base import TitanViewSet, signed_in
from trading.services.backtesting.checks import quick_backtest, request_causality

__all__ = ["CHECK_PERMISSIONS", "BacktestChecks"]

CHECK_PERMISSIONS = {"quick": "trading.add_backtestrun", "causality": "trading.add_backtestrun"}


class BacktestChecks(TitanViewSet):
    """``quick`` and ``causality`` of backtests."""

    @extend_schema(
        operation_id="backtests_quick",
        request=QuickBacktestSerializer,
        responses={200: QuickResultSerializer},
    )
    @action(detail=False, methods=["post"])
    def quick(self, request: Request) -> Response:
        """One pair, answered at once; counts as a trial of its family."""
        form: Any = self.validated(request)
        result = quick_backtest(owner=signed_in(request), **form.validated_data)
        # as they are: 600 instants take the serializer longer than the engine takes for the run
        return Response(result | {"metrics": HeadlineSerializer(result["metrics"]).data})

    @extend_schema(operation_id="backtests_causality", request=None, responses={202: JobSerializer})
    @action(detail=True, methods=["post"])
    def causality(self, request: Request, pk: str) -> Response:
        """Run it on other futures: the job's message names the first bar that differs, or says that none does."""
        job = request_causality(self.get_object(), owner=signed_in(request))
        return Response(JobSerializer(job).data, status=status.HTTP_202_ACCEPTED)
