"""Jobs: one's own long work."""

from typing import ClassVar

from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from api.filters import JobFilter
from api.serializers.bulk import BulkCancelSerializer, BulkResultSerializer
from api.serializers.jobs import JobSerializer
from api.views.base import OwnedModelViewSet, signed_in
from api.views.bulk import each_by_itself
from trading.models import Job
from trading.services.jobs import JobService
from trading.services.refusals import Refusal

__all__ = ["JobViewSet"]


class JobViewSet(OwnedModelViewSet):
    """One's own jobs, newest first."""

    queryset = Job.objects.all()
    permission_model = Job
    action_permissions: ClassVar = {"cancel": "trading.cancel_job", "bulk": "trading.cancel_job"}
    serializer_class = JobSerializer
    write_serializers: ClassVar = {"bulk": BulkCancelSerializer}
    filterset_class = JobFilter
    ordering_fields: ClassVar = [
        "id",
        "kind",
        "status",
        "progress",
        "created_at",
        "started_at",
        "finished_at",
    ]
    ordering: ClassVar = ["-created_at"]

    @extend_schema(operation_id="jobs_cancel", request=None, responses={202: JobSerializer})
    @action(detail=True, methods=["post"])
    def cancel(self, request: Request, pk: str) -> Response:
        """Ask a job to stop; acknowledged at once, and a finished job stays as it is."""
        job = JobService().cancel_sync(self.get_object().pk, user=signed_in(request))
        return self.shown(job, status=status.HTTP_202_ACCEPTED)

    @extend_schema(
        operation_id="jobs_bulk", request=BulkCancelSerializer, responses={200: BulkResultSerializer}
    )
    @action(detail=False, methods=["post"])
    def bulk(self, request: Request) -> Response:
        """Ask jobs to stop; finished ones are refused."""
        asked, person = self.validated(request).validated_data, signed_in(request)

        def cancel(job: Job) -> None:
            if not job.is_active:
                raise Refusal(f"This job has ended already ({job.get_status_display().lower()}).")
            JobService().cancel_sync(job.pk, user=person)

        return each_by_itself(asked["ids"], self.get_queryset(), cancel)
