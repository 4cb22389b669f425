"""Filters of lists of one's own things, one set a collection."""

from typing import ClassVar

import django_filters
from django.db.models import QuerySet

from api.filters.fields import FilterSet, IntegerFilter, StrictBooleanFilter
from trading.models import (
    Alert,
    AlertChannel,
    AlertKind,
    AlertRule,
    ChannelKind,
    Severity,
    Share,
    ShareKind,
    TableLayout,
)

__all__ = ["AlertChannelFilter", "AlertFilter", "AlertRuleFilter", "LayoutFilter", "ShareFilter"]


class AlertFilter(FilterSet):
    """Of alerts; ``kind`` and ``severity`` may be given several times."""

    kind = django_filters.MultipleChoiceFilter(choices=AlertKind.choices)
    severity = django_filters.MultipleChoiceFilter(choices=Severity.choices)
    acknowledged = StrictBooleanFilter(method="has_been_acknowledged")
    subject_type = django_filters.CharFilter()
    subject_id = IntegerFilter()

    class Meta:
        model = Alert
        fields: ClassVar = ["kind", "severity", "acknowledged", "subject_type", "subject_id"]

    def has_been_acknowledged(self, queryset: QuerySet[Alert], name: str, value: bool) -> QuerySet[Alert]:  # noqa: FBT001 - django-filter's signature
        """Those somebody has taken note of, or those nobody has."""
        return queryset.filter(acknowledged_at__isnull=not value)


class AlertRuleFilter(FilterSet):
    """Of rules."""

    kind = django_filters.MultipleChoiceFilter(choices=AlertKind.choices)
    is_active = StrictBooleanFilter()

    class Meta:
        model = AlertRule
        fields: ClassVar = ["kind", "is_active"]


class AlertChannelFilter(FilterSet):
    """Of channels."""

    kind = django_filters.ChoiceFilter(choices=ChannelKind.choices)
    is_active = StrictBooleanFilter()

    class Meta:
        model = AlertChannel
        fields: ClassVar = ["kind", "is_active"]


class ShareFilter(FilterSet):
    """Of links."""

    kind = django_filters.ChoiceFilter(choices=ShareKind.choices)
    object_id = IntegerFilter()

    class Meta:
        model = Share
        fields: ClassVar = ["kind", "object_id"]


class LayoutFilter(FilterSet):
    """Of layouts."""

    table = django_filters.CharFilter()

    class Meta:
        model = TableLayout
        fields: ClassVar = ["table"]
