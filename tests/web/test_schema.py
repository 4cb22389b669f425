"""The schema: no warning, no drift, nothing unnamed, and pages that explain it without a network."""

import io
import json
import re
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.test import Client
from drf_spectacular.drainage import GENERATOR_STATS

COMMITTED = Path(__file__).parents[2] / "frontend" / "react_app" / "openapi.json"


@pytest.fixture(scope="module")
def schema() -> dict[str, Any]:
    return dict(json.loads(COMMITTED.read_text()))


def operations(schema: dict[str, Any]) -> list[tuple[str, str, dict[str, Any]]]:
    return [(path, method, op) for path, item in schema["paths"].items() for method, op in item.items()]


def test_it_is_made_without_a_warning_and_is_the_committed_one() -> None:
    made = io.StringIO()
    call_command("spectacular", "--format", "openapi-json", "--validate", "--fail-on-warn", stdout=made)
    assert not GENERATOR_STATS, "the generator warned"
    assert json.loads(made.getvalue()) == json.loads(COMMITTED.read_text()), (
        "the API changed: run `make client`"
    )


def test_every_operation_is_named_and_says_how_it_fails(schema: dict[str, Any]) -> None:
    names = [op["operationId"] for _, _, op in operations(schema)]
    assert len(set(names)) == len(names)
    for path, _, op in operations(schema):
        assert {"4XX", "5XX"} <= set(op["responses"]), path
        assert op["description"], path
        for answer in op["responses"].values():
            content = answer.get("content", {})
            assert all("schema" in media for media in content.values())


def test_names_the_application_relies_on(schema: dict[str, Any]) -> None:
    names = {op["operationId"] for _, _, op in operations(schema)}
    assert {
        "scans_list",
        "scans_create",
        "scans_retrieve",
        "scans_candidates_list",
        "scans_promote",
        "pairs_analyze",
        "pairs_spread",
        "symbols_prices",
        "jobs_cancel",
        "events_list",
        "auth_token",
        "auth_ws_ticket",
    } <= names


def test_no_enum_is_left_to_a_made_up_name(schema: dict[str, Any]) -> None:
    enums = {name for name, item in schema["components"]["schemas"].items() if "enum" in item}
    assert not [name for name in enums if re.search(r"[0-9a-f]{3}Enum$|Enum$", name)]
    assert {"Timeframe", "Trend", "JobStatus", "JobKind", "PlantedKind", "Autolag"} <= enums


def test_numbers_that_may_be_missing_are_nullable(schema: dict[str, Any]) -> None:
    candidate = schema["components"]["schemas"]["Candidate"]
    assert "null" in candidate["properties"]["half_life"]["type"]
    assert {"type": "null"} in candidate["properties"]["planted"]["oneOf"]
    assert set(candidate["required"]) == set(candidate["properties"])


def test_requests_are_closed(schema: dict[str, Any]) -> None:
    for name, component in schema["components"]["schemas"].items():
        if name.endswith("Request"):
            assert component["additionalProperties"] is False, name


@pytest.mark.parametrize("path", ["/api/docs/", "/api/redoc/"])
def test_pages_that_explain_it_load_from_here_alone(db: None, client: Client, path: str) -> None:
    page = client.get(path)
    assert page.status_code == 200
    sources = re.findall(r"""(?:src|href)\s*=\s*["']([^"']+)["']""", page.content.decode())
    assert sources
    assert not [source for source in sources if source.startswith(("http:", "https:", "//"))]
    assert "http" not in page["Content-Security-Policy"], "what the bundles would fetch is forbidden too"


def test_it_is_served(db: None, client: Client) -> None:
    answer = client.get("/api/schema/")
    assert answer.status_code == 200
    assert json.loads(answer.content)["info"]["title"] == "TITAN"
