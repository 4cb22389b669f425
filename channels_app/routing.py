"""Which door is where."""

from collections.abc import Awaitable, Callable
from typing import Any

from channels.routing import URLRouter
from django.urls import path, re_path

from channels_app.auth import hide_token
from channels_app.consumers import BacktestingConsumer, SignalConsumer, TradingDataConsumer
from common.security import raw_headers

Receive = Callable[[], Awaitable[dict[str, Any]]]
Send = Callable[[dict[str, Any]], Awaitable[None]]

__all__ = ["websocket_application", "websocket_urlpatterns"]


async def _no_such_door(scope: dict[str, Any], receive: Receive, send: Send) -> None:
    """Refuse the handshake of an address that serves no socket, with the headers of every refusal."""
    await receive()
    if "websocket.http.response" not in scope.get("extensions", {}):
        await send({"type": "websocket.close"})
        return
    headers = [*raw_headers(), (b"content-type", b"text/plain; charset=utf-8")]
    await send({"type": "websocket.http.response.start", "status": 404, "headers": headers})
    await send({"type": "websocket.http.response.body", "body": b"There is no socket at this address.\n"})


websocket_urlpatterns = [
    path("ws/trading-data/", TradingDataConsumer.as_asgi()),
    path("ws/signals/", SignalConsumer.as_asgi()),
    path("ws/backtesting/", BacktestingConsumer.as_asgi()),
    re_path("", _no_such_door),  # type: ignore[arg-type]  # an ASGI application, which the stubs don't know here
]
_doors = URLRouter(websocket_urlpatterns)


async def websocket_application(scope: dict[str, Any], receive: Receive, send: Send) -> None:
    """All sockets; a token in the URL is taken out of the server's own scope before anything is logged."""
    hide_token(scope)
    await _doors(scope, receive, send)
