"""The request's id: given back to the client, bound to every log line written meanwhile; a line and a count each."""

import logging
import re
import time
import uuid
from collections.abc import Callable
from contextvars import ContextVar

import structlog
from django.http import HttpRequest, HttpResponse

from common import metrics

__all__ = ["REQUEST_ID_HEADER", "RequestIdMiddleware", "current_request_id", "known_user", "request_behind"]

access = logging.getLogger("titan.access")

REQUEST_ID_HEADER = "X-Request-ID"
_ACCEPTED = re.compile(r"[A-Za-z0-9._-]{8,64}\Z")
_request_id: ContextVar[str | None] = ContextVar("request_id", default=None)


def current_request_id() -> str | None:
    """Id of the request being answered, ``None`` outside one."""
    return _request_id.get()


def request_behind() -> str:
    """Id of the request that all this began with: the one being answered, or the one a running job was asked by."""
    return current_request_id() or str(structlog.contextvars.get_contextvars().get("request_id", ""))


def known_user(user_id: int) -> None:
    """Bind whose request this is to the log lines from here on."""
    structlog.contextvars.bind_contextvars(user_id=user_id)


class RequestIdMiddleware:
    """Takes a well-formed ``X-Request-ID`` from the proxy, else makes one."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer the request under its id."""
        given = request.headers.get(REQUEST_ID_HEADER, "")
        request_id = given if _ACCEPTED.match(given) else uuid.uuid4().hex
        token = _request_id.set(request_id)
        began = time.perf_counter()
        try:
            with structlog.contextvars.bound_contextvars(request_id=request_id):
                response = self.get_response(request)
                seconds = time.perf_counter() - began
                _tell(request, response.status_code, seconds)
                metrics.answered(request, response.status_code, seconds)
        finally:
            structlog.contextvars.unbind_contextvars("user_id")
            _request_id.reset(token)
        response[REQUEST_ID_HEADER] = request_id
        return response


def _tell(request: HttpRequest, status: int, seconds: float) -> None:
    """One line of the log: what was asked and how it went; query strings stay out of it."""
    browsing = getattr(
        getattr(request, "_cached_user", None), "pk", None
    )  # where a session's user was looked up
    if browsing is not None:
        known_user(browsing)
    access.info(
        "%s %s %d",
        request.method,
        request.path,
        status,
        extra={"status": status, "milliseconds": round(1000 * seconds, 1)},
    )
