"""The audit trail, to read."""

from typing import Any

from rest_framework import serializers

from api.serializers.base import ChoiceField, ReadSerializer
from api.serializers.choices import AUDIT_ACTION

__all__ = ["AuditEntrySerializer", "AuditVerdictSerializer"]


class AuditEntrySerializer(ReadSerializer):
    """One thing somebody did."""

    id = serializers.IntegerField()
    at = serializers.DateTimeField()
    actor = serializers.CharField(
        help_text="Name of the account that acted; empty where nobody was signed in."
    )
    action = ChoiceField(choices=AUDIT_ACTION)
    target = serializers.CharField()
    address = serializers.CharField()
    request_id = serializers.CharField()
    detail = serializers.DictField()


class AuditVerdictSerializer(serializers.Serializer[Any]):
    """Whether every entry is sealed as it was written."""

    ok = serializers.BooleanField()
    n_entries = serializers.IntegerField(help_text="Entries read, up to the first broken one.")
    first_broken = serializers.IntegerField(
        allow_null=True, help_text="Number of the first that does not hold."
    )
    head = serializers.CharField(help_text="Digest of the last entry that holds; note it elsewhere.")
