"""Settings of what lies in Redis besides messages: the cache and the channel layer."""

from typing import Any

from common.redis import prefix

__all__ = ["cache", "channel_layer"]

# The channel layer waits five seconds at a time for news that may not come. A socket that gives up as early, which is
# the client's default, makes silence look like a Redis that is gone; one that gives up later finds out when it is.
_SILENCE_SECONDS = 15.0


def cache(url: str | None) -> dict[str, Any]:
    """The cache that all processes share."""
    return {
        "BACKEND": "common.shared_cache.SharedCache",
        "LOCATION": url,
        "KEY_PREFIX": prefix("cache").rstrip(":"),
    }


def channel_layer(url: str | None) -> dict[str, Any]:
    """The channel layer that joins all processes."""
    host = {
        "address": url,
        "socket_connect_timeout": 2,
        "socket_timeout": _SILENCE_SECONDS,
        "socket_keepalive": True,
        "health_check_interval": 15,
    }
    return {
        "BACKEND": "channels_redis.core.RedisChannelLayer",
        "CONFIG": {
            "hosts": [host],
            "prefix": prefix("channels").rstrip(":"),
            # Hints, of which one is as good as many: what a server has not read yet is bounded, and soon forgotten.
            "capacity": 200,
            "expiry": 10,
            "group_expiry": 3600,  # the hub joins its groups again every ten minutes
        },
    }
