"""Signing in and out, who one is."""

import datetime as dt
import uuid
from typing import Any

from django.db import transaction
from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.exceptions import ValidationError
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response

from api import tokens
from api.models import ApiKey
from api.refusals import as_answers
from api.serializers.auth import (
    MeSerializer,
    MeUpdateSerializer,
    PasswordChangeSerializer,
    RefreshSerializer,
    TokenObtainSerializer,
    TokenPairSerializer,
    TokenStateSerializer,
    TokenVerifySerializer,
    WsTicketSerializer,
)
from api.views.base import TitanAPIView, session_of, signed_in, valid
from common import tickets
from users.models import TradingPreferences
from users.services import passwords
from users.services.sign_in import sign_in

__all__ = [
    "LogoutView",
    "MeView",
    "PasswordView",
    "TokenRefreshView",
    "TokenVerifyView",
    "TokenView",
    "WsTicketView",
]


class TokenView(TitanAPIView):
    """Sign in."""

    permission_classes = [AllowAny]
    authentication_classes = []

    @extend_schema(operation_id="auth_token", request=TokenObtainSerializer, responses=TokenPairSerializer)
    def post(self, request: Request) -> Response:
        """Tokens for a name, a password and, where asked for, a code; which of the first two was wrong is not said."""
        data = valid(TokenObtainSerializer, request)
        with as_answers():
            user = sign_in(data["username"], data["password"], data.get("otp", ""))
        return Response(tokens.issue(user))

    def get_authenticate_header(self, request: Request) -> str:
        """A wrong password is 401, though nobody is asked for a token here."""
        return 'Bearer realm="api"'


class TokenRefreshView(TitanAPIView):
    """Stay signed in."""

    permission_classes = [AllowAny]
    authentication_classes = []

    @extend_schema(
        operation_id="auth_token_refresh", request=RefreshSerializer, responses=TokenPairSerializer
    )
    def post(self, request: Request) -> Response:
        """The next pair for a refresh token, which is good for one use: one that comes back ends the sign-in."""
        return Response(tokens.rotate(valid(RefreshSerializer, request)["refresh"]))

    def get_authenticate_header(self, request: Request) -> str:
        """A refresh token that does not hold is 401."""
        return 'Bearer realm="api"'


class TokenVerifyView(TitanAPIView):
    """Ask whether a token holds."""

    permission_classes = [AllowAny]
    authentication_classes = []

    @extend_schema(
        operation_id="auth_token_verify", request=TokenVerifySerializer, responses=TokenStateSerializer
    )
    def post(self, request: Request) -> Response:
        """Kind and expiry of a token that holds; 401 for any other."""
        token = tokens.decode(valid(TokenVerifySerializer, request)["token"])
        expires_at = dt.datetime.fromtimestamp(token["exp"], tz=dt.UTC)
        return Response({"token_type": token["token_type"], "expires_at": expires_at})

    def get_authenticate_header(self, request: Request) -> str:
        """A token that does not hold is 401."""
        return 'Bearer realm="api"'


class LogoutView(TitanAPIView):
    """Sign out."""

    @extend_schema(operation_id="auth_logout", request=RefreshSerializer, responses={204: None})
    def post(self, request: Request) -> Response:
        """End the sign-in a refresh token belongs to."""
        tokens.revoke(valid(RefreshSerializer, request)["refresh"], signed_in(request))
        return Response(status=status.HTTP_204_NO_CONTENT)


class MeView(TitanAPIView):
    """The person signed in."""

    key_scope = "account"  # a scope no key can hold: keys may read this, never write it
    serializer_class = MeSerializer

    @extend_schema(operation_id="auth_me_retrieve", responses=MeSerializer)
    def get(self, request: Request) -> Response:
        """Who one is, what one may do, what one prefers."""
        return self._shown(request)

    @extend_schema(operation_id="auth_me_update", request=MeUpdateSerializer, responses=MeSerializer)
    def patch(self, request: Request) -> Response:
        """Change one's name, address or preferences."""
        data, user = valid(MeUpdateSerializer, request), signed_in(request)
        preferences = data.pop("preferences", {})
        with transaction.atomic():
            for name, value in data.items():
                setattr(user, name, value)
            user.save(update_fields=list(data))
            held = TradingPreferences.objects.of(user)
            for name, value in preferences.items():
                setattr(held, name, value)
            if held.exit_z >= held.entry_z:
                raise ValidationError(
                    {
                        "preferences": {
                            "exit_z": [f"Leaving at {held.exit_z:g} is not below {held.entry_z:g}."]
                        }
                    }
                )
            held.save(update_fields=list(preferences))
        return self._shown(request)

    def _shown(self, request: Request) -> Response:
        user = signed_in(request)
        user.preferences = TradingPreferences.objects.of(user)
        return Response(MeSerializer(user, context={"fields": self.wanted_fields(request)}).data)


class PasswordView(TitanAPIView):
    """Change the password."""

    @extend_schema(operation_id="auth_password", request=PasswordChangeSerializer, responses={204: None})
    def post(self, request: Request) -> Response:
        """Set a new password; every other sign-in ends, this one too unless its refresh token is given."""
        data = valid(PasswordChangeSerializer, request)
        held = data.get("refresh")
        keep = uuid.UUID(tokens.read_refresh(held)[tokens.FAMILY_CLAIM]) if held else None
        with as_answers():
            passwords.change(
                signed_in(request), current=data["current_password"], new=data["new_password"], keep=keep
            )
        return Response(status=status.HTTP_204_NO_CONTENT)


class WsTicketView(TitanAPIView):
    """A ticket for a socket."""

    key_scope = "read"

    @extend_schema(operation_id="auth_ws_ticket", request=None, responses=WsTicketSerializer)
    def post(self, request: Request) -> Response:
        """A ticket that opens one WebSocket, once, within seconds; the socket ends with the sign-in or key."""
        token: Any = request.auth
        is_key = isinstance(token, ApiKey)
        until = (
            token.expires_at
            if is_key
            else dt.datetime.fromtimestamp(token["exp"], tz=dt.UTC)
            if token
            else None
        )
        ticket = tickets.issue(
            signed_in(request).pk,
            expires_at=until,
            session=session_of(request),
            key_id=token.pk if is_key else None,
        )
        return Response({"ticket": ticket.opaque, "expires_in": ticket.expires_in})
