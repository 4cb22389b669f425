"""Filters of lists of runs."""

from typing import ClassVar

import django_filters

from api.filters.fields import FilterSet, InstantFilter, IntegerFilter, StrictBooleanFilter
from api.serializers.choices import RULE
from trading.models import BacktestKind, BacktestRun, Sweep, WalkForwardRun

__all__ = ["BacktestFilter", "SweepFilter", "WalkForwardFilter"]


class _RunFilter(FilterSet):
    """What all runs can be filtered by."""

    rule = django_filters.ChoiceFilter(choices=[(name, name) for name in RULE])
    strategy = IntegerFilter(field_name="strategy_id")
    scan = IntegerFilter(field_name="scan_id")
    universe = IntegerFilter(field_name="universe_id")
    completed = StrictBooleanFilter(field_name="completed_at", lookup_expr="isnull", exclude=True)
    created_at__gte = InstantFilter(field_name="created_at", lookup_expr="gte")
    created_at__lte = InstantFilter(field_name="created_at", lookup_expr="lte")


class BacktestFilter(_RunFilter):
    """Of backtests."""

    kind = django_filters.ChoiceFilter(choices=BacktestKind.choices)

    class Meta:
        model = BacktestRun
        fields: ClassVar = ["kind", "rule"]


class SweepFilter(_RunFilter):
    """Of sweeps."""

    method = django_filters.ChoiceFilter(choices=Sweep.Method.choices)

    class Meta:
        model = Sweep
        fields: ClassVar = ["method", "rule"]


class WalkForwardFilter(_RunFilter):
    """Of walk-forwards."""

    class Meta:
        model = WalkForwardRun
        fields: ClassVar = ["rule"]
