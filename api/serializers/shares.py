"""Links that show one thing: as their owner lists them, and what their holder sees."""

from typing import Any

from rest_framework import serializers

from api.serializers.backtests import BacktestSerializer
from api.serializers.base import ChoiceField, Form, ReadSerializer, StateField
from api.serializers.pairs import PairSerializer
from api.serializers.scans import ScanSerializer
from trading.models import ShareKind

__all__ = [
    "NewShareSerializer",
    "ShareCreateSerializer",
    "ShareSerializer",
    "SharedSerializer",
]


class ShareCreateSerializer(Form):
    """What to show, and for how long."""

    kind = ChoiceField(choices=ShareKind.choices)
    object_id = serializers.IntegerField(min_value=1, max_value=2**63 - 1)
    view = StateField(
        required=False, help_text="The address's own state, handed to the page; at most 4 kB as JSON."
    )
    expires_in_days = serializers.IntegerField(min_value=1, max_value=90, default=30)
    title = serializers.CharField(
        required=False, allow_blank=True, max_length=200, help_text="Default: what it is of."
    )
    shows_owner = serializers.BooleanField(default=False, help_text="Name oneself on the page.")


class ShareSerializer(ReadSerializer):
    """A link in its owner's list; the address itself was told once."""

    id = serializers.IntegerField()
    kind = ChoiceField(choices=ShareKind.choices)
    object_id = serializers.IntegerField()
    title = serializers.CharField()
    view = serializers.DictField()
    shows_owner = serializers.BooleanField()
    expires_at = serializers.DateTimeField()
    revoked_at = serializers.DateTimeField(allow_null=True)
    views = serializers.IntegerField(help_text="How often it was opened.")
    created_at = serializers.DateTimeField()


class NewShareSerializer(ShareSerializer):
    """A link just made, with its address: this answer is the only one that has it."""

    url = serializers.CharField(help_text="Path of the page, /shared/<token>.")


class SharedScanSerializer(ScanSerializer):
    """A scan as a link shows it: what was asked and found, nothing of who ran it and how."""

    def get_fields(self) -> dict[str, serializers.Field[Any, Any, Any, Any]]:
        """Without its job and its manifest."""
        fields = super().get_fields()
        del fields["job"], fields["manifest"]
        return fields


class SharedPairSerializer(PairSerializer):
    """A pair as a link shows it."""

    def get_fields(self) -> dict[str, serializers.Field[Any, Any, Any, Any]]:
        """Without the scan it came from, which is someone's own."""
        fields = super().get_fields()
        del fields["scan"]
        return fields


class SharedBacktestSerializer(BacktestSerializer):
    """A backtest as a link shows it: what was asked and found, nothing of who ran it, how and from what."""

    def get_fields(self) -> dict[str, serializers.Field[Any, Any, Any, Any]]:
        """Without its jobs and checks, its manifest, and the scan and strategy that are someone's own."""
        fields = super().get_fields()
        for name in ("job", "manifest", "scan", "strategy", "family", "rerun", "causality"):
            del fields[name]
        return fields


class SharedSerializer(ReadSerializer):
    """What a link shows: one scan, one pair or one backtest."""

    kind = ChoiceField(choices=ShareKind.choices)
    title = serializers.CharField()
    owner_name = serializers.CharField(allow_null=True, help_text="Only where its owner asked to be named.")
    expires_at = serializers.DateTimeField()
    view = serializers.DictField()
    scan = SharedScanSerializer(allow_null=True)
    pair = SharedPairSerializer(allow_null=True)
    backtest = SharedBacktestSerializer(allow_null=True)
