"""The servers of the socket benchmark: ``benchmarks.api_socket_server ours|bare PORT``.

Both print a line when they listen, read "<messages> <seconds between>" from their input and then make messages.
"""

import asyncio
import json
import os
import sys
import threading
import time
from collections.abc import Callable
from time import monotonic
from typing import Any

PADDING = "x" * 200  # with its envelope a frame is about as long as one of a job's progress


def ours(port: int) -> None:
    """The embedded server; messages are events of the user whose sockets listen, published from a thread."""
    os.environ["DJANGO_SETTINGS_MODULE"] = "benchmarks.api_settings"
    import django

    django.setup()
    from django.conf import settings
    from django.core.management import call_command

    call_command("migrate", verbosity=0)
    settings.TITAN_SOCKETS_PER_USER = settings.TITAN_SOCKETS_PER_ADDRESS = 10_000
    settings.TITAN_RUN_JOBS = False
    from api import tokens
    from common import events
    from trading.management.server import listen, serve
    from users.models import User
    from users.roles import Role

    user = User.objects.create_with_role("bench", role=Role.TRADER, password="not asked for")
    token = tokens.issue(user)["access"]

    def publish() -> None:
        events.publish(f"user_{user.pk}", "job_update", {"made": monotonic(), "padding": PADDING})

    def listening() -> None:
        print(json.dumps({"token": token}), flush=True)
        threading.Thread(target=make, args=(publish,), daemon=True).start()

    serve(listen("127.0.0.1", port), when_listening=listening)


def bare(port: int) -> None:
    """Nothing but asyncio: every connection is answered with a handshake, every message written to all of them."""
    transports: list[asyncio.WriteTransport] = []
    seq = 0

    class Connection(asyncio.Protocol):
        def connection_made(self, transport: Any) -> None:
            self.transport, self.is_open = transport, False

        def data_received(self, data: bytes) -> None:
            if not self.is_open:
                self.is_open = True
                self.transport.write(b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n\r\n")
            else:
                self.transport.write(frame(b'{"type":"resumed"}'))
                transports.append(self.transport)

    def broadcast() -> None:
        nonlocal seq
        seq += 1
        text = json.dumps(
            {
                "type": "job_update",
                "stream": "user_1",
                "seq": seq,
                "timestamp": "2026-01-01T00:00:00.000000Z",
                "data": {"made": monotonic(), "padding": PADDING},
            },
            separators=(",", ":"),
        )
        message = frame(text.encode())
        for transport in transports:
            transport.write(message)

    async def main() -> None:
        loop = asyncio.get_running_loop()
        server = await loop.create_server(Connection, "127.0.0.1", port, backlog=1024)
        print(json.dumps({"token": "none"}), flush=True)
        threading.Thread(
            target=make, args=(lambda: loop.call_soon_threadsafe(broadcast),), daemon=True
        ).start()
        await server.serve_forever()

    asyncio.run(main())


def frame(payload: bytes) -> bytes:
    """One text frame from a server."""
    if len(payload) < 126:
        return bytes([0x81, len(payload)]) + payload
    return b"\x81\x7e" + len(payload).to_bytes(2) + payload


def make(publish: Callable[[], object]) -> None:
    """Make so many messages, so far apart, when told to."""
    n_messages, gap = sys.stdin.readline().split()
    due = monotonic()
    for _ in range(int(n_messages)):
        publish()
        due += float(gap)
        time.sleep(max(0.0, due - monotonic()))


if __name__ == "__main__":
    {"ours": ours, "bare": bare}[sys.argv[1]](int(sys.argv[2]))
