"""What a server process measures of itself, alone or summed with the other processes of its machine.

Names, units and labels are a contract with dashboards and alert rules (``deploy/observability``). Labels come from
small closed sets: addresses are route templates, and no label ever holds what a person typed.
"""

import re
from functools import lru_cache
from typing import TYPE_CHECKING

from django.conf import settings
from django.http import HttpRequest
from prometheus_client import CollectorRegistry, Gauge, Histogram, disable_created_metrics
from prometheus_client.multiprocess import MultiProcessCollector

from common import metrics_folder

if TYPE_CHECKING:
    from collections.abc import Iterable

    from prometheus_client.metrics_core import Metric

__all__ = [
    "EVENTS_LAG",
    "EXPORTS",
    "LONG_POLLS",
    "REQUEST_SECONDS",
    "SOCKET_CLIENTS",
    "answered",
    "collected",
    "route_of",
]

disable_created_metrics()  # type: ignore[no-untyped-call]  # untyped there; a series more for each, which nobody reads
_registry = CollectorRegistry()
_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})

REQUEST_SECONDS = Histogram(
    "titan_http_request_duration_seconds",
    "Time until an answer's headers and first bytes were ready, by route template.",
    ("method", "route", "status"),
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0),
    registry=_registry,
)
SOCKET_CLIENTS = Gauge(
    "titan_socket_clients",
    "Open sockets that have signed in.",
    ("door",),
    multiprocess_mode="livesum",
    registry=_registry,
)
LONG_POLLS = Gauge(
    "titan_long_polls",
    "Requests to events/ that wait for news.",
    multiprocess_mode="livesum",
    registry=_registry,
)
EXPORTS = Gauge(
    "titan_exports",
    "Files that are being streamed out.",
    multiprocess_mode="livesum",
    registry=_registry,
)
EVENTS_LAG = Histogram(
    "titan_events_lag_seconds",
    "From an event's row to its push to the sockets of a server process.",
    buckets=(0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0),
    registry=_registry,
)


def answered(request: HttpRequest, status: int, seconds: float) -> None:
    """Count an answer."""
    method = request.method if request.method in _METHODS else "OTHER"
    REQUEST_SECONDS.labels(method, route_of(request), str(status)).observe(seconds)


def route_of(request: HttpRequest) -> str:
    """The template of a request's address: ``/api/v1/pairs/{pk}/``; one word for all that has none."""
    match = getattr(request, "resolver_match", None)
    if match is not None:
        return _template(match.route)
    return "static" if request.path.startswith(settings.STATIC_URL) else "unmatched"


def collected() -> "Iterable[Metric]":
    """What was measured here, or by all processes that share the folder of measurements."""
    folder = metrics_folder.shared()
    if folder is None:
        return list(_registry.collect())
    with metrics_folder.locked(folder, exclusive=False):
        metrics_folder.forget_the_dead(folder)
        collector = MultiProcessCollector(None, str(folder))  # type: ignore[no-untyped-call]  # untyped there
        return list(collector.collect())  # type: ignore[no-untyped-call]  # as above


@lru_cache(maxsize=1024)
def _template(route: str) -> str:
    """A route as Django writes it, without the marks of its patterns."""
    named = re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", _groups_named(route))
    return "/" + re.sub(r"/\?\$|[\^$]|\\Z|\\", "", named)


def _groups_named(route: str) -> str:
    """Each ``(?P<name>pattern)`` as ``{name}``, whatever brackets the pattern holds."""
    text = ""
    while (start := route.find("(?P<")) >= 0:
        name, _, rest = route[start + 4 :].partition(">")
        depth, end = 1, 0
        while depth and end < len(rest):
            depth += {"(": 1, ")": -1}.get(rest[end], 0)
            end += 1
        text, route = f"{text}{route[:start]}{{{name}}}", rest[end:]
    return text + route
