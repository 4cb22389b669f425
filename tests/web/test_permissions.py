"""Who may do what: every route × method × role, generated from the addresses and the views' own declarations."""

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import Permission
from django.db import transaction
from rest_framework.test import APIClient

from api import keys
from api.arrow import ARROW
from tests.conftest import PASSWORD
from tests.web.conftest import run_scan
from tests.web.routes import ENTRIES, Route, World, missing, served
from trading.models import Job, TradingPair, Universe
from trading.services.cointegration_service import CointegrationService
from trading.services.pair_analysis import PairAnalysisService
from users.models import User

V1 = "/api/v1/"
SAFE = {"get"}


@pytest.fixture
def person(request: pytest.FixtureRequest, db: None) -> Callable[[str], User]:
    def find(role: str) -> User:
        if role == "none":
            return User.objects.create_user("ned", password=PASSWORD)
        user: User = request.getfixturevalue(role)
        return user

    return find


@pytest.fixture
def world(universe: Universe, other_trader: User) -> World:
    pair = PairAnalysisService().register_sync(symbol_1="AAA", symbol_2="AAB", created_by=other_trader)
    return World(universe, pair)


def ask(client: APIClient, route: Route, owner: User, world: World, **headers: str) -> Any:
    """Ask for something of `owner`'s, in a savepoint: what one deletes the next still finds."""
    entry = ENTRIES[str(route)]
    with transaction.atomic():
        made = entry.make(world, owner) if entry.make else None
        answer = entry.ask(client, route, made, **headers)
        content = b"".join(answer.streaming_content) if answer.streaming else answer.content
        transaction.set_rollback(True)
    answer.read = content
    return answer


def test_every_route_has_an_entry() -> None:
    assert not missing()
    assert len(served()) >= 105


def test_every_route_that_is_not_public_names_its_permission() -> None:
    public = {str(route) for route in served() if route.is_public}
    assert all(route.startswith(("POST auth/", "GET auth/invitation/", "GET shared/")) for route in public)
    assert not [str(route) for route in served() if not route.is_public and route.permission is None]


def test_nobody_is_let_in(world: World, other_trader: User, subtests: Any) -> None:
    for route in served():
        with subtests.test(str(route)):
            answer = ask(APIClient(), route, other_trader, world)
            expected = ENTRIES[str(route)].ok if route.is_public else 401
            assert answer.status_code == expected, answer.read


@pytest.mark.parametrize("role", ["none", "viewer", "trader", "admin"])
def test_every_route_by_role(role: str, world: World, person: Any, client_of: Any, subtests: Any) -> None:
    user = person(role)
    client = client_of(user)
    for route in served():
        entry = ENTRIES[str(route)]
        with subtests.test(str(route)):
            may = route.is_public or not route.permission or user.has_perm(route.permission)
            answer = ask(client, route, user, world)
            assert answer.status_code == (entry.ok if may else 403), answer.read


@pytest.mark.parametrize("role", ["viewer", "trader", "admin"])
def test_someone_elses_things_do_not_exist(
    role: str, world: World, other_trader: User, person: Any, client_of: Any, subtests: Any
) -> None:
    user = person(role)
    client = client_of(user)
    for route in served():
        accepts = ["application/json", *([ARROW] if route.offers_arrow else [])]
        for accept in accepts if route.is_owned else []:
            with subtests.test(f"{route} {accept}"):
                answer = ask(client, route, other_trader, world, HTTP_ACCEPT=accept)
                expected = 404 if user.has_perm(route.permission) or not route.permission else 403
                assert answer.status_code == expected, answer.read


@pytest.mark.parametrize("role", ["viewer", "trader", "admin"])
def test_lists_and_bulk_actions_reach_ones_own_alone(
    role: str, world: World, other_trader: User, person: Any, client_of: Any, subtests: Any
) -> None:
    user = person(role)
    client = client_of(user)
    for route in served():  # one of everything, of somebody else's
        entry = ENTRIES[str(route)]
        if route.is_owned and route.method == "get" and entry.make:
            entry.make(world, other_trader)
    for route in served():
        owned = getattr(route.view, "owner_field", None) and "{pk}" not in route.address
        if not owned or not (user.has_perm(route.permission) or not route.permission):
            continue
        with subtests.test(str(route)):
            answer = ask(client, route, other_trader, world)
            if route.address.endswith("bulk/"):
                assert answer.json()["done"] == []
            elif route.action == "list" and route.address != "alert-rules/":  # one's own defaults are made
                assert answer.json()["count"] == 0
            elif route.address == "alerts/summary/":
                assert answer.json()["unacknowledged"] == 0


def test_a_key_reads_with_read_and_nothing_more(world: World, admin: User, subtests: Any) -> None:
    _, text = keys.create(admin, name="reader", scopes=["read"], expires_at=None)
    client = APIClient(HTTP_AUTHORIZATION=f"Bearer {text}")
    for route in served():
        entry, scope = ENTRIES[str(route)], route.view.key_scope
        open_to_all = route.is_public and not route.view.authentication_classes
        reads = scope is not None and (scope == "read" or (scope != "admin" and route.method in SAFE))
        with subtests.test(str(route)):
            answer = ask(client, route, admin, world)
            assert answer.status_code == (entry.ok if open_to_all or reads else 403), answer.read
            assert scope != "admin" or answer.status_code == 403


@pytest.mark.parametrize("scope", ["data", "research", "admin"])
def test_a_scope_reaches_its_own_room_alone(scope: str, world: World, admin: User, subtests: Any) -> None:
    _, text = keys.create(admin, name="one room", scopes=[scope], expires_at=None)
    client = APIClient(HTTP_AUTHORIZATION=f"Bearer {text}")
    for route in served():
        if route.is_public:
            continue
        with subtests.test(str(route)):
            answer = ask(client, route, admin, world)
            reached = route.view.key_scope == scope and route.action not in route.view.closed_to_keys
            expected = ENTRIES[str(route)].ok if reached else 403
            assert answer.status_code == expected, answer.read


def test_streams_of_others_are_closed(
    universe: Universe, world: World, trader: User, other_trader: User, client_of: Any
) -> None:
    CointegrationService().request_scan_sync(owner=other_trader, universe=universe)
    mine, job = client_of(trader), Job.objects.get()
    strange = ("job_x", "job_", "../etc", "pair_999", "user_0", "a", f"job_{job.pk} ", f"JOB_{job.pk}")
    for stream in (f"user_{other_trader.pk}", f"job_{job.pk}", *strange):
        assert mine.get(f"{V1}events/", {"stream": stream}).status_code in {400, 404}, stream
    assert mine.get(f"{V1}events/", {"stream": f"user_{trader.pk}"}).json() == {"results": [], "last_seq": 0}
    assert mine.get(f"{V1}events/", {"stream": f"pair_{world.pair.pk}"}).status_code == 200


def test_promoting_names_only_candidates_of_ones_own_scan(
    universe: Universe, trader: User, other_trader: User, client_of: Any
) -> None:
    theirs, mine = run_scan(other_trader, universe=universe), run_scan(trader, universe=universe)
    stolen = theirs.candidates.first()
    assert stolen is not None
    answer = client_of(trader).post(f"{V1}scans/{mine.pk}/promote/", {"candidates": [stolen.pk]}).json()
    assert answer["promoted"] == []
    assert answer["refused"][0]["candidate"] == stolen.pk
    assert not TradingPair.objects.exists()


def test_a_permission_taken_away_is_gone_at_once(universe: Universe, trader: User, client_of: Any) -> None:
    group = trader.groups.get()
    group.permissions.remove(Permission.objects.get(codename="add_scan"))
    answer = client_of(User.objects.get(pk=trader.pk)).post(f"{V1}scans/", {"universe": universe.pk})
    assert answer.status_code == 403
    assert "trading.add_scan" in answer.json()["error"]["message"]
