"""The cache that all servers share in Redis, and what they do while it does not answer: go on, each by itself.

What is kept here is either made again when it is missing, or counts within a window, or is worth half a minute. So a
Redis that is down costs speed and sharpness and no answer: values are kept in the process's own memory meanwhile, and a
brake counts what this one process is asked.

Values are pickled, as Django does, and reading a pickle runs what it says. So each is signed, and one that this TITAN
did not write is missed instead of read: whoever can write to Redis can't make a server run anything by it.
"""

import hashlib
import hmac
import logging
import pickle
import threading
import time
from collections.abc import Callable
from typing import Any, TypeVar

import redis
from django.core.cache.backends.locmem import LocMemCache
from django.core.cache.backends.redis import RedisCache, RedisSerializer
from redis.backoff import NoBackoff
from redis.retry import Retry

from common.sealing import derived_keys

__all__ = ["SharedCache"]

logger = logging.getLogger(__name__)

T = TypeVar("T")

_SECONDS = 0.5  # for one question; twice that, once in a while, is what a silent Redis costs a request
_PAUSE_SECONDS = 5.0  # before it is asked again
_DOWN = (redis.RedisError, OSError)
# What a value written by another version of the code may raise when it is read.
_UNREADABLE = (pickle.UnpicklingError, AttributeError, ImportError, IndexError, TypeError, EOFError)


class _Breaker:
    """Whether this process asks Redis at present; Django makes a cache object a thread, so this is the process's."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._asks_again_at = 0.0
        self._down = False

    @property
    def open(self) -> bool:
        return self._down and time.monotonic() < self._asks_again_at

    def failed(self, error: Exception) -> None:
        with self._lock:
            if not self._down:
                logger.warning(
                    "Redis does not answer: this server keeps its own cache and counts (%s)", error
                )
            self._down, self._asks_again_at = True, time.monotonic() + _PAUSE_SECONDS

    def answered(self, forget: Callable[[], object]) -> None:
        if self._down:
            with self._lock:
                self._down = False
            forget()
            logger.warning("Redis answers again: the cache is shared")


_breaker = _Breaker()


class _Signed(RedisSerializer):
    """Pickles behind a signature by a key derived from SECRET_KEY; plain integers, which Redis itself counts on."""

    _SIZE = hashlib.sha256().digest_size

    def dumps(self, obj: Any) -> Any:
        content = super().dumps(obj)
        return self._signature(content) + content if isinstance(content, bytes) else content

    def loads(self, data: Any) -> Any:
        try:
            return int(data)
        except ValueError:
            signature, content = data[: self._SIZE], data[self._SIZE :]
        if not hmac.compare_digest(signature, self._signature(content)):
            raise pickle.UnpicklingError("not written by this TITAN, or under another key")
        return pickle.loads(content)  # noqa: S301 - its signature says that we wrote it

    @staticmethod
    def _signature(content: bytes) -> bytes:
        return hmac.digest(derived_keys("shared-cache")[0], content, "sha256")


class SharedCache(RedisCache):
    """Django's cache in Redis, never in the way."""

    def __init__(self, server: str, params: dict[str, Any]) -> None:
        options = {
            "socket_connect_timeout": _SECONDS,
            "socket_timeout": _SECONDS,
            "health_check_interval": 15,
            "retry": Retry(
                NoBackoff(), 1
            ),  # once: a connection kept from before a restart fails at first use
            "retry_on_error": [redis.ConnectionError],
            "serializer": _Signed,
        }
        params = params | {"OPTIONS": options | params.get("OPTIONS", {})}
        super().__init__(server, params)
        kept = {name: value for name, value in params.items() if name != "OPTIONS"}
        self._own = LocMemCache("redis-is-down", kept | {"OPTIONS": {"MAX_ENTRIES": 10_000}})

    def _ask(self, ask: Callable[[], T], instead: Callable[[], T]) -> T:
        if _breaker.open:
            return instead()
        try:
            answer = ask()
        except _DOWN as error:
            _breaker.failed(error)
            return instead()
        _breaker.answered(self._own.clear)
        return answer

    def add(self, key: str, *args: Any, **kwargs: Any) -> bool:
        """Set unless it is there; whether it was not."""
        return self._ask(
            lambda: super(SharedCache, self).add(key, *args, **kwargs),
            lambda: self._own.add(key, *args, **kwargs),
        )

    def get(self, key: str, default: Any = None, version: int | None = None) -> Any:
        """The value, or `default`; one that this version can't read is none."""
        try:
            return self._ask(
                lambda: super(SharedCache, self).get(key, default, version),
                lambda: self._own.get(key, default, version),
            )
        except _UNREADABLE:
            return default

    def set(self, key: str, *args: Any, **kwargs: Any) -> None:
        """Keep a value."""
        self._ask(
            lambda: super(SharedCache, self).set(key, *args, **kwargs),
            lambda: self._own.set(key, *args, **kwargs),
        )

    def touch(self, key: str, *args: Any, **kwargs: Any) -> bool:
        """Let it live longer; whether it is there."""
        return self._ask(
            lambda: super(SharedCache, self).touch(key, *args, **kwargs),
            lambda: self._own.touch(key, *args, **kwargs),
        )

    def delete(self, key: str, version: int | None = None) -> bool:
        """Forget it; whether it was there."""
        return self._ask(
            lambda: super(SharedCache, self).delete(key, version), lambda: self._own.delete(key, version)
        )

    def get_many(self, keys: Any, version: int | None = None) -> dict[Any, Any]:
        """The values that are there."""
        names = list(keys)
        try:
            return self._ask(
                lambda: super(SharedCache, self).get_many(names, version),
                lambda: self._own.get_many(names, version),
            )
        except _UNREADABLE:
            return {}

    def has_key(self, key: str, version: int | None = None) -> bool:
        """Whether it is there."""
        return self._ask(
            lambda: super(SharedCache, self).has_key(key, version), lambda: self._own.has_key(key, version)
        )

    def incr(self, key: str, delta: int = 1, version: int | None = None) -> int:
        """Count on, atomically; raises ``ValueError`` for what is not there."""
        return self._ask(
            lambda: super(SharedCache, self).incr(key, delta, version),
            lambda: self._own.incr(key, delta, version),
        )

    def set_many(self, data: dict[str, Any], *args: Any, **kwargs: Any) -> list[str]:
        """Keep values; names of those that could not be kept."""
        return self._ask(
            lambda: super(SharedCache, self).set_many(data, *args, **kwargs),
            lambda: self._own.set_many(data, *args, **kwargs),
        )

    def delete_many(self, keys: Any, version: int | None = None) -> None:
        """Forget them."""
        names = list(keys)
        self._ask(
            lambda: super(SharedCache, self).delete_many(names, version),
            lambda: self._own.delete_many(names, version),
        )

    def clear(self) -> None:
        """Forget everything that is the cache's: Django's own would empty the database, queues of jobs included."""

        def forget() -> bool:
            client = self._cache.get_client(None, write=True)
            for key in client.scan_iter(f"{self.key_prefix}:*", count=1000):
                client.delete(key)
            return True

        self._own.clear()
        self._ask(forget, lambda: True)
