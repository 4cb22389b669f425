"""The audit trail, to read and to verify."""

from typing import ClassVar

from drf_spectacular.utils import extend_schema
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from api.filters import AuditFilter
from api.serializers.audit import AuditEntrySerializer, AuditVerdictSerializer
from api.views.base import TitanViewSet
from common import audit
from common.models import AuditEntry

__all__ = ["AuditViewSet"]


class AuditViewSet(TitanViewSet):
    """What people did, the newest first; nobody changes it."""

    queryset = AuditEntry.objects.all()
    key_scope = "admin"
    permission_model = AuditEntry
    action_permissions: ClassVar = {"verify": "common.view_auditentry"}
    serializer_class = AuditEntrySerializer
    response_serializers: ClassVar = {"verify": AuditVerdictSerializer}
    filterset_class = AuditFilter
    search_fields: ClassVar = ["actor", "target", "address", "request_id"]
    ordering_fields: ClassVar = ["id", "at"]
    ordering: ClassVar = ["-id"]

    @extend_schema(operation_id="audit_verify", responses=AuditVerdictSerializer, filters=False)
    @action(detail=False, pagination_class=None)
    def verify(self, request: Request) -> Response:
        """Read the whole trail and check every seal."""
        return Response(AuditVerdictSerializer(audit.verify()).data)
