"""Bulk actions: each row is done or refused by itself, and nobody reaches what is not theirs."""

from collections.abc import Callable
from typing import Any

import pytest
from rest_framework.test import APIClient

from trading.models import Job, JobStatus, Symbol, TradingPair, Universe
from trading.services.cointegration_service import CointegrationService
from trading.services.pair_analysis import PairAnalysisService
from users.models import User

V1 = "/api/v1/"


@pytest.fixture
def client(trader: User, client_of: Callable[[User], APIClient]) -> APIClient:
    return client_of(trader)


def bulk(client: APIClient, room: str, ids: list[Any], action: str) -> Any:
    return client.post(f"{V1}{room}/bulk/", {"ids": ids, "action": action})


def test_symbols_are_hidden_and_brought_back(client: APIClient, universe: Universe) -> None:
    ids = [symbol.pk for symbol in Symbol.objects.filter(ticker__in=["AAA", "AAB"])]
    answer = bulk(client, "symbols", [*ids, 10**9, ids[0]], "deactivate")
    assert answer.status_code == 200
    assert answer.json()["done"] == ids
    [refused] = answer.json()["refused"]
    assert refused["id"] == 10**9
    assert "nothing here" in refused["reason"]
    assert Symbol.objects.active().count() == 4
    assert bulk(client, "symbols", ids, "activate").json() == {"done": ids, "refused": []}
    assert Symbol.objects.active().count() == 6


def test_pairs_are_retired_and_brought_back(client: APIClient, universe: Universe, trader: User) -> None:
    pair = PairAnalysisService().register_sync(symbol_1="AAA", symbol_2="AAB", created_by=trader)
    assert bulk(client, "pairs", [pair.pk], "deactivate").json()["done"] == [pair.pk]
    assert not TradingPair.objects.active().exists()
    assert bulk(client, "pairs", [pair.pk], "activate").json()["done"] == [pair.pk]


def test_jobs_of_others_do_not_exist_and_finished_ones_stay(
    client: APIClient, universe: Universe, trader: User, other_trader: User
) -> None:
    for owner in (trader, trader, other_trader):
        CointegrationService().request_scan_sync(owner=owner, universe=universe)
    pending, finished, theirs = Job.objects.order_by("pk")
    Job.objects.filter(pk=finished.pk).update(status=JobStatus.COMPLETED)
    answer = bulk(client, "jobs", [theirs.pk, finished.pk, pending.pk], "cancel").json()
    assert answer["done"] == [pending.pk]
    reasons = {row["id"]: row["reason"] for row in answer["refused"]}
    assert "not yours" in reasons[theirs.pk]
    assert "ended already" in reasons[finished.pk]
    assert not Job.objects.get(pk=theirs.pk).cancel_requested


@pytest.mark.parametrize(
    "body",
    [
        {"ids": [], "action": "activate"},
        {"ids": [1]},
        {"ids": [1], "action": "delete"},
        {"ids": ["x"], "action": "activate"},
        {"ids": [2**63], "action": "activate"},
        {"ids": list(range(1, 1_002)), "action": "activate"},
        {"ids": [1], "action": "activate", "force": True},
    ],
)
def test_what_makes_no_sense_is_refused(client: APIClient, body: dict[str, Any]) -> None:
    assert client.post(f"{V1}symbols/bulk/", body).status_code == 400


def test_viewers_may_not(viewer: User, client_of: Any, universe: Universe) -> None:
    for room in ("symbols", "pairs", "jobs"):
        assert bulk(client_of(viewer), room, [1], "activate").status_code == 403
    assert Symbol.objects.active().count() == 6
