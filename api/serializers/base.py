"""Bases every serializer here shares: ``?fields=`` on what is read, no unknown names in what is written."""

from collections.abc import Mapping
from typing import Any, NoReturn

from django.http import QueryDict
from rest_framework import serializers

from api.errors import unknown_name
from api.serializers.json_types import type_refusals

__all__ = ["ChoiceField", "Form", "ReadSerializer", "StateField", "StrictModelSerializer", "StrictNames"]


class ReadSerializer(serializers.Serializer[Any]):
    """A representation; ``context["fields"]`` narrows it to the named fields, at the top level only."""

    def get_fields(self) -> dict[str, serializers.Field[Any, Any, Any, Any]]:
        """Only the fields asked for with ``?fields=``, where any were."""
        fields = super().get_fields()
        is_top = self.parent is None or (
            isinstance(self.parent, serializers.ListSerializer) and self.parent.parent is None
        )
        wanted = self.context.get("fields") if is_top else None
        if wanted is None:
            return fields
        return {name: field for name, field in fields.items() if name in wanted}


class ChoiceField(serializers.ChoiceField):
    """One of a few values; a refusal lists them."""

    def fail(self, key: str, **kwargs: Any) -> NoReturn:
        """DRF's refusal, with what would have been accepted."""
        if key == "invalid_choice":
            allowed = ", ".join(str(choice) for choice in self.choices)
            raise serializers.ValidationError(f"{kwargs.get('input')!r} is not one of {allowed}.", code=key)
        super().fail(key, **kwargs)


class StateField(serializers.DictField):
    """JSON a page keeps here; texts and names without NUL, which PostgreSQL's JSON does not hold."""

    def to_internal_value(self, data: Any) -> dict[str, Any]:
        """The object. Raises `ValidationError` where a NUL is anywhere in it."""
        value: dict[str, Any] = super().to_internal_value(data)
        waiting: list[Any] = [value]
        while waiting:
            item = waiting.pop()
            if isinstance(item, str) and "\x00" in item:
                raise serializers.ValidationError("Null characters are not allowed.")
            if isinstance(item, Mapping):
                waiting += [*item, *item.values()]
            elif isinstance(item, list):
                waiting += item
        return value


class StrictNames(serializers.Serializer[Any]):
    """Refuses names it does not know, instead of dropping a typing error silently."""

    def to_internal_value(self, data: Any) -> Any:
        """Validate names first, then values."""
        if isinstance(data, Mapping):
            allowed = sorted(name for name, field in self.fields.items() if not field.read_only)
            unknown = sorted(str(name) for name in set(data) - set(allowed))
            if unknown:
                raise serializers.ValidationError({name: [unknown_name(name, allowed)] for name in unknown})
            if not isinstance(data, QueryDict) and not self.context.get("is_text"):
                return self._of_json(data)
        return super().to_internal_value(data)

    def _of_json(self, data: Mapping[str, Any]) -> Any:
        """The values of a JSON body; what is of the wrong type is told together with all else that is wrong."""
        wrong = type_refusals(self.fields, data)
        try:
            values = super().to_internal_value(data)
        except serializers.ValidationError as error:
            detail = error.detail if isinstance(error.detail, dict) else {"non_field_errors": error.detail}
            raise serializers.ValidationError({**detail, **wrong}) from error
        if wrong:
            raise serializers.ValidationError(wrong)
        return values


class Form(StrictNames):
    """A request body or query that is not one model row."""


class StrictModelSerializer(StrictNames, serializers.ModelSerializer[Any]):
    """A request body that becomes one model row."""
