"""Refusals of services that are about one field of a request; the message is for the person who must act."""

from titan_core.errors import InvalidInput

__all__ = ["Refusal"]


class Refusal(InvalidInput):
    """A request that breaks a stated rule; ``field`` names the part of it that must change, if one does."""

    def __init__(self, message: str, *, field: str | None = None, code: str = "invalid") -> None:
        super().__init__(message)
        self.field = field
        self.code = code
