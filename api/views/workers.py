"""Who does the jobs, and what waits for them."""

from collections.abc import Sequence
from typing import Any, ClassVar

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from api.serializers.workers import QueueSerializer, WorkerSerializer
from api.views.base import TitanAPIView, TitanViewSet
from trading.models import Worker
from trading.services.jobs import workers
from trading.services.jobs.leases import now

__all__ = ["QueuesView", "WorkerViewSet"]


class WorkerViewSet(TitanViewSet):
    """Processes that do jobs, by machine."""

    queryset = Worker.objects.all()
    permission_model = Worker
    serializer_class = WorkerSerializer
    ordering_fields: ClassVar = ["host", "pid", "started_at", "seen_at"]
    ordering: ClassVar = ["host", "pid"]

    def list(self, request: Request) -> Response:
        """Those that run, or fell silent in the last ten minutes."""
        page = self.paginate_queryset(self.filter_queryset(self.get_queryset())) or []
        return self.get_paginated_response(
            WorkerSerializer(page, many=True, context=self._context(page)).data
        )

    def retrieve(self, request: Request, pk: str) -> Response:
        """One of them."""
        worker = self.get_object()
        return Response(WorkerSerializer(worker, context=self._context([worker])).data)

    def _context(self, shown: Sequence[Worker]) -> dict[str, Any]:
        """What they do just now, read once for all of them."""
        return {**self.get_serializer_context(), "now": now(), "jobs": workers.jobs_of(shown)}


class QueuesView(TitanAPIView):
    """The queues."""

    key_scope = "research"
    permission_model = Worker
    action_permissions: ClassVar = {"": "trading.view_worker"}

    @extend_schema(operation_id="queues_list", responses=QueueSerializer(many=True))
    def get(self, request: Request) -> Response:
        """Every queue, what waits and runs, and how many workers take from it."""
        return Response(QueueSerializer(workers.queue_facts(now()), many=True).data)
