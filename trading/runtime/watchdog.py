"""The watchdog of ``titan worker``: processes that no longer run are killed, so that others take their place."""

import logging
import os
import signal
import threading
import time
from contextlib import suppress
from pathlib import Path

from trading.runtime.board import Board, Slot

__all__ = ["Watchdog", "kill_all"]

logger = logging.getLogger(__name__)

_TICK_SECONDS = 1.0


class Watchdog:
    """A thread of the parent. It needs neither database nor broker: memory and signals are enough.

    A process is hung when it has not beaten for `silent_seconds` of which this thread was awake: time in which the
    whole machine slept is nobody's fault.
    """

    def __init__(self, board: Board, silent_seconds: float) -> None:
        self._board, self._silent_seconds = board, silent_seconds
        self._awake: dict[
            tuple[int, float], float
        ] = {}  # (process, its last beat) -> seconds seen without another
        self._thread = threading.Thread(target=self._run, name="worker-watchdog", daemon=True)

    def start(self) -> None:
        """Watch from now on."""
        self._thread.start()

    def _run(self) -> None:
        looked_at = time.monotonic()
        while True:
            time.sleep(_TICK_SECONDS)
            now = time.monotonic()
            passed, looked_at = min(now - looked_at, 2 * _TICK_SECONDS), now
            for slot in self.look(passed):
                logger.error(
                    "the worker process %s has not answered for %.0f s and is killed; its job is taken over",
                    slot.name,
                    self._silent_seconds,
                )
                _kill(slot.pid)

    def look(self, passed: float) -> list[Slot]:
        """Processes found hung after another `passed` seconds."""
        slots = {(slot.pid, slot.beat_at): slot for slot in self._board.slots()}
        self._awake = {key: self._awake.get(key, -passed) + passed for key in slots}
        return [slots[key] for key, seconds in self._awake.items() if seconds > self._silent_seconds]


def kill_all(board: Board) -> int:
    """End every process of the board that still runs; returns how many."""
    return sum(_kill(slot.pid) for slot in board.slots())


def _kill(pid: int) -> bool:
    """SIGKILL, but only to a child of this process: the id of a dead one may be somebody else's by now."""
    if not _is_child(pid):
        return False
    with suppress(ProcessLookupError):
        os.kill(pid, signal.SIGKILL)
        return True
    return False


def _is_child(pid: int) -> bool:
    stat = Path(f"/proc/{pid}/stat")
    if not stat.parent.parent.joinpath("self").exists():
        return True  # no such files on this system
    try:
        return int(stat.read_text().rpartition(")")[2].split()[1]) == os.getpid()
    except (FileNotFoundError, ProcessLookupError):
        return False
