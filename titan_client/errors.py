"""What goes wrong: a refusal of the API, in its own words, and a job that came to nothing."""

from collections.abc import Mapping, Sequence
from typing import Any

import httpx

__all__ = ["ApiError", "JobFailed", "raise_for"]


class ApiError(Exception):
    """An answer of 400 or above: ``code`` for programs, the message for people, ``fields`` by name."""

    def __init__(
        self, status: int, code: str, message: str, fields: Mapping[str, Sequence[str]], request_id: str
    ) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.fields = fields
        self.request_id = request_id

    def __str__(self) -> str:
        return f"{self.status} {self.code}: {super().__str__()} (request {self.request_id})"


class JobFailed(Exception):
    """A job ended without a result; ``job`` is what became of it."""

    def __init__(self, job: Any) -> None:
        super().__init__(
            f"job {job['id']} ended {job['status']}: {job['error'] or job['message'] or 'no reason'}"
        )
        self.job = job


def raise_for(answer: httpx.Response) -> None:
    """Raise `ApiError` for an answer that refuses."""
    if answer.status_code < 400:
        return
    try:
        error = answer.json()["error"]
    except (ValueError, KeyError, TypeError):  # a proxy's own page
        raise ApiError(
            answer.status_code, "no_api", answer.text[:200] or answer.reason_phrase, {}, ""
        ) from None
    raise ApiError(answer.status_code, error["code"], error["message"], error["fields"], error["request_id"])
