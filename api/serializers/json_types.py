"""JSON types of a body, as strict as the schema says: a value of another type is a mistake, not a spelling."""

from collections.abc import Mapping
from typing import Any

from rest_framework import serializers

__all__ = ["type_refusals"]

# What JSON must hold for a field; DRF would take "yes", 1 or "t" for true, and 5 for a text.
_JSON_TYPES: tuple[tuple[type[serializers.Field[Any, Any, Any, Any]], tuple[type, ...], str], ...] = (
    (serializers.BooleanField, (bool,), "true or false"),
    (serializers.IntegerField, (int, float), "a whole number"),
    (serializers.FloatField, (int, float), "a number"),
    (serializers.ListField, (list,), "a list"),
    (serializers.ManyRelatedField, (list,), "a list"),
    (serializers.CharField, (str,), "a text"),
    (serializers.PrimaryKeyRelatedField, (int,), "an id"),
    (serializers.DateField, (str,), "a date as text"),
    (serializers.DateTimeField, (str,), "an instant as text"),
)


def type_refusals(fields: Mapping[str, Any], data: Mapping[str, Any]) -> dict[str, list[str]]:
    """What is of another JSON type than the schema names, among fields and the items of lists, by field."""
    wrong: dict[str, list[str]] = {}
    for name, field in fields.items():
        value = data.get(name)
        refusal = _type_refusal(field, value)
        if refusal is None and isinstance(field, serializers.ListField) and isinstance(value, list):
            refusal = next((said for item in value if (said := _type_refusal(field.child, item))), None)
        if refusal is not None:
            wrong[name] = [refusal]
    return wrong


def _type_refusal(field: Any, value: Any) -> str | None:
    if value is None:  # whether null is allowed is the field's own affair
        return None
    for kind, types, words in _JSON_TYPES:
        if isinstance(field, kind):
            right = isinstance(value, types) and (isinstance(value, bool) == (bool in types))
            return None if right else f"{str(value)[:40]!r} is not {words}."
    return None
