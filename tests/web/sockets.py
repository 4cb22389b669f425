"""A WebSocket client for ASGI applications in the test's own loop (channels' own needs another server installed)."""

from typing import Any
from urllib.parse import unquote, urlsplit

import orjson
from asgiref.testing import ApplicationCommunicator


class Socket:
    """One connection: `connect`, frames both ways, `disconnect`."""

    def __init__(
        self,
        application: Any,
        path: str,
        *,
        headers: list[tuple[bytes, bytes]] | None = None,
        protocols: list[str] | None = None,
        extensions: dict[str, Any] | None = None,
    ) -> None:
        url = urlsplit(path)
        self._app = ApplicationCommunicator(
            application,
            {
                "type": "websocket",
                "path": unquote(url.path),
                "query_string": url.query.encode(),
                "headers": headers or [],
                "subprotocols": protocols or [],
                "extensions": extensions or {},
                "client": ("127.0.0.1", 50000),
            },
        )

    async def connect(self, timeout: float = 30) -> tuple[bool, str | None]:
        """(accepted, subprotocol)."""
        await self._app.send_input({"type": "websocket.connect"})
        answer = await self._app.receive_output(timeout)
        return answer["type"] == "websocket.accept", answer.get("subprotocol")

    async def refusal(self, timeout: float = 30) -> tuple[dict[str, Any], dict[str, Any]]:
        """The two messages of a handshake refused with an answer."""
        await self._app.send_input({"type": "websocket.connect"})
        return await self._app.receive_output(timeout), await self._app.receive_output(timeout)

    async def send(self, text: str | None = None, data: bytes | None = None) -> None:
        await self._app.send_input({"type": "websocket.receive", "text": text, "bytes": data})

    async def say(self, **frame: Any) -> None:
        await self.send(orjson.dumps(frame).decode())

    async def hear(self, timeout: float = 30) -> dict[str, Any]:
        """The next frame, decoded."""
        message = await self._app.receive_output(timeout)
        assert message["type"] == "websocket.send", message
        return dict(orjson.loads(message["text"]))

    async def pong(self) -> None:
        """The socket is open, and nothing else was waiting on it."""
        await self.say(type="ping")
        assert (await self.hear())["type"] == "pong"

    async def close_code(self, timeout: float = 30) -> int:
        """The code the server closes with, whatever it says before."""
        while True:
            message = await self._app.receive_output(timeout)
            if message["type"] == "websocket.close":
                return int(message["code"])

    async def disconnect(self) -> None:
        await self._app.send_input({"type": "websocket.disconnect", "code": 1000})
        await self._app.wait(30)
