"""Real processes for tests: the embedded runtime, and a whole server over a real port."""

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TypeVar

import httpx

from tools.ports import free_port
from trading.models import Job

ROOT = Path(__file__).resolve().parents[2]
SETTINGS = "tests.services.child_settings"
ROUNDS = int(os.environ.get("TITAN_TEST_ROUNDS", "2"))

T = TypeVar("T")


def wait_for(look: Callable[[], T], *, seconds: float = 60.0, what: str = "it") -> T:
    """The first true thing `look` returns; fails when none came in `seconds`."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        found = look()
        if found:
            return found
        time.sleep(0.02)
    raise AssertionError(f"{what} did not happen within {seconds} s")


def wait_for_status(job: Job, *statuses: str, seconds: float = 60.0) -> Job:
    """The job, read again, once it has one of `statuses`."""

    def look() -> bool:
        job.refresh_from_db()
        return job.status in statuses

    try:
        wait_for(look, seconds=seconds)
    except AssertionError:
        raise AssertionError(f"{job} is not {statuses}: stage {job.stage!r}, {job.message!r}") from None
    return job


def is_alive(pid: int) -> bool:
    """Whether a process with this id runs (a zombie does not)."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def children_of(pid: int) -> list[int]:
    """Process ids of the direct children of a process."""
    found = []
    for task in Path(f"/proc/{pid}/task").glob("*/children"):
        with contextlib.suppress(FileNotFoundError, ProcessLookupError):
            found += [int(text) for text in task.read_text().split()]
    return found


class Server:
    """The server of `titan up`, its own job child included, on the test's databases."""

    def __init__(self, log: Path) -> None:
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.log = log
        self.process: subprocess.Popen[bytes] | None = None
        # The home's log is shared by the whole test run: what stands there already is not this server's.
        self.home_log = Path(os.environ["TITAN_TEST_HOME"]) / "titan.log"
        self.logged_before = self.home_log.stat().st_size if self.home_log.exists() else 0

    def start(self) -> None:
        command = [sys.executable, "-m", "tests.services.serve", str(self.port)]
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                command,
                cwd=ROOT,
                env=os.environ | {"DJANGO_SETTINGS_MODULE": SETTINGS},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        wait_for(self._answers, what="the server's start")

    def _answers(self) -> bool:
        assert self.process is not None
        assert self.process.poll() is None, self.log.read_text()
        try:
            return httpx.get(f"{self.url}/livez", timeout=5).status_code < 500
        except httpx.TransportError:
            return False

    def everything_logged(self) -> str:
        """What it printed, and what has come into the log file of its home since it was made."""
        home = self.home_log.read_bytes()[self.logged_before :] if self.home_log.exists() else b""
        return self.log.read_text() + home.decode()

    def worker_pid(self) -> int:
        """Process id of the job child."""
        assert self.process is not None
        pid = self.process.pid
        return wait_for(lambda: next(iter(children_of(pid)), 0), what="the job child")

    def kill(self) -> None:
        """SIGKILL to the server alone, as the kernel would out of memory."""
        assert self.process is not None
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()
        self.process = None

    def stop(self, number: int = signal.SIGTERM) -> float:
        """Ask it to end; returns the seconds that took."""
        assert self.process is not None
        began = time.monotonic()
        self.process.send_signal(number)
        self.process.wait(30)
        self.process = None
        return time.monotonic() - began

    def end(self) -> None:
        """Whatever state the test left it in."""
        if self.process is not None:
            pids = [self.process.pid, *children_of(self.process.pid)]
            for pid in pids:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
            self.process.wait()
            self.process = None


@contextlib.contextmanager
def environment(**variables: str) -> Iterator[None]:
    """Environment variables for the processes started meanwhile."""
    before = {name: os.environ.get(name) for name in variables}
    os.environ.update(variables)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value
