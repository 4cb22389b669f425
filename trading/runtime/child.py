"""The job child as its parent sees it: started, hinted at over a pipe, told to end by closing that pipe.

The pipe is the child's standard input. It also ends when the parent is killed, whatever the signal, so no child
outlives its server. A separate interpreter, not a fork: the server has threads and open databases.
"""

import contextlib
import logging
import os
import subprocess
import sys

from trading.services.jobs.service import worker_name

__all__ = ["Child"]

logger = logging.getLogger(__name__)


class Child:
    """One running worker process."""

    def __init__(self) -> None:
        self.name = worker_name()
        reading, self._pipe = os.pipe()  # neither end is inherited by anything else the server starts
        os.set_blocking(self._pipe, False)
        command = [sys.executable, "-m", "trading.runtime.worker", self.name]
        try:
            self._process = subprocess.Popen(command, stdin=reading)  # noqa: S603 - our own module, no shell
        finally:
            os.close(reading)
        logger.debug("job worker %s started, process %s", self.name, self.pid)

    @property
    def pid(self) -> int:
        """Its process id."""
        return self._process.pid

    @property
    def exit_code(self) -> int | None:
        """How it ended, negative for a signal; None while it lives."""
        return self._process.poll()

    def hint(self) -> None:
        """Wake it; nothing is lost when that fails, for it looks at the queue by itself as well."""
        with contextlib.suppress(OSError):
            os.write(self._pipe, b"\n")

    def stop(self, seconds: float) -> None:
        """Let it hand back what it is doing, and end it after `seconds` at the latest."""
        self._close_pipe()
        try:
            self._process.wait(seconds)
        except subprocess.TimeoutExpired:
            logger.warning("job worker %s did not stop in %s s and was killed", self.name, seconds)
            self._process.kill()
            self._process.wait()

    def bury(self) -> None:
        """Free what a dead child leaves behind."""
        self._close_pipe()
        self._process.wait()

    def _close_pipe(self) -> None:
        pipe, self._pipe = self._pipe, -1
        if pipe >= 0:
            os.close(pipe)
