"""Alerts, their rules and the channels they go out by."""

from typing import Any

from rest_framework import serializers

from api.serializers.base import ChoiceField, Form, ReadSerializer
from trading.models import (
    Alert,
    AlertDelivery,
    AlertKind,
    AlertRule,
    ChannelKind,
    DeliveryStatus,
    JobKind,
    Severity,
)
from trading.services.alerts.payload import alert_payload

__all__ = [
    "AlertBulkSerializer",
    "AlertChannelSerializer",
    "AlertChannelUpdateSerializer",
    "AlertChannelWriteSerializer",
    "AlertRuleSerializer",
    "AlertRuleUpdateSerializer",
    "AlertRuleWriteSerializer",
    "AlertSerializer",
    "AlertSummarySerializer",
]


def _id(**kwargs: Any) -> serializers.IntegerField:
    return serializers.IntegerField(min_value=1, max_value=2**63 - 1, **kwargs)


class AlertSubjectSerializer(serializers.Serializer[Any]):
    """What an alert is about: a scan, an ingestion, a universe, a job, a pair."""

    type = serializers.CharField()
    id = serializers.IntegerField()


class AlertSerializer(ReadSerializer):
    """Something one was told."""

    id = serializers.IntegerField()
    kind = ChoiceField(choices=AlertKind.choices)
    severity = ChoiceField(choices=Severity.choices)
    title = serializers.CharField()
    message = serializers.CharField(help_text="More of it, and what to do; may be empty.")
    subject = AlertSubjectSerializer(allow_null=True)
    count = serializers.IntegerField(help_text="How often it was found within its window.")
    created_at = serializers.DateTimeField()
    last_at = serializers.DateTimeField()
    acknowledged_at = serializers.DateTimeField(allow_null=True)

    def to_representation(self, instance: Alert) -> dict[str, Any]:
        """The payload sockets and webhooks send too, narrowed to the fields asked for."""
        return {name: value for name, value in alert_payload(instance).items() if name in self.fields}


class SeverityCountsSerializer(serializers.Serializer[Any]):
    """Alerts by how much they matter."""

    info = serializers.IntegerField()
    warning = serializers.IntegerField()
    critical = serializers.IntegerField()


class AlertSummarySerializer(ReadSerializer):
    """What the badge shows: alerts nobody has acknowledged."""

    unacknowledged = serializers.IntegerField()
    by_severity = SeverityCountsSerializer()


class AlertBulkSerializer(Form):
    """Alerts to take note of: these, or all."""

    ids = serializers.ListField(child=_id(), required=False, allow_empty=False, max_length=500)
    all = serializers.BooleanField(required=False)
    action = ChoiceField(choices=["acknowledge"])

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """One of the two."""
        if bool(attrs.get("ids")) == bool(attrs.get("all")):
            raise serializers.ValidationError("Give either ids or all: true, and not both.")
        return attrs


class AlertRuleParametersSerializer(Form):
    """What a rule is told; each kind has its own of these, the others are refused. Left out: the default."""

    job_kinds = serializers.ListField(
        child=ChoiceField(choices=JobKind.choices),
        required=False,
        help_text="job_failed, job_completed: of these kinds; empty for any.",
    )
    min_seconds = serializers.FloatField(
        required=False, min_value=0, max_value=86_400, help_text="job_completed: that took at least so long."
    )
    min_discoveries = serializers.IntegerField(
        required=False, min_value=1, max_value=1_000_000, help_text="scan_discoveries: from so many on."
    )
    min_rows = serializers.IntegerField(
        required=False, min_value=1, max_value=1_000_000_000, help_text="rows_set_aside: from so many on."
    )
    max_sessions = serializers.IntegerField(
        required=False,
        min_value=0,
        max_value=1_000,
        help_text="data_stale: sessions of the symbol's exchange that may be missing at the end.",
    )
    min_coverage = serializers.FloatField(
        required=False, min_value=0, max_value=1, help_text="coverage_low: bars over sessions, 0 to 1."
    )
    min_confidence = serializers.FloatField(
        required=False,
        min_value=0,
        max_value=1,
        help_text="signal: entries at least so confident; above 0 those of unknown confidence are left out.",
    )
    universe = _id(
        required=False,
        allow_null=True,
        help_text="scan_discoveries, data_stale, coverage_low: this universe; null for any (data: any people brought).",
    )


class AlertRuleSerializer(ReadSerializer):
    """One thing to be told of, how loudly and where."""

    id = serializers.IntegerField()
    kind = ChoiceField(choices=AlertKind.choices)
    parameters = AlertRuleParametersSerializer()
    severity = ChoiceField(choices=Severity.choices)
    in_app = serializers.BooleanField(help_text="Shown in the application.")
    channels = serializers.SerializerMethodField(help_text="Ids of the channels it goes out by.")
    is_active = serializers.BooleanField()
    created_at = serializers.DateTimeField()
    updated_at = serializers.DateTimeField()

    def get_channels(self, rule: AlertRule) -> list[int]:
        """Their ids, in order."""
        return sorted(channel.pk for channel in rule.channels.all())


class AlertRuleUpdateSerializer(Form):
    """A rule's particulars; its kind stays."""

    parameters = AlertRuleParametersSerializer(required=False, help_text="Replaces all of them.")
    severity = ChoiceField(choices=Severity.choices, required=False)
    in_app = serializers.BooleanField(required=False)
    channels = serializers.ListField(
        child=_id(),
        required=False,
        max_length=50,
        help_text="Ids of one's own channels.",
    )
    is_active = serializers.BooleanField(required=False)


class AlertRuleWriteSerializer(AlertRuleUpdateSerializer):
    """A new rule; left out, ``in_app`` and ``channels`` follow one's preferences."""

    kind = ChoiceField(choices=AlertKind.choices)


class AlertDeliverySerializer(serializers.Serializer[Any]):
    """What became of the last thing sent."""

    id = serializers.IntegerField()
    status = ChoiceField(choices=DeliveryStatus.choices)
    is_test = serializers.SerializerMethodField()
    attempts = serializers.IntegerField()
    error = serializers.CharField(help_text="Why the last try failed, in words; empty where it did not.")
    created_at = serializers.DateTimeField()
    next_attempt_at = serializers.DateTimeField(allow_null=True)
    delivered_at = serializers.DateTimeField(allow_null=True)

    def get_is_test(self, delivery: AlertDelivery) -> bool:
        """Whether it was a trial message."""
        return delivery.alert_id is None


class AlertChannelSerializer(ReadSerializer):
    """A way to be reached outside the application; its secret is never shown."""

    id = serializers.IntegerField()
    kind = ChoiceField(choices=ChannelKind.choices)
    name = serializers.CharField()
    url = serializers.CharField()
    address = serializers.CharField()
    has_secret = serializers.BooleanField(help_text="Whether deliveries are signed.")
    is_active = serializers.BooleanField()
    created_at = serializers.DateTimeField()
    last_delivery = AlertDeliverySerializer(allow_null=True)


class AlertChannelUpdateSerializer(Form):
    """A channel's particulars; its kind stays."""

    name = serializers.CharField(required=False, max_length=80)
    url = serializers.CharField(
        required=False, max_length=2048, allow_blank=True, help_text="Of a webhook: http(s)."
    )
    address = serializers.CharField(required=False, max_length=254, allow_blank=True, help_text="Of e-mail.")
    secret = serializers.CharField(
        required=False,
        allow_blank=True,
        max_length=200,
        write_only=True,
        trim_whitespace=False,
        help_text="Webhooks: deliveries are signed with it. Empty ends the signing.",
    )
    is_active = serializers.BooleanField(required=False)


class AlertChannelWriteSerializer(AlertChannelUpdateSerializer):
    """A new channel."""

    kind = ChoiceField(choices=ChannelKind.choices)
    name = serializers.CharField(max_length=80)
