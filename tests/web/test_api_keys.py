"""API keys: shown once, kept as a hash, cut down to their scopes on every route there is."""

import datetime as dt
import logging
from typing import Any

import pytest
from django.core.cache import cache
from django.urls import URLPattern, URLResolver
from django.utils import timezone
from rest_framework.test import APIClient

from api import keys
from api.models import ApiKey
from api.urls import v1
from common.models import AuditEntry
from users.models import Invitation, User

V1 = "/api/v1/"
KEYS = f"{V1}auth/keys/"
# Everything here is closed to keys, whatever their scopes: what a thief would need to stay.
CLOSED = [
    ("get", "auth/keys/"),
    ("post", "auth/keys/"),
    ("delete", "auth/keys/1/"),
    ("get", "auth/sessions/"),
    ("post", "auth/logout-everywhere/"),
    ("post", "auth/logout/"),
    ("post", "auth/password/"),
    ("get", "auth/totp/"),
    ("post", "auth/totp/"),
    ("post", "auth/totp/confirm/"),
    ("post", "auth/totp/disable/"),
    ("post", "auth/totp/recovery-codes/"),
    ("patch", "auth/me/"),
]


@pytest.fixture(autouse=True)
def no_throttle_left_over() -> None:
    cache.clear()


def key_of(owner: User, *scopes: str, **more: Any) -> tuple[ApiKey, APIClient]:
    key, text = keys.create(owner, name="program", scopes=scopes, expires_at=None, **more)
    return key, APIClient(headers={"Authorization": f"Bearer {text}"})


def refusal(answer: Any) -> tuple[int, str]:
    return answer.status_code, answer.json()["error"]["code"]


def test_a_key_is_shown_once_and_opens_the_api(trader: User, client_of: Any) -> None:
    mine = client_of(trader)
    made = mine.post(KEYS, {"name": "nightly", "scopes": ["read", "read"], "expires_at": None})
    assert made.status_code == 201
    text = made.json()["key"]
    assert text.startswith(f"titan_{made.json()['prefix']}_")
    assert made.json()["scopes"] == ["read"]
    [listed] = mine.get(KEYS).json()["results"]
    assert set(listed) == {
        "id", "name", "prefix", "scopes", "created_at", "expires_at", "last_used_at", "revoked_at",
    }  # fmt: skip
    program = APIClient(headers={"Authorization": f"Bearer {text}"})
    assert program.get(f"{V1}auth/me/").json()["username"] == "tom"
    assert mine.get(KEYS).json()["results"][0]["last_used_at"] is not None


def test_the_secret_is_nowhere(trader: User, client_of: Any, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    text = client_of(trader).post(KEYS, {"name": "k", "scopes": ["read"]}).json()["key"]
    secret = text.split("_", 2)[2]
    APIClient(headers={"Authorization": f"Bearer {text}"}).get(f"{V1}symbols/")
    APIClient(headers={"Authorization": f"Bearer {text}x"}).get(f"{V1}symbols/")
    kept = str(list(ApiKey.objects.values())) + str(list(AuditEntry.objects.values()))
    assert secret not in kept
    assert secret not in caplog.text


@pytest.mark.parametrize(
    ("scopes", "method", "path", "status"),
    [
        (["read"], "get", "symbols/", 200),
        (["read"], "get", "scans/", 200),
        (["read"], "get", "auth/me/", 200),
        (["read"], "post", "auth/ws-ticket/", 200),
        (["read"], "post", "symbols/", 403),
        (["read"], "post", "scans/", 403),
        (["read"], "post", "prices/upload/", 403),
        (["data"], "get", "symbols/", 200),
        (["data"], "post", "symbols/", 400),
        (["data"], "post", "prices/upload/", 415),  # let in, and told to send a form
        (["data"], "get", "scans/", 403),
        (["data"], "post", "scans/", 403),
        (["research"], "post", "scans/", 400),
        (["research"], "get", "jobs/", 200),
        (["research"], "get", "pairs/", 200),
        (["research"], "post", "symbols/", 403),
        (["trade"], "get", "symbols/", 403),
        (["admin"], "get", "symbols/", 403),
        (["read", "data", "research", "trade"], "get", "users/", 403),
        (["read", "data", "research", "trade"], "get", "audit/", 403),
    ],
)
def test_scopes_bound_what_a_key_reaches(
    trader: User, scopes: list[str], method: str, path: str, status: int
) -> None:
    _, program = key_of(trader, *scopes)
    answer = getattr(program, method)(f"{V1}{path}", {} if method == "post" else None)
    assert answer.status_code == status, answer.content
    if status == 403:
        assert answer.json()["error"]["code"] == "key_scope"


def test_a_key_has_no_more_power_than_its_owner(viewer: User, admin: User) -> None:
    every = list(keys.SCOPES)
    _, weak = key_of(viewer, *every)
    assert refusal(weak.post(f"{V1}symbols/", {"ticker": "NEW"})) == (403, "permission_denied")
    assert refusal(weak.get(f"{V1}users/")) == (403, "permission_denied")
    _, strong = key_of(admin, "admin")
    assert strong.get(f"{V1}users/").status_code == 200
    assert strong.get(f"{V1}audit/verify/").status_code == 200


@pytest.mark.parametrize(("method", "path"), CLOSED)
def test_no_key_manages_keys_passwords_codes_or_sessions(admin: User, method: str, path: str) -> None:
    key, program = key_of(admin, *keys.SCOPES)
    answer = getattr(program, method)(f"{V1}{path}", {} if method in {"post", "patch"} else None)
    assert refusal(answer) == (403, "key_scope")
    key.refresh_from_db()
    assert key.revoked_at is None


def routes(patterns: list[Any] = v1, prefix: str = "") -> list[tuple[str, Any]]:
    """Every address of version 1 and its view class."""
    found = []
    for pattern in patterns:
        if isinstance(pattern, URLResolver):
            found += routes(pattern.url_patterns, prefix + str(pattern.pattern))
        elif isinstance(pattern, URLPattern):
            view = getattr(pattern.callback, "cls", None) or getattr(pattern.callback, "view_class", None)
            found.append((prefix + str(pattern.pattern), view))
    return found


def test_every_view_says_which_scope_reaches_it() -> None:
    scopes = {view.__name__: getattr(view, "key_scope", None) for _, view in routes() if view is not None}
    assert len(scopes) >= 20
    assert set(scopes.values()) <= {*keys.SCOPES, "account", None}
    assert {"TokenView", "SessionViewSet", "ApiKeyViewSet", "PasswordView", "TotpView"} <= {
        name for name, scope in scopes.items() if scope is None
    }


@pytest.mark.parametrize("what", ["revoked", "expired", "wrong secret", "unknown", "owner closed", "garbage"])
def test_a_dead_key_opens_no_route(admin: User, what: str, subtests: Any) -> None:
    key, program = key_of(admin, *keys.SCOPES)
    if what == "revoked":
        keys.revoke(key, by=admin)
    elif what == "expired":
        ApiKey.objects.update(expires_at=timezone.now() - dt.timedelta(seconds=1))
    elif what == "owner closed":
        User.objects.filter(pk=admin.pk).update(is_active=False)
    else:
        text = {
            "wrong secret": f"titan_{key.prefix}_{'A' * 43}",
            "unknown": f"titan_00000000_{'A' * 43}",
            "garbage": "titan_" + "x" * 5_000,
        }[what]
        program = APIClient(headers={"Authorization": f"Bearer {text}"})
    tried = 0
    for route, view in routes():
        if view is None or not getattr(view, "authentication_classes", None):
            continue
        path = V1 + _address(route)
        with subtests.test(path):
            assert refusal(program.get(path)) == (401, "key_invalid")
            tried += 1
    assert tried > 30


def _address(route: str) -> str:
    """The route with numbers for its parameters."""
    import re

    route = re.sub(r"\(\?P<pk>\[0-9a-f\][^)]*\)[^)]*\)?", "00000000-0000-0000-0000-000000000000", route)
    route = re.sub(r"\(\?P<\w+>[^)]*\)|<(?:\w+:)?\w+>", "1", route)
    return route.replace("^", "").replace("$", "").replace("\\Z", "").replace("\\.", ".")


def test_revoking_is_for_owners_and_stays_listed(trader: User, other_trader: User, client_of: Any) -> None:
    key, program = key_of(trader, "read")
    assert client_of(other_trader).delete(f"{KEYS}{key.pk}/").status_code == 404
    assert client_of(other_trader).get(f"{KEYS}{key.pk}/").status_code == 404
    assert program.get(f"{V1}symbols/").status_code == 200
    assert client_of(trader).delete(f"{KEYS}{key.pk}/").status_code == 204
    assert refusal(program.get(f"{V1}symbols/")) == (401, "key_invalid")
    assert client_of(trader).delete(f"{KEYS}{key.pk}/").status_code == 204
    [listed] = client_of(trader).get(KEYS).json()["results"]
    assert listed["revoked_at"] is not None
    assert AuditEntry.objects.filter(action="key_revoked").count() == 1


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"name": "k", "scopes": []}, "scopes"),
        ({"name": "k", "scopes": ["everything"]}, "scopes.0"),
        ({"name": "", "scopes": ["read"]}, "name"),
        ({"name": "k", "scopes": ["read"], "expires_at": "2020-01-01T00:00:00Z"}, "expires_at"),
        ({"name": "k", "scopes": ["read"], "owner": 1}, "owner"),
    ],
)
def test_a_key_that_will_not_do_says_why(
    trader: User, client_of: Any, body: dict[str, Any], field: str
) -> None:
    answer = client_of(trader).post(KEYS, body)
    assert (answer.status_code, list(answer.json()["error"]["fields"])) == (400, [field])
    assert not ApiKey.objects.exists()


def test_there_is_an_end_to_keys(trader: User, client_of: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keys, "MAX_LIVE_KEYS", 2)
    codes = [client_of(trader).post(KEYS, {"name": "k", "scopes": ["read"]}).status_code for _ in range(3)]
    assert codes == [201, 201, 409]


@pytest.mark.parametrize("action", ["invite", "sign-out", "disable-totp"])
def test_no_key_takes_an_account_over(admin: User, trader: User, action: str) -> None:
    """A link sets a password: a stolen key would invite its owner, and be them after it is revoked."""
    _, program = key_of(admin, *keys.SCOPES)
    for person in (admin, trader):
        answer = program.post(f"{V1}users/{person.pk}/{action}/")
        assert refusal(answer) == (403, "key_scope")
        assert "No API key reaches this" in answer.json()["error"]["message"]
    assert not Invitation.objects.exists()


def test_no_key_makes_admins(admin: User, trader: User) -> None:
    _, program = key_of(admin, "admin")
    body = {"username": "eve", "role": "admin"}
    assert refusal(program.post(f"{V1}users/", body)) == (403, "key_scope")
    assert refusal(program.patch(f"{V1}users/{trader.pk}/", {"role": "admin"})) == (403, "key_scope")
    assert trader.role == "trader"
    assert program.post(f"{V1}users/", body | {"role": "viewer"}).status_code == 201
