"""A bound on what one process has open at once."""

import os
import threading
import time

__all__ = ["Places"]


class Places:
    """So many places, each held by one borrower at a time; those who find none wait.

    Counted in each process: a forked child begins with all of them free, for it holds none of its parent's connections.
    """

    def __init__(self, n: int) -> None:
        self.n = n
        self._renew()

    def take(self, timeout_seconds: float) -> bool:
        """Take a place, waiting for one that long; whether one was had."""
        self._renew_in_child()
        deadline = time.monotonic() + timeout_seconds
        with self._changed:
            while self._free == 0:
                left = deadline - time.monotonic()
                if left <= 0 or not self._changed.wait(left):
                    return False
            self._free -= 1
        return True

    def give_back(self) -> None:
        """Free a place. One taken before a fork is the parent's, and no place here."""
        if self._process == os.getpid():
            with self._changed:
                self._free += 1
                self._changed.notify()

    def _renew(self) -> None:
        self._changed, self._free, self._process = threading.Condition(), self.n, os.getpid()

    def _renew_in_child(self) -> None:
        if self._process != os.getpid():
            self._renew()  # whoever held the lock at the fork does not run here
