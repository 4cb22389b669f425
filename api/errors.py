"""One shape for every error: ``{"error": {"code", "message", "fields", "request_id"}}``, saying how to mend it."""

import difflib
import logging
from collections.abc import Iterable, Mapping
from typing import Any

from django.core.exceptions import PermissionDenied, RequestDataTooBig, SuspiciousOperation
from django.db import OperationalError
from django.http import Http404, HttpRequest, HttpResponse
from django.views import defaults
from rest_framework import exceptions, status
from rest_framework.response import Response
from rest_framework.views import set_rollback

from api.json import dumps
from common.logging import redact
from common.middleware import current_request_id
from titan_core.errors import DataUnavailable, InvalidInput, StoreError, TitanError

__all__ = [
    "Conflict",
    "KeyReused",
    "PayloadTooLarge",
    "bad_request",
    "csrf_failure",
    "error_body",
    "exception_handler",
    "forbidden",
    "not_found",
    "server_error",
    "unknown_name",
]

log = logging.getLogger(__name__)

UNEXPECTED = (
    "Something failed on our side and was logged; nothing was half-written. Try again, and if it stays, "
    "quote the request id."
)
UNREACHABLE = (
    "The database can't be reached just now, or has too much to do; nothing was half-written. "
    "Try again in a moment."
)
MENDS = {
    "not_authenticated": "Log in first: send Authorization: Bearer <access token>, got from /api/v1/auth/token/.",
    "not_found": "There is nothing here under this address, or it is not yours to see.",
    "unsupported_media_type": "Send application/json.",
    "not_acceptable": "The API answers in application/json; accept that.",
}


class Conflict(exceptions.APIException):
    """The request is right, and the state of things does not allow it now."""

    status_code = status.HTTP_409_CONFLICT
    default_code = "conflict"
    default_detail = "The state of this has changed; reload it and try again."

    def __init__(
        self, detail: str | None = None, *, code: str | None = None, field: str | None = None
    ) -> None:
        super().__init__(detail, code)
        self.field = field


class KeyReused(exceptions.APIException):
    """An ``Idempotency-Key`` that stands for another request already."""

    status_code = status.HTTP_422_UNPROCESSABLE_ENTITY
    default_code = "idempotency_key_reused"
    default_detail = (
        "This Idempotency-Key was sent with another request before; make a new one for every request."
    )


class PayloadTooLarge(exceptions.APIException):
    """A body larger than the server reads."""

    status_code = status.HTTP_413_REQUEST_ENTITY_TOO_LARGE
    default_code = "payload_too_large"
    default_detail = "The body is too large; send less at a time."


def unknown_name(name: str, allowed: Iterable[str]) -> str:
    """Words for a name that is not known, with the closest known one and the whole list."""
    names = sorted(allowed)
    close = difflib.get_close_matches(name, names, n=1)
    guess = f" Did you mean {close[0]!r}?" if close else ""
    return f"{name!r} is not known here.{guess} Allowed: {', '.join(names) or 'none'}."


def error_body(code: str, message: str, fields: Mapping[str, list[str]], request_id: str) -> dict[str, Any]:
    """The one shape."""
    return {"error": {"code": code, "message": message, "fields": dict(fields), "request_id": request_id}}


def exception_handler(exc: Exception, context: dict[str, Any]) -> Response:
    """DRF's hook: every exception of a view becomes the one shape, the unexpected ones logged."""
    request_id = current_request_id() or ""
    known = _as_api_exception(exc)
    if known is None:
        log.error("request failed", exc_info=exc, extra={"request_id": request_id})
        body, code, headers = error_body("server_error", UNEXPECTED, {}, request_id), 500, {}
    else:
        name, message, fields = _describe(known, context)
        body, code, headers = (
            error_body(name, message, fields, request_id),
            known.status_code,
            _headers(known),
        )
    set_rollback()
    return Response(body, status=code, headers=headers)


def _as_api_exception(exc: Exception) -> exceptions.APIException | None:
    """The exception as DRF knows it, or None where nobody expected it."""
    if isinstance(exc, exceptions.APIException):
        return exc
    if isinstance(exc, Http404):
        return exceptions.NotFound()
    if isinstance(exc, PermissionDenied):
        return exceptions.PermissionDenied(str(exc) or None)
    if isinstance(exc, RequestDataTooBig):
        return PayloadTooLarge()
    if isinstance(exc, SuspiciousOperation):
        return exceptions.ParseError("The request is malformed.")
    if isinstance(exc, TitanError):
        return _engine_exception(exc)
    if isinstance(exc, OperationalError) and type(exc.__cause__).__module__.startswith("psycopg"):
        return _unreachable(exc)
    return None


def _unreachable(exc: OperationalError) -> exceptions.APIException:
    """The server's connection was cut, or all connections of this process stayed in use."""
    log.error("the database can't be used", exc_info=exc, extra={"request_id": current_request_id() or ""})
    unavailable = exceptions.APIException(UNREACHABLE, code="database_unavailable")
    unavailable.status_code = status.HTTP_503_SERVICE_UNAVAILABLE
    return unavailable


def _engine_exception(exc: TitanError) -> exceptions.APIException | None:
    """An engine's or a service's refusal: its message is already written for the person who must act."""
    message, field = str(exc), getattr(exc, "field", None)
    if exc.code == Conflict.default_code:
        return Conflict(message, field=field)
    if isinstance(exc, InvalidInput):
        detail: Any = {field: [message]} if field else [message]
        refused = exceptions.ValidationError(detail)
        refused.titan_code = exc.code  # type: ignore[attr-defined]  # carried to _describe, which has no other way to know
        return refused
    if isinstance(exc, DataUnavailable):
        return exceptions.NotFound(message, code=exc.code)
    if isinstance(exc, StoreError):
        unavailable = exceptions.APIException(message, code=exc.code)
        unavailable.status_code = status.HTTP_503_SERVICE_UNAVAILABLE
        return unavailable
    return None


def _describe(exc: exceptions.APIException, context: dict[str, Any]) -> tuple[str, str, dict[str, list[str]]]:
    """Code, message and messages by field of a known exception."""
    if isinstance(exc, exceptions.ValidationError):
        fields = dict(_flatten(exc.detail))
        general = fields.pop("", [])
        return str(getattr(exc, "titan_code", "invalid")), _summary(general, fields), fields
    detail = exc.detail
    if isinstance(exc, Conflict) and exc.field is not None:
        return str(exc.default_code), _join(str(detail)), {exc.field: [str(detail)]}
    if isinstance(detail, dict):  # simplejwt says {"detail", "code", "messages"}
        code, message = str(detail.get("code", exc.default_code)), str(detail.get("detail", ""))
        reasons = {
            str(item.get("message", "")) for item in detail.get("messages", []) if isinstance(item, dict)
        }
        return code, _join(message, *sorted(reasons), "Log in again for a fresh one."), {}
    code = str(getattr(detail, "code", exc.default_code))
    if isinstance(exc, exceptions.MethodNotAllowed):
        view = context.get("view")
        allowed = ", ".join(getattr(view, "allowed_methods", [])) or "none"
        return code, f"{detail} Allowed here: {allowed}.", {}
    if isinstance(exc, exceptions.NotFound) and str(detail) == str(exceptions.NotFound.default_detail):
        return code, MENDS["not_found"], {}
    return code, _join(str(detail), "" if code == "not_found" else MENDS.get(code, "")), {}


def _flatten(detail: Any, prefix: str = "") -> Iterable[tuple[str, list[str]]]:
    """Nested messages under dotted names; those about nothing in particular under the empty name."""
    if isinstance(detail, Mapping):
        for name, inner in detail.items():
            general = str(name) in {"non_field_errors", "__all__"}
            yield from _flatten(inner, prefix if general else f"{prefix}.{name}" if prefix else str(name))
    elif isinstance(detail, list):
        texts = [str(item) for item in detail if not isinstance(item, Mapping | list)]
        if texts:
            yield prefix, texts
        for index, item in enumerate(detail):
            if isinstance(item, Mapping | list) and item:
                yield from _flatten(item, f"{prefix}.{index}" if prefix else str(index))
    else:
        yield prefix, [str(detail)]


def _summary(general: list[str], fields: Mapping[str, list[str]]) -> str:
    """One sentence or more for a person; each field's messages are prefixed with its name."""
    said = [*general, *(f"{name}: {' '.join(messages)}" for name, messages in fields.items())]
    return _join(*said) or "The request is not valid."


def _join(*parts: str) -> str:
    """Sentences from fragments, each ended once."""
    return " ".join(part if part.endswith((".", "!", "?")) else f"{part}." for part in parts if part)


def _headers(exc: exceptions.APIException) -> dict[str, str]:
    """What HTTP asks for beside the body."""
    headers = {}
    if getattr(exc, "auth_header", None):
        headers["WWW-Authenticate"] = str(exc.auth_header)  # type: ignore[attr-defined]  # DRF sets it on the instance
    if getattr(exc, "wait", None):
        headers["Retry-After"] = f"{exc.wait:.0f}"  # type: ignore[attr-defined]  # of Throttled alone
    return headers


# Django's own handlers, for what never reaches a view of ours.


def _is_api(request: HttpRequest) -> bool:
    return request.path.startswith(("/api/", "/livez", "/readyz", "/metrics"))


def _answer(request: HttpRequest, status_code: int, code: str, message: str) -> HttpResponse:
    body = dumps(error_body(code, message, {}, current_request_id() or ""))
    return HttpResponse(body, status=status_code, content_type="application/json")


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """``handler400``."""
    if not _is_api(request):
        return defaults.bad_request(request, exception)
    if isinstance(exception, RequestDataTooBig):
        return _answer(request, 413, PayloadTooLarge.default_code, PayloadTooLarge.default_detail)
    return _answer(
        request, 400, "bad_request", "The request is malformed; check its address, headers and body."
    )


def forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:
    """``handler403``."""
    if not _is_api(request):
        return defaults.permission_denied(request, exception)
    return _answer(
        request, 403, "permission_denied", "You may not do this; ask an administrator for the right to."
    )


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """``handler404``."""
    if not _is_api(request):
        return defaults.page_not_found(request, exception)
    return _answer(
        request, 404, "not_found", f"{redact(request.path)} is not an address of this API; see /api/docs/."
    )


def server_error(request: HttpRequest) -> HttpResponse:
    """``handler500``."""
    return (
        _answer(request, 500, "server_error", UNEXPECTED)
        if _is_api(request)
        else defaults.server_error(request)
    )


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """``CSRF_FAILURE_VIEW``."""
    message = f"The form's protection token did not match ({reason}); reload the page and send it again."
    return _answer(request, 403, "csrf_failed", message)
