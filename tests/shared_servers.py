"""TimescaleDB and Redis that a test run shares: those its environment names, else private ones that end with it."""

import atexit
import os

from tools.services import REDIS_VARIABLE, TIMESCALE_VARIABLE, RedisServer, TimescaleServer

__all__ = ["redis_url", "timescale_url"]


def timescale_url() -> str:
    """Address of the maintenance database of a TimescaleDB."""
    return _shared(TIMESCALE_VARIABLE, TimescaleServer)


def redis_url() -> str:
    """Address of a Redis."""
    return _shared(REDIS_VARIABLE, RedisServer)


def _shared(variable: str, make: type[TimescaleServer] | type[RedisServer]) -> str:
    """What `variable` says; processes that a test starts find it there too."""
    if variable not in os.environ:
        server = make().start()
        atexit.register(server.close)
        os.environ[variable] = server.url
    return os.environ[variable]
