"""One's sign-ins: which there are, ending one, ending all."""

from typing import Any, ClassVar

from django.db.models import QuerySet
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.request import Request
from rest_framework.response import Response

from api import tokens
from api.models import RefreshTokenFamily
from api.serializers.sessions import SessionSerializer
from api.views.base import OwnedModelViewSet, TitanAPIView, session_of, signed_in
from users.services import accounts

__all__ = ["LogoutEverywhereView", "SessionViewSet"]


class SessionViewSet(OwnedModelViewSet):
    """One's own sign-ins that hold, the last used first."""

    queryset = RefreshTokenFamily.objects.select_related("user")
    owner_field = "user"
    key_scope = None
    id_schema: ClassVar = {"type": "string", "format": "uuid"}
    lookup_value_regex = "[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"
    permission_model = RefreshTokenFamily
    action_permissions: ClassVar = {"list": "", "retrieve": "", "destroy": ""}
    serializer_class = SessionSerializer
    ordering_fields: ClassVar = ["created_at", "last_used_at", "expires_at"]
    ordering: ClassVar = ["-last_used_at"]

    def get_queryset(self) -> QuerySet[RefreshTokenFamily]:
        """Those that still hold."""
        return super().get_queryset().filter(revoked_at__isnull=True, expires_at__gt=timezone.now())

    def get_serializer_context(self) -> dict[str, Any]:
        """Which of them is asking."""
        return {**super().get_serializer_context(), "session": session_of(self.request)}

    @extend_schema(operation_id="auth_sessions_destroy", responses={204: None})
    def destroy(self, request: Request, pk: str) -> Response:
        """End one sign-in: its tokens are refused from now on, its sockets close."""
        tokens.end_one(self.get_object(), by=signed_in(request))
        return Response(status=status.HTTP_204_NO_CONTENT)


class LogoutEverywhereView(TitanAPIView):
    """Sign out everywhere."""

    @extend_schema(operation_id="auth_logout_everywhere", request=None, responses={204: None})
    def post(self, request: Request) -> Response:
        """End every sign-in of one's own, this one too; API keys stay, they are revoked one by one."""
        user = signed_in(request)
        accounts.sign_out(user, by=user)
        return Response(status=status.HTTP_204_NO_CONTENT)
