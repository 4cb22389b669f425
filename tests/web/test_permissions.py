"""Who may do what: every route, method and role, and someone else's things, which do not exist."""

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import Permission
from django.db import transaction
from rest_framework.test import APIClient

from api.urls import router
from common import audit
from tests.conftest import make_user
from tests.web.conftest import run_scan
from trading.models import Ingestion, Job, Scan, Symbol, TradingPair, Universe
from trading.services.cointegration_service import CointegrationService
from trading.services.pair_analysis import PairAnalysisService
from users.models import User
from users.roles import Role

ROLES = ("nobody", "none", "viewer", "trader", "admin")
V1 = "/api/v1/"
PAIR = {"symbol_1": "AAA", "symbol_2": "AAB"}

# route, method, body, and the answers to: nobody, a person without a role, viewer, trader, admin.
# "S" is a scan of the person's own, "J" its job, "P" a pair, "Y" a symbol, "U" a universe.
MATRIX: list[tuple[str, str, Any, tuple[int, int, int, int, int]]] = [
    ("symbols/", "get", None, (401, 200, 200, 200, 200)),
    ("symbols/", "post", {"ticker": "NEW"}, (401, 403, 403, 201, 201)),
    ("symbols/Y/", "get", None, (401, 200, 200, 200, 200)),
    ("symbols/Y/", "patch", {"name": "N"}, (401, 403, 403, 200, 200)),
    ("symbols/Y/", "put", {"ticker": "DDD"}, (401, 403, 403, 200, 200)),
    ("symbols/Y/", "delete", None, (401, 403, 403, 204, 204)),
    ("symbols/Y/prices/", "get", None, (401, 200, 200, 200, 200)),
    ("universes/", "get", None, (401, 200, 200, 200, 200)),
    ("universes/", "post", {"name": "New", "symbols": ["AAA"]}, (401, 403, 403, 201, 201)),
    ("universes/U/", "get", None, (401, 200, 200, 200, 200)),
    ("universes/U/", "patch", {"name": "Other"}, (401, 403, 403, 200, 200)),
    ("universes/U/", "put", {"name": "Other", "symbols": []}, (401, 403, 403, 200, 200)),
    ("universes/U/", "delete", None, (401, 403, 403, 204, 204)),
    ("pairs/", "get", None, (401, 200, 200, 200, 200)),
    ("pairs/", "post", {"symbol_1": "BBA", "symbol_2": "BBB"}, (401, 403, 403, 201, 201)),
    ("pairs/P/", "get", None, (401, 200, 200, 200, 200)),
    ("pairs/P/", "patch", {"is_active": False}, (401, 403, 403, 200, 200)),
    ("pairs/P/", "put", {"trend": "ct"}, (401, 403, 403, 200, 200)),
    ("pairs/P/", "delete", None, (401, 403, 403, 204, 204)),
    ("pairs/P/spread/", "get", None, (401, 200, 200, 200, 200)),
    ("pairs/analyze/", "post", PAIR, (401, 200, 200, 200, 200)),
    ("scans/", "get", None, (401, 403, 200, 200, 200)),
    ("scans/", "post", {"symbols": ["AAA", "AAB"]}, (401, 403, 403, 202, 202)),
    ("scans/S/", "get", None, (401, 403, 200, 200, 200)),
    ("scans/S/", "delete", None, (401, 403, 403, 409, 409)),
    ("scans/S/candidates/", "get", None, (401, 403, 200, 200, 200)),
    ("scans/S/candidates.csv/", "get", None, (401, 403, 200, 200, 200)),
    ("scans/S/skipped/", "get", None, (401, 403, 200, 200, 200)),
    ("scans/S/promote/", "post", {"candidates": [1]}, (401, 403, 403, 200, 200)),
    ("universes/U/coverage/", "get", None, (401, 200, 200, 200, 200)),
    ("prices/upload/", "post", None, (401, 403, 403, 400, 400)),
    ("ingestions/", "get", None, (401, 403, 200, 200, 200)),
    ("ingestions/I/", "get", None, (401, 403, 200, 200, 200)),
    ("ingestions/I/rows/", "get", None, (401, 403, 200, 200, 200)),
    ("ingestions/I/rows.csv/", "get", None, (401, 403, 200, 200, 200)),
    ("jobs/", "get", None, (401, 403, 200, 200, 200)),
    ("jobs/J/", "get", None, (401, 403, 200, 200, 200)),
    ("jobs/J/cancel/", "post", None, (401, 403, 403, 202, 202)),
    ("events/?stream=job_J", "get", None, (401, 200, 200, 200, 200)),
    ("auth/me/", "get", None, (401, 200, 200, 200, 200)),
    ("auth/me/", "patch", {}, (401, 200, 200, 200, 200)),
    ("auth/ws-ticket/", "post", None, (401, 200, 200, 200, 200)),
    ("auth/logout/", "post", {}, (401, 400, 400, 400, 400)),
    ("auth/password/", "post", {}, (401, 400, 400, 400, 400)),
    ("auth/sessions/", "get", None, (401, 200, 200, 200, 200)),
    ("auth/logout-everywhere/", "post", None, (401, 204, 204, 204, 204)),
    ("auth/totp/", "get", None, (401, 200, 200, 200, 200)),
    ("auth/totp/", "post", {"password": "?"}, (401, 400, 400, 400, 400)),
    ("auth/totp/confirm/", "post", {"code": "1"}, (401, 409, 409, 409, 409)),
    ("auth/totp/disable/", "post", {"password": "?", "code": "1"}, (401, 400, 400, 400, 400)),
    ("auth/totp/recovery-codes/", "post", {"password": "?"}, (401, 400, 400, 400, 400)),
    ("auth/keys/", "get", None, (401, 200, 200, 200, 200)),
    ("auth/keys/", "post", {"name": "k", "scopes": ["read"]}, (401, 201, 201, 201, 201)),
    ("users/", "get", None, (401, 403, 403, 403, 200)),
    ("users/", "post", {"username": "new", "role": "viewer"}, (401, 403, 403, 403, 201)),
    ("users/V/", "get", None, (401, 403, 403, 403, 200)),
    ("users/V/", "patch", {"role": "admin"}, (401, 403, 403, 403, 200)),
    ("users/V/invite/", "post", None, (401, 403, 403, 403, 201)),
    ("users/V/sign-out/", "post", None, (401, 403, 403, 403, 200)),
    ("users/V/disable-totp/", "post", None, (401, 403, 403, 403, 409)),
    ("audit/", "get", None, (401, 403, 403, 403, 200)),
    ("audit/A/", "get", None, (401, 403, 403, 403, 200)),
    ("audit/verify/", "get", None, (401, 403, 403, 403, 200)),
]
OWNED = [row for row in MATRIX if "S/" in row[0] or "J" in row[0] or "I/" in row[0]]


@pytest.fixture
def person(request: pytest.FixtureRequest, db: None) -> Callable[[str], User | None]:
    def find(role: str) -> User | None:
        if role == "nobody":
            return None
        if role == "none":
            return User.objects.create_user("ned", password="x")
        user: User = request.getfixturevalue(role)
        return user

    return find


@pytest.fixture
def pair(universe: Universe, other_trader: User) -> TradingPair:
    return PairAnalysisService().register_sync(symbol_1="AAA", symbol_2="AAB", created_by=other_trader)


def scan_of(owner: User, universe: Universe) -> Scan:
    return CointegrationService().request_scan_sync(owner=owner, universe=universe)


def ingestion_of(owner: User) -> Ingestion:
    return Ingestion.objects.create(owner=owner, filename="a.csv", sha256="0" * 64, size=1, source="file")


def address(
    route: str,
    *,
    scan: Scan | None,
    universe: Universe,
    pair: TradingPair,
    ingestion: Ingestion | None = None,
) -> str:
    job = Job.objects.about(scan).get() if scan else None
    names = {
        "V/": f"{make_user('vic', Role.VIEWER).pk}/",
        "A/": f"{audit.record('login', target='vic').pk}/",
        "S/": f"{scan.pk}/" if scan else "1/",
        "J": str(job.pk) if job else "1",
        "P/": f"{pair.pk}/",
        "Y/": f"{Symbol.objects.get(ticker='DDD').pk}/",
        "U/": f"{universe.pk}/",
        "I/": f"{ingestion.pk}/" if ingestion else "1/",
    }
    for name, value in names.items():
        route = route.replace(name, value)
    return V1 + route


def ask(client: APIClient, method: str, path: str, body: Any) -> Any:
    return getattr(client, method)(path, body) if body is not None else getattr(client, method)(path)


@pytest.mark.parametrize("role", ROLES)
def test_every_route_by_role(
    role: str,
    universe: Universe,
    pair: TradingPair,
    person: Callable[[str], User | None],
    client_of: Callable[[User | None], APIClient],
    subtests: Any,
) -> None:
    user = person(role)
    client = client_of(user)
    for route, method, body, answers in MATRIX:
        scan = scan_of(user, universe) if user is not None else None
        ingestion = ingestion_of(user) if user is not None else None
        path = address(route, scan=scan, universe=universe, pair=pair, ingestion=ingestion)
        with subtests.test(f"{method} {route}"):
            # each in a savepoint of its own, so that what one deletes the next still finds
            with transaction.atomic():
                answer = ask(client, method, path, body)
                transaction.set_rollback(True)
            assert answer.status_code == answers[ROLES.index(role)], answer.content


@pytest.mark.parametrize("role", ["viewer", "trader", "admin"])
def test_someone_elses_things_do_not_exist(
    role: str,
    universe: Universe,
    pair: TradingPair,
    other_trader: User,
    person: Callable[[str], User | None],
    client_of: Callable[[User | None], APIClient],
    subtests: Any,
) -> None:
    theirs, file = scan_of(other_trader, universe), ingestion_of(other_trader)
    client = client_of(person(role))
    for route, method, body, answers in OWNED:
        expected = 403 if answers[ROLES.index(role)] == 403 else 404
        with subtests.test(f"{method} {route}"):
            path = address(route, scan=theirs, universe=universe, pair=pair, ingestion=file)
            answer = ask(client, method, path, body)
            assert answer.status_code == expected, answer.content
    assert client.get(f"{V1}scans/").json()["count"] == 0
    assert client.get(f"{V1}jobs/").json()["count"] == 0
    assert client.get(f"{V1}ingestions/").json()["count"] == 0
    assert Job.objects.about(theirs).get().cancel_requested is False


def test_streams_of_others_are_closed(
    universe: Universe, pair: TradingPair, trader: User, other_trader: User, client_of: Any
) -> None:
    scan_of(other_trader, universe)
    mine = client_of(trader)
    for stream in (f"user_{other_trader.pk}", "job_1", "job_x", "job_", "../etc", "pair_999", "user_0", "a"):
        assert mine.get(f"{V1}events/", {"stream": stream}).status_code == 404, stream
    assert mine.get(f"{V1}events/", {"stream": f"user_{trader.pk}"}).json() == {"results": [], "last_seq": 0}
    assert mine.get(f"{V1}events/", {"stream": f"pair_{pair.pk}"}).status_code == 200


def test_promoting_names_only_candidates_of_ones_own_scan(
    universe: Universe, trader: User, other_trader: User, client_of: Any
) -> None:
    theirs, mine = run_scan(other_trader, universe=universe), run_scan(trader, universe=universe)
    stolen = theirs.candidates.first()
    assert stolen is not None
    answer = client_of(trader).post(f"{V1}scans/{mine.pk}/promote/", {"candidates": [stolen.pk]}).json()
    assert answer["promoted"] == []
    assert answer["refused"][0]["candidate"] == stolen.pk


def test_a_permission_taken_away_is_gone_at_once(universe: Universe, trader: User, client_of: Any) -> None:
    group = trader.groups.get()
    group.permissions.remove(Permission.objects.get(codename="add_scan"))
    answer = client_of(User.objects.get(pk=trader.pk)).post(f"{V1}scans/", {"universe": universe.pk})
    assert answer.status_code == 403
    assert "trading.add_scan" in answer.json()["error"]["message"]


def test_the_matrix_knows_every_route() -> None:
    tested = {route.split("?")[0] for route, *_ in MATRIX}
    served = {
        "/".join(part.replace("(?P<pk>[0-9]{1,18})", "@") for part in str(url.pattern).strip("^$").split("/"))
        for url in router.urls
    }
    served = {route.replace("\\.", ".").replace("\\Z", "") for route in served}
    written = {
        "/".join(
            "@" if part in {"S", "J", "P", "Y", "U", "I", "V", "A"} else part for part in route.split("/")
        )
        for route in tested
    }
    assert {route for route in served if not route.startswith("auth")} <= written
    assert len(served) == 31
