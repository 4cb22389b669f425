"""Fixtures of production: `stack` is shared by the whole run, `servers` is a module's own, to be killed."""

import os
from collections.abc import Generator, Iterator

import pytest
from asgiref.sync import SyncToAsync
from django.db import connections
from pytest_django import DjangoDbBlocker

import tests.production.job_kinds
import tests.services.job_kinds  # noqa: F401 - registers the handlers of the tests
from tests.production.stack import Stack
from tools.services import REDIS_VARIABLE, TIMESCALE_VARIABLE, RedisServer, TimescaleServer
from trading.models import Worker
from trading.services.price_stores import price_store
from users.models import User

_shown: list[Stack] = []  # whose logs are told with a failure


@pytest.fixture(scope="session")
def django_db_setup() -> None:
    """No databases of Django's tests: those here are the stacks', migrated by `titan migrate`, never rolled back."""


@pytest.fixture(scope="session")
def _made(tmp_path_factory: pytest.TempPathFactory, django_db_blocker: DjangoDbBlocker) -> Iterator[Stack]:
    timescale = os.environ.get(TIMESCALE_VARIABLE)
    redis = os.environ.get(REDIS_VARIABLE)
    mine: list[TimescaleServer | RedisServer] = []
    try:
        if timescale is None:
            mine.append(TimescaleServer().start())
        if redis is None:
            mine.append(RedisServer().start())
        made = Stack(
            tmp_path_factory.mktemp("stack"),
            timescale or next(server for server in mine if isinstance(server, TimescaleServer)),
            redis or next(server for server in mine if isinstance(server, RedisServer)),
        )
        made.migrate()
        with django_db_blocker.unblock():
            yield made
            made.close()
    finally:
        for server in mine:
            server.close()


@pytest.fixture(scope="module")
def stack(_made: Stack) -> Iterator[Stack]:
    """TITAN on databases of the whole run, this process's models on them; its processes end with the module."""
    with _made.connect():
        _shown.append(_made)
        yield _made
        close_connections()
        _shown.remove(_made)
        _made.end_processes()
        Worker.objects.all().delete()  # what was killed has not signed off, and is nobody of the next module's


@pytest.fixture(scope="module")
def servers(tmp_path_factory: pytest.TempPathFactory, django_db_blocker: DjangoDbBlocker) -> Iterator[Stack]:
    """TITAN on a TimescaleDB and a Redis of this module's own, which its tests may stop and kill."""
    with TimescaleServer() as timescale, RedisServer() as redis:
        made = Stack(tmp_path_factory.mktemp("servers"), timescale, redis)
        made.migrate()
        with django_db_blocker.unblock(), made.connect():
            _shown.append(made)
            yield made
            close_connections()
            _shown.remove(made)
            made.end_processes()


def close_connections() -> None:
    """Close what this process holds open, in the thread of asynchronous tests too: the next module has others."""
    price_store().close()
    SyncToAsync.single_thread_executor.submit(connections.close_all).result()


@pytest.fixture
def owner(request: pytest.FixtureRequest) -> User:
    """A trader on whichever stack the test uses."""
    used: Stack = request.getfixturevalue("servers" if "servers" in request.fixturenames else "stack")
    return used.user("olga")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """With a failure, the end of what each process printed."""
    report = yield
    if report.failed:
        for stack in _shown:
            report.sections += [(f"log of {name}", text) for name, text in stack.logs().items()]
    return report
