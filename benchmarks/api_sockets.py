"""1,000 sockets that hear 10 messages a second each, beside a bare asyncio broadcast of frames of the same bytes.

The clients run in this process, the server in its own. A message carries the instant it was made, before it was
written to the log; its delay is counted when its frame has arrived whole. Every frame must arrive, in order.
"""

import asyncio
import json
import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from time import monotonic
from typing import Any

import numpy as np

from benchmarks.measure import Options, Row, WrongAnswer
from tools.ports import free_port

__all__ = ["N_CLIENTS", "RATE", "drive", "measured", "rows"]

N_CLIENTS, RATE, SECONDS, WARM_SECONDS = 1_000, 10, 8, 1
_GROWTH_MB = 16  # more than this while messages flow is no flat memory
_MADE = re.compile(rb'"seq":(\d+).*?"made":([\d.]+)')
_SUBSCRIBE = b'{"type":"subscribe","stream":"user","after":0}'


def rows(options: Options) -> Iterator[Row]:
    """One row: the 99th percentile of the delays, and what the server holds in memory at the end."""
    ours, held_mb = measured("ours")
    bare, _ = measured("bare")
    yield Row(
        f"sockets p99: {N_CLIENTS:,} clients x {RATE} messages/s",
        float(np.percentile(ours, 99)),
        floor="bare asyncio broadcast, same bytes",
        floor_s=float(np.percentile(bare, 99)),
        peak_mb=held_mb,
    )


def measured(kind: str) -> tuple[list[float], float]:
    """Delays of one server's messages, and its resident memory at the end."""
    port = free_port()
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("TITAN_", "DJANGO_"))}
    with tempfile.TemporaryDirectory(prefix="titan-bench-") as home:
        process = subprocess.Popen(
            [sys.executable, "-m", "benchmarks.api_socket_server", kind, str(port)],
            env=clean | {"TITAN_HOME": home},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        try:
            assert process.stdout is not None
            line = process.stdout.readline()
            if not line:
                raise WrongAnswer(f"the {kind} server ended with {process.wait()}")
            return asyncio.run(drive(process, port, json.loads(line)["token"], [process.pid]))
        finally:
            process.terminate()
            process.wait()


async def drive(
    process: "subprocess.Popen[str]", port: int, token: str, servers: list[int]
) -> tuple[list[float], float]:
    """Open the sockets, have `process` make the messages, wait for the last; memory is that of `servers`."""
    n_messages = RATE * SECONDS
    clients = [_Client(n_messages) for _ in range(N_CLIENTS)]
    loop = asyncio.get_running_loop()
    for start in range(0, N_CLIENTS, 50):
        group = clients[start : start + 50]
        await asyncio.gather(
            *(loop.create_connection(_given(client, token), "127.0.0.1", port) for client in group)
        )
        await asyncio.wait_for(asyncio.gather(*(client.ready.wait() for client in group)), 60)
    before = sum(map(_resident_mb, servers))
    assert process.stdin is not None
    process.stdin.write(f"{n_messages} {1 / RATE}\n")
    process.stdin.flush()
    await asyncio.wait_for(asyncio.gather(*(client.done.wait() for client in clients)), 3 * SECONDS + 30)
    if n_lost := sum(client.is_lost for client in clients):
        raise WrongAnswer(
            f"{n_lost} sockets were closed early: this machine is too busy to read them in time"
        )
    after = sum(map(_resident_mb, servers))
    if after - before > _GROWTH_MB:
        raise WrongAnswer(f"the server's memory grew from {before:.0f} to {after:.0f} MB")
    skipped = RATE * WARM_SECONDS
    return [delay for client in clients for delay in client.delays[skipped:]], after


def _given(client: "_Client", token: str) -> Any:
    client.token = token
    return lambda: client


def _resident_mb(pid: int) -> float:
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmRSS")) / 1024


class _Client(asyncio.Protocol):
    """One socket, read as cheaply as Python can, so that the clients do not hold up the server's cores."""

    def __init__(self, n_messages: int) -> None:
        self.n_messages, self.token = n_messages, ""
        self.delays: list[float] = []
        self.ready, self.done = asyncio.Event(), asyncio.Event()
        self._buffer = b""
        self._is_open, self.is_lost = False, False
        self._seq: int | None = None
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: Any) -> None:
        """Ask for the socket."""
        self._transport = transport
        transport.write(
            f"GET /ws/trading-data/?token={self.token} HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\n"
            "Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
            "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n".encode()
        )

    def connection_lost(self, error: Exception | None) -> None:
        """Whoever waits for its last message must not wait for ever."""
        self.is_lost = not self.done.is_set()
        self.done.set()

    def data_received(self, data: bytes) -> None:
        """Take whole frames out of what came."""
        now = monotonic()
        self._buffer += data
        if not self._is_open:
            head, end, rest = self._buffer.partition(b"\r\n\r\n")
            if not end:
                return
            if b" 101 " not in head.partition(b"\r\n")[0]:
                raise WrongAnswer(f"no socket was opened: {head[:100]!r}")
            self._is_open, self._buffer = True, rest
            assert self._transport is not None
            self._transport.write(bytes([0x81, 0x80 | len(_SUBSCRIBE), 0, 0, 0, 0]) + _SUBSCRIBE)
        while len(self._buffer) >= 4:
            length, start = self._buffer[1], 2
            if length == 126:
                length, start = int.from_bytes(self._buffer[2:4]), 4
            if len(self._buffer) < start + length:
                return
            self._frame(self._buffer[start : start + length], now)
            self._buffer = self._buffer[start + length :]

    def _frame(self, payload: bytes, now: float) -> None:
        if b'"resumed"' in payload:
            self.ready.set()
            return
        found = _MADE.search(payload)
        if found is None:
            return
        seq = int(found.group(1))
        if self._seq is not None and seq != self._seq + 1:
            raise WrongAnswer(f"message {seq} came after {self._seq}")
        self._seq = seq
        self.delays.append(now - float(found.group(2)))
        if len(self.delays) == self.n_messages:
            self.done.set()
