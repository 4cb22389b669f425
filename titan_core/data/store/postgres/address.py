"""Where a PostgreSQL database is, and how to say so without its password."""

from dataclasses import dataclass, field
from urllib.parse import quote, unquote, urlsplit

from titan_core.errors import InvalidInput

__all__ = ["Address"]

_HIDDEN = "***"


@dataclass(frozen=True, slots=True)
class Address:
    """A connection string taken apart; what is shown of it never holds the password.

    Parameters
    ----------
    url : str
        ``postgresql://user:password@host:port/name?sslmode=require``.
    """

    url: str = field(repr=False)
    shown: str = field(init=False)
    _secrets: tuple[str, ...] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        """Check the form; a message must not repeat the string."""
        try:
            parts = urlsplit(self.url)
            host, port = parts.hostname or "localhost", parts.port
        except ValueError:
            parts = None
        if parts is None or parts.scheme not in ("postgresql", "postgres") or not parts.path.strip("/"):
            raise InvalidInput(
                "a PostgreSQL price store is named like postgresql://user:password@host:5432/name"
            )
        place = f"{host}:{port}" if port else host
        object.__setattr__(self, "shown", f"{unquote(parts.path.strip('/'))} on {place}")
        secret = parts.password or ""
        found = {secret, unquote(secret), quote(unquote(secret), safe="")} - {""}
        object.__setattr__(self, "_secrets", tuple(sorted(found, key=len, reverse=True)))

    def without_secrets(self, text: str) -> str:
        """The text with the connection string and the password struck out."""
        text = text.replace(self.url, self.shown)
        for secret in self._secrets:
            text = text.replace(secret, _HIDDEN)
        return text
