"""Brakes: requests a person or address may make, costly ones among them. Failed sign-ins are the lockout's."""

import math
import time
from typing import Any, ClassVar

from django.core.cache import cache
from rest_framework.request import Request
from rest_framework.settings import api_settings
from rest_framework.throttling import BaseThrottle

from common.origin import address_of

__all__ = [
    "AddressThrottle",
    "CostlyThrottle",
    "InvitationThrottle",
    "RefusedThrottle",
    "TrialThrottle",
    "UserThrottle",
    "WindowThrottle",
    "rate_limit_headers",
]

_SECONDS = {"s": 1, "m": 60, "h": 3_600, "d": 86_400}


class WindowThrottle(BaseThrottle):
    """So many requests a window of the clock, counted by one atomic increment.

    A list of instants read and written back, as DRF keeps it, loses counts when two requests come at once.
    """

    scope: ClassVar[str]
    limit: int | None = None

    def ident(self, request: Request) -> str | None:
        """Who is counted; None counts nobody."""
        raise NotImplementedError

    def allow_request(self, request: Request, view: Any) -> bool:
        """Count this request; whether it is within the limit."""
        who, rate = self.ident(request), api_settings.DEFAULT_THROTTLE_RATES.get(self.scope)
        if who is None or rate is None:
            return True
        number, _, per = str(rate).partition("/")
        self.limit, seconds = int(number), _SECONDS[per[0]]
        now = _now()
        window = int(now // seconds)
        self.reset_seconds = (window + 1) * seconds - now
        key = f"throttle:{self.scope}:{who}:{window}"
        cache.add(key, 0, seconds + 1)
        try:
            used = cache.incr(key)
        except ValueError:  # it expired, or was evicted, between the two
            cache.set(key, 1, seconds + 1)
            used = 1
        self.remaining = max(0, self.limit - used)
        return used <= self.limit

    def wait(self) -> float | None:
        """Seconds until the next window."""
        return max(1.0, float(math.ceil(self.reset_seconds)))


def _now() -> float:
    """Seconds of the clock, whose windows every process shares."""
    return time.time()  # noqa: TID251 - a brake is about the clock


class UserThrottle(WindowThrottle):
    """Everything one person asks, with whatever token or key."""

    scope = "user"

    def ident(self, request: Request) -> str | None:
        """The person."""
        return str(request.user.pk) if request.user.is_authenticated else None


class AddressThrottle(WindowThrottle):
    """Everything one address asks without saying who it is."""

    scope = "address"

    def ident(self, request: Request) -> str | None:
        """The address, unless somebody is signed in."""
        return None if request.user.is_authenticated else address_of(request)


class RefusedThrottle(AddressThrottle):
    """Tokens and keys from one address that did not hold: guessing is braked like asking."""

    def ident(self, request: Request) -> str | None:
        """The address; asking who is signed in is what was refused."""
        return address_of(request)


class CostlyThrottle(UserThrottle):
    """Scans, analyses and uploads one person may start."""

    scope = "costly"


class InvitationThrottle(RefusedThrottle):
    """Links of invitations one address may try: a password is set with each, so they are guessed slower than asked."""

    scope = "invitation"


class TrialThrottle(UserThrottle):
    """Trial messages one person may send: they go to whatever address was typed in."""

    scope = "trial"


def rate_limit_headers(throttles: list[Any]) -> dict[str, str]:
    """``RateLimit-*`` of the throttle that leaves least; none where nothing was counted."""
    counted = [throttle for throttle in throttles if getattr(throttle, "limit", None) is not None]
    if not counted:
        return {}
    tightest = min(counted, key=lambda throttle: (throttle.remaining, throttle.limit))
    return {
        "RateLimit-Limit": str(tightest.limit),
        "RateLimit-Remaining": str(tightest.remaining),
        "RateLimit-Reset": str(math.ceil(tightest.reset_seconds)),
    }
