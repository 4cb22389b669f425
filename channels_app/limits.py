"""How many sockets one account and one address may hold open in this process."""

from collections import Counter
from typing import Any

from django.conf import settings

from common.origin import believed

__all__ = ["Places", "address_of"]

_PER_USER, _PER_ADDRESS = 64, 256

_held: Counter[str] = Counter()  # touched from event loops only, never across an await


class Places:
    """What one socket counts towards; `release` gives all of it back."""

    def __init__(self) -> None:
        self._mine: list[str] = []

    def take_for_address(self, address: str) -> bool:
        """Whether one more socket from this address is within bounds."""
        return self._take(f"address {address}", "TITAN_SOCKETS_PER_ADDRESS", _PER_ADDRESS)

    def take_for_user(self, user_id: int) -> bool:
        """Whether one more socket of this account is within bounds."""
        return self._take(f"user {user_id}", "TITAN_SOCKETS_PER_USER", _PER_USER)

    def release(self) -> None:
        """Give back what was taken, once however often it is called."""
        for name in self._mine:
            _held[name] -= 1
            if _held[name] <= 0:
                del _held[name]
        self._mine = []

    def _take(self, name: str, setting: str, default: int) -> bool:
        if _held[name] >= int(getattr(settings, setting, default)):
            return False
        _held[name] += 1
        self._mine.append(name)
        return True


def address_of(scope: dict[str, Any]) -> str:
    """The peer of a handshake; behind declared proxies, what the outermost of them saw."""
    told = b",".join(value for name, value in scope.get("headers", ()) if name == b"x-forwarded-for")
    return believed(str((scope.get("client") or ("", 0))[0]), told.decode("latin-1"))
