"""schemathesis over the whole schema: no 5xx, no answer the schema does not promise, no ignored sign-in."""

import os
import time
from collections.abc import Iterator

import pytest
import schemathesis
from django.core.signals import request_finished, request_started
from django.core.wsgi import get_wsgi_application
from django.db import close_old_connections, transaction
from hypothesis import HealthCheck, settings
from pytest_django import DjangoDbBlocker
from schemathesis.specs.openapi.checks import (
    negative_data_rejection,
    positive_data_acceptance,
    response_schema_conformance,
)

from api import tokens
from tests.conftest import make_user
from tests.databases import empty_price_tables
from tests.factories import make_universe, small_panel
from tests.web.conftest import run_scan
from tests.web.routes import ENTRIES, World, served
from tests.web.test_schema import COMMITTED
from trading.services.pair_analysis import PairAnalysisService
from users.roles import Role

ROUNDS = int(os.environ.get("TITAN_TEST_ROUNDS", "5"))
# Seconds of one operation's cases: on a busy machine the later ones are left out, so that the run stays short.
BUDGET = 0.2 * ROUNDS
began: dict[str, float] = {}

schema = schemathesis.openapi.from_path(str(COMMITTED))
schema.app = get_wsgi_application()


@pytest.fixture(scope="module")
def token(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[str]:
    """An administrator's access token, in a world that has one of everything; all of it is gone afterwards."""
    for signal in (request_started, request_finished):  # as Django's own client does: the transaction is ours
        signal.disconnect(close_old_connections)
    with django_db_blocker.unblock(), transaction.atomic():
        admin = make_user("ada", Role.ADMIN)
        universe = make_universe(small_panel())
        run_scan(admin, universe=universe)
        pair = PairAnalysisService().register_sync(symbol_1="AAA", symbol_2="AAB", created_by=admin)
        for route in served():
            entry = ENTRIES[str(route)]
            if entry.make is not None and route.method == "get":
                entry.make(World(universe, pair), admin)
        yield tokens.issue(admin)["access"]
        transaction.set_rollback(True)
        empty_price_tables()
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


def not_promised(case: schemathesis.Case) -> list[schemathesis.CheckFunction]:
    """Checks that ask for more than the API says."""
    # A body may fit the schema and name a symbol that does not exist, or a password that is wrong.
    excluded: list[schemathesis.CheckFunction] = [positive_data_acceptance]
    query = case.query or {}
    if query.get("fields"):  # what it leaves out is required in the whole answer
        excluded.append(response_schema_conformance)
    if any(value in ("", [], [""]) for value in query.values()):  # an empty filter is no filter
        excluded.append(negative_data_rejection)
    return excluded


@schema.parametrize()
@settings(
    max_examples=ROUNDS,
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=list(HealthCheck),
)
def test_every_operation(case: schemathesis.Case, token: str) -> None:
    if time.monotonic() > began.setdefault(case.operation.label, time.monotonic()) + BUDGET:
        return
    with transaction.atomic():
        case.call_and_validate(
            headers={"Authorization": f"Bearer {token}"}, excluded_checks=not_promised(case)
        )
        transaction.set_rollback(True)
