"""Fixtures with real processes. Children read the same database files, so tests here commit for real."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from pytest_django import Settings

import tests.services.job_kinds  # noqa: F401 - registers the handlers of the tests
from tests.conftest import make_user
from tests.services.processes import SETTINGS, Server, environment
from trading.runtime.supervisor import EmbeddedRuntime
from users.models import User
from users.roles import Role


@pytest.fixture
def owner(transactional_db: None) -> User:
    return make_user("olga", Role.TRADER)


@pytest.fixture
def runtime(transactional_db: None, settings: Settings) -> Iterator[EmbeddedRuntime]:
    """The embedded runtime inside the test's process, its job child beside it."""
    settings.TITAN_SCHEDULE = {}
    settings.TITAN_JOB_LEASE_SECONDS = 2.0
    running = EmbeddedRuntime()
    with environment(DJANGO_SETTINGS_MODULE=SETTINGS):
        running.start()
        yield running
        running.stop()


@pytest.fixture
def server(transactional_db: None, tmp_path: Path) -> Iterator[Server]:
    """A server that is running."""
    made = Server(tmp_path / "server.log")
    try:
        made.start()
        yield made
    finally:
        made.end()
