"""The end of a web server behind a proxy: nobody who reached it is turned away, and whoever comes late is at once.

The proxy sends a request to another server only where the first refused the connection. So connections are refused
from one moment on by every process that has the socket, and what was accepted by then may still bring its request:
uvicorn alone closes such a connection unread, and its parent keeps the socket open while its children finish, so
that connections wait in it for nobody.
"""

import asyncio
import socket

import uvicorn
from uvicorn.supervisors import multiprocess

__all__ = ["DrainingServer", "DrainingSupervisor"]

# From the connection to its request, over a network between proxy and server.
_LAST_REQUESTS_SECONDS = 0.3


class DrainingServer(uvicorn.Server):
    """Stops listening first, and closes what is idle a moment later."""

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Refuse from here on, wait for requests of those who were in time, then end as uvicorn does."""
        for server in self.servers:
            server.close()
        for listener in sockets or []:
            listener.close()
        await asyncio.sleep(_LAST_REQUESTS_SECONDS)
        await super().shutdown(sockets)


class _Process(multiprocess.Process):
    """A child that drains."""

    @property
    def server(self) -> uvicorn.Server:
        """Made in the child, when first asked for."""
        if self._server is None:
            self._server = DrainingServer(config=self.config)
        return self._server


class DrainingSupervisor(multiprocess.Multiprocess):
    """A parent that lets go of the socket before its children end."""

    def run(self) -> None:
        """Supervise until told to stop."""
        # uvicorn takes the class of its children from its module: it has no other place to say it
        ours, multiprocess.Process = multiprocess.Process, _Process  # type: ignore[misc]  # a class assigned to, see above
        try:
            super().run()
        finally:
            multiprocess.Process = ours  # type: ignore[misc]  # as above

    def terminate_all(self) -> None:
        """Close the parent's copy of the socket, then end the children."""
        for listener in self.sockets:
            listener.close()
        super().terminate_all()
