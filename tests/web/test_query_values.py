"""Queries of every reading route: ``?fields=`` gives exactly what it names, an empty value never something else."""

import csv
import json
from dataclasses import replace
from typing import Any

import pytest

from tests.web.conftest import run_scan
from tests.web.routes import ENTRIES, V1, Entry, Route, World, served
from tests.web.test_schema import COMMITTED
from trading.models import QuarantinedBar, Universe
from trading.services.pair_analysis import PairAnalysisService
from users.models import User

# Lists that have nothing to show in this world, where runs wait; what a row looks like the fuzzed schema says.
BARE = {
    "GET shared/{token}/candidates/",
    "GET shared/{token}/trades/",
    "GET backtests/{pk}/trades/",
    "GET backtests/{pk}/trades.csv/",
    "GET sweeps/{pk}/combinations/",
    "GET sweeps/{pk}/combinations.csv/",
    "GET walk-forwards/{pk}/windows/",
}
# Their schema offers ?fields= of the collection's rows, which theirs are not: to be mended where they are answered.
OWED: set[str] = set()
PATHS = json.loads(COMMITTED.read_text())["paths"]


@pytest.fixture
def asked(universe: Universe, admin: User) -> list[tuple[Route, Entry, Any, list[dict[str, Any]]]]:
    """Reading routes that answer 200, each with the thing to ask for and its query parameters."""
    world = World(
        universe, PairAnalysisService().register_sync(symbol_1="AAA", symbol_2="AAB", created_by=admin)
    )
    scan = run_scan(admin, universe=universe).pk
    found = []
    for route in served():
        entry = ENTRIES.get(str(route))  # test_permissions says which is missing
        if entry is None or route.method != "get" or entry.ok != 200:
            continue
        made = entry.make(world, admin) if entry.make else None
        path = "/api/v1/" + route.address.replace("{pk}", "{id}")
        parameters = PATHS[path]["get"].get("parameters", [])
        named = [parameter for parameter in parameters if parameter["in"] == "query"]
        if route.address.startswith("ingestions/{pk}/rows"):
            QuarantinedBar.objects.create(
                ingestion_id=made, row=2, reason="bad", message="Bad.", values={"Close": "1"}
            )
        found.append((route, entry, scan if route.address.startswith("scans/{pk}/") else made, named))
    return found


def ask(client: Any, route: Route, entry: Entry, made: Any, **more: str) -> Any:
    """The answer, its body read."""
    query = entry.query + "".join(
        f"{'&' if entry.query or number else '?'}{name}={value}"
        for number, (name, value) in enumerate(more.items())
    )
    answer = replace(entry, query=query).ask(client, route, made)
    answer.read = b"".join(answer.streaming_content) if answer.streaming else answer.content
    return answer


def _columns(names: list[str], cells: list[str]) -> list[str]:
    return [column for name in names for column in (cells if name == "values" else [name])]


def rows_of(answer: Any, names: set[str]) -> list[dict[str, Any]]:
    """What ``?fields=`` narrows: the rows of a page or table, otherwise the answer itself."""
    assert answer.status_code == 200, answer.read
    if answer["Content-Type"].startswith("text/csv"):
        return list(csv.DictReader(answer.read.decode().splitlines()))
    body = answer.json()
    if isinstance(body, list):
        return body
    return body["results"] if "results" in body and "results" not in names else [body]


def test_fields_are_exactly_those_named(asked: Any, admin: User, client_of: Any, subtests: Any) -> None:
    client, bare, n_routes = client_of(admin), set(), 0
    for route, entry, made, parameters in asked:
        [names] = [p["schema"]["items"]["enum"] for p in parameters if p["name"] == "fields"] or [[]]
        if not names or str(route) in OWED:
            continue
        n_routes += 1
        with subtests.test(str(route)):
            whole = rows_of(ask(client, route, entry, made), set(names))
            if not whole:
                bare.add(str(route))
            # in a table the cells of the file's own row stand for "values"
            cells = ["Close"] if route.address == "ingestions/{pk}/rows.csv/" else ["values"]
            assert all(set(row) == set(_columns(names, cells)) for row in whole)
            for part in filter(None, (names[::2], names[1::2], names[:1])):
                narrowed = rows_of(ask(client, route, entry, made, fields=",".join(part)), set(names))
                assert narrowed == [{name: row[name] for name in _columns(part, cells)} for row in whole]
            refused = ask(client, route, entry, made, fields=f"{names[0]},nothing_of_this_name")
            assert refused.status_code == 400
            assert "fields" in refused.json()["error"]["fields"]
    assert n_routes >= 30
    assert bare == BARE


def test_an_empty_value_is_refused_or_asks_for_nothing(
    asked: Any, admin: User, client_of: Any, subtests: Any
) -> None:
    client, outcomes = client_of(admin), set()
    for route, entry, made, parameters in asked:
        whole = ask(client, route, entry, made)
        assert whole.status_code == 200, str(route)
        for name in [parameter["name"] for parameter in parameters]:
            with subtests.test(f"{route} ?{name}="):
                answer = ask(client, route, entry, made, **{name: ""})
                outcomes.add(answer.status_code)
                if answer.status_code == 400:
                    assert name in answer.json()["error"]["fields"]
                else:
                    assert answer.status_code == 200, answer.read
                    assert answer.read == whole.read
    assert outcomes == {200, 400}


def test_signs_of_formats_and_patterns_are_words_like_others(
    asked: Any, admin: User, client_of: Any, subtests: Any
) -> None:
    client, outcomes = client_of(admin), set()
    for route, entry, made, parameters in asked:
        for name in [parameter["name"] for parameter in parameters]:
            with subtests.test(f"{route} ?{name}="):
                answer = ask(client, route, entry, made, **{name: "%25%25(x)s{0}%25"})
                outcomes.add(answer.status_code)
                assert answer.status_code in {200, 400, 404}, answer.read
    assert 400 in outcomes


@pytest.mark.parametrize(
    "address", ["symbols/?page=", "symbols/?page_size=", "events/?stream=", "events/?after="]
)
def test_an_empty_number_or_name_that_is_needed_is_refused(admin: User, client_of: Any, address: str) -> None:
    assert client_of(admin).get(V1 + address).status_code == 400
