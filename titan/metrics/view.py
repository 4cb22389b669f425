"""The answer to a scrape."""

from collections.abc import Iterable

from asgiref.sync import sync_to_async
from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector

from api.errors import not_found
from common.metrics import collected
from titan import health
from titan.metrics.access import may_read
from titan.metrics.rows import Rows, broker, machine, states

__all__ = ["metrics"]

_rows = Rows()


@never_cache
@require_safe
async def metrics(request: HttpRequest) -> HttpResponse:
    """Everything measured, for who may know; to anyone else there is nothing here."""
    if not may_read(request):
        return not_found(request, Http404())
    found = await health.states()
    body = await sync_to_async(_exposition)(found)
    return HttpResponse(body, content_type=CONTENT_TYPE_LATEST)


class _Once(Collector):
    """Metrics gathered already, as a registry wants them."""

    def __init__(self, metrics: Iterable[Metric]) -> None:
        self._metrics = list(metrics)

    def collect(self) -> Iterable[Metric]:
        """Them."""
        return self._metrics


def _exposition(found: health.States) -> bytes:
    # a database known to be down is not asked for rows: the scrape would wait for it too
    rows = _rows.metrics() if found.databases.get("default") == "ok" else []
    messages = broker() if found.redis == "ok" else []
    registry = CollectorRegistry()
    registry.register(
        _Once([*collected(), *states(found.databases, found.redis), *messages, *machine(), *rows])
    )
    return generate_latest(registry)
