"""Strategies over REST, the rules there are, and models of cost."""

from collections.abc import Callable

import pytest
from rest_framework.test import APIClient

from titan_core.strategy import RULES, Rule
from trading.models import Strategy, Universe
from trading.services.backtesting.presets import COST_PRESETS
from trading.services.backtesting.terms import costs_of
from users.models import User

STRATEGIES = "/api/v1/strategies/"


@pytest.fixture
def client(trader: User, client_of: Callable[[User], APIClient]) -> APIClient:
    return client_of(trader)


def test_kept_changed_used_deleted(client: APIClient, universe: Universe) -> None:
    made = client.post(
        STRATEGIES, {"name": "wide", "rule": "ewma", "parameters": {"entry_z": 3.0, "window": 30}}
    )
    assert made.status_code == 201, made.content
    address = f"{STRATEGIES}{made.json()['id']}/"
    assert client.post(STRATEGIES, {"name": "wide", "rule": "ou"}).status_code == 409
    assert client.patch(address, {"parameters": {"exit_z": 9}}).json()["error"]["fields"] == {
        "parameters.exit_z": [
            "Exit_z 9.0 is not between -entry_z and entry_z (2.0): a trade would be left as it is entered."
        ]
    }
    body = {"pairs": [["AAA", "AAB"]], "strategy": made.json()["id"], "parameters": {"exit_z": 0.1}}
    run = client.post("/api/v1/backtests/", body).json()
    assert run["rule"] == "ewma"
    assert [run["parameters"][name] for name in ("entry_z", "window", "exit_z")] == [3.0, 30, 0.1]
    assert client.post("/api/v1/backtests/", body | {"rule": "ou"}).status_code == 400
    assert client.delete(address).status_code == 204
    assert not Strategy.objects.exists()


def test_rules_describe_every_setting_of_the_engine(client: APIClient) -> None:
    rules = client.get(f"{STRATEGIES}rules/").json()
    assert [rule["id"] for rule in rules] == list(RULES)
    named = {setting["name"] for rule in rules for setting in rule["parameters"]}
    assert named == set(Rule.__dataclass_fields__) - {"name"}
    for rule in rules:
        for setting in rule["parameters"]:
            if setting["default"] is not None:
                assert setting["minimum"] <= setting["default"] <= setting["maximum"], setting


def test_cost_models_are_costs(client: APIClient) -> None:
    models = client.get(f"{STRATEGIES}cost-models/").json()
    assert [model["id"] for model in models] == [preset.id for preset in COST_PRESETS]
    for model in models:
        costs_of(model["costs"])
