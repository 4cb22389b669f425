"""Secrets at rest: sealed with keys derived from SECRET_KEY, one for each purpose, so that no table gives them away."""

import base64
import hashlib
import hmac

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings

from titan_core.errors import TitanError

__all__ = ["Unsealable", "derived_keys", "digest", "digests", "reseal", "seal", "unseal"]


class Unsealable(TitanError):
    """A sealed secret that no key of ours opens: SECRET_KEY changed, or the row was altered."""

    code = "unsealable"


def derived_keys(purpose: str) -> list[bytes]:
    """32 bytes for `purpose` from SECRET_KEY, then from each of SECRET_KEY_FALLBACKS."""
    secrets = [str(settings.SECRET_KEY), *map(str, settings.SECRET_KEY_FALLBACKS)]
    return [
        hmac.digest(secret.encode(), f"titan.{purpose}.v1".encode(), hashlib.sha256) for secret in secrets
    ]


def seal(text: str, purpose: str) -> str:
    """`text` encrypted and signed (AES-128-CBC, HMAC-SHA256)."""
    return _box(purpose).encrypt(text.encode()).decode()


def unseal(sealed: str, purpose: str) -> str:
    """What was sealed for `purpose`.

    Raises
    ------
    Unsealable
        No key of ours opens it.
    """
    try:
        return _box(purpose).decrypt(sealed.encode()).decode()
    except InvalidToken as error:
        raise Unsealable(
            f"a secret kept for {purpose!r} can't be opened: SECRET_KEY has changed since it was stored "
            "(put the old one into SECRET_KEY_FALLBACKS), or its row was altered"
        ) from error


def reseal(sealed: str, purpose: str) -> str:
    """The same secret sealed under the key of today, whichever of our keys it was sealed under.

    Raises
    ------
    Unsealable
        No key of ours opens it.
    """
    return seal(unseal(sealed, purpose), purpose)


def digest(text: str, purpose: str) -> str:
    """Keyed hash (64 hex digits) to find or compare a short secret by, without keeping it."""
    return digests(text, purpose)[0]


def digests(text: str, purpose: str) -> list[str]:
    """The keyed hash under the key of today, then under each former one: what a row of earlier may hold."""
    return [hmac.new(key, text.encode(), hashlib.sha256).hexdigest() for key in derived_keys(purpose)]


def _box(purpose: str) -> MultiFernet:
    return MultiFernet([Fernet(base64.urlsafe_b64encode(key)) for key in derived_keys(purpose)])
