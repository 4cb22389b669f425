"""Named arrangements of tables."""

from rest_framework import serializers

from api.serializers.base import Form, ReadSerializer, StateField

__all__ = ["TableLayoutSerializer", "TableLayoutUpdateSerializer", "TableLayoutWriteSerializer"]


class TableLayoutSerializer(ReadSerializer):
    """An arrangement of one table."""

    id = serializers.IntegerField()
    table = serializers.CharField()
    name = serializers.CharField()
    state = serializers.DictField(help_text="Columns, order, widths, sorting: the application's own words.")
    is_default = serializers.BooleanField()
    created_at = serializers.DateTimeField()
    updated_at = serializers.DateTimeField()


class TableLayoutUpdateSerializer(Form):
    """What may change of it."""

    name = serializers.CharField(required=False, max_length=80)
    state = StateField(required=False, help_text="At most 16 kB as JSON.")
    is_default = serializers.BooleanField(
        required=False, help_text="The table opens with it; the former default gives way."
    )


class TableLayoutWriteSerializer(TableLayoutUpdateSerializer):
    """A new one."""

    table = serializers.SlugField(max_length=60)
    name = serializers.CharField(max_length=80)
    state = StateField(help_text="At most 16 kB as JSON.")
