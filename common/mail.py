"""Letters to people: sent where a mail server is named (TITAN_EMAIL_URL), quietly not sent elsewhere."""

import logging
from smtplib import SMTPException

from django.conf import settings
from django.core.mail import send_mail

__all__ = ["is_configured", "send"]

log = logging.getLogger(__name__)
_DUMMY = "django.core.mail.backends.dummy.EmailBackend"


def is_configured() -> bool:
    """Whether letters leave this server."""
    return str(settings.EMAIL_BACKEND) != _DUMMY


def send(to: str, subject: str, text: str) -> bool:
    """Send one letter; whether it left. A mail server that fails is logged, and what asked goes on."""
    if not to or not is_configured():
        return False
    try:
        return send_mail(subject, text, None, [to]) == 1
    except (OSError, SMTPException):
        log.exception("a letter could not be sent")
        return False
