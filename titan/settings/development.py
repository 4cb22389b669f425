"""The embedded server: SQLite in TITAN_HOME, everything in one process, on this machine only."""

from api.conf import simple_jwt
from common import reporting
from common.env import make_home, stored_secret
from common.logging import logging_config
from titan.settings.base import *
from titan.settings.databases import database
from titan_core import __version__

make_home(TITAN_HOME)

EMBEDDED = True
DEBUG = ENVIRONMENT.debug
SECRET_KEY = ENVIRONMENT.secret_key or stored_secret(TITAN_HOME / "secret-key")
SIMPLE_JWT = simple_jwt(SECRET_KEY)
ALLOWED_HOSTS = ["localhost", "127.0.0.1", "[::1]", ENVIRONMENT.host, *ENVIRONMENT.allowed_hosts]

DATABASES = {
    "default": database(ENVIRONMENT.database, embedded=TITAN_HOME / "titan.sqlite3"),
    "timescale": database(ENVIRONMENT.timescale, embedded=TITAN_HOME / "timescale.sqlite3"),
}
CHANNEL_LAYERS = {"default": {"BACKEND": "channels.layers.InMemoryChannelLayer"}}
CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache", "LOCATION": "titan"}}

# No collectstatic step on a developer's or trader's machine: files are found where the apps keep them.
STATIC_ROOT = None
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = False

# The terminal keeps to the banner and to warnings; every request is in the file.
LOG_FILE = TITAN_HOME / "titan.log"
LOGGING = logging_config(level=ENVIRONMENT.log_level, style="console", file=LOG_FILE)

reporting.start(ENVIRONMENT.sentry_dsn, release=__version__, environment="embedded")
