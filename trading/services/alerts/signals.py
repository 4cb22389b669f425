"""Alerts for those who watch a pair that gives a signal."""

from datetime import datetime

from trading.models import AlertKind, AlertRule, Signal
from trading.services.alerts.raising import Finding, raise_alert
from trading.services.alerts.rules import ensure_defaults
from users.models import User

__all__ = ["tell_watchers"]


def tell_watchers(signal: Signal, *, now: datetime) -> int:
    """Raise the alert of every active rule of the people who watch the signal's pair; returns how many."""
    watchers = User.objects.filter(is_active=True, watches__pair=signal.pair_id)
    for user in watchers.filter(alert_defaults=None):
        ensure_defaults(user)
    rules = (
        AlertRule.objects.filter(is_active=True, kind=AlertKind.SIGNAL, owner__in=watchers)
        .select_related("owner")
        .order_by("pk")
    )
    told = 0
    for rule in rules:
        if _is_meant(rule, signal) and rule.owner.has_perm("trading.view_signal"):
            raise_alert(rule, _finding(signal), now=now)
            told += 1
    return told


def _is_meant(rule: AlertRule, signal: Signal) -> bool:
    """Exits and stops always; entries from the confidence on that the rule asks for."""
    least = rule.parameters["min_confidence"]
    if least <= 0.0 or not signal.signal_type.startswith("ENTRY"):
        return True
    return signal.confidence_score is not None and signal.confidence_score >= least


def _finding(signal: Signal) -> Finding:
    says = Signal.Type(signal.signal_type).label
    past = (
        f"Of {signal.n_past} past trades of the rule on this pair {signal.confidence_score:.0%} won after costs."
        if signal.confidence_score is not None
        else f"{signal.n_past} past trades of the rule on this pair: too few to say how often it wins."
    )
    mark = " The pair was fitted on this bar, so this is in sample." if signal.in_sample else ""
    return Finding(
        what=f"signal:{signal.pair_id}:{signal.timestamp.isoformat()}:{signal.signal_type}",
        title=f"{signal.pair}: {says[:1].lower()}{says[1:]}, z {signal.z_score:+.2f}",
        message=f"Decided at the close of {signal.timestamp.date()}. {past}{mark}",
        subject_type="tradingpair",
        subject_id=signal.pair_id,
    )
