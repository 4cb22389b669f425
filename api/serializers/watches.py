"""Watched pairs."""

from rest_framework import serializers

from api.serializers.base import ReadSerializer
from api.serializers.pairs import PairSerializer

__all__ = ["WatchedPairSerializer"]


class WatchedPairSerializer(ReadSerializer):
    """A pair under watch and where its spread stands now."""

    pair = PairSerializer()
    z_score = serializers.FloatField(
        allow_null=True, help_text="Trailing over 60 bars, causal; null where the bars don't tell."
    )
    spread = serializers.FloatField(allow_null=True)
    as_of = serializers.DateTimeField(allow_null=True, help_text="The bar it is of: the last both legs have.")
    sparkline = serializers.ListField(
        child=serializers.FloatField(allow_null=True), help_text="The z-scores of the last bars, at most 60."
    )
    entry_z = serializers.FloatField(help_text="Of one's preferences.")
    exit_z = serializers.FloatField(help_text="Of one's preferences.")
