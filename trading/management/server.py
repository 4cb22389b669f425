"""The HTTP and socket server, run from Python: an event loop a process, one process or several on one port."""

import asyncio
import errno
import os
import socket
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any

from titan_core.errors import TitanError

__all__ = ["NoAccessToPortError", "PortTakenError", "listen", "serve", "serve_with"]

MAX_FRAME_BYTES = 64 * 1024
_GRACE_SECONDS = 5
_PRODUCTION_GRACE_SECONDS = 20  # a supervisor gives thirty


class PortTakenError(TitanError):
    """Another program listens there."""

    code = "port_taken"


class NoAccessToPortError(TitanError):
    """The system won't let us listen there."""

    code = "no_access_to_port"


def listen(host: str, port: int) -> socket.socket:
    """A socket bound to the address, so that nobody can take it during set-up.

    Raises
    ------
    PortTakenError, NoAccessToPortError
        In words, with the command that helps.
    """
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
    except socket.gaierror as error:
        raise NoAccessToPortError(
            f"TITAN_HOST {host!r} is no address of this machine: use 127.0.0.1"
        ) from error
    listener = socket.socket(family, kind, protocol)
    if os.name == "posix":
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # a server just stopped is no obstacle
    try:
        listener.bind(address)
        listener.listen(socket.SOMAXCONN)
    except OSError as error:
        listener.close()
        if error.errno == errno.EADDRINUSE:
            raise PortTakenError(
                f"port {port} on {host} is taken, perhaps by TITAN itself in another window. Stop that program, or "
                f"choose another port: TITAN_PORT={port + 1 if port < 65535 else 8001} titan up"
            ) from error
        raise NoAccessToPortError(
            f"can't listen on {host}:{port} ({error.strerror}): use TITAN_HOST=127.0.0.1 and a port above 1023"
        ) from error
    return listener


def serve(listener: socket.socket, *, when_listening: Callable[[], None]) -> None:
    """Serve ``titan.asgi`` on the socket until SIGINT or SIGTERM; `when_listening` is called once it answers."""
    from trading.management.draining import DrainingServer

    class Server(DrainingServer):
        async def startup(self, sockets: list[socket.socket] | None = None) -> None:
            await super().startup(sockets=sockets)
            if self.started:
                when_listening()

    server = Server(_config(_GRACE_SECONDS))
    with suppress(KeyboardInterrupt):  # uvicorn has shut down in order and hands the signal on
        asyncio.run(server.serve(sockets=[listener]))
    if not server.started:
        sys.exit("titan: the server did not start; the log says why")


def serve_with(processes: int, listener: socket.socket) -> None:
    """Serve ``titan.asgi`` on the socket with so many processes until SIGINT or SIGTERM.

    A process that dies, or does not answer its parent, is replaced; SIGHUP replaces one after the other.
    """
    from trading.management.draining import DrainingSupervisor

    if processes == 1:
        serve(listener, when_listening=lambda: None)
        return
    config = _config(_PRODUCTION_GRACE_SECONDS)
    config.workers = processes
    with _measured_together():
        DrainingSupervisor(config, [listener]).run()


@contextmanager
def _measured_together() -> Iterator[None]:
    """A folder for what the processes measure, so that any of them tells the sum; the one that was named, if any."""
    if os.environ.get("TITAN_METRICS_DIR"):
        yield
        return
    with tempfile.TemporaryDirectory(prefix="titan-metrics-") as folder:
        os.environ["TITAN_METRICS_DIR"] = folder
        yield


def _config(grace_seconds: int) -> Any:
    """What every server is run with."""
    import uvicorn

    from trading.management.socket_protocol import Sockets

    return uvicorn.Config(
        "titan.asgi:application",
        loop="asyncio",
        http="httptools",
        ws=Sockets,
        ws_max_size=MAX_FRAME_BYTES,
        ws_per_message_deflate=False,
        lifespan="on",
        log_config=None,  # Django's LOGGING rules all loggers, and redacts
        access_log=False,  # common.middleware writes a line a request
        proxy_headers=False,
        server_header=False,
        timeout_graceful_shutdown=grace_seconds,
    )
