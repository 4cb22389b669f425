"""What every way of running TITAN shares; values that differ by place are in ``development`` and ``production``."""

import os
from pathlib import Path
from typing import Any

from api.conf import REST_FRAMEWORK as _REST_FRAMEWORK
from api.conf import SPECTACULAR_SETTINGS as SPECTACULAR_SETTINGS
from common import metrics_folder
from common.env import Environment
from titan.settings.artefacts import artefacts

BASE_DIR = Path(__file__).resolve().parent.parent.parent
ENVIRONMENT = Environment.read()
TITAN_HOME = ENVIRONMENT.home
# The engine's kernel cache and child processes read it too: all of them must mean the same folder.
os.environ["TITAN_HOME"] = str(TITAN_HOME)

# Keys that were replaced: what they sealed opens still, and the audit trail holds; nothing new is made with them.
SECRET_KEY_FALLBACKS = list(ENVIRONMENT.secret_key_fallbacks)

# Before anything is measured: prometheus_client decides where to keep counts when it is imported.
if ENVIRONMENT.metrics_dir is not None:
    metrics_folder.share(ENVIRONMENT.metrics_dir)

# A forwarded address is believed only where the operator says how many proxies stand in front.
REST_FRAMEWORK = _REST_FRAMEWORK | {"NUM_PROXIES": ENVIRONMENT.n_proxies}
# Hosts inside the desk's own network that webhooks may go to; any other must be on the open internet.
TITAN_WEBHOOK_ALLOW = ENVIRONMENT.webhook_allow

INSTALLED_APPS = [
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "rest_framework",
    "django_filters",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "channels",
    "common",
    "users",
    "trading",
    "api",
    "channels_app",
    "frontend",
]

MIDDLEWARE = [
    "common.security.SecurityHeadersMiddleware",
    "common.middleware.RequestIdMiddleware",
    "common.origin.OriginMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "frontend.middleware.StaticFilesMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "common.hosts.HostMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]

ROOT_URLCONF = "titan.urls"
ASGI_APPLICATION = "titan.asgi.application"
WSGI_APPLICATION = "titan.wsgi.application"

TEMPLATES: list[dict[str, Any]] = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
        },
    },
]

DATABASE_ROUTERS = ["titan.db_router.TimescaleRouter"]
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

AUTH_USER_MODEL = "users.User"
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in (
        "UserAttributeSimilarityValidator",
        "MinimumLengthValidator",
        "CommonPasswordValidator",
        "NumericPasswordValidator",
    )
]
LOGIN_URL = "/login"

LANGUAGE_CODE = "en-us"
TIME_ZONE = "UTC"
USE_I18N = False
USE_TZ = True

STATIC_URL = "/static/"
WHITENOISE_ALLOW_ALL_ORIGINS = False
SPA_DIST = BASE_DIR / "frontend" / "react_app" / "dist"
# The SPA is built for /static/app/; before its first build there is no such folder to look into.
STATICFILES_DIRS = [("app", str(SPA_DIST))] if SPA_DIST.is_dir() else []

SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_AGE = 12 * 60 * 60  # seconds; of the pages for admins alone, the application has tokens
SESSION_EXPIRE_AT_BROWSER_CLOSE = True
CSRF_COOKIE_HTTPONLY = True  # forms carry the token themselves
SESSION_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_SAMESITE = "Lax"
CSRF_FAILURE_VIEW = "api.errors.csrf_failure"
X_FRAME_OPTIONS = "DENY"
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"

# What the time-series database is asked to be and to do (`trading.services.timescale`), and how many connections of a
# process may read or write bars at once.
TITAN_TIMESCALEDB = ENVIRONMENT.timescaledb
TITAN_TIMESCALE_AGES = {
    "compress_bars": ENVIRONMENT.compress_after_days,
    "retain_revisions": ENVIRONMENT.retain_revisions_days,
    "retain_bars": ENVIRONMENT.retain_bars_days,
}
TITAN_PRICE_CONNECTIONS = ENVIRONMENT.price_connections

# Threads one job may compute with; 0 shares the machine's cores among its workers.
TITAN_WORKER_THREADS = ENVIRONMENT.worker_threads

# Files of runs, uploads and parts, which web and worker processes share (`trading.services.artefacts`).
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
    "artefacts": artefacts(ENVIRONMENT.artefacts, embedded=TITAN_HOME / "artefacts"),
}

# Bytes one uploaded file may have; what it unpacks to is bounded by the engine.
TITAN_UPLOAD_LIMIT = ENVIRONMENT.upload_limit

# Letters leave through the server named in TITAN_EMAIL_URL; without one nothing is sent.
EMAIL_BACKEND = "django.core.mail.backends.dummy.EmailBackend"
EMAIL_TIMEOUT = 10
if ENVIRONMENT.email is not None:
    EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    EMAIL_HOST, EMAIL_PORT = ENVIRONMENT.email.host, ENVIRONMENT.email.port
    EMAIL_HOST_USER, EMAIL_HOST_PASSWORD = ENVIRONMENT.email.user, ENVIRONMENT.email.password
    EMAIL_USE_TLS, EMAIL_USE_SSL = ENVIRONMENT.email.tls == "starttls", ENVIRONMENT.email.tls == "ssl"
    DEFAULT_FROM_EMAIL = SERVER_EMAIL = ENVIRONMENT.email.sender
