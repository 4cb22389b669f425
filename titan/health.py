"""What a supervisor asks: whether the process answers, and whether it can do its work."""

from django.db import DatabaseError, connections
from django.http import HttpRequest, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

__all__ = ["livez", "readyz"]


@never_cache
@require_safe
def livez(request: HttpRequest) -> JsonResponse:
    """The process answers."""
    return JsonResponse({"status": "ok"})


@never_cache
@require_safe
def readyz(request: HttpRequest) -> JsonResponse:
    """Both databases answer; 503 says which does not, and never why (the log does)."""
    databases = {alias: "ok" if _answers(alias) else "unreachable" for alias in connections}
    ready = all(state == "ok" for state in databases.values())
    return JsonResponse(
        {"status": "ok" if ready else "unavailable", "databases": databases}, status=200 if ready else 503
    )


def _answers(alias: str) -> bool:
    try:
        with connections[alias].cursor() as cursor:
            cursor.execute("SELECT 1")
            return bool(cursor.fetchone() == (1,))
    except DatabaseError:
        return False
