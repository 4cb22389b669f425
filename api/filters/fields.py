"""Filters that refuse what they can't mean, and the set they stand in."""

from datetime import UTC
from typing import Any

import django_filters
from django import forms
from django.core.exceptions import ValidationError

__all__ = ["FilterSet", "InstantFilter", "IntegerFilter", "StrictBooleanFilter"]

_BOOLEANS = {"true": True, "1": True, "false": False, "0": False, "": None}


class _StrictBooleanField(forms.Field):
    """True, false or nothing; Django's own field takes any other word for nothing, and lists everything."""

    def to_python(self, value: Any) -> bool | None:
        """The word's meaning. Raises `ValidationError` on a word that has none."""
        word = str(value or "").strip().lower()
        if word not in _BOOLEANS:
            # as a parameter: django-filter takes messages for formats, and the word may hold the signs of one
            shown = repr(str(value)[:40])
            raise ValidationError("%(word)s is neither true nor false.", params={"word": shown})
        return _BOOLEANS[word]


class StrictBooleanFilter(django_filters.BooleanFilter):  # type: ignore[misc]  # django-filter has no types
    """A boolean that is refused unless it is one."""

    field_class = _StrictBooleanField


class IntegerFilter(django_filters.NumberFilter):  # type: ignore[misc]  # django-filter has no types
    """A whole number a database can hold."""

    field_class = forms.IntegerField

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(min_value=-(2**63), max_value=2**63 - 1, **kwargs)

    def get_max_validator(self) -> None:
        """The field knows its bounds."""
        return


class _InstantField(django_filters.fields.IsoDateTimeField):  # type: ignore[misc]  # django-filter has no types
    """An instant that is still one in UTC: the first and last hours of the calendar are not, east and west of it."""

    def to_python(self, value: Any) -> Any:
        """The instant. Raises `ValidationError` where it is none."""
        try:
            instant = super().to_python(value)
            return instant.astimezone(UTC) if instant else instant
        except OverflowError as error:
            raise ValidationError("This instant is outside the years 1 to 9999.") from error


class InstantFilter(django_filters.IsoDateTimeFilter):  # type: ignore[misc]  # django-filter has no types
    """A date and time a database can hold."""

    field_class = _InstantField


class FilterSet(django_filters.FilterSet):  # type: ignore[misc]  # django-filter has no types
    """Filters of one collection."""
