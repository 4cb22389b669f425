"""ASGI entry: pages and REST to Django, sockets to Channels, start and stop to the embedded runtime."""

import os

from channels.routing import ProtocolTypeRouter
from django.core.asgi import get_asgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "titan.settings.production")

http = get_asgi_application()  # fills the app registry: what follows imports models

from channels_app.lifespan import lifespan  # noqa: E402
from channels_app.routing import websocket  # noqa: E402

application = ProtocolTypeRouter({"http": http, "websocket": websocket, "lifespan": lifespan})
