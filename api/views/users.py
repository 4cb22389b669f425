"""Accounts, for admins; and invitations, for those who hold one."""

from typing import Any, ClassVar

from django.db import transaction
from django.db.models import Count, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.decorators import action
from rest_framework.exceptions import PermissionDenied
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response

from api.filters import UserFilter
from api.models import ApiKey, RefreshTokenFamily
from api.serializers.users import (
    InvitationAcceptSerializer,
    InvitationLinkSerializer,
    InvitationSerializer,
    InvitedUserSerializer,
    UserCreateSerializer,
    UserSerializer,
    UserUpdateSerializer,
)
from api.throttling import InvitationThrottle
from api.views.base import TitanAPIView, TitanViewSet, signed_in, valid
from users.models import User
from users.roles import Role
from users.services import accounts, invitations

__all__ = ["InvitationAcceptView", "InvitationView", "UserViewSet"]


class UserViewSet(TitanViewSet):
    """Accounts; kept by those with the permissions of the user model. They are deactivated, never deleted."""

    queryset = User.objects.all()
    key_scope = "admin"
    # passwords, sign-ins and codes: a key's thief would invite the key's owner, and be them
    closed_to_keys: ClassVar = frozenset({"invite", "sign_out", "disable_totp"})
    permission_model = User
    action_permissions: ClassVar = {
        "invite": "users.change_user",
        "sign_out": "users.change_user",
        "disable_totp": "users.change_user",
    }
    serializer_class = UserSerializer
    write_serializers: ClassVar = {"create": UserCreateSerializer, "partial_update": UserUpdateSerializer}
    filterset_class = UserFilter
    search_fields: ClassVar = ["username", "email", "first_name", "last_name"]
    ordering_fields: ClassVar = ["id", "username", "email", "role", "last_login", "date_joined", "is_active"]
    ordering_map: ClassVar = {"role": "held_role"}
    ordering: ClassVar = ["username"]

    def get_queryset(self) -> QuerySet[User]:
        """With role, second factor, invitation, and how many sign-ins and keys hold."""
        now = timezone.now()
        families = RefreshTokenFamily.objects.filter(revoked_at__isnull=True, expires_at__gt=now)
        return accounts.described(super().get_queryset()).annotate(
            n_sessions=_count(families, "user"), n_keys=_count(ApiKey.objects.live(now), "owner")
        )

    @extend_schema(request=UserCreateSerializer, responses={201: InvitedUserSerializer})
    def create(self, request: Request) -> Response:
        """Make an account; the link to set its password with is shown once, and mailed where mail is set up."""
        by, data = signed_in(request), dict(self.validated(request).validated_data)
        _refuse_admins_by_key(request, data)
        with transaction.atomic():
            user = accounts.create(by=by, role=Role(data.pop("role")), **data)
            link = invitations.invite(user, by=by, address=request.build_absolute_uri)
        shown = UserSerializer(self.get_queryset().get(pk=user.pk)).data
        answer = {**shown, "invitation": InvitationLinkSerializer(link).data}
        return Response(answer, status=status.HTTP_201_CREATED)

    @extend_schema(request=UserUpdateSerializer, responses=UserSerializer)
    def partial_update(self, request: Request, pk: str) -> Response:
        """Change role, state, or how to reach somebody; closing an account signs it out at once."""
        user, data = self.get_object(), dict(self.validated(request, partial=True).validated_data)
        _refuse_admins_by_key(request, data)
        role = data.pop("role", None)
        accounts.change(user, by=signed_in(request), role=Role(role) if role else None, **data)
        return self._reread(user)

    @extend_schema(operation_id="users_invite", request=None, responses={201: InvitationLinkSerializer})
    @action(detail=True, methods=["post"])
    def invite(self, request: Request, pk: str) -> Response:
        """A new link to set the password with, for a new account or a forgotten password; older links end."""
        link = invitations.invite(
            self.get_object(), by=signed_in(request), address=request.build_absolute_uri
        )
        return Response(InvitationLinkSerializer(link).data, status=status.HTTP_201_CREATED)

    @extend_schema(operation_id="users_sign_out", request=None, responses=UserSerializer)
    @action(detail=True, methods=["post"], url_path="sign-out")
    def sign_out(self, request: Request, pk: str) -> Response:
        """End every sign-in of a person."""
        user = self.get_object()
        accounts.sign_out(user, by=signed_in(request))
        return self._reread(user)

    @extend_schema(operation_id="users_disable_totp", request=None, responses=UserSerializer)
    @action(detail=True, methods=["post"], url_path="disable-totp")
    def disable_totp(self, request: Request, pk: str) -> Response:
        """Switch a person's codes off, for one who lost telephone and recovery codes."""
        user = self.get_object()
        accounts.disable_second_factor(user, by=signed_in(request))
        return self._reread(user)

    def _reread(self, user: User) -> Response:
        return self.shown(self.get_queryset().get(pk=user.pk))


class InvitationView(TitanAPIView):
    """An invitation, for whoever holds its link."""

    permission_classes = [AllowAny]
    authentication_classes = []
    throttle_classes = [*TitanAPIView.throttle_classes, InvitationThrottle]

    @extend_schema(operation_id="auth_invitation_retrieve", responses=InvitationSerializer)
    def get(self, request: Request, token: str) -> Response:
        """Whose password the link sets; 404 for one that opens nothing any more."""
        invitation = invitations.find(token)
        return Response({"username": invitation.user.username, "expires_at": invitation.expires_at})


class InvitationAcceptView(TitanAPIView):
    """The use of an invitation."""

    permission_classes = [AllowAny]
    authentication_classes = []
    throttle_classes = [*TitanAPIView.throttle_classes, InvitationThrottle]

    @extend_schema(
        operation_id="auth_invitation_accept", request=InvitationAcceptSerializer, responses={204: None}
    )
    def post(self, request: Request) -> Response:
        """Set the password with a link's token, once."""
        data = valid(InvitationAcceptSerializer, request)
        invitations.accept(data["token"], password=data["password"])
        return Response(status=status.HTTP_204_NO_CONTENT)


def _refuse_admins_by_key(request: Request, data: dict[str, Any]) -> None:
    """No key makes admins: whoever stole it would have an account that outlives the key."""
    if isinstance(request.auth, ApiKey) and data.get("role") == Role.ADMIN:
        raise PermissionDenied("No API key makes admins: log in with your password.", code="key_scope")


def _count(rows: QuerySet[Any], owner: str) -> Coalesce:
    """How many of `rows` belong to the user of the outer query."""
    counted = rows.order_by().filter(**{owner: OuterRef("pk")}).values(owner).annotate(n=Count("pk"))
    return Coalesce(Subquery(counted.values("n")), 0)
