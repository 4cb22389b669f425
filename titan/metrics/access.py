"""Who may read ``/metrics``: this machine, networks the operator named, and whoever has the token."""

import ipaddress
import secrets

from django.conf import settings
from django.http import HttpRequest

from common.origin import address_of

__all__ = ["may_read"]

# What proxies add. A request that carries one does not come from where its connection does.
_FORWARDED = ("HTTP_X_FORWARDED_FOR", "HTTP_X_FORWARDED_HOST", "HTTP_X_REAL_IP", "HTTP_FORWARDED", "HTTP_VIA")


def may_read(request: HttpRequest) -> bool:
    """Whether this request may know; everyone else is told that there is nothing here.

    Loopback counts only where no proxy stands between: a proxy on this machine is loopback too, and brings strangers.
    """
    if _shows_token(request):
        return True
    try:
        address = ipaddress.ip_address(address_of(request))
    except ValueError:
        return False
    mapped = getattr(address, "ipv4_mapped", None) or address
    if any(
        mapped in network
        for network in settings.ENVIRONMENT.metrics_allow
        if network.version == mapped.version
    ):
        return not _was_forwarded(request) or bool(settings.REST_FRAMEWORK.get("NUM_PROXIES"))
    return mapped.is_loopback and not _was_forwarded(request)


def _was_forwarded(request: HttpRequest) -> bool:
    return any(request.META.get(name) for name in _FORWARDED)


def _shows_token(request: HttpRequest) -> bool:
    expected = settings.ENVIRONMENT.metrics_token
    kind, _, shown = request.META.get("HTTP_AUTHORIZATION", "").partition(" ")
    return (
        expected is not None
        and kind.lower() == "bearer"
        and secrets.compare_digest(shown.strip().encode(), expected.encode())
    )
