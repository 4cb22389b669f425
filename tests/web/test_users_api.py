"""Accounts over the API: made with a link, changed, closed; and never without an admin."""

import datetime as dt
import threading
from typing import Any

import pytest
from django.core import mail
from django.core.cache import cache
from django.db import connection
from django.utils import timezone
from rest_framework.test import APIClient

from api import keys, tokens
from common.models import AuditEntry
from tests.conftest import PASSWORD, make_user
from users.models import Invitation, TradingPreferences, User
from users.roles import Role
from users.services import accounts, second_factor

V1 = "/api/v1/"
USERS = f"{V1}users/"
NEW = {"username": "nina", "email": "nina@example.test", "role": "trader", "first_name": "Nina"}


@pytest.fixture(autouse=True)
def no_throttle_left_over() -> None:
    cache.clear()


def accept(url: str, password: str = "a long enough sentence") -> Any:
    token = url.rpartition("/")[2]
    return APIClient().post(f"{V1}auth/invitation/", {"token": token, "password": password})


def test_an_account_is_made_invited_and_used(admin: User, client_of: Any) -> None:
    made = client_of(admin).post(USERS, NEW)
    assert made.status_code == 201, made.content
    body = made.json()
    assert (body["username"], body["role"], body["invited"], body["is_active"]) == (
        "nina", "trader", True, True,
    )  # fmt: skip
    url = body["invitation"]["url"]
    assert url.startswith("http://testserver/welcome/")
    [letter] = mail.outbox
    assert letter.to == ["nina@example.test"]
    assert url in letter.body
    token = url.rpartition("/")[2]
    assert token not in str(list(Invitation.objects.values()))
    shown = APIClient().get(f"{V1}auth/invitation/{token}/").json()
    assert shown["username"] == "nina"
    assert accept(url, "short").json()["error"]["fields"].keys() == {"password"}
    assert accept(url).status_code == 204
    assert accept(url).status_code == 404, "it is good once"
    assert APIClient().get(f"{V1}auth/invitation/{token}/").status_code == 404
    signed = APIClient().post(f"{V1}auth/token/", {"username": "nina", "password": "a long enough sentence"})
    assert signed.status_code == 200
    assert client_of(admin).get(f"{USERS}{body['id']}/").json()["invited"] is False
    assert [entry.action for entry in AuditEntry.objects.filter(target="nina").order_by("id")] == [
        "user_created", "user_invited", "password_changed", "login",
    ]  # fmt: skip


@pytest.mark.parametrize("why", ["expired", "replaced", "account closed", "unknown"])
def test_a_link_that_ended_opens_nothing(admin: User, client_of: Any, why: str) -> None:
    body = client_of(admin).post(USERS, NEW).json()
    url, user = body["invitation"]["url"], User.objects.get(pk=body["id"])
    if why == "expired":
        Invitation.objects.update(expires_at=timezone.now() - dt.timedelta(seconds=1))
    elif why == "replaced":
        assert client_of(admin).post(f"{USERS}{user.pk}/invite/").status_code == 201
    elif why == "account closed":
        accounts.change(user, by=admin, is_active=False)
        assert client_of(admin).post(f"{USERS}{user.pk}/invite/").status_code == 409
    else:
        url += "x"
    assert accept(url).status_code == 404
    user.refresh_from_db()
    assert not user.has_usable_password()


def test_guessing_links_is_throttled(db: None) -> None:
    codes = [APIClient().get(f"{V1}auth/invitation/guess{i}/").status_code for i in range(61)]
    assert codes == [404] * 60 + [429]


@pytest.mark.django_db(transaction=True)
def test_ten_uses_of_a_link_at_once_set_one_password(admin: User, client_of: Any) -> None:
    url = client_of(admin).post(USERS, NEW).json()["invitation"]["url"]
    start, codes = threading.Barrier(10), []

    def use(i: int) -> None:
        try:
            start.wait()
            codes.append(accept(url, f"a long enough sentence {i}").status_code)
        finally:
            connection.close()

    threads = [threading.Thread(target=use, args=(i,)) for i in range(10)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(codes) == [204] + [404] * 9


def test_a_new_link_is_the_password_reset_and_ends_sign_ins_when_used(
    admin: User, trader: User, client_of: Any
) -> None:
    access = tokens.issue(trader)["access"]
    url = client_of(admin).post(f"{USERS}{trader.pk}/invite/").json()["url"]
    bearer = APIClient(headers={"Authorization": f"Bearer {access}"})
    assert bearer.get(f"{V1}auth/me/").status_code == 200, "a link sent alone changes nothing"
    assert accept(url).status_code == 204
    assert bearer.get(f"{V1}auth/me/").status_code == 401


def test_accounts_are_listed_searched_filtered_and_ordered(
    admin: User, trader: User, viewer: User, client_of: Any
) -> None:
    bare = User.objects.create_user("ned", password="x")
    tokens.issue(trader)
    tokens.issue(trader)
    tokens.end_one(trader.refresh_families.latest("created_at"), by=trader)
    keys.create(trader, name="k", scopes=["read"], expires_at=None)
    mine = client_of(admin)
    rows = {row["username"]: row for row in mine.get(USERS).json()["results"]}
    assert {name: row["role"] for name, row in rows.items()} == {
        "ada": "admin", "ned": None, "tom": "trader", "vera": "viewer",
    }  # fmt: skip
    assert (rows["tom"]["n_sessions"], rows["tom"]["n_keys"]) == (1, 1)
    assert (rows["vera"]["n_sessions"], rows["vera"]["n_keys"]) == (0, 0)
    assert set(rows["tom"]) == {
        "id", "username", "email", "first_name", "last_name", "role", "is_active", "last_login",
        "date_joined", "totp_enabled", "n_sessions", "n_keys", "invited",
    }  # fmt: skip

    def names(query: str) -> list[str]:
        return [row["username"] for row in mine.get(f"{USERS}?{query}").json()["results"]]

    assert names("role=trader") == ["tom"]
    assert names("search=vera@example") == ["vera"]
    User.objects.filter(pk=bare.pk).update(is_active=False)
    assert names("is_active=false") == ["ned"]
    assert names("ordering=-role") == ["vera", "tom", "ada", "ned"]
    assert mine.get(f"{USERS}?role=king").status_code == 400


def test_no_password_hash_leaves(admin: User, trader: User, client_of: Any) -> None:
    text = client_of(admin).get(USERS).content.decode() + client_of(admin).get(f"{V1}audit/").content.decode()
    assert trader.password not in text
    assert "password" not in text.replace("password_changed", "")


def test_an_admin_changes_role_state_and_particulars(admin: User, viewer: User, client_of: Any) -> None:
    mine, address = client_of(admin), f"{USERS}{viewer.pk}/"
    changed = mine.patch(address, {"role": "trader", "email": "v@example.test", "last_name": "V"}).json()
    assert (changed["role"], changed["email"], changed["last_name"]) == ("trader", "v@example.test", "V")
    assert User.objects.get(pk=viewer.pk).roles == ["trader"]
    assert mine.patch(address, {"is_active": False}).json()["is_active"] is False
    assert mine.patch(address, {"username": "other"}).status_code == 400
    assert mine.patch(address, {"is_superuser": True}).status_code == 400
    assert mine.put(address, {}).status_code == 405
    assert mine.delete(address).status_code == 405
    entries = AuditEntry.objects.filter(target="vera", actor="ada").order_by("id")
    assert [(entry.action, entry.detail) for entry in entries] == [
        ("user_changed", {"fields": ["email", "last_name"]}),
        ("role_changed", {"from": "viewer", "to": "trader"}),
        ("user_deactivated", {}),
    ]


@pytest.mark.parametrize("body", [{"role": "trader"}, {"is_active": False}])
def test_the_last_admin_stays(admin: User, client_of: Any, body: dict[str, Any]) -> None:
    mine, address = client_of(admin), f"{USERS}{admin.pk}/"
    mine.post(USERS, {"username": "invited", "role": "admin"})  # cannot sign in yet, so does not count
    closed = make_user("closed", Role.ADMIN)
    accounts.change(closed, by=admin, is_active=False)
    refused = mine.patch(address, body)
    assert (refused.status_code, refused.json()["error"]["code"]) == (409, "conflict")
    fresh = User.objects.get(pk=admin.pk)
    assert (fresh.role, fresh.is_active) == ("admin", True)
    make_user("second", Role.ADMIN)
    assert mine.patch(address, body).status_code == 200


@pytest.mark.django_db(transaction=True)
def test_two_admins_who_demote_each_other_at_once_leave_one(admin: User, client_of: Any) -> None:
    other = make_user("second", Role.ADMIN)
    start, codes = threading.Barrier(2), []

    def demote(by: User, whom: User) -> None:
        try:
            start.wait()
            codes.append(client_of(by).patch(f"{USERS}{whom.pk}/", {"role": "viewer"}).status_code)
        finally:
            connection.close()

    threads = [threading.Thread(target=demote, args=pair) for pair in ((admin, other), (other, admin))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(codes) in ([200, 403], [200, 409])
    assert accounts.active_admins().count() == 1


def test_a_name_is_taken_in_capitals_too(admin: User, trader: User, client_of: Any) -> None:
    taken = client_of(admin).post(USERS, {**NEW, "username": "TOM"})
    error = taken.json()["error"]
    assert (taken.status_code, error["code"]) == (409, "conflict")
    said = "There is an account 'TOM' already; choose another name."
    assert (error["message"], error["fields"]) == (said, {"username": [said]})
    assert client_of(admin).post(USERS, {**NEW, "username": "no spaces"}).status_code == 400


def test_an_admin_signs_out_and_switches_codes_off(admin: User, trader: User, client_of: Any) -> None:
    access = tokens.issue(trader)["access"]
    secret = second_factor.enrol(trader, password=PASSWORD).secret
    import pyotp

    second_factor.confirm(trader, code=pyotp.TOTP(secret).now())
    mine, address = client_of(admin), f"{USERS}{trader.pk}/"
    assert mine.get(address).json()["totp_enabled"] is True
    assert mine.post(f"{address}sign-out/").json()["n_sessions"] == 0
    assert APIClient(headers={"Authorization": f"Bearer {access}"}).get(f"{V1}auth/me/").status_code == 401
    assert mine.post(f"{address}disable-totp/").json()["totp_enabled"] is False
    assert mine.post(f"{address}disable-totp/").status_code == 409


# Oneself


def test_preferences_have_named_fields_with_defaults(trader: User, client_of: Any) -> None:
    me = client_of(trader).get(f"{V1}auth/me/").json()
    assert (me["role"], me["totp_enabled"]) == ("trader", False)
    expected = {
        "theme": "system", "timezone": "UTC", "default_universe": None, "default_timeframe": "1d",
        "scan_window_years": 10, "min_overlap": 250, "alpha": 0.05, "base_currency": "USD",
        "capital": 100_000.0, "risk_per_trade": 0.01, "gross_limit": 2.0, "entry_z": 2.0, "exit_z": 0.5,
        "single_key_shortcuts": True, "notification_channels": ["in_app"],
    }  # fmt: skip
    assert me["preferences"] == expected


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"base_currency": "usd"}, "base_currency"),
        ({"capital": 0}, "capital"),
        ({"capital": "Infinity"}, "capital"),
        ({"risk_per_trade": 1.5}, "risk_per_trade"),
        ({"gross_limit": 0}, "gross_limit"),
        ({"entry_z": 0.4}, "exit_z"),
        ({"exit_z": 2.0}, "exit_z"),
        ({"notification_channels": ["pigeon"]}, "notification_channels.0"),
        ({"single_key_shortcuts": "perhaps"}, "single_key_shortcuts"),
    ],
)
def test_preferences_are_bounded(trader: User, client_of: Any, change: dict[str, Any], field: str) -> None:
    before = TradingPreferences.objects.values().get(user=trader)
    answer = client_of(trader).patch(f"{V1}auth/me/", {"preferences": change})
    assert (answer.status_code, list(answer.json()["error"]["fields"])) == (400, [f"preferences.{field}"])
    assert TradingPreferences.objects.values().get(user=trader) == before


def test_preferences_change(trader: User, client_of: Any) -> None:
    change = {
        "base_currency": "EUR",
        "entry_z": 1.5,
        "exit_z": 0.0,
        "notification_channels": ["email", "email"],
    }
    held = client_of(trader).patch(f"{V1}auth/me/", {"preferences": change}).json()["preferences"]
    assert (held["base_currency"], held["entry_z"], held["exit_z"]) == ("EUR", 1.5, 0.0)
    assert held["notification_channels"] == ["email"]
