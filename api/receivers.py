"""What the API does when accounts change; `users` may not know it, so it listens."""

import uuid
from typing import Any

from api import tokens
from api.models import RefreshTokenFamily
from users.models import User

__all__ = ["end_tokens", "recheck_sockets"]


def end_tokens(sender: Any, *, user: User, reason: str, keep: uuid.UUID | None, **kwargs: Any) -> None:
    """Every sign-in of a person ends, inside the transaction that asked for it."""
    tokens.end_all(user, RefreshTokenFamily.Reason(reason), keep=keep)


def recheck_sockets(sender: Any, *, user: User, **kwargs: Any) -> None:
    """What a person may see has changed."""
    tokens.tell_sockets(user)
