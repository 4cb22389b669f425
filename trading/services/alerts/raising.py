"""Raising an alert: one row for the same thing in its window, an event for the screen, a delivery for each channel."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import F

from common import events
from trading.models import Alert, AlertDelivery, AlertRule
from trading.services.alerts.delivery import send_soon
from trading.services.alerts.payload import alert_payload

__all__ = ["Finding", "raise_alert", "window_of"]


@dataclass(frozen=True, slots=True)
class Finding:
    """What a rule found: `what` names it, and the same name again is the same alert."""

    what: str
    title: str
    message: str
    subject_type: str = ""
    subject_id: int | None = None


def window_of(now: datetime, width: timedelta) -> str:
    """The name of the stretch of time `now` falls in; what is found again within it is not told anew."""
    return str(int(now.timestamp() // width.total_seconds()))


@transaction.atomic
def raise_alert(rule: AlertRule, finding: Finding, *, now: datetime) -> Alert:
    """The alert of this rule for this finding, made or counted up.

    The key is unique for a person: of two workers that find the same thing at once one makes the row and the other
    counts. Only the first goes out through channels, and only one nobody has acknowledged comes back to the screen.
    """
    alert, is_new = Alert.objects.get_or_create(
        owner_id=rule.owner_id,
        key=f"{rule.pk}:{finding.what}"[:120],
        defaults={
            "rule": rule,
            "kind": rule.kind,
            "severity": rule.severity,
            "title": finding.title[:200],
            "message": finding.message,
            "subject_type": finding.subject_type,
            "subject_id": finding.subject_id,
            "in_app": rule.in_app,
            "last_at": now,
        },
    )
    if is_new:
        for channel in rule.channels.filter(is_active=True):
            send_soon(AlertDelivery.objects.create(channel=channel, alert=alert))
    else:
        Alert.objects.filter(pk=alert.pk).update(
            count=F("count") + 1,
            last_at=now,
            title=finding.title[:200],
            message=finding.message,
            subject_id=finding.subject_id,
        )
        alert.refresh_from_db()
    if alert.in_app:
        events.publish(f"user_{rule.owner_id}", "alert_update", alert_payload(alert))
    return alert
