"""Private servers for tests and benchmarks: TimescaleDB and Redis on free loopback ports, gone when their maker ends.

    python -m tools.services run -- CMD…    start both, tell CMD their addresses, stop them when it ends

CMD finds them in TITAN_TEST_TIMESCALE_URL and TITAN_TEST_REDIS_URL. Where these are set already, the servers they name
are used and none is started: the way for machines where this can't be root.
"""

import contextlib
import os
import shlex
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from types import TracebackType
from typing import Self

import psycopg
import redis

from tools.debian_root import BINARIES, ServicesMissing, debian_root

__all__ = [
    "REDIS_VARIABLE",
    "TIMESCALE_VARIABLE",
    "RedisServer",
    "ServicesMissing",
    "TimescaleServer",
    "main",
]

TIMESCALE_VARIABLE, REDIS_VARIABLE = "TITAN_TEST_TIMESCALE_URL", "TITAN_TEST_REDIS_URL"
USER, PASSWORD = "titan", "canary-5up3r53cr3t"  # asked for, so that tests can look for it in logs
_START_SECONDS = 60.0

_CONFIGURATION = {
    "listen_addresses": "'127.0.0.1'",
    "unix_socket_directories": "''",
    "shared_preload_libraries": "'timescaledb'",
    "timescaledb.telemetry_level": "off",
    "timezone": "'UTC'",
    "max_connections": "200",
    "shared_buffers": "256MB",
    "max_wal_size": "4GB",
    "max_locks_per_transaction": "256",  # a hypertable's lock is one for each of its chunks
    "max_worker_processes": "24",  # each database with TimescaleDB keeps one
    "dynamic_shared_memory_type": "mmap",  # the folder has no /dev/shm of its own
    "logging_collector": "off",
}
# Nothing here outlives the machine's power: a kill loses nothing without these, and tests are twice as fast.
_UNSAFE = {"fsync": "off", "full_page_writes": "off", "synchronous_commit": "on"}


class _Server:
    """A process that listens on a port of its own: it can be stopped, killed, and started again at the same address."""

    name = "server"

    def __init__(self) -> None:
        self.port = _free_port()
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


class TimescaleServer(_Server):
    """PostgreSQL 17 with TimescaleDB (Apache edition) from a Debian in a folder (`tools.debian_root`).

    Parameters
    ----------
    fsync
        Write as a server does that must survive a power cut: for measurements.
    settings
        Lines of postgresql.conf, by name, over those of the tests.
    """

    name = "TimescaleDB"
    _stop_signal = signal.SIGINT  # closes sessions and writes all down

    def __init__(self, *, fsync: bool = False, settings: Mapping[str, str] | None = None) -> None:
        super().__init__()
        self._root = debian_root()
        account = _account(self._root, "postgres")
        self._identity = account
        parent = self._root / "var/lib/titan-services"
        parent.mkdir(mode=0o755, exist_ok=True)
        self.folder = Path(tempfile.mkdtemp(prefix="cluster-", dir=parent))
        os.chown(self.folder, *account)
        self.log = self.folder / "server.log"
        self._inside = Path("/") / self.folder.relative_to(self._root)
        chosen = _CONFIGURATION | ({} if fsync else _UNSAFE) | dict(settings or {})
        self._initialise(chosen)

    @property
    def url(self) -> str:
        """Address of the maintenance database, password included."""
        return self.database_url("postgres")

    def database_url(self, database: str) -> str:
        """Address of a database here."""
        return f"postgresql://{USER}:{PASSWORD}@127.0.0.1:{self.port}/{database}"

    def create_database(self, name: str) -> str:
        """The address of a new, empty database."""
        with psycopg.connect(self.url, autocommit=True) as connection:
            connection.execute(f'CREATE DATABASE "{name}"')  # a name of the tests' own
        return self.database_url(name)

    def _initialise(self, configuration: Mapping[str, str]) -> None:
        secret = self.folder / "password"
        secret.write_text(PASSWORD)
        secret.chmod(0o644)  # inside a folder only its owner may enter
        command = [
            *(str(BINARIES / "initdb"), "--no-sync", "--no-instructions", "-D", str(self._inside / "data")),
            *("-U", USER, "-A", "scram-sha-256", "--pwfile", str(self._inside / "password")),
            *("-E", "UTF8", "--locale=C"),
        ]
        done = subprocess.run(command, preexec_fn=self._enter, capture_output=True, text=True, check=False)
        secret.unlink()
        if done.returncode:
            raise RuntimeError(f"initdb failed: {done.stderr[-2000:]}")
        with (self.folder / "data/postgresql.conf").open("a") as file:
            file.writelines(f"{name} = {value}\n" for name, value in configuration.items())

    def _launch(self) -> "subprocess.Popen[bytes]":
        command = [str(BINARIES / "postgres"), "-D", str(self._inside / "data"), "-p", str(self.port)]
        with self.log.open("ab") as log:
            return subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
                preexec_fn=self._enter,  # noqa: PLW1509 - system calls alone
            )

    def _answers(self) -> bool:
        try:
            psycopg.connect(self.url, connect_timeout=5).close()
        except psycopg.OperationalError:
            return False
        return True

    def _enter(self) -> None:
        """Make the new process one of that Debian's, under the account that owns the data."""
        os.chroot(self._root)
        os.chdir("/")
        os.setgroups([])
        os.setgid(self._identity[1])
        os.setuid(self._identity[0])


class RedisServer(_Server):
    """Redis of this machine, nothing kept on disk: what TITAN puts there may be lost at any moment."""

    name = "Redis"

    def __init__(self, *, options: Mapping[str, str] | None = None) -> None:
        super().__init__()
        program = shutil.which("redis-server")
        if program is None:
            raise ServicesMissing(
                "redis-server is missing: apt-get install redis-server, or name a server with "
                f"{REDIS_VARIABLE}=redis://127.0.0.1:6379/0"
            )
        self._program = program
        self._options = {"save": "", "appendonly": "no", "databases": "64"} | dict(options or {})
        self.folder = Path(tempfile.mkdtemp(prefix="titan-redis-"))
        self.log = self.folder / "server.log"

    @property
    def url(self) -> str:
        """Address of its first database."""
        return f"redis://127.0.0.1:{self.port}/0"

    def _launch(self) -> "subprocess.Popen[bytes]":
        options = {"port": str(self.port), "bind": "127.0.0.1", "dir": str(self.folder)} | self._options
        arguments = [text for name, value in options.items() for text in (f"--{name}", value)]
        with self.log.open("ab") as log:
            return subprocess.Popen(
                [self._program, *arguments],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd=self.folder,
                start_new_session=True,
            )

    def _answers(self) -> bool:
        client = redis.Redis(port=self.port, socket_timeout=5)
        try:
            return bool(client.ping())
        except redis.RedisError:
            return False
        finally:
            client.close()


@contextlib.contextmanager
def servers(environ: Mapping[str, str] | None = None) -> Iterator[dict[str, str]]:
    """Variable → address of both servers: those the environment names, private ones for those it does not."""
    known = os.environ if environ is None else environ
    makers: dict[str, Callable[[], TimescaleServer | RedisServer]] = {
        TIMESCALE_VARIABLE: TimescaleServer,
        REDIS_VARIABLE: RedisServer,
    }
    with contextlib.ExitStack() as stack:
        yield {
            variable: known.get(variable) or stack.enter_context(make()).url
            for variable, make in makers.items()
        }


def main(arguments: list[str]) -> int:
    """Run a command beside both servers; its exit code."""
    if len(arguments) < 3 or arguments[:2] != ["run", "--"]:
        print("usage: python -m tools.services run -- CMD [ARGUMENT …]", file=sys.stderr)
        return 2
    # A stop of this process is passed on; the servers end after the command, however it ends.
    child: subprocess.Popen[bytes] | None = None
    stopped = False

    def pass_on(number: int, _frame: object) -> None:
        nonlocal stopped
        stopped = True
        if child is not None:
            child.send_signal(number)

    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, pass_on)
    try:
        with servers() as addresses:
            if stopped:
                return 130
            child = subprocess.Popen(arguments[2:], env=os.environ | addresses)
            code = child.wait()
            return code if code >= 0 else 128 - code
    except FileNotFoundError as error:
        print(f"can't run {shlex.join(arguments[2:])}: {error.strerror}", file=sys.stderr)
        return 127
    except ServicesMissing as error:
        print(f"test services: {error}", file=sys.stderr)
        return 1


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


def _account(root: Path, name: str) -> tuple[int, int]:
    """User and group id of an account of that Debian."""
    for line in (root / "etc/passwd").read_text().splitlines():
        fields = line.split(":")
        if fields[0] == name:
            return int(fields[2]), int(fields[3])
    raise ServicesMissing(f"{root} has no account {name}: delete that folder, it is made again")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
