"""Named strategies, the rules there are, and models of cost."""

from typing import Any, ClassVar

from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from api.serializers.strategies import (
    CostModelSerializer,
    RuleCardSerializer,
    StrategySerializer,
    StrategyUpdateSerializer,
    StrategyWriteSerializer,
)
from api.views.base import EditableViewSet, signed_in
from trading.models import Strategy
from trading.services.backtesting.presets import COST_PRESETS, RULE_CARDS
from trading.services.strategies import StrategyService

__all__ = ["StrategyViewSet"]


class StrategyViewSet(EditableViewSet):
    """One's own strategies."""

    queryset = Strategy.objects.all()
    permission_model = Strategy
    action_permissions: ClassVar = {"rules": "trading.view_strategy", "cost_models": "trading.view_strategy"}
    serializer_class = StrategySerializer
    write_serializers: ClassVar = {
        "create": StrategyWriteSerializer,
        "update": StrategyUpdateSerializer,
        "partial_update": StrategyUpdateSerializer,
    }
    response_serializers: ClassVar = {"rules": RuleCardSerializer, "cost_models": CostModelSerializer}
    ordering_fields: ClassVar = ["id", "name", "rule", "created_at", "updated_at"]
    ordering: ClassVar = ["name"]
    search_fields: ClassVar = ["name", "description"]

    @extend_schema(responses={201: StrategySerializer})
    def create(self, request: Request) -> Response:
        """Keep a rule and its settings under a name."""
        form = self.validated(request)
        made = StrategyService().create_sync(owner=signed_in(request), **form.validated_data)
        return self.shown(made, status=status.HTTP_201_CREATED)

    def changed(self, instance: Strategy, **data: Any) -> Strategy:
        """A strategy saved anew; runs made with it stay as they were."""
        return StrategyService().save_sync(instance, **data)

    @extend_schema(operation_id="strategies_rules", responses=RuleCardSerializer(many=True), filters=False)
    @action(detail=False, pagination_class=None)
    def rules(self, request: Request) -> Response:
        """The rules there are, with every setting as a form needs it."""
        return Response(RuleCardSerializer(RULE_CARDS, many=True).data)

    @extend_schema(
        operation_id="strategies_cost_models", responses=CostModelSerializer(many=True), filters=False
    )
    @action(detail=False, pagination_class=None, url_path="cost-models")
    def cost_models(self, request: Request) -> Response:
        """Ready-made models of cost, and what the bars must have for each."""
        return Response(CostModelSerializer(COST_PRESETS, many=True).data)
