"""Structured logs: one event a line, with the request's id, and never a secret."""

import re
import sys
from collections.abc import MutableMapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import structlog

if TYPE_CHECKING:
    from structlog.typing import Processor

__all__ = ["REDACTED", "logging_config", "redact", "redact_event"]

REDACTED = "[redacted]"
_SECRET_KEY = re.compile(
    r"(?i)(password|passwd|secret|token|authorization|api_?key|cookie|ticket|credential|otp|recovery)"
)
# Every place a secret is known to travel in text: query strings, headers, subprotocols, URLs, bare JWTs.
_SECRET_TEXT: tuple[tuple[re.Pattern[str], str], ...] = (
    (
        re.compile(r"(?i)([?&][\w-]*(?:token|access|refresh|ticket|key|password|secret|otp)=)[^&\s\"'#]+"),
        rf"\1{REDACTED}",
    ),
    (re.compile(r"(?i)\b(bearer|basic)\s+[\w.~+/=-]{8,}"), rf"\1 {REDACTED}"),
    (re.compile(r"\bticket\.[\w.~-]+"), f"ticket.{REDACTED}"),
    (re.compile(r"\btitan_[A-Za-z0-9]+_[\w-]{16,}"), f"titan_{REDACTED}"),
    # links that open something for whoever has them
    (re.compile(r"(/(?:shared|welcome|invitation|reset)/)(?!\[)[^/\s?#\"']{8,}"), rf"\1{REDACTED}"),
    (re.compile(r"\beyJ[\w-]{8,}\.[\w-]+(?:\.[\w-]*)?"), REDACTED),
    (re.compile(r"(\b[a-z][a-z0-9+]*://[^\s:/@]*:)[^\s@/]+@"), rf"\1{REDACTED}@"),
    (
        re.compile(r"(?i)(\"?(?:password|secret|refresh|access|token|otp|key)\"?\s*[:=]\s*[\"'])[^\"']+"),
        rf"\1{REDACTED}",
    ),
)


def redact(text: str) -> str:
    """`text` with every secret it carries replaced."""
    for pattern, replacement in _SECRET_TEXT:
        text = pattern.sub(replacement, text)
    return text


def _clean(key: str, value: Any) -> Any:
    if _SECRET_KEY.search(key) and value is not None and not isinstance(value, bool | int | float):
        return REDACTED
    if isinstance(value, str):
        return redact(value)
    if isinstance(value, dict):
        return {name: _clean(str(name), item) for name, item in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [_clean("", item) for item in value]
    if value is None or isinstance(value, bool | int | float):
        return value
    return redact(str(value))  # a request, for one, shows its whole address


def redact_event(logger: Any, method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Structlog processor: redact by key and by shape, tracebacks included."""
    return {key: value if key.startswith("_") else _clean(key, value) for key, value in event.items()}


def logging_config(
    *, level: str, style: Literal["console", "json"], file: Path | None = None
) -> dict[str, Any]:
    """``LOGGING`` for Django; every logger of the process, uvicorn's too, ends in redacting handlers.

    With a `file` everything is written there as JSON, and stderr shows warnings only.
    """
    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.ExtraAdder(allow=("status", "milliseconds")),
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.StackInfoRenderer(),
        structlog.processors.format_exc_info,
        redact_event,
    ]
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *shared,
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )
    handlers: dict[str, dict[str, Any]] = {
        "stderr": {
            "class": "logging.StreamHandler",
            "formatter": style,
            "level": level if file is None else "WARNING",
        }
    }
    if file is not None:
        handlers["file"] = {
            "class": "logging.FileHandler",
            "formatter": "json",
            "filename": str(file),
            "delay": True,
        }
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {
            name: {
                "()": structlog.stdlib.ProcessorFormatter,
                "foreign_pre_chain": shared,
                "processors": [structlog.stdlib.ProcessorFormatter.remove_processors_meta, renderer],
            }
            for name, renderer in _renderers().items()
        },
        "handlers": handlers,
        "root": {"handlers": list(handlers), "level": level},
        "loggers": {
            # Django would add handlers of its own; everything goes up to the root instead.
            "django": {"handlers": [], "level": level, "propagate": True},
            "django.server": {"handlers": [], "level": level, "propagate": True},
            "uvicorn": {"handlers": [], "level": level, "propagate": True},
            "uvicorn.error": {"handlers": [], "level": level, "propagate": True},
            # Requests are logged by `common.middleware`, which knows whose they are.
            "uvicorn.access": {"handlers": [], "level": "WARNING", "propagate": True},
            # A 404 or 401 is the client's affair and stands among the requests; only our own failures are news.
            "django.request": {"level": "ERROR"},
            # These tell every debugging detail of their work at levels that drown ours.
            "numba": {"level": "WARNING"},
            "asyncio": {"level": "WARNING"},
            "daphne": {"level": "WARNING"},
        },
    }


def _renderers() -> "dict[str, Processor]":
    """How an event becomes a line: for machines, and for the person at the terminal."""
    return {
        "json": structlog.processors.JSONRenderer(sort_keys=True, default=str),
        "console": structlog.dev.ConsoleRenderer(
            colors=sys.stderr.isatty(), exception_formatter=structlog.dev.plain_traceback
        ),
    }
