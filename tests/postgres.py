"""A private PostgreSQL server for tests: from the machine's own binaries, on a loopback port, gone when they end."""

import atexit
import ctypes
import os
import pwd
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import psycopg

from tools.ports import free_port

__all__ = ["Server", "shared_url"]

ROOT = Path(__file__).resolve().parents[1]
USER, PASSWORD = (
    "titan",
    "canary-5up3r53cr3t",
)  # the password is asked for, so that tests can look for it in logs

CONFIGURATION = """
listen_addresses = '127.0.0.1'
unix_socket_directories = ''
timezone = 'UTC'
max_connections = 100
shared_buffers = 128MB
max_wal_size = 2GB
fsync = {fsync}
synchronous_commit = on
full_page_writes = {fsync}
logging_collector = off
"""


def binaries() -> Path:
    """The folder of the server's programs. `make test` leaves tests out where there is none, CI installs them."""
    found = subprocess.run([ROOT / "tools" / "find_postgres.sh"], capture_output=True, text=True, check=False)
    if found.returncode:
        raise RuntimeError(
            "no PostgreSQL server programs: apt-get install postgresql, or run -m 'not postgres'"
        )
    return Path(found.stdout.strip())


class Server:
    """One cluster in a folder of its own; it can be stopped, killed and started again on the same port."""

    def __init__(self, *, fsync: bool = False) -> None:
        self.bin = binaries()
        self.port = free_port()
        self.folder = Path(tempfile.mkdtemp(prefix="titan-postgres-"))
        self.data = self.folder / "data"
        self.log = self.folder / "server.log"
        self._owner = os.getpid()
        self._process: subprocess.Popen[bytes] | None = None
        self._identity = _identity(self.folder)
        self._make(fsync)

    def url(self, database: str = "postgres") -> str:
        """Address of a database here, its password included."""
        return f"postgresql://{USER}:{PASSWORD}@127.0.0.1:{self.port}/{database}"

    def start(self) -> None:
        """Start the server and wait until it answers."""
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                [self.bin / "postgres", "-D", self.data, "-p", str(self.port)],
                stdout=log,
                stderr=log,
                cwd=self.folder,
                preexec_fn=_end_with_parent if sys.platform == "linux" else None,  # noqa: PLW1509 - one system call
                **self._identity,
            )
        deadline = time.monotonic() + 60
        while True:
            try:
                psycopg.connect(self.url(), connect_timeout=5).close()
            except psycopg.OperationalError as error:
                if self._process.poll() is not None or time.monotonic() > deadline:
                    raise RuntimeError(
                        f"PostgreSQL did not start:\n{self.log.read_text()[-2000:]}"
                    ) from error
                time.sleep(0.05)
            else:
                return

    def stop(self, how: signal.Signals = signal.SIGINT) -> None:
        """End it: SIGINT closes sessions and writes all down, SIGQUIT drops everything at once, as a crash does."""
        if self._process is not None:
            self._process.send_signal(how)
            self._process.wait(60)
            self._process = None

    def end(self) -> None:
        """Stop it and remove its files; in the process that made it only, not in a fork."""
        if os.getpid() == self._owner:
            self.stop(signal.SIGQUIT)
            shutil.rmtree(self.folder, ignore_errors=True)

    def create_database(self, name: str) -> str:
        """The address of a new, empty database."""
        with psycopg.connect(self.url(), autocommit=True) as connection:
            connection.execute(f'CREATE DATABASE "{name}"')  # a name of the tests' own
        return self.url(name)

    def _make(self, fsync: bool) -> None:
        secret = self.folder / "password"
        secret.write_text(PASSWORD)
        if self._identity:
            os.chown(secret, self._identity["user"], self._identity["group"])
        subprocess.run(
            [
                *(self.bin / "initdb", "--no-sync", "--no-instructions", "-D", self.data, "-U", USER),
                *("-A", "scram-sha-256", "--pwfile", secret, "-E", "UTF8", "--locale=C"),
            ],
            check=True,
            capture_output=True,
            cwd=self.folder,
            **self._identity,
        )
        with (self.data / "postgresql.conf").open("a") as file:
            file.write(CONFIGURATION.format(fsync="on" if fsync else "off"))


_shared: Server | None = None


def shared_url(database: str = "postgres") -> str:
    """Address on the server this test run shares; started when first asked for, ended with the run.

    Children of a run find its address in the environment.
    """
    global _shared
    known = os.environ.get("TITAN_TEST_POSTGRES_URL")
    if known is None:
        _shared = Server()
        atexit.register(_shared.end)
        _shared.start()
        known = os.environ["TITAN_TEST_POSTGRES_URL"] = _shared.url()
    return known.rpartition("/")[0] + "/" + database


def _identity(folder: Path) -> dict[str, Any]:
    """The server refuses to run as root: root runs it as ``postgres`` or ``nobody``, to whom its folder is given."""
    if os.geteuid() != 0:
        return {}
    for name in ("postgres", "nobody"):
        try:
            account = pwd.getpwnam(name)
        except KeyError:
            continue
        os.chown(folder, account.pw_uid, account.pw_gid)
        return {"user": account.pw_uid, "group": account.pw_gid, "extra_groups": []}
    raise RuntimeError("PostgreSQL does not run as root, and there is no account postgres or nobody")


def _end_with_parent() -> None:
    """A test run that is killed must not leave its server behind (Linux: a signal when the parent ends)."""
    ctypes.CDLL(None).prctl(1, signal.SIGINT)
