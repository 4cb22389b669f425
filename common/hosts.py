"""Hosts: a request must name one of ours, but for what the machines around the server ask by its address."""

from django.http import HttpRequest, HttpResponsePermanentRedirect
from django.middleware.common import CommonMiddleware

__all__ = ["ASKED_BY_ADDRESS", "HostMiddleware"]

# Probes and scrapers come by address, which is no name in TITAN_ALLOWED_HOSTS. Their answers hold no link and no
# secret, so a false name in the request does nothing there.
ASKED_BY_ADDRESS = ("/livez", "/readyz", "/metrics")


class HostMiddleware(CommonMiddleware):
    """Django's own check of the host, and its redirect to a closing stroke."""

    def process_request(self, request: HttpRequest) -> HttpResponsePermanentRedirect | None:
        """Refuse a host that is not ours, unless it does not matter."""
        if request.path_info in ASKED_BY_ADDRESS:
            return None
        return super().process_request(request)
