"""Channels of a person: made, changed, tried, and shown with what became of their last delivery."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import IntegrityError, transaction
from django.db.models import Max

from common import mail
from common.outbound import check_url
from common.sealing import reseal, seal
from titan_core.errors import InvalidInput
from trading.models import AlertChannel, AlertDelivery, ChannelKind
from trading.services.alerts.delivery import send_soon
from trading.services.alerts.protocols import SECRET_PURPOSE
from trading.services.base_service import BaseService, async_form
from trading.services.refusals import Refusal
from users.models import User

__all__ = ["MAX_CHANNELS", "AlertChannelService", "DescribedChannel", "reseal_all"]

MAX_CHANNELS = 20


@dataclass(frozen=True, slots=True)
class DescribedChannel:
    """A channel with all that is shown of it; field names are the API's."""

    id: int
    kind: str
    name: str
    url: str
    address: str
    has_secret: bool
    is_active: bool
    created_at: datetime
    last_delivery: AlertDelivery | None


class AlertChannelService(BaseService):
    """Everything about channels."""

    def create_sync(
        self,
        *,
        owner: User,
        kind: str,
        name: str,
        url: str = "",
        address: str = "",
        secret: str = "",
        is_active: bool = True,
    ) -> AlertChannel:
        """A channel. Raises `Refusal` for an address nobody may send to, or where no mail server is named."""
        if AlertChannel.objects.filter(owner=owner).count() >= MAX_CHANNELS:
            raise Refusal(f"You have {MAX_CHANNELS} channels already: delete one first.", code="conflict")
        channel = AlertChannel(owner=owner, kind=kind, name=name, is_active=is_active)
        _direct(channel, url=url, address=address)
        _keep_secret(channel, secret)
        return _saved(channel)

    create = async_form(create_sync)

    def update_sync(
        self, channel: AlertChannel, *, secret: str | None = None, **changes: Any
    ) -> AlertChannel:
        """Change a channel; its kind stays. An empty secret ends the signing."""
        url, address = changes.pop("url", None), changes.pop("address", None)
        for name, value in changes.items():
            setattr(channel, name, value)
        if url is not None or address is not None:
            _direct(
                channel,
                url=channel.url if url is None else url,
                address=channel.address if address is None else address,
            )
        if secret is not None:
            _keep_secret(channel, secret)
        return _saved(channel)

    update = async_form(update_sync)

    @transaction.atomic
    def test_sync(self, channel: AlertChannel) -> AlertDelivery:
        """Send a trial message; `last_delivery` tells what became of it."""
        if not channel.is_active:
            raise Refusal(
                f"{channel.name} is switched off: switch it on to try it.", field="is_active", code="conflict"
            )
        delivery = AlertDelivery.objects.create(channel=channel)
        send_soon(delivery)
        return delivery

    test = async_form(test_sync)

    def described_sync(self, channels: Iterable[AlertChannel]) -> list[DescribedChannel]:
        """Channels as they are shown, in two queries whatever their number."""
        rows = list(channels)
        newest = (
            AlertDelivery.objects.filter(channel__in=rows)
            .order_by()
            .values("channel_id")
            .annotate(newest=Max("pk"))
            .values_list("newest", flat=True)
        )
        last = {one.channel_id: one for one in AlertDelivery.objects.filter(pk__in=newest)}
        return [
            DescribedChannel(
                id=channel.pk,
                kind=channel.kind,
                name=channel.name,
                url=channel.url,
                address=channel.address,
                has_secret=bool(channel.sealed_secret),
                is_active=channel.is_active,
                created_at=channel.created_at,
                last_delivery=last.get(channel.pk),
            )
            for channel in rows
        ]

    described = async_form(described_sync)


def _direct(channel: AlertChannel, *, url: str, address: str) -> None:
    """Where the channel leads, checked for its kind."""
    if channel.kind == ChannelKind.WEBHOOK:
        if address:
            raise Refusal("A webhook has a url, and no address.", field="address")
        try:
            check_url(url)
        except InvalidInput as error:
            raise Refusal(f"Nothing can be sent there: {error}.", field="url") from error
    else:
        if url:
            raise Refusal("An e-mail channel has an address, and no url.", field="url")
        try:
            validate_email(address)
        except ValidationError:
            raise Refusal(
                f"{address!r} is no e-mail address: write it as name@example.org.", field="address"
            ) from None
        if not mail.is_configured():
            raise Refusal(
                "This server sends no e-mail: whoever runs it must name a mail server (TITAN_EMAIL_URL) first.",
                field="kind",
                code="conflict",
            )
    channel.url, channel.address = url, address


def reseal_all() -> int:
    """Seal every channel's secret under the key of today; how many there are."""
    channels = list(AlertChannel.objects.select_for_update().exclude(sealed_secret=""))
    for channel in channels:
        channel.sealed_secret = reseal(channel.sealed_secret, SECRET_PURPOSE)
    AlertChannel.objects.bulk_update(channels, ["sealed_secret"], batch_size=500)
    return len(channels)


def _keep_secret(channel: AlertChannel, secret: str) -> None:
    channel.sealed_secret = seal(secret, SECRET_PURPOSE) if secret else ""


def _saved(channel: AlertChannel) -> AlertChannel:
    try:
        with transaction.atomic():
            channel.save()
    except IntegrityError as error:
        raise Refusal(
            f"You have a channel called {channel.name!r} already: choose another name.",
            field="name",
            code="conflict",
        ) from error
    return channel
