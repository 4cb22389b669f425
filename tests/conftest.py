"""Fixtures every room shares: people by role, and a small universe with prices."""

import os
from collections.abc import Callable, Iterator

import pytest
from channels.layers import channel_layers
from django.db import connection
from django.test.utils import setup_databases, teardown_databases
from pytest_django import DjangoDbBlocker
from rest_framework.test import APIClient

from common import audit_triggers
from tests.databases import empty_price_tables, end_other_sessions
from tests.factories import make_universe, small_panel
from trading.models import Universe
from trading.services.price_stores import price_store
from users.models import User
from users.roles import Role

TRIGGERS_MIGRATED: dict[str, bool] = {}  # what the migrations had made before the tests took it away
PASSWORD = "correct horse battery staple"  # of every account a fixture makes


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Tests about the other database than this run's belong to the other run (`tests.settings`).

    They are no holes in this one, so they are not reported as deselected (`tools.no_skips`).
    """
    here = os.environ.get("TITAN_TEST_DATABASE", "sqlite")
    other = "postgresql_only" if here == "sqlite" else "sqlite"
    items[:] = [item for item in items if item.get_closest_marker(other) is None]


def make_user(username: str, role: Role) -> User:
    """An account with `PASSWORD`; the one of that name when a test has made it already."""
    return User.objects.filter(username=username).first() or User.objects.create_with_role(
        username, role=role, password=PASSWORD, email=f"{username}@example.test"
    )


@pytest.fixture(scope="session")
def django_db_setup(django_test_environment: None, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """Both databases, whichever tests were chosen: the store writes where no test's mark shows it."""
    with django_db_blocker.unblock():
        made = setup_databases(verbosity=0, interactive=False)
        TRIGGERS_MIGRATED["audit"] = audit_triggers.installed(connection)
        audit_triggers.drop(connection)  # transactional tests empty every table when they end
    yield
    with django_db_blocker.unblock():
        price_store().close()
        end_other_sessions()
        teardown_databases(made, verbosity=0)


@pytest.fixture
def viewer(db: None) -> User:
    return make_user("vera", Role.VIEWER)


@pytest.fixture
def trader(db: None) -> User:
    return make_user("tom", Role.TRADER)


@pytest.fixture
def other_trader(db: None) -> User:
    return make_user("tina", Role.TRADER)


@pytest.fixture
def admin(db: None) -> User:
    return make_user("ada", Role.ADMIN)


@pytest.fixture
def client_of() -> Callable[[User | None], APIClient]:
    """An API client that acts as this user (``None``: as nobody)."""

    def make(user: User | None) -> APIClient:
        client = APIClient()
        if user is not None:
            client.force_authenticate(user)
        return client

    return make


@pytest.fixture
def prices(db: None) -> Iterator[None]:
    """The price tables, empty again afterwards.

    The engine's store writes through connections of its own, outside the transaction a test is rolled back with.
    """
    yield
    empty_price_tables()


@pytest.fixture
def universe(prices: None) -> Universe:
    """Six symbols with 600 daily bars: AAA/AAB and BBA/BBB are cointegrated, CCC and DDD wander alone."""
    return make_universe(small_panel())


@pytest.fixture(autouse=True)
def _channel_layer_of_this_loop() -> None:
    """A channel layer over Redis belongs to one event loop, and every test has its own."""
    channel_layers.backends.clear()
