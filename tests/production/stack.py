"""A whole production of TITAN for tests: databases, Redis, and the processes a test asks for.

The test's own process can be pointed at its databases too (`Stack.connect`), so that tests read rows and start jobs
through models and services while real processes work.
"""

import contextlib
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import psycopg
import redis
from django.conf import settings
from django.db import connections
from django.db.utils import ConnectionHandler
from django.test import override_settings

from common.env import DatabaseURL
from tests.conftest import PASSWORD, make_user
from tests.kernel_cache import share_kernels
from tests.production.processes import PROXY, ROOT, Process, Web
from titan.celery import app as celery_app
from titan.settings.artefacts import artefacts
from titan.settings.databases import database
from titan_client import Titan
from tools.ports import free_port
from tools.services import RedisServer, TimescaleServer
from users.models import User
from users.roles import Role

__all__ = ["HOSTS", "PROXY", "Process", "Stack", "Web"]

HOSTS = "127.0.0.1,localhost,titan.example.org"
SECRET = "test-only-" + "k7Qw2-Zr9xT4_mB6vN8pL3sD5fG1hJ0yXcVaEuRi" * 2
SETTINGS = "tests.production.settings"


class Stack:
    """Databases and Redis with TITAN's processes on them.

    Parameters
    ----------
    folder
        Where logs and TITAN_HOME go.
    timescale, redis
        Servers, or the addresses of servers that run.
    """

    def __init__(
        self, folder: Path, timescale: TimescaleServer | str, redis_server: RedisServer | str
    ) -> None:
        self.folder, self.home = folder, folder / "home"
        self.timescale, self.redis = timescale, redis_server
        self.redis_url = redis_server if isinstance(redis_server, str) else redis_server.url
        self.home.mkdir(mode=0o700)
        share_kernels(self.home)
        self._maintenance = timescale if isinstance(timescale, str) else timescale.url
        self._names: list[str] = []
        self.database_url, self.timescale_url = self.create_database(), self.create_database()
        self.processes: list[Process] = []
        self.variables: dict[str, str] = {}  # more for the processes started from now on
        redis.Redis.from_url(self.redis_url).flushall()
        self._started = 0

    # -- environment and commands

    @property
    def environment(self) -> dict[str, str]:
        """The environment of this stack's processes."""
        inherited = {
            name: value
            for name, value in os.environ.items()
            if not name.startswith(("TITAN_", "DJANGO_")) or name.startswith("TITAN_TEST_")
        }
        return inherited | {
            "DJANGO_SETTINGS_MODULE": SETTINGS,
            "PYTHONPATH": str(ROOT),
            "PYTHONUNBUFFERED": "1",
            "TITAN_HOME": str(self.home),
            "TITAN_SECRET_KEY": SECRET,
            "TITAN_DATABASE_URL": self.database_url,
            "TITAN_TIMESCALE_URL": self.timescale_url,
            "TITAN_REDIS_URL": self.redis_url,
            "TITAN_ALLOWED_HOSTS": HOSTS,
            **self.variables,
        }

    def titan(
        self, *arguments: str, check: bool = True, timeout: float = 180.0, **variables: str
    ) -> subprocess.CompletedProcess[str]:
        """Run a `titan` command to its end."""
        done = subprocess.run(
            [sys.executable, "-m", "titan", *arguments],
            cwd=ROOT,
            env=self.environment | variables,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=timeout,
            check=False,
        )
        assert not check or done.returncode == 0, f"titan {' '.join(arguments)}:\n{done.stdout}{done.stderr}"
        return done

    def migrate(self) -> None:
        """Set the databases up, as an operator does."""
        self.titan("migrate")

    def create_database(self) -> str:
        """The address of one more database, empty; it goes with the stack."""
        self._names.append(f"titan_{os.urandom(4).hex()}")
        with psycopg.connect(self._maintenance, autocommit=True) as connection:
            connection.execute(f'CREATE DATABASE "{self._names[-1]}"')  # a name just made
        return f"{self._maintenance.rpartition('/')[0]}/{self._names[-1]}"

    # -- processes

    def web(self, n: int = 1, *, processes: int = 1) -> list[Web]:
        """`n` servers that answer, each `titan web` on a port of its own; started where fewer run."""
        running = [process for process in self.processes if isinstance(process, Web) and process.is_running]
        while len(running) < n:
            port = free_port()
            command = ["titan", "web", "--port", str(port), "--processes", str(processes)]
            web = Web(self._name("web"), command, self.environment, self._log("web"), port=port)
            self.processes.append(web)
            web.start(web.answers)
            running.append(web)
        return running[:n]

    def worker(
        self, queues: str = "ingest,compute,trade", n: int = 1, *, processes: int = 1
    ) -> list[Process]:
        """Exactly `n` workers on `queues`, each `titan worker` of so many processes; more of them are ended."""
        command = ["titan", "worker", "--queues", queues, "--processes", str(processes)]
        running = [process for process in self.processes if process.command == command and process.is_running]
        for process in running[n:]:
            process.end()
        while len(running) < n:
            worker = Process(self._name("worker"), command, self.environment, self._log("worker"))
            self.processes.append(worker)
            worker.start(lambda worker=worker: self._consumes(worker))  # type: ignore[misc]  # a lambda's default
            running.append(worker)
        return running[:n]

    def beat(self) -> Process:
        """The clock, one of it."""
        for process in self.processes:
            if process.command == ["titan", "beat"] and process.is_running:
                return process
        beat = Process(self._name("beat"), ["titan", "beat"], self.environment, self._log("beat"))
        self.processes.append(beat)
        beat.start(lambda: True)
        return beat

    def kill(self, *processes: Process) -> None:
        """SIGKILL to each of them and to all below it."""
        for process in processes:
            process.kill()

    def end_processes(self) -> None:
        """End every process of this stack; databases and Redis stay."""
        for process in self.processes:
            process.end()
        self.processes.clear()

    def logs(self) -> dict[str, str]:
        """The end of what each process has printed."""
        return {process.name: process.text()[-4000:] for process in self.processes}

    # -- the test's own process

    @contextlib.contextmanager
    def connect(self) -> Iterator[None]:
        """Point this process's models, services and price store at the stack's databases, its hints at its Redis."""
        chosen = {
            "default": database(DatabaseURL.parse(self.database_url), embedded=Path()),
            "timescale": database(DatabaseURL.parse(self.timescale_url), embedded=Path()),
        }
        for conf in chosen.values():
            conf["OPTIONS"].pop("pool", None)  # a server that dies under a test leaves no pool to mend
        before, broker = _point(ConnectionHandler(chosen).settings), _send_to(self.redis_url)
        try:
            with override_settings(
                SECRET_KEY=SECRET,
                TITAN_HOME=self.home,
                STORAGES=settings.STORAGES | {"artefacts": artefacts(None, embedded=self.home / "artefacts")},
                TITAN_JOB_DISPATCHER="titan.celery.dispatch",
                TITAN_SCHEDULE={},
            ):
                yield
        finally:
            _point(before)
            _send_to(broker)

    def user(self, username: str, role: Role = Role.TRADER) -> User:
        """An account of that name, its password `tests.conftest.PASSWORD`; call it where `connect` holds."""
        return make_user(username, role)

    def client(self, url: str, username: str = "olga", role: Role = Role.TRADER) -> Titan:
        """`titan_client` signed in at that server, as the proxy in front passes it on."""
        self.user(username, role)
        return Titan(url, username=username, password=PASSWORD, transport=_BehindProxy())

    def redis_client(self) -> redis.Redis:
        """A client of the stack's Redis."""
        return redis.Redis.from_url(self.redis_url, socket_timeout=10)

    def close(self) -> None:
        """End the processes and remove the databases."""
        self.end_processes()
        running = isinstance(self.timescale, str) or self.timescale.is_running
        if running:
            with psycopg.connect(self._maintenance, autocommit=True) as connection:
                for name in self._names:
                    connection.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')

    def _consumes(self, worker: Process) -> bool:
        """Whether the worker takes jobs: its log says so."""
        return " ready." in worker.text()

    def _name(self, kind: str) -> str:
        self._started += 1
        return f"{kind}-{self._started}"

    def _log(self, kind: str) -> Path:
        return self.folder / f"{kind}-{self._started}.log"


class _BehindProxy(httpx.HTTPTransport):
    """Says what the proxy says whose TLS the request came through."""

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        request.headers.update(PROXY)
        return super().handle_request(request)


def _point(settings: dict[str, Any]) -> dict[str, Any]:
    """Let this thread's connections, and those of threads to come, be made from `settings`; what they were before."""
    before = dict(connections.settings)
    for alias in before:
        connections[alias].close()
        del connections[alias]
    connections.settings.clear()
    connections.settings.update(settings)
    return before


def _send_to(broker: str | None) -> str | None:
    """Let this process's hints go to that Redis; where they went before."""
    before: str | None = celery_app.conf.broker_url
    celery_app.conf.broker_url = broker
    celery_app.close()  # forgets its connections, as below; it goes on working
    celery_app.amqp._producer_pool = None
    return before
