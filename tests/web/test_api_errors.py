"""One shape for every error, whoever raises it; JSON in and out."""

import json
from typing import Any, ClassVar

import numpy as np
import orjson
import pytest
from django.http import HttpRequest
from django.test import Client, RequestFactory, override_settings
from django.urls import path
from rest_framework.test import APIClient

from api import errors
from api.json import MAX_DEPTH, dumps
from api.urls import urlpatterns as api_urls
from common.csv import csv_lines, neutral
from tests.conftest import make_user
from trading.models import Symbol
from users.models import User
from users.roles import Role


def shape(answer: Any, code: int, name: str) -> dict[str, Any]:
    assert answer.status_code == code, answer.content
    assert answer["Content-Type"].startswith("application/json")
    error = json.loads(answer.content)["error"]
    assert set(error) == {"code", "message", "fields", "request_id"}
    assert error["code"] == name
    assert error["request_id"] == answer["X-Request-ID"]
    assert error["message"].endswith((".", "!", "?"))
    return dict(error)


@pytest.fixture
def client_in(trader: User, client_of: Any) -> APIClient:
    client: APIClient = client_of(trader)
    return client


@pytest.mark.parametrize("debug", [False, True])
@pytest.mark.parametrize("address", ["/api/v1/nowhere/", "/api/", "/api/v2/scans/", "/api/v1/symbols/x/"])
def test_no_such_address(db: None, address: str, debug: bool) -> None:
    with override_settings(DEBUG=debug):
        shape(Client().get(address), 404, "not_found")


def test_no_such_thing(client_in: APIClient) -> None:
    for name in ("symbols/999999/", "scans/999999/", "pairs/999999999999999999/", "jobs/1/"):
        shape(client_in.get(f"/api/v1/{name}"), 404, "not_found")


def test_no_such_method_names_those_there_are(client_in: APIClient) -> None:
    error = shape(client_in.put("/api/v1/scans/", {}), 405, "method_not_allowed")
    assert "GET" in error["message"]
    assert "POST" in error["message"]
    shape(client_in.options("/api/v1/scans/"), 405, "method_not_allowed")


@pytest.mark.parametrize(
    "body",
    [b"{", b"[1, 2", b'{"a": NaN}', b"\xff\xfe", b"[" * 5_000, b'{"a":' * 100_000],
)
def test_a_body_that_is_not_json(client_in: APIClient, body: bytes) -> None:
    shape(client_in.post("/api/v1/pairs/analyze/", body, content_type="application/json"), 400, "parse_error")


def test_a_body_nested_too_deep(client_in: APIClient) -> None:
    body = b"[" * (MAX_DEPTH + 1) + b"]" * (MAX_DEPTH + 1)
    shape(client_in.post("/api/v1/pairs/analyze/", body, content_type="application/json"), 400, "parse_error")


@pytest.mark.parametrize("body", [b"[]", b"1", b'"x"', b"null", b"true"])
def test_a_body_that_is_no_object(client_in: APIClient, body: bytes) -> None:
    shape(client_in.post("/api/v1/pairs/analyze/", body, content_type="application/json"), 400, "invalid")


def test_a_body_that_is_too_large(client_in: APIClient) -> None:
    with override_settings(DATA_UPLOAD_MAX_MEMORY_SIZE=100):
        answer = client_in.post("/api/v1/pairs/analyze/", b" " * 101, content_type="application/json")
    shape(answer, 413, "payload_too_large")


def test_a_body_of_another_kind(client_in: APIClient) -> None:
    answer = client_in.post(
        "/api/v1/pairs/analyze/", b"a=1", content_type="application/x-www-form-urlencoded"
    )
    assert "application/json" in shape(answer, 415, "unsupported_media_type")["message"]


def test_an_answer_of_another_kind(client_in: APIClient) -> None:
    shape(client_in.get("/api/v1/symbols/", headers={"Accept": "image/png"}), 406, "not_acceptable")


def test_messages_stand_by_their_fields_and_misspellings_are_guessed(client_in: APIClient) -> None:
    answer = client_in.post("/api/v1/pairs/analyze/", {"symbol_1": "AAA", "symbol2": "AAB", "window": "wide"})
    error = shape(answer, 400, "invalid")
    assert "Did you mean 'symbol_2'" in error["fields"]["symbol2"][0]
    error = shape(
        client_in.post("/api/v1/pairs/analyze/", {"symbol_1": "A", "window": "wide"}), 400, "invalid"
    )
    assert set(error["fields"]) == {"symbol_2", "window"}
    assert "window: " in error["message"]


@pytest.mark.parametrize(
    ("query", "field", "said"),
    [
        ("foo=1", "foo", "Allowed: "),
        ("orderin=ticker", "orderin", "Did you mean 'ordering'?"),
        ("ordering=color", "ordering", "ticker"),
        ("fields=tickr", "fields", "Did you mean 'ticker'?"),
        ("page=0", "page", "whole number from 1"),
        ("page=two", "page", "whole number from 1"),
        ("page_size=1001", "page_size", "1,000"),
        ("page_size=-1", "page_size", "1,000"),
        ("universe=abc", "universe", ""),
        ("is_active=perhaps&foo", "foo", ""),
        ("is_active=perhaps", "is_active", "neither true nor false"),
    ],
)
def test_queries_nobody_understands(client_in: APIClient, query: str, field: str, said: str) -> None:
    error = shape(client_in.get(f"/api/v1/symbols/?{query}"), 400, "invalid")
    assert list(error["fields"]) == [field]
    assert said in error["fields"][field][0]


def test_a_page_beyond_the_last(client_in: APIClient) -> None:
    assert "the last is 1" in shape(client_in.get("/api/v1/symbols/?page=2"), 404, "not_found")["message"]


def _broken(request: HttpRequest) -> None:
    raise RuntimeError("secret detail")


class _BrokenUrls:
    from api.views.base import TitanAPIView

    class View(TitanAPIView):
        permission_classes: ClassVar[list[Any]] = []

        def get(self, request: Any) -> None:
            raise RuntimeError("secret detail")

    urlpatterns: ClassVar[list[Any]] = [
        path("api/broken/", View.as_view()),
        path("api/plain/", _broken),
        path("api/", lambda r: None),
    ]
    handler500 = errors.server_error
    handler404 = errors.not_found


@pytest.mark.parametrize("address", ["/api/broken/", "/api/plain/"])
def test_what_nobody_expected_is_logged_and_says_nothing(
    db: None, address: str, caplog: pytest.LogCaptureFixture
) -> None:
    with override_settings(ROOT_URLCONF=_BrokenUrls):
        answer = Client(raise_request_exception=False).get(address)
    error = shape(answer, 500, "server_error")
    assert "secret" not in answer.content.decode()
    assert error["request_id"]
    assert any("secret detail" in str(record.exc_info) for record in caplog.records if record.exc_info)


def test_djangos_own_refusals_have_the_shape_below_api_and_not_elsewhere() -> None:
    for handler, code in ((errors.bad_request, 400), (errors.forbidden, 403), (errors.not_found, 404)):
        answer = handler(RequestFactory().get("/api/v1/x/"), Exception("why"))
        assert answer.status_code == code
        assert json.loads(answer.content)["error"]["message"]
    csrf = errors.csrf_failure(RequestFactory().post("/admin/"), "token missing")
    assert (csrf.status_code, json.loads(csrf.content)["error"]["code"]) == (403, "csrf_failed")


def test_handlers_are_installed() -> None:
    import titan.urls

    assert titan.urls.handler404 is errors.not_found
    assert titan.urls.handler500 is errors.server_error
    assert api_urls


def test_the_given_request_id_comes_back(client_in: APIClient) -> None:
    answer = client_in.get("/api/v1/nowhere/", headers={"X-Request-ID": "trace-12345678"})
    assert shape(answer, 404, "not_found")["request_id"] == "trace-12345678"


def test_numbers_that_are_none_leave_as_null() -> None:
    values = np.array([1.5, np.nan, np.inf, -np.inf])
    assert dumps({"a": values, "b": float("nan"), "c": values[::2], "d": np.float64("inf")}) == (
        b'{"a":[1.5,null,null,null],"b":null,"c":[1.5,null],"d":null}'
    )


def test_instants_leave_as_utc() -> None:
    stamps = np.array(["2022-01-03T21:00:00"], dtype="datetime64[us]")
    assert orjson.loads(dumps({"t": stamps})) == {"t": ["2022-01-03T21:00:00Z"]}


@pytest.mark.parametrize(
    "text", ["=1+1", "+1", "-1+2", "@SUM(A1)", "\tx", "\rx", "\n=x", "  =1+1", "\uff1d1"]
)
def test_cells_that_would_run_are_neutralised(text: str) -> None:
    assert neutral(text) == f"'{text}"


def test_plain_cells_stay_as_they_are() -> None:
    lines = "".join(csv_lines(["a", "b"], [{"a": "Coca-Cola", "b": -1.5}, {"a": 'x,"y', "b": float("nan")}]))
    assert lines == 'a,b\r\nCoca-Cola,-1.5\r\n"x,""y",\r\n'


def test_a_name_that_would_run_is_neutralised_in_the_file(trader: User, scanned: Any, client_of: Any) -> None:
    Symbol.objects.filter(ticker="AAA").update(name="=HYPERLINK(1)")
    answer = client_of(trader).get(f"/api/v1/scans/{scanned.pk}/candidates.csv/")
    text = b"".join(answer.streaming_content).decode()
    assert "'=HYPERLINK(1)" in text
    assert ",=HYPERLINK" not in text
    assert answer["Content-Type"].startswith("text/csv")


def test_lists_of_nothing_are_lists(db: None, client_of: Any) -> None:
    client = client_of(make_user("vera", Role.VIEWER))
    for name in ("symbols", "universes", "scans", "pairs", "jobs"):
        assert client.get(f"/api/v1/{name}/").json() == {
            "count": 0,
            "next": None,
            "previous": None,
            "results": [],
        }


def test_a_search_for_more_words_than_a_query_holds(client_in: APIClient) -> None:
    for words in ("a," * 2_000, "a " * 2_000):
        error = shape(client_in.get("/api/v1/symbols/", {"search": words}), 400, "invalid")
        assert "at most" in error["fields"]["search"][0]


@pytest.mark.parametrize("instant", ["0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00"])
def test_an_instant_that_is_none_in_utc(client_in: APIClient, instant: str) -> None:
    error = shape(client_in.get("/api/v1/scans/", {"created_at__gte": instant}), 400, "invalid")
    assert "years 1 to 9999" in error["fields"]["created_at__gte"][0]
