"""Alerts, the rules that raise them, the channels they go out by."""

from typing import Any, ClassVar

from django.db.models import Case, When
from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from api.filters import AlertChannelFilter, AlertFilter, AlertRuleFilter
from api.serializers.alerts import (
    AlertBulkSerializer,
    AlertChannelSerializer,
    AlertChannelUpdateSerializer,
    AlertChannelWriteSerializer,
    AlertRuleSerializer,
    AlertRuleUpdateSerializer,
    AlertRuleWriteSerializer,
    AlertSerializer,
    AlertSummarySerializer,
)
from api.serializers.bulk import BulkResultSerializer
from api.throttling import TrialThrottle
from api.views.base import EditableViewSet, OwnedModelViewSet, signed_in
from trading.models import Alert, AlertChannel, AlertRule, Severity
from trading.services.alerts.channels import AlertChannelService
from trading.services.alerts.rules import AlertRuleService
from trading.services.alerts.service import AlertService

__all__ = ["AlertChannelViewSet", "AlertRuleViewSet", "AlertViewSet"]


class AlertViewSet(OwnedModelViewSet):
    """One's own alerts, those told last first."""

    queryset = Alert.objects.filter(in_app=True).annotate(
        weight=Case(*(When(severity=word, then=n) for n, word in enumerate(Severity.values)))
    )
    permission_model = Alert
    action_permissions: ClassVar = {
        "acknowledge": "trading.change_alert",
        "bulk": "trading.change_alert",
        "summary": "trading.view_alert",
    }
    serializer_class = AlertSerializer
    write_serializers: ClassVar = {"bulk": AlertBulkSerializer}
    response_serializers: ClassVar = {"summary": AlertSummarySerializer}
    filterset_class = AlertFilter
    search_fields: ClassVar = ["title", "message"]
    ordering_fields: ClassVar = [
        "id",
        "kind",
        "severity",
        "count",
        "created_at",
        "last_at",
        "acknowledged_at",
    ]
    ordering_map: ClassVar = {"severity": "weight"}
    ordering: ClassVar = ["-last_at"]

    @extend_schema(operation_id="alerts_acknowledge", request=None, responses=AlertSerializer)
    @action(detail=True, methods=["post"])
    def acknowledge(self, request: Request, pk: str) -> Response:
        """Take note of one; twice changes nothing."""
        return self.shown(AlertService().acknowledge_sync(self.get_object()))

    @extend_schema(
        operation_id="alerts_bulk", request=AlertBulkSerializer, responses={200: BulkResultSerializer}
    )
    @action(detail=False, methods=["post"])
    def bulk(self, request: Request) -> Response:
        """Take note of many, or of all."""
        asked = self.validated(request).validated_data
        done = AlertService().acknowledge_many_sync(owner=signed_in(request), ids=asked.get("ids"))
        return Response(BulkResultSerializer(done).data)

    @extend_schema(operation_id="alerts_summary", responses=AlertSummarySerializer, filters=False)
    @action(detail=False, pagination_class=None)
    def summary(self, request: Request) -> Response:
        """How many nobody has acknowledged, for the badge."""
        return Response(self.get_serializer(AlertService().summary_sync(signed_in(request))).data)


class AlertRuleViewSet(EditableViewSet):
    """One's own rules; every account starts with the usual ones."""

    queryset = AlertRule.objects.prefetch_related("channels")
    permission_model = AlertRule
    serializer_class = AlertRuleSerializer
    write_serializers: ClassVar = {
        "create": AlertRuleWriteSerializer,
        "update": AlertRuleUpdateSerializer,
        "partial_update": AlertRuleUpdateSerializer,
    }
    filterset_class = AlertRuleFilter
    ordering_fields: ClassVar = ["id", "kind", "severity", "is_active", "created_at"]
    ordering: ClassVar = ["id"]

    def list(self, request: Request) -> Response:
        """Those there are; the usual ones are made the first time anyone looks."""
        AlertRuleService().rules_sync(signed_in(request))
        return super().list(request)

    @extend_schema(responses={201: AlertRuleSerializer})
    def create(self, request: Request) -> Response:
        """Add a rule."""
        form = self.validated(request)
        rule = AlertRuleService().create_sync(owner=signed_in(request), **form.validated_data)
        return self.shown(rule, status=status.HTTP_201_CREATED)

    def changed(self, instance: AlertRule, **data: Any) -> AlertRule:
        """A rule changed; what it told stays."""
        AlertRuleService().update_sync(instance, **data)
        return AlertRule.objects.prefetch_related("channels").get(pk=instance.pk)


class AlertChannelViewSet(EditableViewSet):
    """One's own channels, with what became of the last delivery."""

    queryset = AlertChannel.objects.all()
    permission_model = AlertChannel
    action_permissions: ClassVar = {"test": "trading.change_alertchannel"}
    costly: ClassVar = frozenset({"test"})  # it sends something to someone
    # each goes to an address nobody has confirmed: enough to set a channel up, too few to pester anyone
    extra_throttles: ClassVar = {"test": (TrialThrottle,)}
    serializer_class = AlertChannelSerializer
    write_serializers: ClassVar = {
        "create": AlertChannelWriteSerializer,
        "update": AlertChannelUpdateSerializer,
        "partial_update": AlertChannelUpdateSerializer,
    }
    filterset_class = AlertChannelFilter
    ordering_fields: ClassVar = ["id", "name", "kind", "created_at"]
    ordering: ClassVar = ["name"]

    @extend_schema(responses={201: AlertChannelSerializer})
    def create(self, request: Request) -> Response:
        """Add a channel."""
        form = self.validated(request)
        channel = AlertChannelService().create_sync(owner=signed_in(request), **form.validated_data)
        return self.shown(channel, status=status.HTTP_201_CREATED)

    def changed(self, instance: AlertChannel, **data: Any) -> AlertChannel:
        """A channel changed."""
        return AlertChannelService().update_sync(instance, **data)

    @extend_schema(operation_id="channels_test", request=None, responses={202: AlertChannelSerializer})
    @action(detail=True, methods=["post"])
    def test(self, request: Request, pk: str) -> Response:
        """Send a trial message; ``last_delivery`` tells what became of it."""
        channel = self.get_object()
        AlertChannelService().test_sync(channel)
        return self.shown(channel, status=status.HTTP_202_ACCEPTED)

    def page_of(self, items: Any, serializer_class: Any = None) -> Response:
        """Channels are listed with their last deliveries, gathered for the whole page at once."""
        page: list[AlertChannel] = self.paginate_queryset(items) or []
        rows = AlertChannelService().described_sync(page)
        return self.get_paginated_response(
            AlertChannelSerializer(rows, many=True, context=self.get_serializer_context()).data
        )

    def retrieve(self, request: Request, pk: str) -> Response:
        """One of them."""
        return self.shown(self.get_object())

    def shown(self, instance: Any, *, status: int = status.HTTP_200_OK) -> Response:
        """One channel with its last delivery."""
        [described] = AlertChannelService().described_sync([instance])
        return super().shown(described, status=status)
