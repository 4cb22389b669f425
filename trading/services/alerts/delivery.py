"""Deliveries: rows that jobs try to send, again after a while where that fails, until they give up in words."""

from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone

from trading.models import AlertDelivery, ChannelKind, DeliveryStatus, Job, JobKind
from trading.services.alerts.payload import alert_payload
from trading.services.alerts.protocols import PROTOCOLS, Message, Undeliverable
from trading.services.jobs import JobService, Report, handles

__all__ = ["BACKOFF", "deliver", "send_due", "send_soon"]

# After each failed try but the last: seven and a half hours in all, enough for a receiver's bad night.
BACKOFF = tuple(timedelta(seconds=s) for s in (30, 120, 600, 3_600, 21_600))
_AT_ONCE = 200


def send_soon(delivery: AlertDelivery) -> Job | None:
    """The job of the next try; its key names the try, so two who ask start one."""
    key = f"deliver:{delivery.pk}:{delivery.attempts}"
    return JobService().enqueue_once_sync(kind=JobKind.DELIVER, schedule_key=key, subject=delivery)


def send_due(now: datetime) -> int:
    """Start the tries whose time has come; returns how many."""
    due = AlertDelivery.objects.filter(status=DeliveryStatus.PENDING, next_attempt_at__lte=now)
    return sum(send_soon(delivery) is not None for delivery in due.order_by("next_attempt_at")[:_AT_ONCE])


@handles(JobKind.DELIVER)
def deliver(job: Job, report: Report) -> None:
    """Make one try. What was sent but could not be noted is sent again: receivers know it by its number."""
    delivery = (
        AlertDelivery.objects.select_related("alert", "channel__owner").filter(pk=job.subject_id or 0).first()
    )
    now = timezone.now()
    if delivery is None or not delivery.is_due(now):
        return
    error: Undeliverable | None = None
    try:
        _send(delivery, now)
    except Undeliverable as failure:
        error = failure
    with transaction.atomic():
        report.fence()
        _note(delivery, error, timezone.now())
        report.complete(f"Given to {delivery.channel}." if error is None else str(error))


def _send(delivery: AlertDelivery, now: datetime) -> None:
    channel, alert = delivery.channel, delivery.alert
    if not channel.is_active:
        raise Undeliverable("The channel was switched off.", is_final=True)
    if not channel.owner.is_active:
        raise Undeliverable("Its owner's account was deactivated.", is_final=True)
    message = Message(
        delivery=delivery.pk,
        title=alert.title if alert else "A test of this channel",
        text=alert.message if alert else "It works: alerts of the rules that name this channel come here.",
        alert=dict(alert_payload(alert)) if alert else None,
        sent_at=now,
    )
    PROTOCOLS[ChannelKind(channel.kind)].send(channel, message)


def _note(delivery: AlertDelivery, error: Undeliverable | None, now: datetime) -> None:
    """What became of the try, on the row as it was when the try began; another's newer word is left alone."""
    attempts = delivery.attempts + 1
    changes: dict[str, object] = {"attempts": attempts, "next_attempt_at": None, "error": str(error or "")}
    if error is None:
        changes |= {"status": DeliveryStatus.DELIVERED, "delivered_at": now}
    elif error.is_final or delivery.alert is None or attempts > len(BACKOFF):
        changes |= {"status": DeliveryStatus.GAVE_UP}
    else:
        changes |= {"next_attempt_at": now + BACKOFF[attempts - 1]}
    AlertDelivery.objects.filter(
        pk=delivery.pk, status=DeliveryStatus.PENDING, attempts=delivery.attempts
    ).update(**changes)
