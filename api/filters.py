"""Filters of lists, one set a collection."""

from datetime import UTC
from typing import Any, ClassVar

import django_filters
from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Q, QuerySet

from common.audit import ACTIONS
from common.models import AuditEntry
from trading.models import Job, JobKind, JobStatus, Scan, Symbol, TradingPair, Universe
from users.models import User
from users.roles import Role

__all__ = [
    "AuditFilter",
    "InstantFilter",
    "IntegerFilter",
    "JobFilter",
    "PairFilter",
    "ScanFilter",
    "StrictBooleanFilter",
    "SymbolFilter",
    "UniverseFilter",
    "UserFilter",
]


_BOOLEANS = {"true": True, "1": True, "false": False, "0": False, "": None}


class _StrictBooleanField(forms.Field):
    """True, false or nothing; Django's own field takes any other word for nothing, and lists everything."""

    def to_python(self, value: Any) -> bool | None:
        """The word's meaning. Raises `ValidationError` on a word that has none."""
        word = str(value or "").strip().lower()
        if word not in _BOOLEANS:
            raise ValidationError(f"{str(value)[:40]!r} is neither true nor false.")
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


class SymbolFilter(django_filters.FilterSet):  # type: ignore[misc]  # django-filter has no types
    """Of symbols."""

    ticker = django_filters.CharFilter(lookup_expr="iexact")
    sector = django_filters.CharFilter(lookup_expr="iexact")
    exchange = django_filters.CharFilter(lookup_expr="iexact")
    asset_class = django_filters.CharFilter(lookup_expr="iexact")
    universe = django_filters.ModelChoiceFilter(field_name="universes", queryset=Universe.objects.all())
    is_active = StrictBooleanFilter()

    class Meta:
        model = Symbol
        fields: ClassVar = ["ticker", "sector", "exchange", "asset_class", "universe", "is_active"]


class UniverseFilter(django_filters.FilterSet):  # type: ignore[misc]  # django-filter has no types
    """Of universes."""

    source = django_filters.ChoiceFilter(choices=Universe._meta.get_field("source").choices)
    slug = django_filters.CharFilter()

    class Meta:
        model = Universe
        fields: ClassVar = ["source", "slug"]


class PairFilter(django_filters.FilterSet):  # type: ignore[misc]  # django-filter has no types
    """Of registered pairs; ``symbol`` matches either leg."""

    symbol = django_filters.CharFilter(method="either_leg")
    symbol_1__ticker = django_filters.CharFilter(lookup_expr="iexact")
    symbol_2__ticker = django_filters.CharFilter(lookup_expr="iexact")
    timeframe = django_filters.CharFilter()
    scan = IntegerFilter(field_name="scan_id")
    stability_score = django_filters.NumberFilter()
    stability_score__gte = django_filters.NumberFilter(field_name="stability_score", lookup_expr="gte")
    half_life__lte = django_filters.NumberFilter(field_name="half_life", lookup_expr="lte")
    cointegration_pvalue__lte = django_filters.NumberFilter(
        field_name="cointegration_pvalue", lookup_expr="lte"
    )
    is_active = StrictBooleanFilter()

    class Meta:
        model = TradingPair
        fields: ClassVar = [
            "symbol_1__ticker",
            "symbol_2__ticker",
            "timeframe",
            "stability_score",
            "is_active",
        ]

    def either_leg(self, queryset: QuerySet[TradingPair], name: str, value: str) -> QuerySet[TradingPair]:
        """Pairs one of whose legs is this ticker."""
        return queryset.filter(Q(symbol_1__ticker__iexact=value) | Q(symbol_2__ticker__iexact=value))


class ScanFilter(django_filters.FilterSet):  # type: ignore[misc]  # django-filter has no types
    """Of scans."""

    universe = IntegerFilter(field_name="universe_id")
    timeframe = django_filters.CharFilter()
    created_at__gte = InstantFilter(field_name="created_at", lookup_expr="gte")
    created_at__lte = InstantFilter(field_name="created_at", lookup_expr="lte")

    class Meta:
        model = Scan
        fields: ClassVar = ["universe", "timeframe"]


class JobFilter(django_filters.FilterSet):  # type: ignore[misc]  # django-filter has no types
    """Of jobs; ``status`` may be given several times."""

    status = django_filters.MultipleChoiceFilter(choices=JobStatus.choices)
    kind = django_filters.ChoiceFilter(choices=JobKind.choices)
    subject_type = django_filters.CharFilter()
    subject_id = IntegerFilter()

    class Meta:
        model = Job
        fields: ClassVar = ["status", "kind", "subject_type", "subject_id"]


class UserFilter(django_filters.FilterSet):  # type: ignore[misc]  # django-filter has no types
    """Of accounts."""

    role = django_filters.ChoiceFilter(field_name="held_role", choices=Role.choices)
    is_active = StrictBooleanFilter()

    class Meta:
        model = User
        fields: ClassVar = ["role", "is_active"]


class AuditFilter(django_filters.FilterSet):  # type: ignore[misc]  # django-filter has no types
    """Of the audit trail."""

    action = django_filters.ChoiceFilter(choices=[(name, name) for name in ACTIONS])
    actor = django_filters.CharFilter(lookup_expr="iexact")
    since = InstantFilter(field_name="at", lookup_expr="gte")
    until = InstantFilter(field_name="at", lookup_expr="lte")

    class Meta:
        model = AuditEntry
        fields: ClassVar = ["action", "actor", "since", "until"]
