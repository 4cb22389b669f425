"""Bases of the views: names in queries checked, ``?fields=`` everywhere, owned things scoped once."""

import uuid
from collections.abc import Mapping
from typing import Any, ClassVar, cast

from django.db.models import Model, QuerySet
from rest_framework import status as http
from rest_framework import viewsets
from rest_framework.exceptions import ValidationError
from rest_framework.generics import get_object_or_404
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import BaseSerializer
from rest_framework_simplejwt.tokens import Token

from api.errors import unknown_name
from api.serializers.base import Form, ReadSerializer
from api.tokens import FAMILY_CLAIM
from api.views.protocol import ProtocolMixin
from common.middleware import known_user
from users.models import User

__all__ = [
    "EditableViewSet",
    "OwnedModelViewSet",
    "QueryMixin",
    "TitanAPIView",
    "TitanViewSet",
    "session_of",
    "signed_in",
    "valid",
]


def signed_in(request: Request) -> User:
    """The person of a request that passed the permission check."""
    user = request.user
    assert isinstance(user, User), "a view without permission check asked who is signed in"  # noqa: S101 - narrows the type
    return user


def session_of(request: Request) -> uuid.UUID | None:
    """The sign-in a request belongs to; None for one made with an API key."""
    claim = request.auth.get(FAMILY_CLAIM) if isinstance(request.auth, Token) else None
    return uuid.UUID(str(claim)) if claim else None


def valid(form_class: type[Form], request: Request) -> dict[str, Any]:
    """A body through its form."""
    form = form_class(data=request.data, context={"request": request})
    form.is_valid(raise_exception=True)
    return dict(form.validated_data)


class QueryMixin(ProtocolMixin):
    """Refuses query names nobody reads, validates query forms, narrows answers to ``?fields=``."""

    # The scope an API key needs here (api.keys); None: no key reaches this, which is where a view starts.
    key_scope: ClassVar[str | None] = None
    # Actions no key reaches even so: with them it could outlive its revocation.
    closed_to_keys: ClassVar[frozenset[str]] = frozenset()
    list_actions: ClassVar[frozenset[str]] = frozenset({"list"})
    query_forms: ClassVar[dict[str, type[Form]]] = {}
    response_serializers: ClassVar[dict[str, type[BaseSerializer[Any]]]] = {}

    def perform_authentication(self, request: Request) -> None:
        """From here on the log says whose request this is."""
        super().perform_authentication(request)
        if request.user.is_authenticated:
            known_user(request.user.pk)

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """After who and whether, which names the query uses."""
        super().initial(request, *args, **kwargs)
        if request.method in {"GET", "HEAD"} and self.operation:
            self._check_query_names(request)
        self.prepare(request)

    @property
    def operation(self) -> str:  # type: ignore[override]  # a property where the mixin asks for an attribute
        """The viewset's action, or the method of a view that has none; empty where the method is not answered."""
        method = (getattr(self.request, "method", None) or "").lower()
        action = getattr(self, "action", method if hasattr(self, method) else "")
        return action or ""

    def query_form(self) -> type[Form] | None:
        """The form this action's query must satisfy, if any."""
        return self.query_forms.get(self.operation)

    def field_names(self) -> list[str]:
        """What ``?fields=`` may name."""
        serializer = self.response_serializers.get(self.operation, getattr(self, "serializer_class", None))
        if serializer is None or not issubclass(serializer, ReadSerializer):
            return []
        return list(cast(ReadSerializer, serializer()).fields)

    def query(self, request: Request) -> dict[str, Any]:
        """The validated query form."""
        form_class = self.query_form()
        assert form_class is not None, "the action declares no query form"  # noqa: S101 - a programming error
        known = form_class().fields
        data = {name: value for name, value in request.query_params.items() if name in known}
        form = form_class(data=data, context={"request": request, "is_text": True})
        form.is_valid(raise_exception=True)
        return dict(form.validated_data)

    def wanted_fields(self, request: Request) -> frozenset[str] | None:
        """The names in ``?fields=``, or None for all."""
        text = request.query_params.get("fields")
        if text is None or request.method not in {"GET", "HEAD"}:
            return None
        names, allowed = [name.strip() for name in text.split(",") if name.strip()], self.field_names()
        for name in names:
            if name not in allowed:
                raise ValidationError({"fields": [unknown_name(name, allowed)]})
        return frozenset(names) or None

    def columns(self, request: Request, data: Mapping[str, Any]) -> Response:
        """Columns as they are (arrays go straight to the renderer), narrowed to ``?fields=``."""
        wanted = self.wanted_fields(request)
        return Response({name: value for name, value in data.items() if wanted is None or name in wanted})

    def _check_query_names(self, request: Request) -> None:
        form = self.query_form()
        allowed = self._other_names() | (set(form().fields) if form else set())
        for name in request.query_params:
            if name not in allowed:
                raise ValidationError({name: [unknown_name(name, allowed)]})
        self.wanted_fields(request)

    def _other_names(self) -> set[str]:
        names = {"fields"} if self.field_names() else set()
        if self.operation not in self.list_actions:
            return names
        names |= {"page", "page_size"}
        if self.operation != "list":
            return names
        if getattr(self, "ordering_fields", None):
            names.add("ordering")
        if getattr(self, "search_fields", None):
            names.add("search")
        filterset = getattr(self, "filterset_class", None)
        return names | set(filterset.base_filters if filterset else ())


class TitanAPIView(QueryMixin):
    """A view of one address that is no collection."""


class TitanViewSet(QueryMixin, viewsets.GenericViewSet[Any]):
    """A collection: reads by `serializer_class` or `response_serializers`, writes by `write_serializers`."""

    key_scope: ClassVar[str | None] = "research"
    idempotent: ClassVar[bool] = True
    id_schema: ClassVar[dict[str, Any]] = {"type": "integer", "minimum": 1}
    permission_model: ClassVar[type[Model]]
    action_permissions: ClassVar[dict[str, str]] = {}
    write_serializers: ClassVar[dict[str, type[BaseSerializer[Any]]]] = {}
    lookup_value_regex = "[0-9]{1,18}"

    def get_serializer_class(self) -> type[BaseSerializer[Any]]:
        """What the action reads or writes."""
        name = self.operation
        chosen = (
            self.write_serializers.get(name) or self.response_serializers.get(name) or self.serializer_class
        )
        assert chosen is not None, f"{type(self).__name__}.{name} names no serializer"  # noqa: S101 - a programming error
        return chosen

    def get_serializer_context(self) -> dict[str, Any]:
        """DRF's context and the fields asked for."""
        return {**super().get_serializer_context(), "fields": self.wanted_fields(self.request)}

    def validated(self, request: Request, *, instance: Any = None, partial: bool = False) -> Any:
        """The serializer of a body, valid."""
        form = self.get_serializer(instance, data=request.data, partial=partial)
        form.is_valid(raise_exception=True)
        return form

    def shown(self, instance: Any, *, status: int = 200) -> Response:
        """One thing as this collection reads it."""
        serializer_class = self.response_serializers.get("retrieve") or self.serializer_class
        assert serializer_class is not None, f"{type(self).__name__} reads nothing"  # noqa: S101 - a programming error
        return Response(serializer_class(instance, context=self.get_serializer_context()).data, status=status)

    def page_of(self, items: Any, serializer_class: type[BaseSerializer[Any]] | None = None) -> Response:
        """One page of anything that can be counted and sliced."""
        page = self.paginate_queryset(items)
        chosen = serializer_class or self.get_serializer_class()
        return self.get_paginated_response(
            chosen(page, many=True, context=self.get_serializer_context()).data
        )

    def get_object(self) -> Any:
        """The one named in the address, of those this person may see; filters of lists have no say in it."""
        found = get_object_or_404(self.get_queryset(), pk=self.kwargs["pk"])
        self.check_object_permissions(self.request, found)
        return found

    def list(self, request: Request) -> Response:
        """Those there are."""
        return self.page_of(self.filter_queryset(self.get_queryset()))

    def retrieve(self, request: Request, pk: str) -> Response:
        """One of them."""
        return Response(self.get_serializer(self.get_object()).data)


class OwnedModelViewSet(TitanViewSet):
    """Things that belong to one person: here, once, the scope that makes anyone else's not exist."""

    owner_field: ClassVar[str] = "owner"

    def get_queryset(self) -> QuerySet[Any]:
        """One's own."""
        if getattr(self, "swagger_fake_view", False):  # the schema is drawn without anyone signed in
            return self.permission_model._default_manager.none()
        return super().get_queryset().filter(**{self.owner_field: signed_in(self.request)})


class EditableViewSet(OwnedModelViewSet):
    """Owned things that may be changed and deleted."""

    def changed(self, instance: Any, **data: Any) -> Any:
        """The thing with what was given changed, by its service."""
        raise NotImplementedError

    def update(self, request: Request, pk: str) -> Response:
        """Change it; what is left out stays."""
        instance = self.get_object()
        form = self.validated(request)
        return self.shown(self.changed(instance, **form.validated_data))

    def partial_update(self, request: Request, pk: str) -> Response:
        """Change it; what is left out stays."""
        return self.update(request, pk)

    def destroy(self, request: Request, pk: str) -> Response:
        """Delete it."""
        self.get_object().delete()
        return Response(status=http.HTTP_204_NO_CONTENT)
