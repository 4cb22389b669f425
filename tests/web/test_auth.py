"""Signing in: tokens that hold, tokens that must not, rotation that notices theft."""

import base64
import datetime as dt
import json
import threading
from typing import Any

import jwt
import pytest
from django.conf import settings
from django.core.cache import cache
from django.db import connection
from rest_framework.test import APIClient

from api.models import RefreshTokenFamily
from tests.conftest import PASSWORD
from users.models import User

TOKEN, REFRESH, VERIFY = "/api/v1/auth/token/", "/api/v1/auth/token/refresh/", "/api/v1/auth/token/verify/"
ME = "/api/v1/auth/me/"


@pytest.fixture(autouse=True)
def no_throttle_left_over() -> None:
    cache.clear()


def sign_in(user: User) -> dict[str, str]:
    answer = APIClient().post(TOKEN, {"username": user.username, "password": PASSWORD})
    assert answer.status_code == 200, answer.content
    return dict(answer.json())


def bearer(token: str) -> APIClient:
    return APIClient(headers={"Authorization": f"Bearer {token}"})


def refused(answer: Any, code: int = 401) -> dict[str, Any]:
    assert answer.status_code == code, answer.content
    error = answer.json()["error"]
    assert set(error) == {"code", "message", "fields", "request_id"}
    assert error["message"]
    assert error["request_id"] == answer["X-Request-ID"]
    return dict(error)


def claims_of(token: str) -> dict[str, Any]:
    return dict(jwt.decode(token, options={"verify_signature": False}))


def forge(token: str, *, key: str | None = None, algorithm: str = "HS256", **changes: Any) -> str:
    key = settings.SIMPLE_JWT["SIGNING_KEY"] if key is None else key
    return jwt.encode(claims_of(token) | changes, key, algorithm=algorithm)


def test_signing_in_opens_the_api(trader: User) -> None:
    answer = bearer(sign_in(trader)["access"]).get(ME)
    assert answer.status_code == 200
    assert answer.json()["username"] == "tom"


def test_wrong_password_and_unknown_name_are_told_apart_by_nobody(trader: User) -> None:
    wrong = refused(APIClient().post(TOKEN, {"username": "tom", "password": "nope"}))
    unknown = refused(APIClient().post(TOKEN, {"username": "nobody", "password": "nope"}))
    assert (wrong["code"], wrong["message"]) == (unknown["code"], unknown["message"])


def test_an_inactive_account_does_not_sign_in(trader: User) -> None:
    trader.is_active = False
    trader.save()
    refused(APIClient().post(TOKEN, {"username": "tom", "password": PASSWORD}))


def test_a_hundred_wrong_passwords_are_throttled_and_a_right_one_elsewhere_is_not(
    trader: User, other_trader: User
) -> None:
    answers = [
        APIClient().post(TOKEN, {"username": "tom", "password": f"{i}"}).status_code for i in range(100)
    ]
    assert answers[:10] == [401] * 10
    assert set(answers[10:]) == {429}
    throttled = APIClient().post(TOKEN, {"username": "tom", "password": PASSWORD})
    assert int(throttled["Retry-After"]) > 0
    assert refused(throttled, 429)["code"] == "locked_out"
    sign_in(other_trader)


def test_signing_in_often_is_never_punished(trader: User) -> None:
    for _ in range(25):
        sign_in(trader)


def test_settings_hold_what_the_design_asks() -> None:
    assert len(settings.SIMPLE_JWT["SIGNING_KEY"]) >= 32
    assert settings.SIMPLE_JWT["SIGNING_KEY"] != settings.SECRET_KEY
    assert settings.SIMPLE_JWT["ACCESS_TOKEN_LIFETIME"] == dt.timedelta(minutes=15)
    assert settings.SIMPLE_JWT["REFRESH_TOKEN_LIFETIME"] == dt.timedelta(days=7)


def test_a_token_without_signature_is_refused(trader: User) -> None:
    header, payload, _ = sign_in(trader)["access"].split(".")
    head = base64.urlsafe_b64encode(json.dumps({"alg": "none", "typ": "JWT"}).encode()).rstrip(b"=").decode()
    refused(bearer(f"{head}.{payload}.").get(ME))
    refused(bearer(f"{header}.{payload}.").get(ME))


@pytest.mark.parametrize(
    "changes",
    [
        {"key": "x" * 64},
        {"algorithm": "HS512"},
        {"exp": 1_000_000_000},
        {"aud": "someone-else"},
        {"iss": "someone-else"},
        {"user_id": "999999"},
        {"token_type": "sliding"},
    ],
    ids=lambda changes: next(iter(changes)),
)
def test_a_token_that_is_not_ours_is_refused(trader: User, changes: dict[str, Any]) -> None:
    refused(bearer(forge(sign_in(trader)["access"], **changes)).get(ME))


def test_a_refresh_token_opens_nothing(trader: User) -> None:
    refused(bearer(sign_in(trader)["refresh"]).get(ME))


def test_an_access_token_refreshes_nothing(trader: User) -> None:
    refused(APIClient().post(REFRESH, {"refresh": sign_in(trader)["access"]}))


@pytest.mark.parametrize("token", ["", "x", "a.b.c", "Bearer", "\u00e9.\u00e9.\u00e9"])
def test_garbage_is_refused(db: None, token: str) -> None:
    answer = APIClient().get(ME, headers={"Authorization": f"Bearer {token}".encode().decode("latin-1")})
    refused(answer)


def test_nobody_is_told_how_to_sign_in(db: None) -> None:
    answer = APIClient().get(ME)
    assert "/auth/token/" in refused(answer)["message"]
    assert answer["WWW-Authenticate"].startswith("Bearer")


def test_refreshing_rotates(trader: User) -> None:
    first = sign_in(trader)
    second = APIClient().post(REFRESH, {"refresh": first["refresh"]}).json()
    assert second["refresh"] != first["refresh"]
    assert bearer(second["access"]).get(ME).status_code == 200
    third = APIClient().post(REFRESH, {"refresh": second["refresh"]})
    assert third.status_code == 200


def test_a_used_refresh_token_ends_its_whole_family_and_no_other(trader: User) -> None:
    stolen, elsewhere = sign_in(trader), sign_in(trader)
    successor = APIClient().post(REFRESH, {"refresh": stolen["refresh"]}).json()
    assert "used before" in refused(APIClient().post(REFRESH, {"refresh": stolen["refresh"]}))["message"]
    refused(APIClient().post(REFRESH, {"refresh": successor["refresh"]}))
    assert APIClient().post(REFRESH, {"refresh": elsewhere["refresh"]}).status_code == 200
    assert RefreshTokenFamily.objects.filter(revoked_reason="reuse").count() == 1


@pytest.mark.django_db(transaction=True)
def test_twenty_uses_at_once_succeed_at_most_once_and_revoke(trader: User) -> None:
    refresh = sign_in(trader)["refresh"]
    start, codes = threading.Barrier(20), []

    def use() -> None:
        try:
            start.wait()
            codes.append(APIClient().post(REFRESH, {"refresh": refresh}).status_code)
        finally:
            connection.close()

    threads = [threading.Thread(target=use) for _ in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(codes) == [200] + [401] * 19
    assert RefreshTokenFamily.objects.get().revoked_reason == "reuse"


def test_signing_out_ends_the_family_at_once(trader: User) -> None:
    tokens = sign_in(trader)
    answer = bearer(tokens["access"]).post("/api/v1/auth/logout/", {"refresh": tokens["refresh"]})
    assert answer.status_code == 204
    refused(APIClient().post(REFRESH, {"refresh": tokens["refresh"]}))


def test_nobody_signs_someone_else_out(trader: User, other_trader: User) -> None:
    mine, theirs = sign_in(trader), sign_in(other_trader)
    refused(bearer(mine["access"]).post("/api/v1/auth/logout/", {"refresh": theirs["refresh"]}))
    assert APIClient().post(REFRESH, {"refresh": theirs["refresh"]}).status_code == 200


def test_an_account_closed_meanwhile_is_not_refreshed(trader: User) -> None:
    tokens = sign_in(trader)
    trader.is_active = False
    trader.save()
    refused(APIClient().post(REFRESH, {"refresh": tokens["refresh"]}))
    refused(bearer(tokens["access"]).get(ME))


def test_verifying_says_kind_and_expiry_and_spends_nothing(trader: User) -> None:
    tokens = sign_in(trader)
    for kind in ("access", "refresh"):
        answer = APIClient().post(VERIFY, {"token": tokens[kind]})
        assert answer.json()["token_type"] == kind
        assert answer.json()["expires_at"].endswith("Z")
    assert APIClient().post(REFRESH, {"refresh": tokens["refresh"]}).status_code == 200
    refused(APIClient().post(VERIFY, {"token": tokens["refresh"]}))
    refused(APIClient().post(VERIFY, {"token": "nonsense"}))


def test_a_new_password_ends_other_sessions_and_keeps_this_one(trader: User) -> None:
    here, there = sign_in(trader), sign_in(trader)
    answer = bearer(here["access"]).post(
        "/api/v1/auth/password/",
        {"current_password": PASSWORD, "new_password": "another long sentence 7", "refresh": here["refresh"]},
    )
    assert answer.status_code == 204, answer.content
    refused(APIClient().post(REFRESH, {"refresh": there["refresh"]}))
    assert APIClient().post(REFRESH, {"refresh": here["refresh"]}).status_code == 200
    refused(APIClient().post(TOKEN, {"username": "tom", "password": PASSWORD}))


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"current_password": "wrong", "new_password": "another long sentence 7"}, "current_password"),
        ({"current_password": PASSWORD, "new_password": "12345678"}, "new_password"),
        ({"current_password": PASSWORD, "new_password": "tom"}, "new_password"),
    ],
)
def test_a_password_that_will_not_do_says_why(trader: User, body: dict[str, str], field: str) -> None:
    error = refused(bearer(sign_in(trader)["access"]).post("/api/v1/auth/password/", body), 400)
    assert list(error["fields"]) == [field]
    trader.refresh_from_db()
    assert trader.check_password(PASSWORD)


def test_me_tells_roles_permissions_and_preferences(trader: User) -> None:
    me = bearer(sign_in(trader)["access"]).get(ME).json()
    assert me["roles"] == ["trader"]
    assert "trading.add_scan" in me["permissions"]
    assert "users.add_user" not in me["permissions"]
    assert me["preferences"]["theme"] == "system"
    assert list(bearer(sign_in(trader)["access"]).get(f"{ME}?fields=username,roles").json()) == [
        "username",
        "roles",
    ]


def test_preferences_change_one_by_one(trader: User) -> None:
    client = bearer(sign_in(trader)["access"])
    me = client.patch(
        ME, {"first_name": "Thomas", "preferences": {"theme": "dark", "timezone": "Europe/Berlin"}}
    )
    assert me.status_code == 200, me.content
    assert me.json()["first_name"] == "Thomas"
    assert (
        client.get(ME).json()["preferences"] | {"theme": "dark", "timezone": "Europe/Berlin", "alpha": 0.05}
        == (client.get(ME).json()["preferences"])
    )


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"preferences": {"theme": "pink"}}, "preferences.theme"),
        ({"preferences": {"timezone": "Mars/Base"}}, "preferences.timezone"),
        ({"preferences": {"default_universe": 404}}, "preferences.default_universe"),
        ({"preferences": {"colour": "red"}}, "preferences.colour"),
        ({"username": "root"}, "username"),
        ({"is_superuser": True}, "is_superuser"),
    ],
)
def test_what_one_may_not_change_is_named(trader: User, body: dict[str, Any], field: str) -> None:
    error = refused(bearer(sign_in(trader)["access"]).patch(ME, body), 400)
    assert list(error["fields"]) == [field]


def test_a_ticket_is_given_to_whoever_is_signed_in(trader: User) -> None:
    answer = bearer(sign_in(trader)["access"]).post("/api/v1/auth/ws-ticket/")
    assert answer.status_code == 200
    assert len(answer.json()["ticket"]) >= 32
    assert answer.json()["expires_in"] == 30
    refused(APIClient().post("/api/v1/auth/ws-ticket/"))


def test_verifying_refuses_tokens_of_a_sign_in_that_has_ended(trader: User) -> None:
    tokens = sign_in(trader)
    assert (
        bearer(tokens["access"]).post("/api/v1/auth/logout/", {"refresh": tokens["refresh"]}).status_code
        == 204
    )
    for kind in ("access", "refresh"):
        refused(APIClient().post(VERIFY, {"token": tokens[kind]}))
