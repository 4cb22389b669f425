"""Named strategies, the rules they are made of, and models of cost."""

from typing import Any

from rest_framework import serializers

from api.serializers.base import ChoiceField, Form, ReadSerializer
from api.serializers.choices import COST_MODEL, RULE
from api.serializers.trading_terms import ParametersField

__all__ = [
    "CostModelSerializer",
    "RuleCardSerializer",
    "StrategySerializer",
    "StrategyUpdateSerializer",
    "StrategyWriteSerializer",
]


class StrategySerializer(ReadSerializer):
    """A rule and its parameters under a name."""

    id = serializers.IntegerField()
    name = serializers.CharField()
    rule = ChoiceField(choices=RULE)
    parameters = ParametersField(help_text="What differs from the rule's defaults.")
    description = serializers.CharField()
    created_at = serializers.DateTimeField()
    updated_at = serializers.DateTimeField()


class StrategyUpdateSerializer(Form):
    """What may change of it."""

    name = serializers.CharField(required=False, max_length=80)
    rule = ChoiceField(choices=RULE, required=False)
    parameters = ParametersField(required=False)
    description = serializers.CharField(required=False, allow_blank=True, max_length=400)


class StrategyWriteSerializer(StrategyUpdateSerializer):
    """A new one."""

    name = serializers.CharField(max_length=80)
    rule = ChoiceField(choices=RULE)


class RuleSettingSerializer(serializers.Serializer[Any]):
    """One setting of a rule, as a form or slider needs it."""

    name = serializers.CharField()
    title = serializers.CharField()
    unit = serializers.CharField(help_text="bars, deviations, fraction, variance")
    default = serializers.FloatField(allow_null=True, help_text="null = off.")
    minimum = serializers.FloatField()
    maximum = serializers.FloatField()
    step = serializers.FloatField()
    integer = serializers.BooleanField()
    can_be_off = serializers.BooleanField(help_text="Whether null is a value of it.")
    advanced = serializers.BooleanField(help_text="Seldom changed: shown when asked for.")
    help = serializers.CharField()


class RuleCardSerializer(serializers.Serializer[Any]):
    """A rule and its settings."""

    id = ChoiceField(choices=RULE)
    title = serializers.CharField()
    description = serializers.CharField()
    parameters = RuleSettingSerializer(many=True)


class CostModelSerializer(serializers.Serializer[Any]):
    """A ready-made model of costs."""

    id = ChoiceField(choices=COST_MODEL)
    title = serializers.CharField()
    description = serializers.CharField()
    costs = serializers.DictField(help_text="As `costs` of a backtest takes them.")
    needs = serializers.ListField(
        child=ChoiceField(choices=["raw", "open", "volume"]), help_text="What the bars must have for it."
    )
