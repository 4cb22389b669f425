"""Filters of signals."""

from typing import ClassVar

import django_filters
from django.db.models import QuerySet

from api.filters.fields import FilterSet, InstantFilter, IntegerFilter, StrictBooleanFilter
from trading.models import Signal

__all__ = ["SignalFilter"]


class SignalFilter(FilterSet):
    """Of signals; ``signal_type`` may be given several times."""

    pair = IntegerFilter(field_name="pair_id")
    signal_type = django_filters.MultipleChoiceFilter(choices=Signal.Type.choices)
    since = InstantFilter(field_name="timestamp", lookup_expr="gte")
    until = InstantFilter(field_name="timestamp", lookup_expr="lte")
    in_sample = StrictBooleanFilter()
    processed = StrictBooleanFilter()
    watched = StrictBooleanFilter(method="is_watched")

    class Meta:
        model = Signal
        fields: ClassVar = ["pair", "signal_type", "in_sample", "processed"]

    def is_watched(self, queryset: QuerySet[Signal], name: str, value: bool) -> QuerySet[Signal]:  # noqa: FBT001 - django-filter's signature
        """Those of pairs one watches, or of all others."""
        owner = self.request.user
        mine = owner.watches.values("pair_id")
        return queryset.filter(pair_id__in=mine) if value else queryset.exclude(pair_id__in=mine)
