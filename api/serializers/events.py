"""Events: what a socket missed, by sequence number."""

from typing import Any

from rest_framework import serializers

from api.serializers.base import Form

__all__ = ["EventPageSerializer", "EventQuerySerializer"]


class EventQuerySerializer(Form):
    """Which events of which stream."""

    stream = serializers.CharField(
        max_length=100, help_text="job_{id}, pair_{id} or user_{id}; user alone is one's own."
    )
    after = serializers.IntegerField(
        min_value=0, max_value=2**63 - 1, default=0, help_text="Last seq already seen."
    )
    limit = serializers.IntegerField(min_value=1, max_value=1000, default=500)
    wait = serializers.IntegerField(
        min_value=0,
        max_value=30,
        default=0,
        help_text="Seconds to wait for an event where there is none yet.",
    )
    newest = serializers.BooleanField(
        default=False, help_text="Only the newest event, now: where to begin to follow from."
    )


class EventSerializer(serializers.Serializer[Any]):
    """One event, the envelope a socket sends."""

    stream = serializers.CharField()
    seq = serializers.IntegerField()
    type = serializers.CharField()
    timestamp = serializers.DateTimeField()

    def get_fields(self) -> dict[str, serializers.Field[Any, Any, Any, Any]]:
        """Add ``data``, a name a class attribute cannot take because serializers use it themselves."""
        return super().get_fields() | {"data": serializers.DictField()}


class EventPageSerializer(serializers.Serializer[Any]):
    """Events after a sequence number, oldest first; ask again with ``after=last_seq`` until none come."""

    results = EventSerializer(many=True)
    last_seq = serializers.IntegerField()
