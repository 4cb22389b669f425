"""Processes of a production stack: `titan` commands in sessions of their own, their output in files."""

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import httpx

from tests.services.processes import is_alive, wait_for

__all__ = ["PROXY", "Process", "Web"]

ROOT = Path(__file__).resolve().parents[2]
PROXY = {"X-Forwarded-Proto": "https"}  # what the proxy in front says, where TLS ends


class Process:
    """One `titan` command that runs until told otherwise, and whatever processes it has made."""

    def __init__(self, name: str, command: Sequence[str], environment: Mapping[str, str], log: Path) -> None:
        self.name, self.command, self.environment, self.log = name, list(command), dict(environment), log
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int:
        """Process id of the command."""
        assert self._process is not None, f"{self.name} does not run"
        return self._process.pid

    @property
    def is_running(self) -> bool:
        """Whether the command has not ended."""
        return self._process is not None and self._process.poll() is None

    def start(self, ready: Callable[[], bool], *, seconds: float = 90.0) -> None:
        """Start it and wait until it is `ready`."""
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-m", *self.command],
                cwd=ROOT,
                env=self.environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

        def look() -> bool:
            assert self.is_running, f"{self.name} ended:\n{self.text()[-4000:]}"
            return ready()

        wait_for(look, seconds=seconds, what=f"the start of {self.name}")

    def text(self) -> str:
        """What it has printed."""
        return self.log.read_text(errors="replace") if self.log.exists() else ""

    def family(self) -> list[int]:
        """Ids of the command's process and of every process below it."""
        if not self.is_running:
            return []
        found = [self.pid]
        for pid in found:
            with contextlib.suppress(FileNotFoundError, ProcessLookupError):
                found += [int(text) for text in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
        return found

    def send(self, number: signal.Signals) -> None:
        """Send a signal to the command's process and every one below it (SIGSTOP, SIGCONT, SIGKILL)."""
        for pid in self.family():
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, number)

    def kill(self) -> None:
        """SIGKILL to all of it, as when the machine goes."""
        family = self.family()
        self.send(signal.SIGKILL)
        if self._process is not None:
            self._process.wait(30)
        wait_for(lambda: not any(is_alive(pid) for pid in family), seconds=30, what=f"the end of {self.name}")

    def stop(self, number: signal.Signals = signal.SIGTERM, *, seconds: float = 40.0) -> float:
        """Ask the command to end, as a supervisor does; returns the seconds that took."""
        assert self._process is not None
        family, began = self.family(), time.monotonic()
        self._process.send_signal(number)
        self._process.wait(seconds)
        took = time.monotonic() - began
        wait_for(lambda: not any(is_alive(pid) for pid in family), seconds=10, what=f"the end of {self.name}")
        return took

    @property
    def exit_code(self) -> int:
        """How it ended."""
        assert self._process is not None
        assert self._process.returncode is not None, f"{self.name} runs"
        return self._process.returncode

    def end(self) -> None:
        """Whatever state a test left it in."""
        if self.is_running:
            self.send(signal.SIGCONT)
            self.kill()


class Web(Process):
    """`titan web` on a port of its own."""

    def __init__(
        self, name: str, command: Sequence[str], environment: Mapping[str, str], log: Path, *, port: int
    ) -> None:
        super().__init__(name, command, environment, log)
        self.port = port
        self.url = f"http://127.0.0.1:{port}"

    def answers(self) -> bool:
        """Whether it answers requests."""
        try:
            return httpx.get(f"{self.url}/livez", timeout=5).status_code == 200
        except httpx.TransportError:
            return False
