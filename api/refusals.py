"""What sign-in refuses, as the API says it."""

from collections.abc import Iterator
from contextlib import contextmanager

from rest_framework import status
from rest_framework.exceptions import APIException, AuthenticationFailed

from users.errors import LockedOut, SignInRefused

__all__ = ["LockedOutAnswer", "as_answers"]


class LockedOutAnswer(APIException):
    """429 with ``Retry-After``."""

    status_code = status.HTTP_429_TOO_MANY_REQUESTS
    default_code = "locked_out"

    def __init__(self, refusal: LockedOut) -> None:
        super().__init__(str(refusal), code=refusal.code)
        self.wait = refusal.wait_seconds


@contextmanager
def as_answers() -> Iterator[None]:
    """Raise what sign-in refuses as 401, and a lockout as 429."""
    try:
        yield
    except LockedOut as refusal:
        raise LockedOutAnswer(refusal) from refusal
    except SignInRefused as refusal:
        raise AuthenticationFailed(str(refusal), code=refusal.code) from refusal
