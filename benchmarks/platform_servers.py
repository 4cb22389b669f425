"""REST and sockets of production: two server processes over TimescaleDB and Redis, beside bare views and a bare loop.

The rows are those of ``api`` (embedded, one process); here every request goes through the production settings, its
brakes are counted in Redis, and a message reaches the sockets of two processes from a third over Redis.
"""

import asyncio
import contextlib
import json
import os
import secrets
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import numpy as np

from benchmarks import api, api_sockets
from benchmarks.measure import Options, Row, WrongAnswer
from tools.ports import free_port
from tools.services import RedisServer, TimescaleServer

__all__ = ["rows"]

PROCESSES = 2
HEADERS = {"X-Forwarded-Proto": "https"}  # what the proxy says that ends TLS
_START_SECONDS = 120.0


def rows(options: Options) -> Iterator[Row]:
    """The REST reads, then the sockets."""
    with _production() as environment:
        ids = json.loads(_said(environment, "data"))
        with _web(environment) as (port, _), _client(port) as client:
            for name, address in api.READS:
                path = address.format(**ids)
                yield _named(api.read(client, name, path, options.repeats))
                yield _named(api.unchanged(client, name, path, options.repeats))
        with _web(environment) as (port, pids):
            ours, held_mb = _sockets(environment, port, pids)
    bare, _ = api_sockets.measured("bare")
    yield Row(
        f"two processes, sockets p99: {api_sockets.N_CLIENTS:,} clients x {api_sockets.RATE} messages/s",
        float(np.percentile(ours, 99)),
        floor="bare asyncio broadcast, same bytes",
        floor_s=float(np.percentile(bare, 99)),
        peak_mb=held_mb,
    )


def _named(row: Row) -> Row:
    return Row(f"two processes, {row.bench}", row.ours_s, floor=row.floor, floor_s=row.floor_s)


@contextlib.contextmanager
def _production() -> Iterator[dict[str, str]]:
    """The environment of a production on servers of its own, which end with it."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("TITAN_", "DJANGO_"))}
    with (
        TimescaleServer(fsync=True) as timescale,
        RedisServer() as redis,
        tempfile.TemporaryDirectory(prefix="titan-bench-") as home,
    ):
        yield clean | {
            "DJANGO_SETTINGS_MODULE": "benchmarks.platform_settings",
            "TITAN_HOME": home,
            "TITAN_SECRET_KEY": secrets.token_urlsafe(64),
            "TITAN_DATABASE_URL": timescale.create_database("titan"),
            "TITAN_TIMESCALE_URL": timescale.create_database("bars"),
            "TITAN_REDIS_URL": redis.url,
            "TITAN_ALLOWED_HOSTS": "127.0.0.1",
            "TITAN_LOG_LEVEL": "WARNING",
            "PYTHONWARNINGS": "ignore",  # no static files are collected here
        }


def _said(environment: dict[str, str], what: str) -> str:
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.platform_process", what],
        env=environment,
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    return done.stdout.splitlines()[-1]


@contextlib.contextmanager
def _web(environment: dict[str, str]) -> Iterator[tuple[int, list[int]]]:
    """`titan web` with its processes: the port, and the ids of those that serve."""
    port = free_port()
    command = [sys.executable, "-m", "titan", "web", "--port", str(port), "--processes", str(PROCESSES)]
    process = subprocess.Popen(command, env=environment, stdin=subprocess.DEVNULL)
    try:
        deadline = time.monotonic() + _START_SECONDS
        while not _answers(port):
            if process.poll() is not None or time.monotonic() > deadline:
                raise WrongAnswer(f"the server did not start ({process.poll()})")
            time.sleep(0.1)
        children = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()
        yield port, [int(pid) for pid in children]
    finally:
        process.terminate()
        process.wait()


def _answers(port: int) -> bool:
    try:
        return httpx.get(f"http://127.0.0.1:{port}/livez", timeout=5).status_code == 200
    except httpx.TransportError:
        return False


@contextlib.contextmanager
def _client(port: int) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=60, headers=HEADERS) as client:
        api.sign_in(client)
        yield client


def _sockets(environment: dict[str, str], port: int, pids: list[int]) -> tuple[list[float], float]:
    """Delays of the messages of a process that is no server, and what the servers hold at the end."""
    publisher: subprocess.Popen[Any] = subprocess.Popen(
        [sys.executable, "-m", "benchmarks.platform_process", "publish"],
        env=environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert publisher.stdout is not None
        line = publisher.stdout.readline()
        if not line:
            raise WrongAnswer(f"the publisher ended with {publisher.wait()}")
        return asyncio.run(api_sockets.drive(publisher, port, json.loads(line)["token"], pids))
    finally:
        publisher.terminate()
        publisher.wait()
