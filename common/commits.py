"""What is done once a transaction is committed, and may fail without failing what was committed."""

from collections.abc import Callable

from django.db import transaction

__all__ = ["after_commit"]


def after_commit(work: Callable[..., object], *arguments: object, using: str | None = None) -> None:
    """Call ``work(*arguments)`` when the surrounding transaction is committed; what it raises is logged.

    A function is made of it, for Django names what failed in its log line, and a `functools.partial` has no name: the
    line itself would fail then, and with it the request, after the commit.
    """

    def call() -> None:
        work(*arguments)

    call.__qualname__ = getattr(work, "__qualname__", repr(work))
    transaction.on_commit(call, using=using, robust=True)
