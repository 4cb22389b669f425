"""Errors told to a Sentry server, where the operator names one: what failed and where, never whose data it was.

Only what is logged as an error leaves. Requests, variables, breadcrumbs and the machine's name stay here, and what is
left goes through the log's redaction.
"""

import re
from typing import TYPE_CHECKING, Any

import structlog

from common.logging import redact_event

if TYPE_CHECKING:
    from sentry_sdk.types import Event, Hint

__all__ = ["scrubbed", "start"]

_TAGS = ("request_id", "job_id", "job_kind")
# Of an event: what says what failed, where in the code, and in which release.
_KEPT = frozenset(
    {
        *(
            "event_id",
            "timestamp",
            "platform",
            "level",
            "logger",
            "message",
            "logentry",
            "exception",
            "threads",
        ),
        *("release", "environment", "sdk", "fingerprint", "type"),
    }
)
_MAIL = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+")
_ADDRESS = re.compile(r"\b(?:\d{1,3}\.){3}\d{1,3}\b|\b(?:[0-9a-fA-F]{1,4}:){3,7}[0-9a-fA-F]{0,4}\b")
# What PostgreSQL adds from the second line on shows the row at fault, over as many lines as its texts have. In
# an error's `repr`, as which arguments of a log line are told, a new line is two signs.
_DETAIL = re.compile(r"(?ms)(?:^|\\n)\s*(?:DETAIL|CONTEXT|HINT):.*\Z")
_KEY_VALUE = re.compile(r"\(([\w, ]+)\)=\((?:[^()]|\([^()]*\))*\)")


def start(dsn: str | None, *, release: str, environment: str, transport: Any = None) -> None:
    """Tell errors to this Sentry project from here on; nothing happens where none is named.

    That the library is there was checked with the environment (`common.env`).
    """
    if dsn is None:
        return
    import sentry_sdk
    from sentry_sdk.integrations.atexit import AtexitIntegration
    from sentry_sdk.integrations.dedupe import DedupeIntegration
    from sentry_sdk.integrations.excepthook import ExcepthookIntegration
    from sentry_sdk.integrations.logging import LoggingIntegration
    from sentry_sdk.integrations.threading import ThreadingIntegration

    sentry_sdk.init(
        dsn=dsn,
        release=release,
        environment=environment,
        transport=transport,
        # no integration with Django or Celery: what they add is requests, people and arguments
        default_integrations=False,
        auto_enabling_integrations=False,
        integrations=[
            LoggingIntegration(level=None, event_level=40),
            ExcepthookIntegration(),
            ThreadingIntegration(propagate_scope=False),
            DedupeIntegration(),
            AtexitIntegration(callback=lambda pending, timeout: None),
        ],
        include_local_variables=False,
        max_breadcrumbs=0,
        server_name="",
        send_client_reports=False,
        auto_session_tracking=False,
        before_send=scrubbed,
    )


def scrubbed(event: "Event", hint: "Hint") -> "Event | None":
    """What may leave of an event: see the module."""
    if event.get("logger") == "django.request" and "exception" not in event:
        return None  # the line about an answer whose error was told already
    kept: dict[str, Any] = {name: value for name, value in event.items() if name in _KEPT}
    for _, _, frame in _frames(kept):
        for name in ("vars", "abs_path"):
            frame.pop(name, None)
    known = structlog.contextvars.get_contextvars()
    clean: Any = _plain(redact_event(None, "", kept))
    clean["tags"] = {name: str(known[name]) for name in _TAGS if known.get(name)}
    return clean  # type: ignore[no-any-return]  # the shape that came in, less of it


def _frames(event: dict[str, Any]) -> list[tuple[str, int, dict[str, Any]]]:
    """The frames of every trace of an event."""
    found = []
    for part in ("exception", "threads"):
        for number, one in enumerate((event.get(part) or {}).get("values") or ()):
            found += [(part, number, frame) for frame in (one.get("stacktrace") or {}).get("frames") or ()]
    return found


def _plain(value: Any) -> Any:
    """The same without addresses of people and machines, and without rows."""
    if isinstance(value, dict):
        return {name: _plain(item) for name, item in value.items()}
    if isinstance(value, list):
        return [_plain(item) for item in value]
    if not isinstance(value, str):
        return value
    for pattern, instead in (
        (_DETAIL, ""),
        (_KEY_VALUE, r"(\1)=(…)"),
        (_MAIL, "[e-mail]"),
        (_ADDRESS, "[address]"),
    ):
        value = pattern.sub(instead, value)
    return value
