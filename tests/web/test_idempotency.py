"""Idempotency-Key: one effect a key, the same answer again, and no trace of what failed."""

import threading
import uuid
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import OperationalError, connections
from django.utils import timezone
from rest_framework.test import APIClient

from api.models import ApiKey, IdempotentAnswer
from tests.conftest import make_user
from trading.models import Job, Scan, Symbol, TradingPair, Universe
from users.models import User
from users.roles import Role

V1 = "/api/v1/"
FILE = b"date,AAA\n2024-01-02,10\n2024-01-03,11\n"


@pytest.fixture
def client(trader: User, client_of: Callable[[User], APIClient]) -> APIClient:
    return client_of(trader)


def key() -> dict[str, str]:
    return {"HTTP_IDEMPOTENCY_KEY": str(uuid.uuid4())}


@pytest.mark.django_db(transaction=True, databases=["default", "timescale"])
def test_fifty_at_once_have_one_effect(universe: Universe) -> None:
    trader = make_user("tom", Role.TRADER)
    header, barrier, answers = key(), threading.Barrier(50), []

    def ask() -> None:
        client = APIClient()
        client.force_authenticate(trader)
        barrier.wait()
        try:
            answers.append(client.post(f"{V1}scans/", {"universe": universe.pk}, **header))
        finally:
            connections.close_all()

    threads = [threading.Thread(target=ask) for _ in range(50)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [answer.status_code for answer in answers] == [202] * 50, {a.content for a in answers}
    assert Scan.objects.count() == Job.objects.count() == 1
    assert sum("Idempotency-Replayed" not in answer for answer in answers) == 1
    assert len({answer.content for answer in answers}) == 1


def test_another_body_is_refused_and_the_order_of_names_is_no_other_body(
    client: APIClient, universe: Universe
) -> None:
    header, body = key(), {"symbol_1": "AAA", "symbol_2": "AAB"}
    first = client.post(f"{V1}pairs/", body, **header)
    again = client.post(f"{V1}pairs/", dict(reversed(body.items())), **header)
    assert (first.status_code, again.status_code) == (201, 201)
    assert again["Idempotency-Replayed"] == "true"
    assert again.json() == first.json()
    other = client.post(f"{V1}pairs/", {"symbol_1": "BBA", "symbol_2": "BBB"}, **header)
    assert other.status_code == 422
    assert other.json()["error"]["code"] == "idempotency_key_reused"
    elsewhere = client.post(f"{V1}scans/", body, **header)
    assert elsewhere.status_code == 422, "the same body at another address is another request"
    assert TradingPair.objects.count() == 1


def test_what_was_refused_or_failed_leaves_no_key(
    client: APIClient, universe: Universe, monkeypatch: pytest.MonkeyPatch
) -> None:
    header = key()
    assert client.post(f"{V1}pairs/", {"symbol_1": "AAA", "symbol_2": "NONE"}, **header).status_code == 400
    assert not IdempotentAnswer.objects.exists()
    with monkeypatch.context() as broken:
        broken.setattr("trading.services.jobs.JobService.enqueue_sync", lambda *a, **k: 1 / 0)
        client.raise_request_exception = False
        assert client.post(f"{V1}scans/", {"universe": universe.pk}, **header).status_code == 500
    assert not IdempotentAnswer.objects.exists()
    assert not Scan.objects.exists(), "the scan was made before its job failed, and is gone with it"
    assert client.post(f"{V1}scans/", {"universe": universe.pk}, **header).status_code == 202


def test_keys_belong_to_a_person(
    client: APIClient, other_trader: User, client_of: Any, universe: Universe
) -> None:
    header = key()
    mine = client.post(f"{V1}scans/", {"universe": universe.pk}, **header).json()
    theirs = client_of(other_trader).post(f"{V1}scans/", {"universe": universe.pk}, **header)
    assert theirs.json()["id"] != mine["id"]
    assert "Idempotency-Replayed" not in theirs


def test_a_right_taken_away_takes_the_answer_with_it(
    client: APIClient, trader: User, universe: Universe, client_of: Any
) -> None:
    header = key()
    assert client.post(f"{V1}scans/", {"universe": universe.pk}, **header).status_code == 202
    trader.groups.clear()
    fresh = client_of(User.objects.get(pk=trader.pk))
    assert fresh.post(f"{V1}scans/", {"universe": universe.pk}, **header).status_code == 403


def test_a_day_later_the_key_is_free(client: APIClient, universe: Universe) -> None:
    header = key()
    client.post(f"{V1}symbols/", {"ticker": "ONE"}, **header)
    IdempotentAnswer.objects.update(created_at=timezone.now() - timedelta(hours=25))
    assert client.post(f"{V1}symbols/", {"ticker": "TWO"}, **header).status_code == 201
    assert Symbol.objects.filter(ticker__in=["ONE", "TWO"]).count() == 2


def test_a_secret_is_given_again_and_lies_nowhere_in_clear(client: APIClient) -> None:
    header, body = key(), {"name": "bot", "scopes": ["read"], "expires_at": None}
    first, again = (client.post(f"{V1}auth/keys/", body, **header) for _ in range(2))
    assert first.status_code == again.status_code == 201, first.content
    assert first.json()["key"] == again.json()["key"]
    assert ApiKey.objects.count() == 1
    assert first.json()["key"] not in IdempotentAnswer.objects.get().body


def test_uploads_are_told_apart_by_the_bytes_of_the_file(client: APIClient) -> None:
    from django.core.files.uploadedfile import SimpleUploadedFile

    def upload(content: bytes, header: dict[str, str]) -> Any:
        file = SimpleUploadedFile("a.csv", content, "text/csv")
        return client.post(f"{V1}prices/upload/", {"file": file}, format="multipart", **header)

    header = key()
    first, again = upload(FILE, header), upload(FILE, header)
    assert first.status_code == again.status_code == 202, first.content
    assert first.json()["id"] == again.json()["id"]
    assert upload(FILE + b"2024-01-04,12\n", header).status_code == 422


@pytest.mark.parametrize("bad", ["", "a b", "x" * 201, "tab\t", "\xe9"])
def test_a_key_that_is_none_is_refused(client: APIClient, bad: str) -> None:
    answer = client.post(f"{V1}symbols/", {"ticker": "ONE"}, HTTP_IDEMPOTENCY_KEY=bad)
    assert answer.status_code == 400
    assert "Idempotency-Key" in answer.json()["error"]["fields"]
    assert not Symbol.objects.exists()


def test_a_wrong_password_under_a_key_is_still_counted(client: APIClient) -> None:
    body = {"current_password": "wrong", "new_password": "a new one entirely"}
    assert client.post(f"{V1}auth/password/", body, **key()).status_code == 400
    assert not IdempotentAnswer.objects.exists()


def test_a_key_whose_first_request_is_not_done_is_told_to_wait(
    client: APIClient, universe: Universe, monkeypatch: pytest.MonkeyPatch
) -> None:
    def busy(*args: Any, **kwargs: Any) -> None:
        raise OperationalError("database is locked")

    monkeypatch.setattr(IdempotentAnswer.objects, "bulk_create", busy)
    answer = client.post(f"{V1}scans/", {"universe": universe.pk}, **key())
    assert answer.status_code == 409
    assert answer.json()["error"]["code"] == "idempotency_in_flight"
    assert not Scan.objects.exists()
