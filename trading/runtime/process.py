"""One process of ``titan worker``: forked with everything loaded, it does one job at a time and says that it lives."""

import logging
import os
from collections.abc import Sequence
from dataclasses import dataclass

from trading.runtime.board import Board, Pulse
from trading.runtime.presence import Presence
from trading.services.jobs.service import JobService, worker_name

__all__ = ["WorkProcess", "begin", "current", "die", "end"]

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class WorkProcess:
    """What the tasks of this process ask."""

    name: str
    board: Board
    presence: Presence
    pulse: Pulse


_current: WorkProcess | None = None


def current() -> WorkProcess | None:
    """The process one is in, where it is one of a worker's."""
    return _current


def begin(board: Board, index: int, queues: Sequence[str]) -> None:
    """Take the slot `index`; whoever held it before and did not give it back is dead, and its job is free."""
    global _current  # noqa: PLW0603 - a process is one
    before, name = board.read(index), worker_name()
    _current = WorkProcess(
        name,
        board,
        Presence(name, queues, is_stopping=lambda: board.stopping),
        Pulse(board, index, name),
    )
    _current.pulse.start()
    _current.presence.start()
    if before is not None:
        _bury(before.name)


def end() -> None:
    """The process ends in order."""
    if _current is not None:
        _current.presence.stop()
        _current.pulse.stop()


def die() -> None:
    """End now: a handler that does not listen can't be stopped in any other way."""
    os._exit(70)


def _bury(name: str) -> None:
    try:
        held = JobService().abandon_sync(name)
    except Exception:
        logger.warning("what the dead worker %s held waits for its lease to run out", name, exc_info=True)
    else:
        logger.warning("the worker %s had died and held %s jobs: they are free", name, held)
