"""The lockout: failed sign-ins counted by name and address, in rows, so that a restart forgets none."""

import datetime as dt

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from common.sealing import digest
from users.errors import LockedOut
from users.models import LoginAttempt

__all__ = [
    "ADDRESS_WINDOW",
    "PER_ADDRESS",
    "PER_NAME",
    "PER_NAME_AND_ADDRESS",
    "WINDOW",
    "begin",
    "succeeded",
]

WINDOW = dt.timedelta(minutes=15)
PER_NAME_AND_ADDRESS = 10
PER_NAME = 100
# Names tried in turn from one address: as many a minute as the API's brake lets through, on every door.
PER_ADDRESS = 60
ADDRESS_WINDOW = dt.timedelta(minutes=1)


def begin(username: str, address: str) -> LoginAttempt:
    """Count an attempt before it is judged, so that many at once count too; it stays counted unless it succeeds.

    Raises
    ------
    LockedOut
        The limit is reached; this attempt is then not judged and not counted.
    """
    now, name = timezone.now(), digest(username.casefold(), "login-name")
    with transaction.atomic():
        LoginAttempt.objects.filter(at__lte=now - WINDOW).delete()
        attempt = LoginAttempt.objects.create(name_digest=name, address=address, at=now)
    earlier = LoginAttempt.objects.filter(pk__lt=attempt.pk)
    named = earlier.filter(name_digest=name, at__gt=now - WINDOW)
    here = earlier.filter(address=address, at__gt=now - ADDRESS_WINDOW)
    for rows, limit, window in (
        (named.filter(address=address), PER_NAME_AND_ADDRESS, WINDOW),
        (named, PER_NAME, WINDOW),
        (here, PER_ADDRESS, ADDRESS_WINDOW),
    ):
        blocking = _blocking(rows, limit)
        if blocking is not None:
            attempt.delete()
            raise LockedOut(max(1, -int((now - window - blocking) // dt.timedelta(seconds=1))))
    return attempt


def succeeded(attempt: LoginAttempt) -> None:
    """The attempt was none of an attacker's: this address's count for the name starts anew."""
    LoginAttempt.objects.filter(name_digest=attempt.name_digest, address=attempt.address).delete()


def _blocking(rows: QuerySet[LoginAttempt], limit: int) -> dt.datetime | None:
    """When the failure happened whose ageing ends the lockout; None where there are fewer than `limit`."""
    times = list(rows.order_by("-at").values_list("at", flat=True)[limit - 1 : limit])
    return times[0] if times else None
