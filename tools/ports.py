"""Ports for servers of tests and benchmarks."""

import random
import socket
from pathlib import Path

__all__ = ["free_port"]

_LOWEST, _HIGHEST = 20_000, 32_768
_RANGE = Path("/proc/sys/net/ipv4/ip_local_port_range")


def free_port() -> int:
    """A loopback port nobody has.

    It lies below those the kernel gives to outgoing connections: of these one may be gone again before the server that
    is to have it listens, where several suites run at once.
    """
    ends = int(_RANGE.read_text().split()[0]) if _RANGE.exists() else _HIGHEST
    chance = random.SystemRandom()
    for _ in range(100):
        port = chance.randrange(_LOWEST, min(ends, _HIGHEST)) if ends > _LOWEST + 1000 else 0
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return int(probe.getsockname()[1])
    raise OSError("no port was free in a hundred looks")
