"""Share links: they show one thing, to whoever holds them, as long as their owner could see it too."""

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import Group
from django.utils import timezone
from rest_framework.settings import api_settings
from rest_framework.test import APIClient

from common.models import AuditEntry
from tests.web.test_backtests import PAIR, finish
from trading.models import BacktestRun, Scan, Share, TradingPair, Universe
from trading.services.backtest_service import BacktestService
from trading.services.pair_analysis import PairAnalysisService
from trading.services.shares import MAX_VIEW_BYTES, ShareService
from users.models import User
from users.roles import Role

V1 = "/api/v1/"


@pytest.fixture
def client(trader: User, client_of: Callable[[User], APIClient]) -> APIClient:
    return client_of(trader)


@pytest.fixture
def pair(universe: Universe, trader: User) -> TradingPair:
    return PairAnalysisService().register_sync(symbol_1="AAA", symbol_2="AAB", created_by=trader)


@pytest.fixture
def run(universe: Universe, trader: User) -> BacktestRun:
    return finish(BacktestService().request_sync(owner=trader, **PAIR).pk)


@pytest.fixture
def anyone() -> APIClient:
    return APIClient()


def share(client: APIClient, kind: str, object_id: int, **rest: Any) -> tuple[dict[str, Any], str]:
    """The link as its maker is told of it, and the API's address of what it shows."""
    answer = client.post(f"{V1}shares/", {"kind": kind, "object_id": object_id, **rest})
    assert answer.status_code == 201, answer.content
    made = answer.json()
    return made, f"{V1}shared/{made['url'].removeprefix('/shared/')}/"


# What is shown


def test_a_pair(client: APIClient, pair: TradingPair, anyone: APIClient) -> None:
    made, path = share(client, "pair", pair.pk, view={"from": "2020-01-01"}, title="Look")
    assert (made["title"], made["views"], made["object_id"]) == ("Look", 0, pair.pk)
    shown = anyone.get(path).json()
    assert set(shown) == {"kind", "title", "owner_name", "expires_at", "view", "scan", "pair", "backtest"}
    assert (shown["kind"], shown["view"], shown["scan"]) == ("pair", {"from": "2020-01-01"}, None)
    assert shown["pair"]["symbol_1"]["ticker"] == "AAA"
    assert "scan" not in shown["pair"], "whose scan it came from is no part of it"
    spread = anyone.get(f"{path}spread/?start_date=2020-06-01&window=30").json()
    mine = client.get(f"{V1}pairs/{pair.pk}/spread/?start_date=2020-06-01&window=30").json()
    assert spread == mine
    assert anyone.get(f"{path}candidates/").status_code == 404
    assert client.get(f"{V1}shares/{made['id']}/").json()["views"] == 1


def test_a_scan(client: APIClient, scanned: Scan, anyone: APIClient) -> None:
    candidate = scanned.candidates.order_by("rank").first()
    assert candidate is not None
    promoted = client.post(
        f"{V1}scans/{scanned.pk}/promote/", {"candidates": [candidate.pk], "force_outliers": True}
    )
    assert len(promoted.json()["promoted"]) == 1
    _, path = share(client, "scan", scanned.pk)
    shown = anyone.get(path).json()
    mine = client.get(f"{V1}scans/{scanned.pk}/").json()
    assert shown["title"] == "Scan of Small"
    assert set(mine) - set(shown["scan"]) == {"job", "manifest"}
    for name in ("n_tests", "n_discoveries", "expected_by_chance", "symbols", "parameters", "universe"):
        assert shown["scan"][name] == mine[name]
    query = "candidates/?ordering=qvalue,rank&page_size=3&hypothesis_pvalue__lte=0.5"
    theirs = anyone.get(f"{path}{query}").json()
    own = client.get(f"{V1}scans/{scanned.pk}/{query}").json()
    assert theirs["count"] == own["count"]
    assert any(one["pair_id"] for one in own["results"])
    for one, other in zip(theirs["results"], own["results"], strict=True):
        assert one == other | {"pair_id": None}
    assert anyone.get(f"{path}candidates/?all=true").json()["count"] == 15
    assert anyone.get(f"{path}candidates/?nonsense=1").status_code == 400
    assert anyone.get(f"{path}spread/").status_code == 404


def test_a_backtest(client: APIClient, run: BacktestRun, anyone: APIClient) -> None:
    BacktestService().request_sync(owner=run.owner, **PAIR | {"capital": 5_000.0})
    _, path = share(client, "backtest", run.pk)
    shown = anyone.get(path).json()
    mine = client.get(f"{V1}backtests/{run.pk}/").json()
    assert (shown["kind"], shown["title"], shown["pair"]) == ("backtest", "AAA/AAB, rolling", None)
    hidden = {"job", "manifest", "scan", "strategy", "family", "rerun", "causality"}
    assert set(mine) - set(shown["backtest"]) == hidden
    for name in ("id", "pairs", "parameters", "costs", "metrics", "sparkline", "capital"):
        assert shown["backtest"][name] == mine[name]
    for part in ("results/", "equity/", "trades/?ordering=-net_pnl&page_size=3", "results/?fields=metrics"):
        theirs = anyone.get(f"{path}{part}")
        own = client.get(f"{V1}backtests/{run.pk}/{part}")
        assert (theirs.status_code, own.status_code) == (200, 200), theirs.content
        for name, value in own.json().items():
            assert name in {"next", "previous"} or theirs.json()[name] == value, (part, name)
    assert theirs.json().keys() == {"metrics"}
    assert anyone.get(f"{path}trades/?nonsense=1").status_code == 400
    for part in ("candidates/", "spread/"):
        assert anyone.get(f"{path}{part}").status_code == 404
    for part in ("results/", "equity/", "trades/"):
        for method in ("post", "put", "patch", "delete"):
            assert getattr(anyone, method)(f"{path}{part}").status_code == 405


@pytest.mark.parametrize("what", ["deactivated", "demoted", "without view", "gone", "another's", "withdrawn"])
def test_a_backtest_that_may_no_longer_be_seen(
    client: APIClient, run: BacktestRun, anyone: APIClient, trader: User, admin: User, what: str
) -> None:
    made, path = share(client, "backtest", run.pk)
    parts = ("", "results/", "equity/", "trades/")
    assert {anyone.get(f"{path}{part}").status_code for part in parts} == {200}
    if what == "deactivated":
        User.objects.filter(pk=trader.pk).update(is_active=False)
    elif what == "demoted":
        trader.assign_role(Role.VIEWER)
    elif what == "without view":
        rights = Group.objects.get(name=Role.TRADER).permissions
        rights.remove(rights.get(codename="view_backtestrun"))
    elif what == "gone":
        assert client.delete(f"{V1}backtests/{run.pk}/").status_code == 204
    elif what == "another's":
        BacktestRun.objects.filter(pk=run.pk).update(owner=admin)
    else:
        client.delete(f"{V1}shares/{made['id']}/")
    assert {anyone.get(f"{path}{part}").status_code for part in parts} == {404}


def test_no_backtest_behind_a_pairs_link_nor_of_another_person(
    client: APIClient,
    pair: TradingPair,
    run: BacktestRun,
    anyone: APIClient,
    other_trader: User,
    client_of: Any,
) -> None:
    _, path = share(client, "pair", pair.pk)
    for part in ("results/", "equity/", "trades/"):
        assert anyone.get(f"{path}{part}").status_code == 404
    answer = client_of(other_trader).post(f"{V1}shares/", {"kind": "backtest", "object_id": run.pk})
    assert (answer.status_code, list(answer.json()["error"]["fields"])) == (400, ["object_id"])


def test_it_names_its_owner_only_where_they_asked(
    client: APIClient, pair: TradingPair, anyone: APIClient
) -> None:
    User.objects.update(first_name="Thomasina", last_name="Trader", email="secret@example.org")
    _, path = share(client, "pair", pair.pk)
    text = anyone.get(path).content.decode() + anyone.get(f"{path}spread/").content.decode()
    for word in ("tom", "Thomasina", "secret@example.org", "owner_id", "token"):
        assert word not in text
    _, named = share(client, "pair", pair.pk, shows_owner=True)
    assert anyone.get(named).json()["owner_name"] == "Thomasina Trader"


def test_it_opens_nothing_else(client: APIClient, pair: TradingPair, anyone: APIClient) -> None:
    made, path = share(client, "pair", pair.pk)
    token = made["url"].removeprefix("/shared/")
    anyone.credentials(HTTP_AUTHORIZATION=f"Bearer {token}")
    for route in (
        "pairs/",
        f"pairs/{pair.pk}/",
        f"pairs/{pair.pk}/spread/",
        "symbols/",
        "shares/",
        "auth/me/",
    ):
        assert anyone.get(f"{V1}{route}").status_code == 401
    anyone.credentials()
    for method in ("post", "put", "patch", "delete"):
        assert getattr(anyone, method)(path).status_code == 405
    assert anyone.get(f"{path}../../pairs/").status_code in {401, 404}


# How it ends


def closed(anyone: APIClient, path: str) -> bool:
    answers = [anyone.get(path), anyone.get(f"{path}spread/"), anyone.get(f"{V1}shared/{'x' * 43}/")]
    messages = {json.dumps({**answer.json()["error"], "request_id": ""}) for answer in answers}
    return {answer.status_code for answer in answers} == {404} and len(messages) == 1


def test_withdrawn(client: APIClient, pair: TradingPair, anyone: APIClient) -> None:
    made, path = share(client, "pair", pair.pk)
    for _ in range(2):
        assert client.delete(f"{V1}shares/{made['id']}/").status_code == 204
    assert closed(anyone, path)
    trail = AuditEntry.objects.filter(action__startswith="share").order_by("id")
    assert list(trail.values_list("action", "actor")) == [("share_created", "tom"), ("share_revoked", "tom")]
    listed = client.get(f"{V1}shares/").json()["results"]
    assert [one["revoked_at"] is not None for one in listed] == [True]


def test_expired(client: APIClient, pair: TradingPair, anyone: APIClient) -> None:
    made, path = share(client, "pair", pair.pk, expires_in_days=1)
    assert anyone.get(path).status_code == 200
    Share.objects.filter(pk=made["id"]).update(expires_at=timezone.now())
    assert closed(anyone, path)


@pytest.mark.parametrize("what", ["deactivated", "demoted", "without view", "pair gone", "account gone"])
def test_what_its_owner_may_no_longer_see(
    client: APIClient, pair: TradingPair, anyone: APIClient, trader: User, what: str
) -> None:
    _, path = share(client, "pair", pair.pk)
    if what == "deactivated":
        User.objects.filter(pk=trader.pk).update(is_active=False)
    elif what == "demoted":
        trader.assign_role(Role.VIEWER)
    elif what == "without view":
        Group.objects.get(name=Role.TRADER).permissions.remove(
            *Group.objects.get(name=Role.TRADER).permissions.filter(codename="view_tradingpair")
        )
    elif what == "pair gone":
        pair.delete()
    else:
        pair.delete()
        trader.delete()
    assert closed(anyone, path)


def test_a_scan_that_is_gone_or_another_owners(
    client: APIClient, scanned: Scan, anyone: APIClient, admin: User
) -> None:
    _, path = share(client, "scan", scanned.pk)
    Scan.objects.filter(pk=scanned.pk).update(owner=admin)
    assert anyone.get(path).status_code == 404


# Making them


def test_the_address_is_told_once_and_kept_nowhere(client: APIClient, pair: TradingPair) -> None:
    made, _ = share(client, "pair", pair.pk)
    token = made["url"].removeprefix("/shared/")
    assert len(token) >= 43, "256 bits"
    assert token not in client.get(f"{V1}shares/").content.decode()
    assert token not in json.dumps(list(Share.objects.values()), default=str)


def test_only_what_one_may_see_is_shared(
    client: APIClient, scanned: Scan, pair: TradingPair, other_trader: User, viewer: User, client_of: Any
) -> None:
    body = {"kind": "scan", "object_id": scanned.pk}
    answer = client_of(other_trader).post(f"{V1}shares/", body)
    assert (answer.status_code, list(answer.json()["error"]["fields"])) == (400, ["object_id"])
    assert client_of(viewer).post(f"{V1}shares/", {"kind": "pair", "object_id": pair.pk}).status_code == 403
    assert client.post(f"{V1}shares/", {"kind": "pair", "object_id": 10**9}).status_code == 400
    made, _ = share(client, "pair", pair.pk)
    assert client_of(other_trader).delete(f"{V1}shares/{made['id']}/").status_code == 404
    assert client_of(other_trader).get(f"{V1}shares/").json()["count"] == 0


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"expires_in_days": 91}, "expires_in_days"),
        ({"expires_in_days": 0}, "expires_in_days"),
        ({"view": {"q": "x" * MAX_VIEW_BYTES}}, "view"),
        ({"kind": "universe"}, "kind"),
        ({"object_id": 0}, "object_id"),
    ],
)
def test_bounds(client: APIClient, pair: TradingPair, changes: dict[str, Any], field: str) -> None:
    answer = client.post(f"{V1}shares/", {"kind": "pair", "object_id": pair.pk} | changes)
    assert (answer.status_code, field in answer.json()["error"]["fields"]) == (400, True), answer.content


def test_guessing_is_braked_by_address(anyone: APIClient, db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(api_settings.DEFAULT_THROTTLE_RATES, "shared", "3/min")
    answers = [anyone.get(f"{V1}shared/{n:043d}/", REMOTE_ADDR="203.0.113.9").status_code for n in range(10)]
    assert 3 <= answers.count(404) <= 6, "a minute may end in between"
    assert answers.count(404) + answers.count(429) == 10
    assert anyone.get(f"{V1}shared/{0:043d}/", REMOTE_ADDR="203.0.113.10").status_code == 404


def test_the_service_looks_at_the_clock_it_is_given(pair: TradingPair, trader: User) -> None:
    made, token = ShareService().create_sync(owner=trader, kind="pair", object_id=pair.pk, expires_in_days=2)
    now = timezone.now()
    assert ShareService().opened_sync(token, now=now + timedelta(days=1)).share == made
    with pytest.raises(LookupError):
        ShareService().opened_sync(token, now=now + timedelta(days=3))


def test_a_view_holds_no_nul(client: APIClient, pair: TradingPair) -> None:
    body = {"kind": "pair", "object_id": pair.pk, "view": {"window": "a\x00"}}
    answer = client.post(f"{V1}shares/", body)
    assert (answer.status_code, set(answer.json()["error"]["fields"])) == (400, {"view"})
