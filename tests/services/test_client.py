"""The Python client against a live server: the page that explains it, run as it stands, and what goes wrong."""

import re
from pathlib import Path
from typing import Any

import httpx
import pytest

from api import keys
from tests.conftest import PASSWORD
from tests.factories import make_universe, small_panel
from tests.services.processes import Server
from titan_client import ApiError, JobFailed, Titan
from titan_client.transport import Transport
from trading.models import Symbol
from trading.services.jobs import JobService
from trading.services.price_stores import price_store
from users.models import User

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "timescale"])
PAGE = Path(__file__).parents[2] / "docs" / "client.md"


def test_the_page_runs_and_what_it_says_holds(prices: None, server: Server, owner: User) -> None:
    make_universe(small_panel())
    _, key = keys.create(owner, name="notebook", scopes=["read", "data", "research"], expires_at=None)
    [code] = re.findall(r"```python\n(.*?)```", PAGE.read_text(), re.S)
    names: dict[str, Any] = {}
    exec(code.replace("http://localhost:8000", server.url).replace("titan_…", key), names)
    assert names["prices"].index[0].isoformat() == "2019-06-03T21:00:00+00:00"
    assert names["prices"].attrs["symbol"] == "AAA"
    assert list(names["best"]["qvalue"]) == sorted(names["best"]["qvalue"])
    assert names["spread"]["z_score"].isna().sum() == 29
    assert names["event"]["data"]["progress"] == 1.0

    with Titan(server.url, username=owner.username, password=PASSWORD) as titan:
        titan._transport._bearer = "an access token that ended"
        assert titan.auth_me_retrieve()["username"] == owner.username, "a fresh one was got"
        everything = list(titan.pages(titan.symbols_list, page_size=4, ordering=["-ticker"]))
        assert [symbol["ticker"] for symbol in everything] == ["DDD", "CCC", "BBB", "BBA", "AAB", "AAA"]
        with pytest.raises(ApiError, match="unknown_symbol") as refused:
            titan.pairs_analyze({"symbol_1": "AAA", "symbol_2": "NONE"})
        assert refused.value.status == 400
        assert "symbol_2" in refused.value.fields
        with pytest.raises(LookupError, match="NONE"):
            titan.prices("NONE")
        failing = JobService().enqueue_sync(kind="test_fails", owner=owner)
        with pytest.raises(JobFailed, match="Choose an end date"):
            titan.wait(failing.pk, progress=False, timeout=60)
    with Titan(server.url, key=f"{key}x") as stranger, pytest.raises(ApiError, match="401"):
        stranger.symbols_list()
    store, series = price_store(), Symbol.objects.get(ticker="AAA").series.get()
    stored = store.read_prices({"AAA": series.pk}, adjustment="total_return")
    with Titan(server.url, key=key) as titan:
        held = titan.prices("AAA")["close"].to_numpy()
    assert (held == stored.values[:, 0]).all(), "to the last bit"


def test_a_lost_answer_is_asked_for_again_under_the_same_key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("titan_client.transport.time.sleep", lambda seconds: None)
    seen: list[tuple[str, str | None]] = []

    def answer(request: httpx.Request) -> httpx.Response:
        seen.append((request.method, request.headers.get("Idempotency-Key")))
        if len(seen) == 1:
            raise httpx.ReadError("cut")
        if len(seen) == 2:
            return httpx.Response(429, headers={"Retry-After": "1"})
        return httpx.Response(200, json={"done": [1], "refused": []})

    titan = Titan("http://t", key="titan_x", transport=httpx.MockTransport(answer))
    assert titan.symbols_bulk({"ids": [1], "action": "activate"})["done"] == [1]
    assert len(seen) == 3
    assert len({key for _, key in seen}) == 1
    assert seen[0][1]


def test_what_may_have_happened_is_not_done_twice() -> None:
    seen: list[str] = []

    def answer(request: httpx.Request) -> httpx.Response:
        seen.append(request.method)
        raise httpx.ReadError("cut")

    titan = Titan("http://t", key="titan_x", transport=httpx.MockTransport(answer))
    with pytest.raises(httpx.ReadError):
        titan.symbols_destroy(1)
    assert seen == ["DELETE"]


@pytest.mark.parametrize("given", [{}, {"key": "a", "token": "b"}, {"username": "a"}])
def test_one_way_to_sign_in(given: dict[str, str]) -> None:
    with pytest.raises(ValueError, match="one way"):
        Titan("http://t", **given)


def test_a_page_that_is_no_answer_of_the_api_is_told_as_it_is() -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        return httpx.Response(502, text="<html>Bad gateway</html>")

    titan = Titan("http://t", key="titan_x", transport=httpx.MockTransport(answer))
    with pytest.raises(ApiError, match="502 no_api"):
        titan.symbols_list()
    assert isinstance(titan._transport, Transport)
