"""Dashboard, scrape configuration and alert rules: they name only what is measured, and every alert has its runbook."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import promql_parser
import pytest
import yaml
from django.test import Client
from prometheus_client.parser import text_string_to_metric_families

from titan import health
from titan.metrics import view
from titan.metrics.rows import Rows
from trading.runtime import messages
from trading.services.jobs import JobService
from users.models import User

ROOT = Path(__file__).resolve().parents[2]
FOLDER = ROOT / "deploy" / "observability"
RULES = [
    rule for group in yaml.safe_load((FOLDER / "alerts.yml").read_text())["groups"] for rule in group["rules"]
]
DASHBOARD = json.loads((FOLDER / "grafana-dashboard.json").read_text())
PANELS = [panel for panel in DASHBOARD["panels"] if panel["type"] != "row"]
EXPRESSIONS = [rule["expr"] for rule in RULES] + [
    target["expr"] for panel in PANELS for target in panel["targets"]
]
OF_PROMETHEUS = {"up"}


def selectors(node: Any) -> Iterator[Any]:
    """Every selector of an expression, however deep."""
    if isinstance(node, promql_parser.VectorSelector):
        yield node
    elif isinstance(node, promql_parser.MatrixSelector):
        yield from selectors(node.vector_selector)
    elif isinstance(node, promql_parser.BinaryExpr):
        yield from selectors(node.lhs)
        yield from selectors(node.rhs)
    elif isinstance(node, promql_parser.Call):
        for argument in node.args:
            yield from selectors(argument)
    elif isinstance(node, (promql_parser.AggregateExpr, promql_parser.ParenExpr, promql_parser.SubqueryExpr)):
        yield from selectors(node.expr)


@pytest.fixture
def exposed(db: None, trader: User, universe: object, monkeypatch: pytest.MonkeyPatch) -> dict[str, set[str]]:
    """Labels by the name of each sample of a server in production."""
    from trading.models import Universe

    async def all_is_well() -> health.States:
        return health.States({"default": "ok", "timescale": "ok"}, "ok")

    monkeypatch.setattr(health, "states", all_is_well)
    monkeypatch.setattr(messages, "counted", lambda: 1)
    monkeypatch.setattr(view, "_rows", Rows(keep_seconds=0.0))
    Universe.objects.update(source=Universe.Source.USER)
    JobService().enqueue_sync(kind="scan", owner=trader)
    running = JobService().enqueue_sync(kind="scan", owner=trader)
    type(running).objects.filter(pk=running.pk).update(status="RUNNING")
    from common.metrics import EVENTS_LAG, SOCKET_CLIENTS

    SOCKET_CLIENTS.labels("signals")
    EVENTS_LAG.observe(0.1)
    Client().get("/metrics")
    text = Client().get("/metrics").content.decode()
    found: dict[str, set[str]] = {}
    for family in text_string_to_metric_families(text):
        for sample in family.samples:
            found.setdefault(sample.name, set()).update(sample.labels)
    return found


@pytest.mark.parametrize("expression", EXPRESSIONS)
def test_expressions_can_be_read(expression: str) -> None:
    assert list(selectors(promql_parser.parse(expression)))


def test_they_ask_for_what_is_measured_under_its_labels(exposed: dict[str, set[str]]) -> None:
    for expression in EXPRESSIONS:
        for selector in selectors(promql_parser.parse(expression)):
            if selector.name in OF_PROMETHEUS:
                continue
            assert selector.name in exposed, expression
            asked = {matcher.name for matcher in selector.matchers.matchers}
            assert asked <= exposed[selector.name], expression
    grouped = {
        label.strip()
        for expression in EXPRESSIONS
        for labels in re.findall(r"by \(([^)]*)\)", expression)
        for label in labels.split(",")
    }
    assert grouped <= set().union(*exposed.values()) | {"instance"}


def test_everything_measured_is_looked_at(exposed: dict[str, set[str]]) -> None:
    asked = {one.name for text in EXPRESSIONS for one in selectors(promql_parser.parse(text))}
    base = {re.sub(r"_(bucket|sum|count|total)$", "", name) for name in exposed}
    assert base <= {re.sub(r"_(bucket|sum|count|total)$", "", name) for name in asked}


@pytest.mark.parametrize("rule", RULES, ids=[rule["alert"] for rule in RULES])
def test_every_alert_has_a_runbook_and_words(rule: dict[str, Any]) -> None:
    runbook = ROOT / rule["annotations"]["runbook_url"]
    text = runbook.read_text()
    assert f"Severity: {rule['labels']['severity']}." in text
    for heading in ("## What it means", "## Look at", "## Do"):
        assert heading in text
    assert text.startswith(f"# {rule['annotations']['summary'].split(',')[0].rstrip('.')}")
    assert rule["annotations"]["description"].endswith(".")
    labels = set(re.findall(r"\$labels\.(\w+)", rule["annotations"]["description"]))
    kept = set(re.findall(r"\w+", " ".join(re.findall(r"by \(([^)]*)\)", rule["expr"]))))
    assert labels <= (kept or {"instance", "database"})


def test_every_runbook_has_an_alert_and_every_metric_its_words() -> None:
    named = {Path(rule["annotations"]["runbook_url"]).name for rule in RULES}
    assert {path.name for path in (ROOT / "docs" / "runbooks").glob("*.md")} == named
    told = (ROOT / "docs" / "observability.md").read_text()
    for rule in RULES:
        assert rule["alert"] in told
    for text in EXPRESSIONS:
        for selector in selectors(promql_parser.parse(text)):
            name = re.sub(r"_(bucket|sum|count)$", "", selector.name)
            assert selector.name in OF_PROMETHEUS or f"`{name}`" in told, name


def test_the_dashboard_explains_each_panel_and_names_no_server() -> None:
    assert len({panel["id"] for panel in DASHBOARD["panels"]}) == len(DASHBOARD["panels"])
    assert DASHBOARD["templating"]["list"][0]["type"] == "datasource"
    for panel in PANELS:
        assert panel["description"].endswith("."), panel["title"]
        assert panel["datasource"]["uid"] == "${source}"


def test_the_scrape_configuration_reads_the_rules() -> None:
    told = yaml.safe_load((FOLDER / "prometheus.yml").read_text())
    assert told["rule_files"] == ["alerts.yml"]
    [scrape] = told["scrape_configs"]
    assert (scrape["job_name"], scrape["metrics_path"]) == ("titan", "/metrics")
    assert 'job="titan"' in RULES[0]["expr"]
