"""A server process of a test run or a benchmark: private, on a loopback port, and gone when its maker ends."""

import contextlib
import os
import shlex
import shutil
import signal
import subprocess
import time
from pathlib import Path
from types import TracebackType
from typing import Self

from tools.ports import free_port

__all__ = ["ServerProcess"]

_START_SECONDS = 60.0


class ServerProcess:
    """A process that listens on a port of its own: it can be stopped, killed, and started again at the same address."""

    name = "server"

    def __init__(self) -> None:
        self.port = free_port()
        self._process: subprocess.Popen[bytes] | None = None
        self._guard: subprocess.Popen[bytes] | None = None
        self._owner = os.getpid()

    @property
    def pid(self) -> int:
        """Process id of the server while it runs."""
        if self._process is None:
            raise RuntimeError(f"{self.name} does not run")
        return self._process.pid

    @property
    def is_running(self) -> bool:
        """Whether its process lives."""
        return self._process is not None and self._process.poll() is None

    def start(self) -> Self:
        """Start it and wait until it answers."""
        self._process = self._launch()
        self._guard = _guard(self._process.pid, self.folder)
        deadline = time.monotonic() + _START_SECONDS
        while not self._answers():
            if not self.is_running or time.monotonic() > deadline:
                raise RuntimeError(
                    f"{self.name} did not start:\n{self.log.read_text(errors='replace')[-2000:]}"
                )
            time.sleep(0.05)
        return self

    @property
    def url(self) -> str:
        """Where it listens."""
        raise NotImplementedError

    def stop(self) -> None:
        """End it in order; its data stays, `start` brings it back."""
        self._end(self._stop_signal)

    def kill(self) -> None:
        """SIGKILL to it and its children: nothing is written down, nobody is told."""
        children = _children(self.pid)
        self._end(signal.SIGKILL)
        for child in children:  # a new server is refused while one of them holds the shared memory
            with contextlib.suppress(ProcessLookupError):
                os.kill(child, signal.SIGKILL)
        deadline = time.monotonic() + _START_SECONDS
        while any(_lives(child) for child in children) and time.monotonic() < deadline:
            time.sleep(0.01)

    def restart(self) -> Self:
        """Stop it if it runs, and start it."""
        self.stop()
        return self.start()

    def close(self) -> None:
        """End it and remove its data; in the process that made it only, not in a fork."""
        if os.getpid() == self._owner:
            self._end(signal.SIGQUIT if self._stop_signal == signal.SIGINT else signal.SIGKILL)
            shutil.rmtree(self.folder, ignore_errors=True)

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    _stop_signal = signal.SIGTERM
    folder: Path
    log: Path

    def _launch(self) -> "subprocess.Popen[bytes]":
        raise NotImplementedError

    def _answers(self) -> bool:
        raise NotImplementedError

    def _end(self, number: signal.Signals) -> None:
        if self._process is not None:
            with contextlib.suppress(ProcessLookupError):
                self._process.send_signal(number)
            self._process.wait(60)
            self._process = None
        if self._guard is not None:
            self._guard.kill()
            self._guard.communicate()  # closes its pipe
            self._guard = None


def _guard(pid: int, folder: Path) -> "subprocess.Popen[bytes]":
    """A shell that waits for the end of this process, however it comes, then ends the server and removes its data.

    (A signal at the parent's end, prctl's, comes already when the *thread* that started the server ends.)
    """
    script = f"read _; kill -QUIT {pid} && sleep 1; kill -KILL {pid}; rm -rf {shlex.quote(str(folder))}"
    return subprocess.Popen(
        ["/bin/sh", "-c", script],
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )


def _children(pid: int) -> list[int]:
    """Process ids of the children of a process (Linux)."""
    return [int(text) for text in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def _lives(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False
