"""Sign-ins: listed, ended one by one or all, and with them access tokens, tickets and open sockets."""

import datetime as dt
import threading

import pytest
from django.core.cache import cache
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from rest_framework.test import APIClient

from api import keys
from api.models import RefreshTokenFamily
from channels_app import auth
from common import events
from common.models import AuditEntry
from tests.conftest import PASSWORD
from users.models import User
from users.roles import Role
from users.services import accounts

V1 = "/api/v1/auth/"
SESSIONS, REFRESH, ME = f"{V1}sessions/", f"{V1}token/refresh/", f"{V1}me/"


@pytest.fixture(autouse=True)
def no_throttle_left_over() -> None:
    cache.clear()


def sign_in(user: User, agent: str = "Browser/1", address: str = "10.0.0.1") -> dict[str, str]:
    answer = APIClient(headers={"User-Agent": agent}).post(
        f"{V1}token/", {"username": user.username, "password": PASSWORD}, REMOTE_ADDR=address
    )
    assert answer.status_code == 200, answer.content
    return dict(answer.json())


def bearer(tokens: dict[str, str]) -> APIClient:
    return APIClient(headers={"Authorization": f"Bearer {tokens['access']}"})


def identity(ticket: str) -> auth.Identity | None:
    return auth.authenticate({"subprotocols": ["titan.v1", f"ticket.{ticket}"]})


def test_sessions_say_where_and_which_is_this(trader: User, other_trader: User) -> None:
    here, _ = sign_in(trader), sign_in(trader, "Other\x00/2", "10.0.0.2")
    sign_in(other_trader)
    listed = bearer(here).get(SESSIONS).json()
    assert listed["count"] == 2
    [mine] = [one for one in listed["results"] if one["is_current"]]
    [other] = [one for one in listed["results"] if not one["is_current"]]
    assert (mine["user_agent"], mine["address"]) == ("Browser/1", "10.0.0.1")
    assert (other["user_agent"], other["address"]) == ("Other/2", "10.0.0.2")
    assert set(mine) == {
        "id", "created_at", "last_used_at", "expires_at", "user_agent", "address", "is_current",
    }  # fmt: skip


def test_last_use_is_kept_to_the_minute_and_mostly_costs_no_query(trader: User) -> None:
    here, families = bearer(sign_in(trader)), RefreshTokenFamily.objects.filter(user=trader)
    before = timezone.now() - dt.timedelta(seconds=50)
    families.update(last_used_at=before)
    with CaptureQueriesContext(connection) as fresh:
        here.get(ME)
    assert families.get().last_used_at == before
    families.update(last_used_at=before - dt.timedelta(minutes=10))
    with CaptureQueriesContext(connection) as stale:
        listed = here.get(SESSIONS).json()["results"]
    assert families.get().last_used_at > before
    assert parse_datetime(listed[0]["last_used_at"]) == families.get().last_used_at
    writes = [[query["sql"] for query in one if query["sql"].startswith("UPDATE")] for one in (fresh, stale)]
    assert [len(one) for one in writes] == [0, 1]


def test_an_ended_session_is_over_at_once(trader: User) -> None:
    here, there = sign_in(trader), sign_in(trader)
    [other] = [one for one in bearer(here).get(SESSIONS).json()["results"] if not one["is_current"]]
    assert bearer(there).get(ME).status_code == 200
    assert bearer(here).delete(f"{SESSIONS}{other['id']}/").status_code == 204
    assert bearer(there).get(ME).status_code == 401
    assert APIClient().post(REFRESH, {"refresh": there["refresh"]}).status_code == 401
    assert bearer(here).get(ME).status_code == 200
    assert bearer(here).delete(f"{SESSIONS}{other['id']}/").status_code == 404
    assert AuditEntry.objects.filter(action="session_revoked", actor="tom").count() == 1


def test_someone_elses_session_does_not_exist(trader: User, other_trader: User) -> None:
    mine, theirs = sign_in(trader), sign_in(other_trader)
    family = RefreshTokenFamily.objects.get(user=other_trader)
    assert bearer(mine).delete(f"{SESSIONS}{family.pk}/").status_code == 404
    assert bearer(mine).get(f"{SESSIONS}{family.pk}/").status_code == 404
    assert bearer(theirs).get(ME).status_code == 200


def test_logout_everywhere_ends_all_tokens_tickets_and_sockets(trader: User, other_trader: User) -> None:
    here, there, theirs = sign_in(trader), sign_in(trader), sign_in(other_trader)
    socket = identity(bearer(there).post(f"{V1}ws-ticket/").json()["ticket"])
    unused = bearer(here).post(f"{V1}ws-ticket/").json()["ticket"]
    assert socket is not None
    assert auth.still_valid(socket) is not None
    before = events.last_seq(f"user_{trader.pk}")
    assert bearer(here).post(f"{V1}logout-everywhere/").status_code == 204
    assert [bearer(one).get(ME).status_code for one in (here, there, theirs)] == [401, 401, 200]
    assert APIClient().post(REFRESH, {"refresh": here["refresh"]}).status_code == 401
    assert auth.still_valid(socket) is None
    assert identity(unused) is None
    assert [event.type for event in events.latest(f"user_{trader.pk}", before)] == ["access_changed"]


def test_signing_out_ends_the_access_token_and_its_socket_too(trader: User) -> None:
    here, there = sign_in(trader), sign_in(trader)
    sockets = [identity(bearer(one).post(f"{V1}ws-ticket/").json()["ticket"]) for one in (here, there)]
    bearer(here).post(f"{V1}logout/", {"refresh": here["refresh"]})
    assert bearer(here).get(ME).status_code == 401
    assert bearer(there).get(ME).status_code == 200
    assert [auth.still_valid(socket) is None for socket in sockets if socket] == [True, False]


def test_a_token_in_the_address_is_bound_to_its_session(trader: User) -> None:
    here = sign_in(trader)
    socket = auth.authenticate({"query_string": f"token={here['access']}".encode()})
    assert socket is not None
    bearer(here).post(f"{V1}logout/", {"refresh": here["refresh"]})
    assert auth.still_valid(socket) is None
    assert auth.authenticate({"query_string": f"token={here['access']}".encode()}) is None


def test_a_key_s_socket_ends_with_the_key(trader: User) -> None:
    key, text = keys.create(trader, name="program", scopes=["read"], expires_at=None)
    program = APIClient(headers={"Authorization": f"Bearer {text}"})
    socket = identity(program.post(f"{V1}ws-ticket/").json()["ticket"])
    assert socket is not None
    assert auth.still_valid(socket) is not None
    keys.revoke(key, by=trader)
    assert auth.still_valid(socket) is None


def test_a_new_password_ends_access_tokens_elsewhere(trader: User) -> None:
    here, there = sign_in(trader), sign_in(trader)
    body = {"current_password": PASSWORD, "new_password": "another long sentence 7"}
    assert bearer(here).post(f"{V1}password/", {**body, "refresh": here["refresh"]}).status_code == 204
    assert [bearer(one).get(ME).status_code for one in (here, there)] == [200, 401]
    assert AuditEntry.objects.filter(action="password_changed", actor="tom", target="tom").count() == 1


def test_guessing_the_current_password_is_locked(trader: User) -> None:
    client, body = (
        bearer(sign_in(trader)),
        {"current_password": "?", "new_password": "another long sentence 7"},
    )
    codes = [client.post(f"{V1}password/", body).status_code for _ in range(11)]
    assert codes == [400] * 10 + [429]
    assert client.get(ME).status_code == 200


def test_a_closed_account_is_out_at_once(trader: User, admin: User) -> None:
    tokens = sign_in(trader)
    socket = identity(bearer(tokens).post(f"{V1}ws-ticket/").json()["ticket"])
    accounts.change(trader, by=admin, is_active=False)
    assert bearer(tokens).get(ME).status_code == 401
    assert socket is not None
    assert auth.still_valid(socket) is None
    accounts.change(trader, by=admin, is_active=True)
    assert bearer(tokens).get(ME).status_code == 401, "opening it again brings no old sign-in back"


def test_a_role_taken_away_holds_from_the_next_request(trader: User, admin: User) -> None:
    client = bearer(sign_in(trader))
    assert client.post("/api/v1/symbols/", {"ticker": "ONE"}).status_code == 201
    before = events.last_seq(f"user_{trader.pk}")
    accounts.change(trader, by=admin, role=Role.VIEWER)
    assert client.post("/api/v1/symbols/", {"ticker": "TWO"}).status_code == 403
    assert events.last_seq(f"user_{trader.pk}") == before + 1


@pytest.mark.django_db(transaction=True)
def test_twenty_uses_at_once_leave_no_token_of_the_family_alive(trader: User) -> None:
    """Real threads and connections on a database in a file: at most one succeeds, and what it got is dead too."""
    stolen = sign_in(trader)
    start, answers = threading.Barrier(20), []

    def use() -> None:
        try:
            start.wait()
            answers.append(APIClient().post(REFRESH, {"refresh": stolen["refresh"]}))
        finally:
            connection.close()

    threads = [threading.Thread(target=use) for _ in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    got = [answer.json() for answer in answers if answer.status_code == 200]
    assert len(got) <= 1
    assert sorted({answer.status_code for answer in answers} - {200}) == [401]
    assert RefreshTokenFamily.objects.get().revoked_reason == "reuse"
    for tokens in (stolen, *got):
        assert bearer(tokens).get(ME).status_code == 401
    assert AuditEntry.objects.filter(action="token_reuse", target="tom").count() == 1
