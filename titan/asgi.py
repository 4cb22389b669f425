"""The server: HTTP, WebSockets, and the lifespan that starts what runs beside them."""

import os

from channels.routing import ProtocolTypeRouter
from django.core.asgi import get_asgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "titan.settings.development")
_http = get_asgi_application()

# Consumers and the runtime import models, which exist only from here on.
from channels_app.routing import websocket_application  # noqa: E402
from titan.body_limit import limit_bodies  # noqa: E402
from titan.lifespan import lifespan  # noqa: E402
from titan.long_poll import wait_for_news  # noqa: E402

__all__ = ["application"]

application = ProtocolTypeRouter(
    {"http": limit_bodies(wait_for_news(_http)), "websocket": websocket_application, "lifespan": lifespan}
)
