"""What a supervisor asks: whether the process answers, and whether it can do its work."""

from django.db import DatabaseError, connections
from django.db.migrations.executor import MigrationExecutor
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from api.errors import not_found

__all__ = ["livez", "metrics", "readyz"]

_migrated: set[tuple[str, str]] = set()


@never_cache
@require_safe
def livez(request: HttpRequest) -> JsonResponse:
    """The process answers."""
    return JsonResponse({"status": "ok"})


@never_cache
@require_safe
def readyz(request: HttpRequest) -> JsonResponse:
    """Both databases answer and are migrated; 503 says which is not, and never why (the log does)."""
    databases = {alias: _state(alias) for alias in connections}
    ready = all(state == "ok" for state in databases.values())
    return JsonResponse(
        {"status": "ok" if ready else "unavailable", "databases": databases}, status=200 if ready else 503
    )


def metrics(request: HttpRequest) -> HttpResponse:
    """Nothing is measured here yet: a scraper is told so, and is not given the application's page."""
    return not_found(request, Http404())


def _state(alias: str) -> str:
    if not _answers(alias):
        return "unreachable"
    return "ok" if _is_migrated(alias) else "not migrated"


def _is_migrated(alias: str) -> bool:
    """Whether no migration is waiting; asked until it is so, for what was applied stays applied."""
    database = (alias, str(connections[alias].settings_dict["NAME"]))
    if database not in _migrated:
        try:
            executor = MigrationExecutor(connections[alias])
            if executor.migration_plan(executor.loader.graph.leaf_nodes()):
                return False
        except DatabaseError:
            return False
        _migrated.add(database)
    return True


def _answers(alias: str) -> bool:
    try:
        with connections[alias].cursor() as cursor:
            cursor.execute("SELECT 1")
            return bool(cursor.fetchone() == (1,))
    except DatabaseError:
        return False
