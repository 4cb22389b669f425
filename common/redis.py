"""Redis, where there is one: one address for everything, with a prefix of names for each use."""

from functools import cache
from typing import Any

from django.conf import settings

__all__ = ["SECONDS", "answers", "client", "prefix"]

SECONDS = 1.0  # how long a question that a person waits behind may take


def prefix(use: str) -> str:
    """The beginning of every key of this use: ``titan:jobs:``, ``titan:cache:``, ``titan:channels:``."""
    return f"titan:{use}:"


def client() -> Any:
    """A client for short questions, which fails rather than wait; its connections are shared by this process."""
    return _client(settings.ENVIRONMENT.redis_url)


def answers() -> bool | None:
    """Whether Redis answers; None where none is configured."""
    if settings.ENVIRONMENT.redis_url is None:
        return None
    import redis

    try:
        return bool(client().ping())
    except (redis.RedisError, OSError):
        return False


@cache
def _client(url: str) -> Any:
    import redis
    from redis.backoff import NoBackoff
    from redis.retry import Retry

    return redis.Redis.from_url(
        url, socket_connect_timeout=SECONDS, socket_timeout=SECONDS, retry=Retry(NoBackoff(), 1)
    )
