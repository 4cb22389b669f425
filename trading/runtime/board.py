"""Memory that a worker's processes share with the one that made them: who lives, and that all are to stop.

No lock and no pipe, so a process that is stopped, or holds Python's lock for ever, can block nobody: each writes
its own slot, the parent reads.
"""

import mmap
import os
import struct
import threading
import time
from dataclasses import dataclass

__all__ = ["Board", "Pulse", "Slot"]

_STOPPING = 0
_FIRST, _SIZE = 64, 128
_SLOT = struct.Struct("<qd100s")


@dataclass(frozen=True, slots=True)
class Slot:
    """What one process has last said."""

    pid: int
    beat_at: float  # monotonic seconds
    name: str


class Board:
    """Made before the processes are; those forked afterwards write to the same memory."""

    def __init__(self, slots: int) -> None:
        self._slots = slots
        self._memory = mmap.mmap(-1, _FIRST + slots * _SIZE)

    @property
    def stopping(self) -> bool:
        """Whether everyone is to stop."""
        return self._memory[_STOPPING] != 0

    def is_set(self) -> bool:
        """`stopping`, by the name that events have."""
        return self.stopping

    def stop(self) -> None:
        """Everyone is to stop; may be called by a signal's handler."""
        self._memory[_STOPPING] = 1

    def write(self, index: int, name: str) -> None:
        """The calling process lives, and works under `name`."""
        if index < self._slots:
            data = _SLOT.pack(os.getpid(), time.monotonic(), name.encode()[:100])
            at = _FIRST + index * _SIZE
            self._memory[at : at + len(data)] = data

    def clear(self, index: int) -> None:
        """The calling process ends in order."""
        if index < self._slots:
            at = _FIRST + index * _SIZE
            self._memory[at : at + _SLOT.size] = bytes(_SLOT.size)

    def read(self, index: int) -> Slot | None:
        """What the process in a slot has said; None where none is."""
        if index >= self._slots:
            return None
        pid, beat_at, name = _SLOT.unpack_from(self._memory, _FIRST + index * _SIZE)
        return Slot(pid, beat_at, name.rstrip(b"\0").decode()) if pid else None

    def slots(self) -> list[Slot]:
        """Every process that has said anything."""
        return [slot for index in range(self._slots) if (slot := self.read(index)) is not None]


class Pulse:
    """The thread that says this process can still run Python: nothing else, so that nothing else can hold it up."""

    def __init__(self, board: Board, index: int, name: str) -> None:
        self._board, self._index, self._name = board, index, name
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._run, name="worker-pulse", daemon=True)

    def start(self) -> None:
        """Beat once, and go on beating."""
        self._board.write(self._index, self._name)
        self._thread.start()

    def stop(self) -> None:
        """The process ends in order: the slot is free."""
        self._ended.set()
        self._thread.join(1.0)
        self._board.clear(self._index)

    def _run(self) -> None:
        while not self._ended.wait(0.5):
            self._board.write(self._index, self._name)
