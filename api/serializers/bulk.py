"""Many rows at once: which, what to do, and what became of each."""

from collections.abc import Sequence
from typing import Any

from rest_framework import serializers

from api.serializers.base import ChoiceField, Form

__all__ = ["BulkActivationSerializer", "BulkCancelSerializer", "BulkForm", "BulkResultSerializer"]

MAX_IDS = 1_000


class BulkForm(Form):
    """Which rows; what to do with them is added by each collection."""

    ids = serializers.ListField(
        child=serializers.IntegerField(min_value=1, max_value=2**63 - 1),
        allow_empty=False,
        max_length=MAX_IDS,
        help_text=f"At most {MAX_IDS:,}; one given twice counts once.",
    )

    def validate_ids(self, ids: Sequence[int]) -> list[int]:
        """Each once, in the order given."""
        return list(dict.fromkeys(ids))


class BulkActivationSerializer(BulkForm):
    """Hide rows from new work, or bring them back."""

    action = ChoiceField(choices=[("activate", "activate"), ("deactivate", "deactivate")])


class BulkCancelSerializer(BulkForm):
    """Ask jobs to stop."""

    action = ChoiceField(choices=[("cancel", "cancel")])


class BulkRefusalSerializer(serializers.Serializer[Any]):
    """A row that was left as it is, and why."""

    id = serializers.IntegerField()
    reason = serializers.CharField()


class BulkResultSerializer(serializers.Serializer[Any]):
    """What became of each row."""

    done = serializers.ListField(child=serializers.IntegerField())
    refused = BulkRefusalSerializer(many=True)
