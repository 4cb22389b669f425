"""Filters of jobs, accounts and the audit trail."""

from typing import ClassVar

import django_filters

from api.filters.fields import FilterSet, InstantFilter, IntegerFilter, StrictBooleanFilter
from common.audit import ACTIONS
from common.models import AuditEntry
from trading.models import Job, JobKind, JobStatus
from users.models import User
from users.roles import Role

__all__ = ["AuditFilter", "JobFilter", "UserFilter"]


class JobFilter(FilterSet):
    """Of jobs; ``status`` may be given several times."""

    status = django_filters.MultipleChoiceFilter(choices=JobStatus.choices)
    kind = django_filters.ChoiceFilter(choices=JobKind.choices)
    subject_type = django_filters.CharFilter()
    subject_id = IntegerFilter()

    class Meta:
        model = Job
        fields: ClassVar = ["status", "kind", "subject_type", "subject_id"]


class UserFilter(FilterSet):
    """Of accounts."""

    role = django_filters.ChoiceFilter(field_name="held_role", choices=Role.choices)
    is_active = StrictBooleanFilter()

    class Meta:
        model = User
        fields: ClassVar = ["role", "is_active"]


class AuditFilter(FilterSet):
    """Of the audit trail."""

    action = django_filters.ChoiceFilter(choices=[(name, name) for name in ACTIONS])
    actor = django_filters.CharFilter(lookup_expr="iexact")
    since = InstantFilter(field_name="at", lookup_expr="gte")
    until = InstantFilter(field_name="at", lookup_expr="lte")

    class Meta:
        model = AuditEntry
        fields: ClassVar = ["action", "actor", "since", "until"]
