"""The server's side of a WebSocket, as uvicorn has it, with one fault mended."""

from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol

__all__ = ["Sockets"]


class Sockets(WebSocketsSansIOProtocol):
    """In a module of its own: server processes started by another are told its name."""

    def handle_parser_exception(self) -> None:
        """Nonsense before the handshake was answered has no close frame: the original asserts there is one."""
        if self.conn.close_sent is None:
            self.transport.abort()
        else:
            super().handle_parser_exception()
