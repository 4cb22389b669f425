"""REST reads of the embedded server beside bare Django views: the 95th percentile of one request after another.

The floor of a row is a plain view of the same process with the same authentication, queries and bytes
(`benchmarks.api_bare`), asked in turns with ours over the same kind of connection. The answers are compared first.
"""

import importlib
import importlib.util
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import httpx
import numpy as np

from benchmarks.api_account import PASSWORD, USERNAME
from benchmarks.measure import Options, Row, WrongAnswer
from tools.ports import free_port

__all__ = ["READS", "read", "rows", "sign_in", "unchanged"]

REQUESTS_A_REPEAT = 60
START_SECONDS = 120
# Name, and address below /api/v1/ and /bare/ alike.
READS = (
    ("symbols, a page of 50", "symbols/"),
    ("a symbol", "symbols/{symbol}/"),
    ("prices, 2,520 bars", "symbols/{symbol}/prices/"),
    ("pairs, a page of 50", "pairs/"),
    ("a pair", "pairs/{pair}/"),
    ("spread, 2,520 bars", "pairs/{pair}/spread/"),
    ("candidates, a page of 50", "scans/{scan}/candidates/"),
)


def rows(options: Options) -> Iterator[Row]:
    """REST first, then sockets where there is a benchmark of them."""
    with _server() as (client, ids):
        for name, address in READS:
            path = address.format(**ids)
            yield read(client, name, path, options.repeats)
            yield unchanged(client, name, path, options.repeats)
    if importlib.util.find_spec("benchmarks.api_sockets") is not None:
        yield from importlib.import_module("benchmarks.api_sockets").rows(options)


def read(client: httpx.Client, name: str, path: str, repeats: int) -> Row:
    """One address beside the bare view that answers the same bytes."""
    ours, bare = f"/api/v1/{path}", f"/bare/{path}"
    answer, floor = client.get(ours), client.get(bare)
    if answer.status_code != 200 or answer.content != floor.content:
        raise WrongAnswer(f"{path}: {answer.status_code}, the bare view answers otherwise")
    times = _interleaved(client, repeats, (ours, {}), (bare, {}))
    return Row(f"REST p95: {name}", times[0], floor="bare Django view", floor_s=times[1])


def unchanged(client: httpx.Client, name: str, path: str, repeats: int) -> Row:
    """The same read by somebody who holds the answer already, beside the bare view's whole answer."""
    held = {"If-None-Match": client.get(f"/api/v1/{path}").headers["ETag"]}
    if client.get(f"/api/v1/{path}", headers=held).status_code != 304:
        raise WrongAnswer(f"{path}: an unchanged answer is not 304")
    times = _interleaved(client, repeats, (f"/api/v1/{path}", held), (f"/bare/{path}", {}))
    return Row(f"REST p95: {name}, unchanged", times[0], floor="bare Django view, in full", floor_s=times[1])


def _interleaved(client: httpx.Client, repeats: int, *asked: tuple[str, dict[str, str]]) -> list[float]:
    """95th percentile of each, in turns; the first ten are not counted."""
    seconds: list[list[float]] = [[] for _ in asked]
    for number in range(10 + repeats * REQUESTS_A_REPEAT):
        for (path, headers), kept in zip(asked, seconds, strict=True):
            start = time.perf_counter()
            client.get(path, headers=headers)
            if number >= 10:
                kept.append(time.perf_counter() - start)
    return [float(np.percentile(kept, 95)) for kept in seconds]


@contextmanager
def _server() -> Iterator[tuple[httpx.Client, dict[str, Any]]]:
    """A signed-in client of a server in its own process, in a folder of its own."""
    port = free_port()
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("TITAN_", "DJANGO_"))}
    with tempfile.TemporaryDirectory(prefix="titan-bench-") as home:
        process = subprocess.Popen(
            [sys.executable, "-m", "benchmarks.api_serve", str(port)],
            env=clean | {"TITAN_HOME": home},
            stdout=subprocess.PIPE,
            text=True,
        )
        try:
            assert process.stdout is not None
            line = process.stdout.readline()
            if not line:
                raise WrongAnswer(f"the server ended with {process.wait()}")
            with httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=60) as client:
                sign_in(client)
                yield client, json.loads(line)
        finally:
            process.terminate()
            process.wait()


def sign_in(client: httpx.Client) -> None:
    """Have every request of `client` carry a token; waits for the server."""
    deadline = time.monotonic() + START_SECONDS
    while True:
        try:
            answer = client.post("/api/v1/auth/token/", json={"username": USERNAME, "password": PASSWORD})
            break
        except httpx.TransportError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.1)
    client.headers["Authorization"] = f"Bearer {answer.json()['access']}"
