"""Which function does which task of a part. Functions register themselves, as handlers of jobs do."""

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from trading.models.jobs import Job
from trading.services.jobs.errors import NoHandler
from trading.services.jobs.registry import discover

if TYPE_CHECKING:
    from trading.services.jobs.parts.step import Step

__all__ = ["Worker", "worker_for", "works"]

Worker = Callable[[Job, Mapping[str, Any], "Step"], bytes]

_workers: dict[str, Worker] = {}


def works(task: str) -> Callable[[Worker], Worker]:
    """Register a function ``(job, payload, step) -> bytes`` for parts of `task`.

    The same payload must give the same bytes, wherever and however often it is worked on.
    """

    def register(function: Worker) -> Worker:
        _workers[task] = function
        return function

    return register


def worker_for(task: str) -> Worker:
    """The function for `task`; raises `NoHandler`."""
    if task not in _workers:
        discover()
    try:
        return _workers[task]
    except KeyError:
        raise NoHandler(
            f"no function works on parts of {task!r}: decorate one with @works({task!r})"
        ) from None
