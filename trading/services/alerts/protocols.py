"""How a message leaves: one protocol, a webhook and e-mail behind it."""

import hashlib
import hmac
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from smtplib import SMTPException
from typing import Any, Protocol

from django.core.mail import BadHeaderError, send_mail

from common import mail, outbound
from common.events import instant
from common.sealing import Unsealable, unseal
from titan_core.errors import InvalidInput, TitanError
from trading.models import AlertChannel, ChannelKind

__all__ = ["PROTOCOLS", "SECRET_PURPOSE", "Message", "Sender", "Undeliverable", "signature"]

SECRET_PURPOSE = "alert-channel"  # noqa: S105 - names a key, is none
_SECONDS = 5.0  # one worker does all jobs of a small installation: nobody's slow receiver may hold it


class Undeliverable(TitanError):
    """A try that failed; `is_final` where another would fail alike."""

    code = "undeliverable"

    def __init__(self, message: str, *, is_final: bool = False) -> None:
        super().__init__(message)
        self.is_final = is_final


@dataclass(frozen=True, slots=True)
class Message:
    """What is sent: in words, and as the JSON that clients of the API know. `delivery` stays the same over tries."""

    delivery: int
    title: str
    text: str
    alert: Mapping[str, Any] | None
    sent_at: datetime


class Sender(Protocol):
    """A way to reach someone."""

    def send(self, channel: AlertChannel, message: Message) -> None:
        """Deliver it. Raises `Undeliverable`."""


class Webhook:
    """JSON by POST; signed where the channel has a secret."""

    def send(self, channel: AlertChannel, message: Message) -> None:
        """Deliver it; any answer from 200 to 299 is a receipt."""
        body = json.dumps(
            {
                "type": "alert" if message.alert is not None else "test",
                "delivery": message.delivery,
                "sent_at": instant(message.sent_at),
                "title": message.title,
                "text": message.text,
                "alert": message.alert,
            },
            allow_nan=False,
            separators=(",", ":"),
        ).encode()
        headers = {"Content-Type": "application/json", "X-Titan-Delivery": str(message.delivery)}
        try:
            if channel.sealed_secret:
                headers["X-Titan-Signature"] = signature(
                    unseal(channel.sealed_secret, SECRET_PURPOSE), body, int(message.sent_at.timestamp())
                )
            answer = outbound.fetch(channel.url, method="POST", data=body, headers=headers, timeout=_SECONDS)
        except Unsealable as error:
            raise Undeliverable(
                "Its secret can't be read any more: enter it again.", is_final=True
            ) from error
        except InvalidInput as error:
            raise Undeliverable(f"Refused: {error}.", is_final=True) from error
        except TitanError as error:
            raise Undeliverable(f"{error}.") from error  # begins with the host's name
        if 300 <= answer.status < 400:
            raise Undeliverable(f"It answered {answer.status}, a redirect: enter the address it leads to.")
        if not 200 <= answer.status < 300:
            # 410 Gone is how a receiver says that it wants no more of it
            raise Undeliverable(f"It answered {answer.status}.", is_final=answer.status == 410)


class Email:
    """A letter of plain text."""

    def send(self, channel: AlertChannel, message: Message) -> None:
        """Hand it to the mail server."""
        if not mail.is_configured():
            raise Undeliverable("This server sends no e-mail (TITAN_EMAIL_URL is not set).", is_final=True)
        try:
            send_mail(f"TITAN: {message.title}", message.text or message.title, None, [channel.address])
        except BadHeaderError as error:
            raise Undeliverable("Its subject has a line break.", is_final=True) from error
        except (OSError, SMTPException) as error:
            raise Undeliverable(f"The mail server did not take it ({type(error).__name__}).") from error


PROTOCOLS: dict[str, Sender] = {ChannelKind.WEBHOOK: Webhook(), ChannelKind.EMAIL: Email()}


def signature(secret: str, body: bytes, at: int) -> str:
    """``t=<unix seconds>,v1=<hex>``: HMAC-SHA256 with the secret over ``<t>.<body>``, as the header carries it."""
    digest = hmac.new(secret.encode(), f"{at}.".encode() + body, hashlib.sha256).hexdigest()
    return f"t={at},v1={digest}"
