"""WSGI entry, for tools that expect one; sockets and jobs need ``titan.asgi``."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "titan.settings.production")
application = get_wsgi_application()
