"""Who asks: an access token of a sign-in that still holds, or an API key whose scopes reach this far."""

import uuid
from typing import Any

from drf_spectacular.extensions import OpenApiAuthenticationExtension
from rest_framework.authentication import BaseAuthentication
from rest_framework.exceptions import AuthenticationFailed, PermissionDenied
from rest_framework.request import Request
from rest_framework_simplejwt.authentication import JWTAuthentication
from rest_framework_simplejwt.exceptions import InvalidToken

from api import keys
from api.models import ApiKey, RefreshTokenFamily
from api.tokens import FAMILY_CLAIM, REVOKED, used
from users.models import User

__all__ = ["ApiKeyAuthentication", "SessionAuthentication"]

_REALM = 'Bearer realm="api"'
_MAX_KEY = 200


class ApiKeyAuthentication(BaseAuthentication):
    """``Authorization: Bearer titan_…``; scopes are judged here, so that no view can forget to."""

    def authenticate(self, request: Request) -> tuple[User, ApiKey] | None:
        """The key's owner and the key; None where what was sent is no key."""
        kind, _, text = request.META.get("HTTP_AUTHORIZATION", "").partition(" ")
        text = text.strip()
        if kind.lower() != "bearer" or not text.startswith(keys.PREFIX):
            return None
        key = keys.find(text) if len(text) <= _MAX_KEY else None
        if key is None:
            raise AuthenticationFailed(
                "The API key is wrong, revoked or expired, or its owner's account is closed.",
                code="key_invalid",
            )
        self._check_scope(request, key)
        keys.used(key)
        owner: User = key.owner
        return owner, key

    def authenticate_header(self, request: Request) -> str:
        """What a 401 asks for."""
        return _REALM

    @staticmethod
    def _check_scope(request: Request, key: ApiKey) -> None:
        view = (request.parser_context or {}).get("view")
        if keys.allows(key, view, request.method or ""):
            return
        needed = getattr(view, "key_scope", None)
        held = ", ".join(key.scopes) or "none"
        raise PermissionDenied(
            f"This key's scopes ({held}) do not reach this: it needs the scope {needed!r}."
            if needed in keys.SCOPES and not keys.is_closed(view)
            else "No API key reaches this: log in with your password.",
            code="key_scope",
        )


class SessionAuthentication(JWTAuthentication):
    """``Authorization: Bearer <access token>``; its sign-in is looked up with the user, so it ends at once."""

    def get_user(self, validated_token: Any) -> User:  # type: ignore[override]  # simplejwt names a type variable
        """The person of a sign-in that was not ended."""
        try:
            family_id = uuid.UUID(str(validated_token[FAMILY_CLAIM]))
        except (KeyError, ValueError) as error:
            raise InvalidToken("The token names no session") from error
        family = RefreshTokenFamily.objects.select_related("user").filter(pk=family_id).first()
        if family is None or family.revoked_at is not None:
            raise InvalidToken(REVOKED)
        user: User = family.user
        if str(user.pk) != str(validated_token.get("user_id")):
            raise InvalidToken("The token belongs to someone else")
        if not user.is_active:
            raise AuthenticationFailed("The account is inactive", code="user_inactive")
        used(family)
        return user


class _SessionScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]  # spectacular is untyped
    target_class = SessionAuthentication
    name = "accessToken"

    def get_security_definition(self, auto_schema: Any) -> dict[str, str]:
        return {
            "type": "http",
            "scheme": "bearer",
            "bearerFormat": "JWT",
            "description": "An access token from `auth/token/`.",
        }


class _KeyScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]  # spectacular is untyped
    target_class = ApiKeyAuthentication
    name = "apiKey"

    def get_security_definition(self, auto_schema: Any) -> dict[str, str]:
        return {
            "type": "http",
            "scheme": "bearer",
            "description": "An API key, `titan_…`, from `auth/keys/`.",
        }
