"""Rates: told on every answer, counted exactly, refused in the one error shape."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.core.cache import cache
from rest_framework.settings import api_settings
from rest_framework.test import APIClient

from api.throttling import UserThrottle
from users.models import User

V1 = "/api/v1/"


@pytest.fixture(autouse=True)
def still(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A clock that stands inside one window, and counters that start at none."""
    cache.clear()
    monkeypatch.setattr("api.throttling._now", lambda: 1_000_000_060.0)
    yield
    cache.clear()


@pytest.fixture
def rates(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    def put(**rates: str) -> None:
        monkeypatch.setattr(
            api_settings, "DEFAULT_THROTTLE_RATES", api_settings.DEFAULT_THROTTLE_RATES | rates
        )

    return put


def test_what_is_left_is_told_and_then_refused(trader: User, client_of: Any, rates: Any) -> None:
    rates(user="3/min")
    client = client_of(trader)
    answers = [client.get(f"{V1}symbols/") for _ in range(5)]
    assert [answer.status_code for answer in answers] == [200, 200, 200, 429, 429]
    assert [answer["RateLimit-Remaining"] for answer in answers] == ["2", "1", "0", "0", "0"]
    assert {answer["RateLimit-Limit"] for answer in answers} == {"3"}
    assert {answer["RateLimit-Reset"] for answer in answers} == {"20"}
    refused = answers[-1]
    assert refused["Retry-After"] == "20"
    error = refused.json()["error"]
    assert error["code"] == "throttled"
    assert "20 seconds" in error["message"]
    assert set(error) == {"code", "message", "fields", "request_id"}


def test_the_next_window_is_a_new_one(
    trader: User, client_of: Any, rates: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    rates(user="1/min")
    client = client_of(trader)
    assert [client.get(f"{V1}symbols/").status_code for _ in range(2)] == [200, 429]
    monkeypatch.setattr("api.throttling._now", lambda: 1_000_000_081.0)
    assert client.get(f"{V1}symbols/").status_code == 200


def test_people_are_counted_apart_and_tokens_of_one_person_together(
    trader: User, other_trader: User, client_of: Any, rates: Any
) -> None:
    rates(user="2/min")
    assert [client_of(trader).get(f"{V1}symbols/").status_code for _ in range(3)] == [200, 200, 429]
    assert client_of(other_trader).get(f"{V1}symbols/").status_code == 200


def test_costly_work_has_a_rate_of_its_own(trader: User, client_of: Any, rates: Any) -> None:
    rates(costly="1/min")
    client = client_of(trader)
    answers = [client.post(f"{V1}pairs/analyze/", {}) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [400, 429]
    assert answers[0]["RateLimit-Limit"] == "1", "the rate that leaves least is the one told"
    assert client.get(f"{V1}symbols/").status_code == 200


@pytest.mark.parametrize("token", ["wrong", "titan_abcdef12_wrong"])
def test_guessing_tokens_is_braked_by_address(db: None, rates: Any, token: str) -> None:
    rates(address="3/min")
    client = APIClient(HTTP_AUTHORIZATION=f"Bearer {token}")
    answers = [client.get(f"{V1}symbols/") for _ in range(5)]
    assert [answer.status_code for answer in answers] == [401, 401, 401, 429, 429]
    assert answers[-1].json()["error"]["code"] == "throttled"
    elsewhere = client.get(f"{V1}symbols/", REMOTE_ADDR="10.1.2.3")
    assert elsewhere.status_code == 401


def test_a_forwarded_address_is_not_believed(db: None, rates: Any) -> None:
    rates(address="1/min")
    client = APIClient(HTTP_AUTHORIZATION="Bearer wrong")
    codes = [client.get(f"{V1}symbols/", HTTP_X_FORWARDED_FOR=f"10.0.0.{n}").status_code for n in range(3)]
    assert codes == [401, 429, 429]


def test_the_count_is_exact_when_many_come_at_once(db: None, trader: User, rates: Any) -> None:
    import threading

    rates(user="10/min")
    request = type("Request", (), {"user": trader})()
    allowed: list[bool] = []
    threads = [
        threading.Thread(target=lambda: allowed.append(UserThrottle().allow_request(request, None)))
        for _ in range(40)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(allowed) == 10


@pytest.mark.django_db
def test_what_is_forwarded_and_no_address_does_not_escape_the_brake(rates: Any, settings: Any) -> None:
    settings.REST_FRAMEWORK = settings.REST_FRAMEWORK | {"NUM_PROXIES": 1}
    rates(address="2/min")
    codes = [
        APIClient()
        .post(f"{V1}auth/token/verify/", {}, HTTP_X_FORWARDED_FOR=f"not-an-address-{number}")
        .status_code
        for number in range(3)
    ]
    assert codes == [400, 400, 429]


@pytest.mark.django_db
@pytest.mark.parametrize("address", ["/api/", "/api/v1/", "/api/v1/nothing/", "/api/v2/symbols/"])
def test_an_unknown_address_is_not_counted_for_it_costs_nothing(
    address: str, rates: Any, django_assert_num_queries: Any
) -> None:
    rates(address="1/min")
    client = APIClient(HTTP_AUTHORIZATION="Bearer whatever")
    with django_assert_num_queries(0):
        answers = [client.get(address) for _ in range(3)]
    assert {answer.status_code for answer in answers} == {404}
    assert not [name for answer in answers for name in answer.headers if name.startswith("RateLimit")]
    assert client.get(f"{V1}symbols/").status_code == 401, "nothing was counted"


def test_links_of_invitations_are_guessed_slowly(db: None, client: Any, rates: Any) -> None:
    rates(invitation="2/min")
    answers = [client.get(f"{V1}auth/invitation/{number:043}/") for number in range(3)]
    assert [answer.status_code for answer in answers] == [404, 404, 429]
    accepted = client.post(
        f"{V1}auth/invitation/", {"token": "x" * 43, "password": "a long enough one"}, "application/json"
    )
    assert accepted.status_code == 429, "trying and using count together"
