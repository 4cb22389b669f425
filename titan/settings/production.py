"""Production: PostgreSQL with TimescaleDB, Redis, TLS in front. Starts only with an environment fit for strangers."""

from api.conf import simple_jwt
from common import reporting
from common.logging import logging_config
from titan.settings.base import *
from titan.settings.databases import database
from titan.settings.redis import cache, channel_layer
from titan_core import __version__

ENVIRONMENT.check_production()

EMBEDDED = False
DEBUG = False
SECRET_KEY = ENVIRONMENT.secret_key or ""  # check_production has refused an absent one
SIMPLE_JWT = simple_jwt(SECRET_KEY)
ALLOWED_HOSTS = list(ENVIRONMENT.allowed_hosts)
CSRF_TRUSTED_ORIGINS = [f"https://{name.lstrip('.')}" for name in ENVIRONMENT.allowed_hosts]

DATABASES = {
    "default": database(ENVIRONMENT.database, embedded=TITAN_HOME / "unused", pool=ENVIRONMENT.database_pool),
    "timescale": database(
        ENVIRONMENT.timescale, embedded=TITAN_HOME / "unused", pool=ENVIRONMENT.database_pool
    ),
}
CHANNEL_LAYERS = {"default": channel_layer(ENVIRONMENT.redis_url)}
CACHES = {"default": cache(ENVIRONMENT.redis_url)}

TITAN_JOB_DISPATCHER = "titan.celery.dispatch"
TITAN_PART_DISPATCHER = "titan.celery.dispatch_part"
TITAN_JOB_BACKLOG = "titan.celery.backlog"

STATIC_ROOT = TITAN_HOME / "static"
STORAGES = STORAGES | {"staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"}}

# TLS ends at the proxy, which sets this header and strips it from what clients send.
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
SECURE_SSL_REDIRECT = True
SECURE_REDIRECT_EXEMPT = [r"^livez$", r"^readyz$", r"^metrics/?$"]  # asked by address, inside the network
SECURE_HSTS_SECONDS = 31_536_000
SECURE_HSTS_INCLUDE_SUBDOMAINS = True
SECURE_HSTS_PRELOAD = True
SESSION_COOKIE_SECURE = True
CSRF_COOKIE_SECURE = True
# The prefix makes browsers hold such a cookie to this very host, to TLS and to the whole site.
SESSION_COOKIE_NAME = "__Host-sessionid"
CSRF_COOKIE_NAME = "__Host-csrftoken"

LOGGING = logging_config(level=ENVIRONMENT.log_level, style="json")

reporting.start(ENVIRONMENT.sentry_dsn, release=__version__, environment="production")
