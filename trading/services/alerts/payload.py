"""The JSON of an alert: one function, for the REST API, the sockets and webhooks alike."""

from typing import TypedDict

from common.events import instant
from trading.models import Alert

__all__ = ["AlertPayload", "AlertSubject", "alert_payload"]


class AlertSubject(TypedDict):
    """The row an alert is about."""

    type: str
    id: int


class AlertPayload(TypedDict):
    """An alert as clients see it."""

    id: int
    kind: str
    severity: str
    title: str
    message: str
    subject: AlertSubject | None
    count: int
    created_at: str | None
    last_at: str | None
    acknowledged_at: str | None


def alert_payload(alert: Alert) -> AlertPayload:
    """`alert` as JSON."""
    return {
        "id": alert.pk,
        "kind": str(alert.kind),
        "severity": str(alert.severity),
        "title": alert.title,
        "message": alert.message,
        "subject": {"type": alert.subject_type, "id": alert.subject_id}
        if alert.subject_id is not None
        else None,
        "count": alert.count,
        "created_at": instant(alert.created_at),
        "last_at": instant(alert.last_at),
        "acknowledged_at": instant(alert.acknowledged_at),
    }
