"""Filters of lists, one set a collection."""

from api.filters.desk import AuditFilter, JobFilter, UserFilter
from api.filters.personal import AlertChannelFilter, AlertFilter, AlertRuleFilter, LayoutFilter, ShareFilter
from api.filters.reference import PairFilter, ScanFilter, SymbolFilter, UniverseFilter
from api.filters.runs import BacktestFilter, SweepFilter, WalkForwardFilter
from api.filters.signals import SignalFilter

__all__ = [
    "AlertChannelFilter",
    "AlertFilter",
    "AlertRuleFilter",
    "AuditFilter",
    "BacktestFilter",
    "JobFilter",
    "LayoutFilter",
    "PairFilter",
    "ScanFilter",
    "ShareFilter",
    "SignalFilter",
    "SweepFilter",
    "SymbolFilter",
    "UniverseFilter",
    "UserFilter",
    "WalkForwardFilter",
]
