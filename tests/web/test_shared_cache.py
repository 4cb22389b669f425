"""The cache in Redis: shared, bounded to its own keys, and never in the way while Redis is down."""

import pickle
from collections.abc import Iterator
from typing import Any

import pytest
import redis
from django.core.cache import caches
from django.test import override_settings

from common import shared_cache
from common.shared_cache import SharedCache
from titan.settings.redis import cache as cache_settings
from tools.services import RedisServer


@pytest.fixture
def server() -> Iterator[RedisServer]:
    with RedisServer() as made:
        yield made


@pytest.fixture
def cache(server: RedisServer, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """The production cache on that Redis, in this process; a Redis that fell silent is asked again at once."""
    monkeypatch.setattr(shared_cache, "_PAUSE_SECONDS", 0.0)
    monkeypatch.setattr(shared_cache, "_breaker", shared_cache._Breaker())
    with override_settings(CACHES={"default": cache_settings(server.url)}):
        made = caches["default"]
        assert isinstance(made, SharedCache)
        yield made
        made.close()


def test_values_are_shared_and_lie_under_their_own_prefix(server: RedisServer, cache: Any) -> None:
    cache.set("a", {"x": 1.5}, 60)
    other = SharedCache(server.url, cache_settings(server.url))
    assert other.get("a") == {"x": 1.5}
    assert other.add("a", 2) is False
    client = redis.Redis.from_url(server.url)
    client.lpush("titan:jobs:compute", "a message")
    assert {key.split(b":")[1] for key in client.keys("*")} == {b"cache", b"jobs"}
    cache.clear()
    assert client.keys("*") == [b"titan:jobs:compute"]
    client.close()
    other.close()


def test_every_question_is_answered_while_redis_is_down(
    server: RedisServer, cache: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    cache.set_many({"a": 1, "b": 2}, 60)
    server.kill()
    monkeypatch.setattr(shared_cache, "_PAUSE_SECONDS", 60.0)
    assert cache.get("a", "missed") == "missed"
    assert cache.get_many(["a", "b"]) == {}
    cache.set("c", 3, 60)
    assert (cache.get("c"), cache.has_key("c"), cache.touch("c", 60)) == (3, True, True)
    assert cache.add("n", 0, 60)
    assert [cache.incr("n") for _ in range(3)] == [1, 2, 3]  # a brake goes on counting, for this server alone
    with pytest.raises(ValueError, match="not found"):
        cache.incr("nothing")
    cache.delete_many(["a", "b"])
    assert cache.delete("c")
    cache.clear()
    server.start()
    assert cache.get("c") is None
    assert shared_cache._breaker.open  # a Redis known to be down is not asked each time, even when it is back


def test_what_was_kept_meanwhile_is_forgotten_when_redis_is_back(server: RedisServer, cache: Any) -> None:
    server.kill()
    cache.set("a", "mine alone", 60)
    server.start()
    assert cache.get("a") is None
    server.kill()
    assert cache.get("a") is None


def test_a_value_that_can_t_be_read_is_missed(server: RedisServer, cache: Any) -> None:
    client = redis.Redis.from_url(server.url)
    for value in (b"\x80\x04garbage", b"cno_such_module\nThing\n."):
        client.set(cache.make_key("a"), value)
        assert cache.get("a", "missed") == "missed"
        assert cache.get_many(["a"]) == {}
    client.close()


class _Bomb:
    """What its pickle does when it is read."""

    def __reduce__(self) -> Any:
        return _went_off.append, (True,)


_went_off: list[bool] = []


def test_what_another_wrote_into_redis_is_never_unpickled(server: RedisServer, cache: Any) -> None:
    """Unpickling runs code: only what this TITAN has signed is read. Whoever writes to Redis owns no server."""
    client = redis.Redis.from_url(server.url)
    cache.set("a", (1, None), 60)
    name = cache.make_key("a")
    kept = bytes(client.get(name) or b"")
    for value in (pickle.dumps(_Bomb()), kept[:32] + pickle.dumps(_Bomb()), kept[:31], b""):
        client.set(name, value)
        assert cache.get("a", "missed") == "missed"
        assert cache.get_many(["a"]) == {}
    assert not _went_off
    client.set(name, kept)
    with override_settings(SECRET_KEY="another key " * 5):
        assert (
            cache.get("a", "missed") == "missed"
        )  # one that is made again: nothing is told apart by former keys
    assert cache.get("a") == (1, None)
    client.close()
