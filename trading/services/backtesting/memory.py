"""What a process keeps in memory of things that are dear to make and never change."""

from collections import OrderedDict
from collections.abc import Callable
from threading import Lock
from typing import Any, Generic, TypeVar

__all__ = ["Kept"]

T = TypeVar("T")
_Key = tuple[Any, ...]


class Kept(Generic[T]):
    """The last few of something, by what they were made of; from any thread."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._things: OrderedDict[_Key, T] = OrderedDict()
        self._lock = Lock()

    def get(self, key: _Key, make: Callable[[], T]) -> T:
        """What was made of this key; made now, outside the lock, where it is not here."""
        with self._lock:
            if key in self._things:
                self._things.move_to_end(key)
                return self._things[key]
        thing = make()
        with self._lock:
            self._things[key] = thing
            while len(self._things) > self._most:
                self._things.popitem(last=False)
        return thing

    def clear(self) -> None:
        """Let go of all."""
        with self._lock:
            self._things.clear()
