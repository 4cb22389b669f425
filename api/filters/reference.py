"""Filters of what everyone shares, and of scans."""

from typing import ClassVar

import django_filters
from django.db.models import Q, QuerySet

from api.filters.fields import FilterSet, InstantFilter, IntegerFilter, StrictBooleanFilter
from trading.models import Scan, Symbol, TradingPair, Universe

__all__ = ["PairFilter", "ScanFilter", "SymbolFilter", "UniverseFilter"]


class SymbolFilter(FilterSet):
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


class UniverseFilter(FilterSet):
    """Of universes."""

    source = django_filters.ChoiceFilter(choices=Universe._meta.get_field("source").choices)
    slug = django_filters.CharFilter()

    class Meta:
        model = Universe
        fields: ClassVar = ["source", "slug"]


class PairFilter(FilterSet):
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


class ScanFilter(FilterSet):
    """Of scans."""

    universe = IntegerFilter(field_name="universe_id")
    timeframe = django_filters.CharFilter()
    created_at__gte = InstantFilter(field_name="created_at", lookup_expr="gte")
    created_at__lte = InstantFilter(field_name="created_at", lookup_expr="lte")

    class Meta:
        model = Scan
        fields: ClassVar = ["universe", "timeframe"]
