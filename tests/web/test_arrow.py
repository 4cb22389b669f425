"""Arrow: the same numbers as JSON, to the last bit, on every series and table that offers it."""

from collections.abc import Callable
from typing import Any

import pyarrow as pa
import pytest
from rest_framework.test import APIClient

from api.arrow import ARROW
from trading.models import Scan, Symbol, Universe
from trading.services.pair_analysis import PairAnalysisService
from users.models import User

V1 = "/api/v1/"


@pytest.fixture
def client(trader: User, client_of: Callable[[User], APIClient]) -> APIClient:
    return client_of(trader)


def table(client: APIClient, path: str) -> pa.Table:
    answer = client.get(path, HTTP_ACCEPT=ARROW)
    assert (answer.status_code, answer["Content-Type"]) == (200, ARROW)
    return pa.ipc.open_stream(answer.content).read_all()


def same(found: pa.Table, columns: dict[str, Any]) -> None:
    for name in found.column_names:
        values = found[name].to_pylist()
        if pa.types.is_timestamp(found.schema.field(name).type):
            assert str(found.schema.field(name).type) == "timestamp[us, tz=UTC]"
            values = [value.strftime("%Y-%m-%dT%H:%M:%SZ") for value in values]
        assert values == (columns[name] or [None] * found.num_rows), name


def test_prices(client: APIClient, universe: Universe) -> None:
    path = f"{V1}symbols/{Symbol.objects.get(ticker='AAA').pk}/prices/"
    found, plain = table(client, path), client.get(path).json()
    assert found.num_rows == 600
    same(found, plain)
    assert found.schema.metadata[b"symbol"] == b'"AAA"'
    assert table(client, f"{path}?fields=timestamps,close").column_names == ["timestamps", "close"]


def test_spread(client: APIClient, universe: Universe, trader: User) -> None:
    pair = PairAnalysisService().register_sync(symbol_1="AAA", symbol_2="AAB", created_by=trader)
    path = f"{V1}pairs/{pair.pk}/spread/?window=30"
    found, plain = table(client, path), client.get(path).json()
    same(found, plain)
    assert found["z_score"].null_count == plain["z_score"].count(None) == 29
    assert float(found.schema.metadata[b"hedge_ratio"]) == plain["hedge_ratio"]


def test_candidates_are_the_whole_table_filtered_alike(client: APIClient, scanned: Scan) -> None:
    path = f"{V1}scans/{scanned.pk}/candidates/"
    for query in ("?all=true", "?all=true&ordering=-qvalue&symbol=AAA", "?is_discovery=true"):
        found = table(client, f"{path}{query}&page_size=1")
        plain = client.get(f"{path}{query}").json()["results"]
        assert found.to_pylist() == plain
        assert plain
    assert table(client, f"{path}?fields=rank,sparkline").column_names == ["rank", "sparkline"]


def test_an_empty_table_keeps_its_columns(client: APIClient, scanned: Scan) -> None:
    found = table(client, f"{V1}scans/{scanned.pk}/candidates/?symbol=NONE")
    assert found.num_rows == 0
    assert found.schema.field("statistic").type == pa.float64()


def test_errors_are_json_whatever_is_accepted(client: APIClient, universe: Universe) -> None:
    for path in (f"{V1}symbols/999/prices/", f"{V1}symbols/1/prices/?nonsense=1", f"{V1}pairs/999/spread/"):
        answer = client.get(path, HTTP_ACCEPT=ARROW)
        assert answer.status_code in {400, 404}
        assert answer["Content-Type"] == "application/json"
        assert answer.json()["error"]["message"]


def test_json_is_what_whoever_names_nothing_gets(client: APIClient, universe: Universe) -> None:
    path = f"{V1}symbols/{Symbol.objects.get(ticker='AAA').pk}/prices/"
    for accepted in ("*/*", "application/*", ""):
        assert client.get(path, HTTP_ACCEPT=accepted)["Content-Type"] == "application/json"
    assert client.get(path, HTTP_ACCEPT="text/html").status_code == 406
    assert client.get(f"{V1}symbols/", HTTP_ACCEPT=ARROW).status_code == 406
