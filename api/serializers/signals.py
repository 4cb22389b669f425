"""Signals of pairs."""

from typing import Any

from rest_framework import serializers

from api.serializers.base import ChoiceField, ReadSerializer
from trading.models import Signal
from trading.services.signals.payload import signal_payload

__all__ = ["SignalSerializer"]


class SignalSerializer(ReadSerializer):
    """What the rule said about a pair at a bar's close."""

    id = serializers.IntegerField()
    pair = serializers.IntegerField()
    symbol_1 = serializers.CharField()
    symbol_2 = serializers.CharField()
    timestamp = serializers.DateTimeField(help_text="The close it was decided at.")
    signal_type = ChoiceField(choices=Signal.Type.choices)
    z_score = serializers.FloatField()
    spread_value = serializers.FloatField(help_text="Distance of the spread from its mean, before division.")
    confidence_score = serializers.FloatField(
        allow_null=True,
        help_text="Share of the rule's trades on this pair, ended before this close, that won after costs; of an "
        "out-of-sample signal only trades decided after the fit count. Null below 10 of them.",
    )
    n_past = serializers.IntegerField(help_text="How many trades that is.")
    in_sample = serializers.BooleanField(
        help_text="The pair was fitted on this bar or on later ones: no evidence of anything."
    )
    regime = serializers.CharField()
    processed = serializers.BooleanField(help_text="Whether the live engine has acted on it.")

    def to_representation(self, instance: Signal) -> dict[str, Any]:
        """The payload sockets send too, narrowed to the fields asked for."""
        return {name: value for name, value in signal_payload(instance).items() if name in self.fields}
