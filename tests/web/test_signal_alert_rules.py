"""Accounts older than signals are given the usual rule of them, once."""

import datetime as dt
from importlib import import_module
from types import SimpleNamespace

from django.apps import apps
from django.db import connections

from trading.models import AlertDefaults, AlertKind, AlertRule
from trading.services.alerts.parameters import full_parameters
from trading.services.alerts.rules import ensure_defaults
from users.models import User

give = import_module("trading.migrations.0016_signal_alert_rules").give_signal_rules
OLD = dt.datetime(2000, 1, 1, tzinfo=dt.UTC)


def rules_of(user: User) -> int:
    return AlertRule.objects.filter(owner=user, kind=AlertKind.SIGNAL).count()


def test_whoever_had_their_rules_before_signals_is_given_theirs_and_no_one_else(
    trader: User, viewer: User, admin: User
) -> None:
    for user in (trader, viewer, admin):
        ensure_defaults(user)
    AlertRule.objects.filter(owner__in=(trader, viewer), kind=AlertKind.SIGNAL).delete()
    AlertDefaults.objects.filter(owner__in=(trader, admin)).update(made_at=OLD)
    for _ in range(2):
        give(apps, SimpleNamespace(connection=connections["default"]))
        assert [rules_of(user) for user in (trader, viewer, admin)] == [1, 0, 1], "the viewer deleted theirs"
    given = AlertRule.objects.get(owner=trader, kind=AlertKind.SIGNAL)
    usual = AlertRule.objects.get(owner=admin, kind=AlertKind.SIGNAL)
    assert given.parameters == usual.parameters == full_parameters(AlertKind.SIGNAL, {})
    assert (given.severity, given.in_app, given.is_active) == (usual.severity, usual.in_app, usual.is_active)
