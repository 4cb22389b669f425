"""Alerts as their owner sees them: counted, acknowledged."""

from collections.abc import Sequence
from typing import Any

from django.db import transaction
from django.db.models import Count
from django.utils import timezone

from common import events
from trading.models import Alert, Severity
from trading.services.alerts.payload import alert_payload
from trading.services.base_service import BaseService, async_form
from users.models import User

__all__ = ["AlertService"]


class AlertService(BaseService):
    """Everything a person does to alerts."""

    @transaction.atomic
    def acknowledge_sync(self, alert: Alert) -> Alert:
        """Take note of an alert; twice changes nothing."""
        if Alert.objects.filter(pk=alert.pk, acknowledged_at=None).update(acknowledged_at=timezone.now()):
            alert.refresh_from_db()
            events.publish(f"user_{alert.owner_id}", "alert_update", alert_payload(alert))
        return alert

    acknowledge = async_form(acknowledge_sync)

    @transaction.atomic
    def acknowledge_many_sync(self, *, owner: User, ids: Sequence[int] | None) -> dict[str, Any]:
        """Take note of these (of all with None); numbers that are not the owner's are refused one by one."""
        mine = Alert.objects.visible_to(owner)
        if ids is None:
            done = list(mine.unacknowledged().values_list("pk", flat=True))
        else:
            known = set(mine.filter(pk__in=ids).values_list("pk", flat=True))
            done = [pk for pk in dict.fromkeys(ids) if pk in known]
        changed = 0
        for start in range(0, len(done), 500):
            part = mine.unacknowledged().filter(pk__in=done[start : start + 500])
            changed += part.update(acknowledged_at=timezone.now())
        if changed:  # one event for all of them: who watches reads the list again
            events.publish(
                f"user_{owner.pk}", "alert_update", {"acknowledged": done[:500], "all": ids is None}
            )
        refused = [
            {"id": pk, "reason": "You have no alert of this number."} for pk in ids or () if pk not in done
        ]
        return {"done": done, "refused": refused}

    acknowledge_many = async_form(acknowledge_many_sync)

    def summary_sync(self, owner: User) -> dict[str, Any]:
        """How many are not acknowledged, in all and by severity."""
        rows = (
            Alert.objects.visible_to(owner)
            .unacknowledged()
            .order_by()
            .values("severity")
            .annotate(n=Count("id"))
        )
        by_severity = dict.fromkeys(Severity.values, 0) | {row["severity"]: row["n"] for row in rows}
        return {"unacknowledged": sum(by_severity.values()), "by_severity": by_severity}

    summary = async_form(summary_sync)
