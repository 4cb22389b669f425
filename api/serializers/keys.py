"""API keys."""

import datetime as dt

from django.utils import timezone
from rest_framework import serializers

from api.serializers.base import ChoiceField, Form, ReadSerializer
from api.serializers.choices import KEY_SCOPE

__all__ = ["ApiKeyCreateSerializer", "ApiKeySerializer", "NewApiKeySerializer"]


class ApiKeySerializer(ReadSerializer):
    """A key, without its secret, which nobody can show again."""

    id = serializers.IntegerField()
    name = serializers.CharField()
    prefix = serializers.CharField(help_text="The key begins with titan_<prefix>_.")
    scopes = serializers.ListField(child=ChoiceField(choices=KEY_SCOPE))
    created_at = serializers.DateTimeField()
    expires_at = serializers.DateTimeField(allow_null=True)
    last_used_at = serializers.DateTimeField(allow_null=True, help_text="To the minute.")
    revoked_at = serializers.DateTimeField(allow_null=True)


class NewApiKeySerializer(ApiKeySerializer):
    """A key just made, with its plain text: the only time it is shown."""

    key = serializers.CharField()


class ApiKeyCreateSerializer(Form):
    """What a key is for, how far it reaches, and until when."""

    name = serializers.CharField(max_length=80)
    scopes = serializers.ListField(
        child=ChoiceField(choices=KEY_SCOPE),
        min_length=1,
        max_length=len(KEY_SCOPE),
        help_text="read: whatever changes nothing. data: symbols, universes, prices, uploads. research: scans, "
        "pairs, jobs, shares, layouts, alerts. trade: orders. admin: users and the audit trail.",
    )
    expires_at = serializers.DateTimeField(allow_null=True, required=False, default=None)

    def validate_expires_at(self, value: dt.datetime | None) -> dt.datetime | None:
        """Later than now."""
        if value is not None and value <= timezone.now():
            raise serializers.ValidationError("This is in the past; give a later instant, or null for none.")
        return value
