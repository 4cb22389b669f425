"""Scans over REST: asked for, listed, filtered, ordered, downloaded, with a bounded number of queries."""

import csv
import io
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from rest_framework.test import APIClient

from tests.web.conftest import run_scan
from trading.models import Job, Scan, Universe
from trading.services import artefacts
from users.models import User

SCANS = "/api/v1/scans/"


@pytest.fixture
def client(trader: User, client_of: Callable[[User], APIClient]) -> APIClient:
    return client_of(trader)


def candidates(client: APIClient, scan: Scan, **query: Any) -> list[dict[str, Any]]:
    answer = client.get(f"{SCANS}{scan.pk}/candidates/", query)
    assert answer.status_code == 200, answer.content
    return list(answer.json()["results"])


def test_asking_for_a_scan_returns_it_with_its_job(client: APIClient, universe: Universe) -> None:
    answer = client.post(SCANS, {"universe": universe.pk, "alpha": 0.1, "within_sectors": True})
    assert answer.status_code == 202
    scan = answer.json()
    assert scan["universe"] == {"id": universe.pk, "name": "Small", "source": "user"}
    assert scan["symbols"] == ["AAA", "AAB", "BBA", "BBB", "CCC", "DDD"]
    assert scan["parameters"] == {
        "trend": "c",
        "autolag": "aic",
        "max_lag": None,
        "fdr": "by",
        "alpha": 0.1,
        "min_overlap": 250,
        "within_sectors": True,
        "null_draws": None,
    }
    assert (scan["start_date"], scan["end_date"]) == ("2019-01-02", "2021-04-20")
    assert scan["job"]["status"] == "PENDING"
    assert scan["job"]["subject"] == {"type": "scan", "id": scan["id"]}
    assert (scan["completed_at"], scan["manifest"], scan["data_changed"], scan["truth"]) == (None,) * 4
    assert Job.objects.get().pk == scan["job"]["id"]


def test_tickers_may_be_given_in_any_case_and_once_each(client: APIClient, universe: Universe) -> None:
    answer = client.post(SCANS, {"symbols": ["bba", " BBB ", "BBA"]})
    assert answer.json()["symbols"] == ["BBA", "BBB"]


@pytest.mark.parametrize(
    ("body", "field", "said"),
    [
        ({}, None, "either a universe or a list"),
        ({"universe": 1, "symbols": ["AAA", "AAB"]}, None, "not both"),
        ({"universe": 10**6}, "universe", "There is no universe 1000000"),
        ({"symbols": ["AAA"]}, "symbols", "at least two"),
        ({"symbols": ["AAA", "ZZZ"]}, "symbols", "no active symbol 'ZZZ'"),
        (
            {"symbols": ["AAA", "AAB"], "start_date": "2020-02-01", "end_date": "2020-01-01"},
            "end_date",
            "after the start",
        ),
        ({"symbols": ["AAA", "AAB"], "start_date": "soon"}, "start_date", "YYYY-MM-DD"),
        ({"symbols": ["AAA", "AAB"], "alpha": 0}, "alpha", "greater than"),
        ({"symbols": ["AAA", "AAB"], "alpha": "NaN"}, "alpha", ""),
        ({"symbols": ["AAA", "AAB"], "trend": "x"}, "trend", "not one of n, c, ct, ctt"),
        ({"symbols": ["AAA", "AAB"], "autolag": "AIC"}, "autolag", "not one of aic, bic, t-stat"),
        ({"symbols": ["AAA", "AAB"], "min_overlap": 3}, "min_overlap", "greater than or equal to 30"),
        ({"symbols": ["AAA", "AAB"], "timefrme": "1d"}, "timefrme", "Did you mean 'timeframe'?"),
        ({"symbols": ["AAA\u0000", "AAB"]}, "symbols.0", "Null characters"),
    ],
)
def test_what_cannot_be_scanned_is_refused_in_words(
    client: APIClient, universe: Universe, body: dict[str, Any], field: str | None, said: str
) -> None:
    if body.get("universe") == 1:
        body = body | {"universe": universe.pk}
    answer = client.post(SCANS, body)
    assert answer.status_code == 400, answer.content
    error = answer.json()["error"]
    assert list(error["fields"]) == ([field] if field else [])
    assert said in error["message"]
    assert not Scan.objects.exists()


def test_a_finished_scan_tells_what_it_found(client: APIClient, scanned: Scan) -> None:
    scan = client.get(f"{SCANS}{scanned.pk}/").json()
    assert (scan["n_tests"], scan["n_discoveries"], scan["n_skipped"]) == (15, 2, 0)
    assert scan["expected_by_chance"] == pytest.approx(0.75)
    assert scan["data_changed"] is False
    assert set(scan["manifest"]) == {"panel_hash", "parameters", "engine_version", "seed"}
    assert scan["job"]["status"] == "COMPLETED"
    assert scan["completed_at"].endswith("Z")


@pytest.mark.parametrize("everything", [False, True])
@pytest.mark.parametrize(
    "name", ["statistic", "qvalue", "half_life", "correlation", "lag", "rank", "symbol_2"]
)
def test_candidates_order_by_every_column_both_ways(
    client: APIClient, scanned: Scan, name: str, everything: bool
) -> None:
    up = [row[name] for row in candidates(client, scanned, ordering=name, all=everything)]
    down = [row[name] for row in candidates(client, scanned, ordering=f"-{name}", all=everything)]
    assert up == sorted(up)
    assert down == sorted(up, reverse=True)
    assert len(up) == (15 if everything else scanned.candidates.count())


def test_rows_and_file_answer_alike(client: APIClient, scanned: Scan) -> None:
    """Every query, asked of the rows and of the file, where it can only concern rows."""
    for query in (
        {},
        {"search": "aaa"},
        {"search": "company AAB"},
        {"symbol": "ddd"},
        {"is_discovery": True},
        {"is_discovery": False},
        {"qvalue__lte": 0.01},
        {"half_life__lte": 5},
        {"half_life__gte": 5},
        {"correlation__gte": 0.6},
        {"ordering": "-correlation,rank"},
        {"ordering": "symbol_1,-statistic"},
    ):
        bounded = {"hypothesis_pvalue__lte": 0.10} | query
        assert candidates(client, scanned, **bounded) == candidates(client, scanned, all=True, **bounded), (
            query
        )


def test_all_shows_any_pair_of_the_scan(client: APIClient, scanned: Scan) -> None:
    rows = candidates(client, scanned, all=True, symbol="CCC")
    assert len(rows) == 5
    beyond = [row for row in rows if row["id"] is None]
    assert beyond
    assert all(row["sparkline"] == [] and row["rank"] > scanned.candidates.count() for row in beyond)
    assert all(row["name_1"].endswith("Company") for row in rows)


def test_candidates_come_in_pages_narrowed_to_fields(client: APIClient, scanned: Scan) -> None:
    address = f"{SCANS}{scanned.pk}/candidates/"
    page = client.get(address, {"all": True, "page_size": 4, "page": 2, "fields": "rank,qvalue"}).json()
    assert page["count"] == 15
    assert [row["rank"] for row in page["results"]] == [5, 6, 7, 8]
    assert {tuple(row) for row in page["results"]} == {("rank", "qvalue")}
    assert "page=3" in page["next"]
    assert "page=1" not in page["previous"]


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("ordering=colour", "ordering"),
        ("qvalue_lte=1", "qvalue_lte"),
        ("all=perhaps", "all"),
        ("fields=rank,z", "fields"),
        ("universe=1", "universe"),
    ],
)
def test_queries_about_candidates_nobody_understands(
    client: APIClient, scanned: Scan, query: str, field: str
) -> None:
    answer = client.get(f"{SCANS}{scanned.pk}/candidates/?{query}")
    assert answer.status_code == 400
    assert list(answer.json()["error"]["fields"]) == [field]


def test_candidates_of_a_scan_without_result_are_none(client: APIClient, universe: Universe) -> None:
    scan = client.post(SCANS, {"universe": universe.pk}).json()
    for everything in (False, True):
        answer = client.get(f"{SCANS}{scan['id']}/candidates/", {"all": everything})
        assert answer.json() == {"count": 0, "next": None, "previous": None, "results": []}
    assert client.get(f"{SCANS}{scan['id']}/skipped/").json()["count"] == 0


def test_the_file_gone_is_said_and_the_rows_remain(client: APIClient, scanned: Scan) -> None:
    artefacts.delete("scans", scanned.result_hash)
    answer = client.get(f"{SCANS}{scanned.pk}/candidates/?all=true")
    assert answer.status_code == 404
    assert answer.json()["error"]["code"] == "data_unavailable"
    assert candidates(client, scanned)


def test_the_csv_is_the_table(client: APIClient, scanned: Scan) -> None:
    answer = client.get(f"{SCANS}{scanned.pk}/candidates.csv/?all=true", headers={"Accept": "text/csv"})
    assert answer.status_code == 200
    assert answer["Content-Disposition"] == f'attachment; filename="scan-{scanned.pk}-candidates.csv"'
    rows = list(csv.DictReader(io.StringIO(b"".join(answer.streaming_content).decode())))
    shown = candidates(client, scanned, all=True)
    assert [float(row["statistic"]) for row in rows] == [row["statistic"] for row in shown]
    assert [row["symbol_1"] for row in rows] == [row["symbol_1"] for row in shown]
    some = client.get(f"{SCANS}{scanned.pk}/candidates.csv/?fields=rank,symbol_1&is_discovery=true")
    assert b"".join(some.streaming_content) == b"rank,symbol_1\r\n1,AAA\r\n2,BBA\r\n"


def test_promoting_over_rest(client: APIClient, scanned: Scan) -> None:
    ids = [row["id"] for row in candidates(client, scanned, is_discovery=True)]
    answer = client.post(f"{SCANS}{scanned.pk}/promote/", {"candidates": [*ids, 10**9]})
    assert answer.status_code == 200
    assert [pair["symbol_1"]["ticker"] for pair in answer.json()["promoted"]] == ["AAA", "BBA"]
    assert answer.json()["refused"][0]["candidate"] == 10**9
    assert [row["pair_id"] for row in candidates(client, scanned, is_discovery=True)] == [
        pair["id"] for pair in answer.json()["promoted"]
    ]
    assert client.post(f"{SCANS}{scanned.pk}/promote/", {"candidates": []}).status_code == 400


def test_a_running_scan_is_not_deleted(client: APIClient, universe: Universe) -> None:
    scan = client.post(SCANS, {"universe": universe.pk}).json()
    refused = client.delete(f"{SCANS}{scan['id']}/")
    assert refused.status_code == 409
    assert "cancel its job first" in refused.json()["error"]["message"]
    cancelled = client.post(f"/api/v1/jobs/{scan['job']['id']}/cancel/")
    assert (cancelled.status_code, cancelled.json()["status"]) == (202, "CANCELLED")
    assert client.delete(f"{SCANS}{scan['id']}/").status_code == 204
    assert client.get(f"{SCANS}{scan['id']}/").status_code == 404


def queries(client: APIClient, address: str) -> int:
    with CaptureQueriesContext(connection) as captured:
        assert client.get(address).status_code == 200
    return len(captured)


def test_lists_take_no_more_queries_however_long_they_are(
    client: APIClient, trader: User, universe: Universe, scanned: Scan
) -> None:
    pages = {
        "scans/": 9,
        f"scans/{scanned.pk}/candidates/": 7,
        f"scans/{scanned.pk}/candidates/?all=true": 8,
        "symbols/": 6,
        "universes/": 5,
        f"universes/{universe.pk}/": 6,
        "jobs/": 6,
        "pairs/": 5,
    }
    before = {page: queries(client, f"/api/v1/{page}") for page in pages}
    for _ in range(3):
        run_scan(trader, universe=universe)
    ids = [row["id"] for row in candidates(client, scanned, is_discovery=True)]
    client.post(f"{SCANS}{scanned.pk}/promote/", {"candidates": ids})
    after = {page: queries(client, f"/api/v1/{page}") for page in pages}
    grown = {
        page: (before[page], after[page]) for page in pages if after[page] > max(before[page], pages[page])
    }
    assert not grown
    assert all(after[page] <= most for page, most in pages.items()), after
