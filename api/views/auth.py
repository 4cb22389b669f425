"""Signing in and out, who one is."""

import datetime as dt
from typing import Any

from django.contrib.auth import authenticate, password_validation
from django.core.exceptions import ValidationError as DjangoValidationError
from django.db import transaction
from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.exceptions import AuthenticationFailed, ValidationError
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response

from api import tokens
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
from api.serializers.base import Form
from api.throttling import LoginAccountThrottle, LoginAddressThrottle
from api.views.base import TitanAPIView, signed_in
from common import tickets
from users.models import TradingPreferences, User

__all__ = [
    "LogoutView",
    "MeView",
    "PasswordView",
    "TokenRefreshView",
    "TokenVerifyView",
    "TokenView",
    "WsTicketView",
]


def _valid(form_class: type[Form], request: Request) -> dict[str, Any]:
    form = form_class(data=request.data, context={"request": request})
    form.is_valid(raise_exception=True)
    return dict(form.validated_data)


class TokenView(TitanAPIView):
    """Sign in."""

    permission_classes = [AllowAny]
    authentication_classes = []
    throttle_classes = [LoginAddressThrottle, LoginAccountThrottle]

    @extend_schema(operation_id="auth_token", request=TokenObtainSerializer, responses=TokenPairSerializer)
    def post(self, request: Request) -> Response:
        """Tokens for a name and a password; which of the two was wrong is not said."""
        data = _valid(TokenObtainSerializer, request)
        user = authenticate(request._request, username=data["username"], password=data["password"])
        if not isinstance(user, User):
            for throttle in (LoginAddressThrottle(), LoginAccountThrottle()):
                throttle.failed(request, self)
            raise AuthenticationFailed("The name or the password is wrong.", code="wrong_credentials")
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
        return Response(tokens.rotate(_valid(RefreshSerializer, request)["refresh"]))

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
        token = tokens.decode(_valid(TokenVerifySerializer, request)["token"])
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
        tokens.revoke(_valid(RefreshSerializer, request)["refresh"], signed_in(request))
        return Response(status=status.HTTP_204_NO_CONTENT)


class MeView(TitanAPIView):
    """The person signed in."""

    serializer_class = MeSerializer

    @extend_schema(operation_id="auth_me_retrieve", responses=MeSerializer)
    def get(self, request: Request) -> Response:
        """Who one is, what one may do, what one prefers."""
        return self._shown(request)

    @extend_schema(operation_id="auth_me_update", request=MeUpdateSerializer, responses=MeSerializer)
    def patch(self, request: Request) -> Response:
        """Change one's name, address or preferences."""
        data, user = _valid(MeUpdateSerializer, request), signed_in(request)
        preferences = data.pop("preferences", {})
        with transaction.atomic():
            for name, value in data.items():
                setattr(user, name, value)
            user.save(update_fields=list(data))
            held = TradingPreferences.objects.of(user)
            for name, value in preferences.items():
                setattr(held, name, value)
            held.save(update_fields=list(preferences))
        return self._shown(request)

    def _shown(self, request: Request) -> Response:
        user = signed_in(request)
        user.preferences = TradingPreferences.objects.of(user)
        return Response(MeSerializer(user, context={"fields": self.wanted_fields(request)}).data)


class PasswordView(TitanAPIView):
    """Change the password."""

    throttle_classes = [LoginAddressThrottle]

    @extend_schema(operation_id="auth_password", request=PasswordChangeSerializer, responses={204: None})
    def post(self, request: Request) -> Response:
        """Set a new password; every other sign-in ends, this one too unless its refresh token is given."""
        data, user = _valid(PasswordChangeSerializer, request), signed_in(request)
        if not user.check_password(data["current_password"]):
            LoginAddressThrottle().failed(request, self)
            raise ValidationError({"current_password": ["This is not your current password."]})
        try:
            password_validation.validate_password(data["new_password"], user)
        except DjangoValidationError as error:
            raise ValidationError({"new_password": error.messages}) from error
        with transaction.atomic():
            user.set_password(data["new_password"])
            user.save(update_fields=["password"])
            tokens.revoke_others(user, keep=data.get("refresh"))
        return Response(status=status.HTTP_204_NO_CONTENT)


class WsTicketView(TitanAPIView):
    """A ticket for a socket."""

    @extend_schema(operation_id="auth_ws_ticket", request=None, responses=WsTicketSerializer)
    def post(self, request: Request) -> Response:
        """A ticket that opens one WebSocket, once, within seconds."""
        token: Any = request.auth
        until = dt.datetime.fromtimestamp(token["exp"], tz=dt.UTC) if token else None
        ticket = tickets.issue(signed_in(request).pk, expires_at=until)
        return Response({"ticket": ticket.opaque, "expires_in": ticket.expires_in})
