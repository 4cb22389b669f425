"""What a supervisor asks: whether the process answers, and whether it can do its work."""

import asyncio
import logging
import threading
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass
from functools import partial

from django.conf import settings
from django.db import connections
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

__all__ = ["States", "livez", "readyz", "states"]

logger = logging.getLogger(__name__)

LIMIT_SECONDS = 2.0  # less than a supervisor waits

_migrated: set[tuple[str, str]] = set()
_asking: dict[str, "Future[str]"] = {}


@dataclass(frozen=True, slots=True)
class States:
    """A word for each part: ok, unreachable, not migrated, or no answer within the time limit."""

    databases: dict[str, str]
    redis: str | None  # None where none is used

    @property
    def are_ok(self) -> bool:
        """Whether nothing is amiss."""
        return self.can_serve and self.redis in {None, "ok"}

    @property
    def can_serve(self) -> bool:
        """Whether requests are answered: without Redis they are, only jobs start late and news comes by polling."""
        return set(self.databases.values()) == {"ok"}

    @property
    def word(self) -> str:
        """All of it in a word."""
        return "ok" if self.are_ok else "degraded" if self.can_serve else "unavailable"


@never_cache
@require_safe
async def livez(request: HttpRequest) -> JsonResponse:
    """The process answers."""
    return JsonResponse({"status": "ok"})


@never_cache
@require_safe
async def readyz(request: HttpRequest) -> JsonResponse:
    """Whether requests can be answered, and which part is amiss, never why (the log does).

    503 where a database does not answer or waits to be migrated. A Redis that is down is told, and no reason to turn
    requests away: every server would be, at once.
    """
    found = await states()
    body = {"status": found.word, "databases": found.databases}
    if found.redis is not None:
        body["redis"] = found.redis
    return JsonResponse(body, status=200 if found.can_serve else 503)


async def states() -> States:
    """How each part is, all asked at once, each for a limited time."""
    checks: dict[str, Callable[[], str]] = {alias: partial(_database, alias) for alias in connections}
    redis_url = None if settings.EMBEDDED else settings.ENVIRONMENT.redis_url
    if redis_url:
        checks["redis"] = partial(_redis, redis_url)
    answers = dict(
        zip(checks, await asyncio.gather(*(_asked(*check) for check in checks.items())), strict=True)
    )
    redis = answers.pop("redis", None)
    return States(answers, redis)


async def _asked(name: str, check: Callable[[], str]) -> str:
    """The word of one part. A check that hangs is not asked twice: every prober waits for the same one."""
    asking = _asking.get(name)
    if asking is None or asking.done():
        asking = _asking[name] = _in_thread(name, check)
    try:
        async with asyncio.timeout(LIMIT_SECONDS):
            return await asyncio.shield(asyncio.wrap_future(asking))
    except TimeoutError:
        return "no answer"


def _in_thread(name: str, check: Callable[[], str]) -> "Future[str]":
    """A thread that keeps no process from ending, however long its database takes to answer."""
    future: Future[str] = Future()

    def run() -> None:
        try:
            future.set_result(check())
        except BaseException as error:  # whoever waits must hear of it
            future.set_exception(error)

    threading.Thread(target=run, name=f"readiness-{name}", daemon=True).start()
    return future


def _database(alias: str) -> str:
    """Asked over a connection of this thread's own, which does not outlive the question."""
    connection = connections[alias]
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
            cursor.fetchone()
        return "ok" if _is_migrated(alias) else "not migrated"
    except Exception:  # whatever it was, the part does not work
        logger.warning("the database %s does not answer", alias, exc_info=True)
        return "unreachable"
    finally:
        connection.close()


def _is_migrated(alias: str) -> bool:
    """Whether no migration is waiting; asked until it is so, for what was applied stays applied."""
    database = (alias, str(connections[alias].settings_dict["NAME"]))
    if database not in _migrated:
        executor = MigrationExecutor(connections[alias])
        if executor.migration_plan(executor.loader.graph.leaf_nodes()):
            return False
        _migrated.add(database)
    return True


def _redis(url: str) -> str:
    import redis

    client = redis.Redis.from_url(url, socket_connect_timeout=LIMIT_SECONDS, socket_timeout=LIMIT_SECONDS)
    try:
        client.ping()
    except Exception:  # as above
        logger.warning("Redis does not answer", exc_info=True)
        return "unreachable"
    finally:
        client.close()
    return "ok"
