"""One BLAS thread while a scan runs: matrix products then give the same bits whatever the machine is doing."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

__all__ = ["single_threaded_blas"]

_lock = threading.Lock()
_users = 0
_limits: Any = None


@contextmanager
def single_threaded_blas() -> Iterator[None]:
    """Hold BLAS of the whole process at one thread; the last scan to leave restores what it was."""
    global _users, _limits  # noqa: PLW0603  the limit is the process's own, so is the count of those who hold it
    from threadpoolctl import threadpool_limits

    with _lock:
        _users += 1
        if _users == 1:
            _limits = threadpool_limits(limits=1, user_api="blas")
    try:
        yield
    finally:
        with _lock:
            _users -= 1
            if _users == 0:
                _limits.restore_original_limits()
                _limits = None
