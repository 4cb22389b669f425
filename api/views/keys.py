"""One's API keys."""

from typing import ClassVar

from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.request import Request
from rest_framework.response import Response

from api import keys
from api.models import ApiKey
from api.serializers.keys import ApiKeyCreateSerializer, ApiKeySerializer, NewApiKeySerializer
from api.views.base import OwnedModelViewSet, signed_in

__all__ = ["ApiKeyViewSet"]


class ApiKeyViewSet(OwnedModelViewSet):
    """One's own keys, newest first; revoked and expired ones stay listed."""

    queryset = ApiKey.objects.select_related("owner")
    key_scope = None  # no key makes, lists or revokes keys
    permission_model = ApiKey
    action_permissions: ClassVar = {"list": "", "retrieve": "", "create": "", "destroy": ""}
    serializer_class = ApiKeySerializer
    write_serializers: ClassVar = {"create": ApiKeyCreateSerializer}
    search_fields: ClassVar = ["name", "prefix"]
    ordering_fields: ClassVar = ["name", "created_at", "expires_at", "last_used_at", "id"]
    ordering: ClassVar = ["-created_at"]

    @extend_schema(request=ApiKeyCreateSerializer, responses={201: NewApiKeySerializer})
    def create(self, request: Request) -> Response:
        """Make a key; its plain text stands in this answer and nowhere else."""
        data = self.validated(request).validated_data
        made, text = keys.create(signed_in(request), **data)
        answer = ApiKeySerializer(made).data | {"key": text}
        return Response(answer, status=status.HTTP_201_CREATED)

    @extend_schema(responses={204: None})
    def destroy(self, request: Request, pk: str) -> Response:
        """Revoke a key: it is refused from now on, and stays listed."""
        keys.revoke(self.get_object(), by=signed_in(request))
        return Response(status=status.HTTP_204_NO_CONTENT)
