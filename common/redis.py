"""Redis, where there is one: one address for everything, with a prefix of names for each use."""

from functools import cache
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from django.conf import settings

from titan_core.errors import InvalidInput

__all__ = ["SECONDS", "answers", "client", "prefix", "tls_options"]

_TLS_FILES = ("ssl_ca_certs", "ssl_ca_path", "ssl_certfile", "ssl_keyfile")

SECONDS = 1.0  # how long a question that a person waits behind may take


def prefix(use: str) -> str:
    """The beginning of every key of this use: ``titan:jobs:``, ``titan:cache:``, ``titan:channels:``."""
    return f"titan:{use}:"


def tls_options(url: str | None) -> dict[str, Any] | None:
    """What ``rediss://…?ssl_…`` says of TLS, for Celery; None without TLS.

    Its transport checks no certificate unless told to, where every other client of Redis does.
    """
    parts = urlsplit(url or "")
    if parts.scheme != "rediss":
        return None
    said = {name: value for name, value in parse_qsl(parts.query) if name in _TLS_FILES}
    reqs = dict(parse_qsl(parts.query)).get("ssl_cert_reqs", "required").removeprefix("CERT_").lower()
    if reqs not in {"required", "optional", "none"}:
        raise InvalidInput(
            f"TITAN_REDIS_URL has ssl_cert_reqs={reqs}: leave it out, or write required or none"
        )
    return said | {"ssl_cert_reqs": reqs, "ssl_check_hostname": reqs == "required"}


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
