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
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import psycopg
import redis

from tools.debian_root import BINARIES, ServicesMissing, debian_root
from tools.server_process import ServerProcess

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


class TimescaleServer(ServerProcess):
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


class RedisServer(ServerProcess):
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


def _account(root: Path, name: str) -> tuple[int, int]:
    """User and group id of an account of that Debian."""
    for line in (root / "etc/passwd").read_text().splitlines():
        fields = line.split(":")
        if fields[0] == name:
            return int(fields[2]), int(fields[3])
    raise ServicesMissing(f"{root} has no account {name}: delete that folder, it is made again")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
