"""Where a request comes from: the address and the program, kept for what is written about it meanwhile."""

import ipaddress
from collections.abc import Callable
from contextvars import ContextVar
from dataclasses import dataclass

from django.conf import settings
from django.http import HttpRequest, HttpResponse

__all__ = ["Origin", "OriginMiddleware", "address_of", "believed", "current_origin"]

_MAX_AGENT = 300
_MAX_ADDRESS = 45


@dataclass(frozen=True, slots=True)
class Origin:
    """Who is at the other end, as far as the network tells; both empty outside a request."""

    address: str = ""
    user_agent: str = ""


_NOWHERE = Origin()
_origin: ContextVar[Origin] = ContextVar("origin", default=_NOWHERE)


def current_origin() -> Origin:
    """The origin of the request being answered."""
    return _origin.get()


def believed(peer: str, forwarded: str) -> str:
    """The peer's address, or the forwarded one as many proxies deep as are declared (``NUM_PROXIES``).

    What stands there and is no IP address (a name, a port behind it, a zone) is not believed: the peer counts.
    """
    n_proxies = int(settings.REST_FRAMEWORK.get("NUM_PROXIES") or 0)
    hops = [hop.strip() for hop in forwarded.split(",") if hop.strip()]
    if not n_proxies or not hops:
        return peer[:_MAX_ADDRESS]
    hop = hops[-min(n_proxies, len(hops))]
    try:
        return peer[:_MAX_ADDRESS] if "%" in hop else str(ipaddress.ip_address(hop))
    except ValueError:
        return peer[:_MAX_ADDRESS]


def address_of(request: HttpRequest) -> str:
    """Where a request comes from, as far as it is believed."""
    return believed(
        str(request.META.get("REMOTE_ADDR") or ""), str(request.META.get("HTTP_X_FORWARDED_FOR", ""))
    )


class OriginMiddleware:
    """Remembers the origin while the request is answered."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer the request, its origin known to whoever records something about it."""
        agent = request.headers.get("User-Agent", "").replace("\x00", "")[:_MAX_AGENT]
        token = _origin.set(Origin(address_of(request), agent))
        try:
            return self.get_response(request)
        finally:
            _origin.reset(token)
