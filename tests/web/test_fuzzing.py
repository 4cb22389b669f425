"""schemathesis over the whole schema: no 5xx, no answer the schema does not promise, no ignored sign-in.

Examples, coverage and fuzzing ask every operation on its own; chains follow the schema's links, from what was created
or listed to all that can be done with it, deleted included.
"""

import os
import re
import time
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

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
    use_after_free,
)

from api import tokens
from tests.conftest import make_user
from tests.databases import empty_price_tables
from tests.factories import make_universe, small_panel
from tests.web.conftest import run_scan
from tests.web.routes import ENTRIES, World, served
from tests.web.test_schema import COMMITTED
from trading.services.pair_analysis import PairAnalysisService
from users.models import User
from users.roles import Role

ROUNDS = int(os.environ.get("TITAN_TEST_ROUNDS", "5"))
# Seconds of one operation's cases: on a busy machine the later ones are left out, so that the run stays short.
BUDGET = 0.2 * ROUNDS
began: dict[str, float] = {}

schema = schemathesis.openapi.from_path(str(COMMITTED))
schema.app = get_wsgi_application()


@dataclass(frozen=True)
class Ground:
    """Where it all happens: the world, its administrator, and a token of that person."""

    world: World
    admin: User
    token: str


@pytest.fixture(scope="module")
def ground(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[Ground]:
    """An administrator in a world that has one of everything; all of it is gone afterwards."""
    for signal in (request_started, request_finished):  # as Django's own client does: the transaction is ours
        signal.disconnect(close_old_connections)
    with django_db_blocker.unblock(), transaction.atomic():
        admin = make_user("ada", Role.ADMIN)
        universe = make_universe(small_panel())
        run_scan(admin, universe=universe)
        pair = PairAnalysisService().register_sync(symbol_1="AAA", symbol_2="AAB", created_by=admin)
        world = World(universe, pair)
        for route in served():
            entry = ENTRIES.get(str(route))  # test_permissions says which is missing
            if entry is not None and entry.make is not None and route.method == "get":
                entry.make(world, admin)
        yield Ground(world, admin, tokens.issue(admin)["access"])
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
def test_every_operation(case: schemathesis.Case, ground: Ground) -> None:
    if time.monotonic() > began.setdefault(case.operation.label, time.monotonic()) + BUDGET:
        return
    with transaction.atomic():
        case.call_and_validate(
            headers={"Authorization": f"Bearer {ground.token}"}, excluded_checks=not_promised(case)
        )
        transaction.set_rollback(True)


# Collections whose answers link to something, and what lies outside of one and is referred to by its things.
COLLECTIONS = sorted(
    {
        match[1]
        for path, item in schema.raw_schema["paths"].items()
        for operation in item.values()
        for answer in operation["responses"].values()
        if answer.get("links") and (match := re.match(r"/api/v1/((?:auth/)?[\w-]+)/$", path))
    }
)
REFERRED = re.compile(r"/api/v1/(jobs|universes|pairs|scans)/\{id\}/$")
# Deleting these retires or revokes them, as their operations say: the row stays, and says so.
STAY = re.compile(r"/api/v1/(pairs|symbols|auth/keys|shares)/")
STEPS = 8
# Only what the schema itself says: guessed links start chains from actions on things nobody made.
schema.config.phases.stateful.inference.algorithms = []


def machine(collection: str, ground: Ground, seen: dict[str, set[int]]) -> Any:
    """Chains through one collection; every chain starts from the same world, and its first step succeeds."""
    part = schema.include(
        lambda context: (
            context.operation.path.startswith(f"/api/v1/{collection}/")
            or (context.operation.method == "get" and REFERRED.match(context.operation.path) is not None)
        )
    )

    class Chain(part.as_state_machine()):  # type: ignore[misc]  # made from the schema
        def setup(self) -> None:
            self.undone = transaction.atomic()
            self.undone.__enter__()

        def teardown(self) -> None:
            transaction.set_rollback(True)
            self.undone.__exit__(None, None, None)
            super().teardown()

        def before_call(self, case: schemathesis.Case) -> None:
            """Random bodies seldom create anything: that is the other phases' part."""
            entry = ENTRIES.get(f"{case.method} {case.path.removeprefix('/api/v1/')}")
            if (
                entry is None
                or entry.body is None
                or case.path_parameters
                or case.meta.generation.mode.is_negative
            ):
                return
            made = entry.make(ground.world, ground.admin) if entry.make else None
            case.body = entry.body(made) if callable(entry.body) else dict(entry.body)

        def get_call_kwargs(self, case: schemathesis.Case) -> dict[str, Any]:
            return {"headers": {"Authorization": f"Bearer {ground.token}"}}

        def validate_response(
            self, response: Any, case: Any, additional_checks: Any = None, **kwargs: Any
        ) -> None:
            seen[case.operation.label].add(response.status_code)
            case.validate_response(
                response,
                excluded_checks=[*not_promised(case), *([use_after_free] if STAY.match(case.path) else [])],
                headers=kwargs["headers"],
                transport_kwargs=kwargs,
                recorder=self.recorder,
            )

    return Chain


@pytest.mark.parametrize("collection", COLLECTIONS)
def test_every_chain(collection: str, ground: Ground) -> None:
    seen: dict[str, set[int]] = defaultdict(set)
    for rounds in (ROUNDS, 8 * ROUNDS):  # few chains may all happen to miss what the lists of this world hold
        machine(collection, ground, seen).run(
            settings=settings(
                max_examples=rounds,
                stateful_step_count=STEPS,
                deadline=None,
                derandomize=True,
                database=None,
                suppress_health_check=list(HealthCheck),
            )
        )
        if followed(seen):
            break
    assert followed(seen), f"no link of {collection} was followed to anything: {dict(seen)}"


def followed(seen: dict[str, set[int]]) -> set[str]:
    """Operations on one thing that were answered with that thing."""
    return {label for label, codes in seen.items() if "{id}" in label and any(code < 300 for code in codes)}
