"""Table layouts: one's own, bounded, one default a table."""

from collections.abc import Callable
from typing import Any

import pytest
from rest_framework.test import APIClient

from trading.models import TableLayout
from trading.services import layouts
from users.models import User

V1 = "/api/v1/"
STATE = {"columns": ["pair", "qvalue"], "widths": {"pair": 120}, "sorting": [{"id": "qvalue", "desc": False}]}


@pytest.fixture
def client(viewer: User, client_of: Callable[[User], APIClient]) -> APIClient:
    return client_of(viewer)


def make(client: APIClient, **changes: Any) -> dict[str, Any]:
    answer = client.post(f"{V1}layouts/", {"table": "candidates", "name": "Mine", "state": STATE} | changes)
    assert answer.status_code == 201, answer.content
    return dict(answer.json())


def test_kept_changed_and_deleted(client: APIClient) -> None:
    made = make(client)
    assert made["state"] == STATE
    path = f"{V1}layouts/{made['id']}/"
    assert client.patch(path, {"name": "Other"}).json()["state"] == STATE
    assert client.put(path, {"state": {"columns": []}}).json()["name"] == "Other"
    assert client.get(f"{V1}layouts/?table=candidates").json()["count"] == 1
    assert client.get(f"{V1}layouts/?table=pairs").json()["count"] == 0
    assert client.delete(path).status_code == 204
    assert client.get(path).status_code == 404


def test_a_table_has_one_default(
    client: APIClient, trader: User, client_of: Callable[[User], APIClient]
) -> None:
    first, second = make(client, is_default=True), make(client, name="Second", is_default=True)
    elsewhere, theirs = make(client, table="pairs", is_default=True), make(client_of(trader), is_default=True)
    client.patch(f"{V1}layouts/{first['id']}/", {"is_default": True})
    defaults = set(TableLayout.objects.filter(is_default=True).values_list("pk", flat=True))
    assert defaults == {first["id"], elsewhere["id"], theirs["id"]}
    assert second["id"] not in defaults


def test_a_name_is_given_once_a_table(client: APIClient) -> None:
    make(client)
    make(client, table="pairs")
    again = client.post(
        f"{V1}layouts/", {"table": "candidates", "name": "Mine", "state": {}, "is_default": True}
    )
    assert (again.status_code, again.json()["error"]["code"]) == (409, "conflict")
    assert TableLayout.objects.filter(is_default=True).count() == 0


def test_bounds(client: APIClient, monkeypatch: pytest.MonkeyPatch) -> None:
    big = client.post(f"{V1}layouts/", {"table": "t", "name": "n", "state": {"x": "y" * 17_000}})
    assert (big.status_code, list(big.json()["error"]["fields"])) == (400, ["state"])
    assert client.post(f"{V1}layouts/", {"table": "no table!", "name": "n", "state": {}}).status_code == 400
    monkeypatch.setattr(layouts, "MAX_LAYOUTS", 1)
    make(client)
    assert client.post(f"{V1}layouts/", {"table": "t", "name": "n", "state": {}}).status_code == 409


def test_someone_elses_do_not_exist(
    client: APIClient, admin: User, client_of: Callable[[User], APIClient]
) -> None:
    path = f"{V1}layouts/{make(client)['id']}/"
    other = client_of(admin)
    assert other.get(path).status_code == other.delete(path).status_code == 404
    assert other.patch(path, {"name": "x"}).status_code == 404


@pytest.mark.parametrize("state", [{"a": "\x00"}, {"a\x00": 1}, {"a": [{"b": ["x\x00y"]}]}])
def test_no_nul_is_kept_which_postgresql_has_no_room_for(client: APIClient, state: dict[str, Any]) -> None:
    answer = client.post(f"{V1}layouts/", {"table": "pairs", "name": "Mine", "state": state})
    assert (answer.status_code, set(answer.json()["error"]["fields"])) == (400, {"state"})
    made = make(client)
    assert client.patch(f"{V1}layouts/{made['id']}/", {"state": state}).status_code == 400


@pytest.mark.parametrize("number", [1e25, -1e300, 2**63])
def test_a_number_of_any_size_comes_back(client: APIClient, number: float) -> None:
    """PostgreSQL's JSON gives whole floats back as integers, however long."""
    made = make(client, state={"widths": {"pair": number}})
    found = client.get(f"{V1}layouts/{made['id']}/")
    assert found.status_code == 200
    assert found.json()["state"]["widths"]["pair"] == number
