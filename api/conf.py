"""Settings of the REST framework, its tokens and its schema; the settings modules import them from here."""

import datetime as dt
import hashlib
import hmac
from typing import Any

__all__ = ["REST_FRAMEWORK", "SPECTACULAR_SETTINGS", "simple_jwt"]

REST_FRAMEWORK: dict[str, Any] = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "api.authentication.ApiKeyAuthentication",
        "api.authentication.SessionAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["api.permissions.ActionPermission"],
    "DEFAULT_RENDERER_CLASSES": ["api.json.OrjsonRenderer"],
    "DEFAULT_PARSER_CLASSES": ["api.json.OrjsonParser"],
    "DEFAULT_PAGINATION_CLASS": "api.pagination.Pagination",
    "DEFAULT_FILTER_BACKENDS": [
        "django_filters.rest_framework.DjangoFilterBackend",
        "api.ordering.WordSearchFilter",
        "api.ordering.StrictOrderingFilter",
    ],
    "DEFAULT_SCHEMA_CLASS": "api.schema.TitanSchema",
    "DEFAULT_THROTTLE_CLASSES": ["api.throttling.UserThrottle", "api.throttling.AddressThrottle"],
    "DEFAULT_THROTTLE_RATES": {
        "user": "1200/min",
        "address": "300/min",
        "costly": "240/min",
        "shared": "240/min",
        "trial": "20/h",
        "invitation": "60/min",
    },
    "DEFAULT_METADATA_CLASS": None,
    "EXCEPTION_HANDLER": "api.errors.exception_handler",
    "URL_FORMAT_OVERRIDE": None,
    "TEST_REQUEST_DEFAULT_FORMAT": "json",
    # An address is the socket's peer; a forwarded header is believed only where a proxy is declared.
    "NUM_PROXIES": 0,
}


def simple_jwt(secret_key: str) -> dict[str, Any]:
    """Settings of the tokens, signed with a key of their own derived from the secret key."""
    return {
        "ALGORITHM": "HS256",
        "SIGNING_KEY": hmac.new(secret_key.encode(), b"titan.jwt.v1", hashlib.sha256).hexdigest(),
        "AUDIENCE": "titan-api",
        "ISSUER": "titan",
        "ACCESS_TOKEN_LIFETIME": dt.timedelta(minutes=15),
        "REFRESH_TOKEN_LIFETIME": dt.timedelta(days=7),
        "AUTH_HEADER_TYPES": ("Bearer",),
        # Rotation and revocation are api.tokens': one row a use, unique by jti, so a token can be used once only.
        "ROTATE_REFRESH_TOKENS": True,
        "BLACKLIST_AFTER_ROTATION": False,
        "UPDATE_LAST_LOGIN": False,
    }


SPECTACULAR_SETTINGS: dict[str, Any] = {
    "TITLE": "TITAN",
    "DESCRIPTION": (
        "Statistical arbitrage: cointegration scans that count every test, pairs, jobs and events.\n\n"
        "Every error has one shape: `{error: {code, message, fields, request_id}}`. Numbers that do not exist "
        "(NaN, infinity) are null. Instants are UTC. Series travel as columns."
    ),
    "VERSION": "1.0.0",
    "OAS_VERSION": "3.1.0",
    "SERVE_INCLUDE_SCHEMA": False,
    "SERVE_PERMISSIONS": ["rest_framework.permissions.AllowAny"],
    "SERVE_AUTHENTICATION": [],
    "SCHEMA_PATH_PREFIX": r"/api/v1",
    "COMPONENT_SPLIT_REQUEST": True,
    "ENUM_ADD_EXPLICIT_BLANK_NULL_CHOICE": True,
    "ENUM_GENERATE_CHOICE_DESCRIPTION": False,
    "ENUM_SUFFIX": "",
    "ENUM_NAME_OVERRIDES": {
        "Timeframe": "api.serializers.choices.TIMEFRAME",
        "Trend": "api.serializers.choices.TREND",
        "Scale": "api.serializers.choices.SCALE",
        "Adjustment": "api.serializers.choices.ADJUSTMENT",
        "Autolag": "api.serializers.choices.AUTOLAG",
        "FdrMethod": "api.serializers.choices.FDR_METHOD",
        "PlantedKind": "api.serializers.choices.PLANTED_KIND",
        "UniverseSource": "api.serializers.choices.UNIVERSE_SOURCE",
        "Theme": "api.serializers.choices.THEME",
        "Role": "api.serializers.choices.ROLE",
        "AuditAction": "api.serializers.choices.AUDIT_ACTION",
        "KeyScope": "api.serializers.choices.KEY_SCOPE",
        "NotificationChannel": "api.serializers.choices.NOTIFICATION_CHANNEL",
        "JobStatus": "trading.models.JobStatus",
        "JobKind": "trading.models.JobKind",
        "QueueName": "api.serializers.choices.QUEUE",
        "WorkerState": "api.serializers.choices.WORKER_STATE",
        "AssetClass": "trading.models.AssetClass",
        "AlertKind": "trading.models.AlertKind",
        "ChannelKind": "trading.models.alerts.ChannelKind",
        "DeliveryStatus": "trading.models.alerts.DeliveryStatus",
        "Severity": "trading.models.Severity",
        "ShareKind": "trading.models.shares.ShareKind",
        "BacktestKind": "trading.models.BacktestKind",
        "RuleName": "api.serializers.choices.RULE",
        "CostModelId": "api.serializers.choices.COST_MODEL",
        "SizingName": "api.serializers.choices.SIZING",
        "FillName": "api.serializers.choices.FILL",
        "Side": "api.serializers.choices.SIDE",
        "ExitReason": "api.serializers.choices.EXIT_REASON",
        "WalkForwardScheme": "trading.models.WalkForwardRun.Scheme",
        "PairSelection": "api.serializers.choices.SELECTION",
        "MetricUnit": "api.serializers.choices.METRIC_UNIT",
    },
    "POSTPROCESSING_HOOKS": [
        "drf_spectacular.hooks.postprocess_schema_enums",
        "api.schema.tidy",
        "api.links.add_links",
    ],
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "REDOC_DIST": "SIDECAR",
    "SWAGGER_UI_SETTINGS": {"deepLinking": True, "persistAuthorization": False, "validatorUrl": None},
}
