"""Headers on every answer: pages, data, files, errors and refusals; no policy anywhere allows what stands inline."""

import json
import re
from pathlib import Path
from typing import Any

import httpx
import pytest
from django.test import Client
from django.urls import get_resolver
from pytest_django import Settings

from common.security import CLOSED_POLICY, HEADERS, raw_headers
from titan.asgi import application
from titan.body_limit import SMALL
from users.models import User

pytestmark = pytest.mark.django_db(databases=["default", "timescale"])

PAGES = ["/", "/pair-finder", "/api/docs/", "/api/redoc/", "/admin/", "/admin/login/", "/admin/users/user/"]
DATA = ["/api/schema/", "/api/v1/symbols/", "/livez", "/readyz", "/static/admin/css/base.css"]
ERRORS = [
    "/api/nothing",
    "/metrics",
    "/static/nothing.css",
    "/favicon.ico",
    "/admin/nothing/",
    "/api/v1/symbols/99/",
]


@pytest.fixture
def browser(admin: User, tmp_path: Path, settings: Settings) -> Client:
    """The admin's browser, with something built to look at."""
    (tmp_path / "index.html").write_text("<head></head>")
    settings.SPA_DIST = tmp_path
    client = Client(raise_request_exception=False)
    client.force_login(admin)
    return client


@pytest.mark.parametrize("path", [*PAGES, *DATA, *ERRORS])
def test_every_answer_carries_them(browser: Client, path: str) -> None:
    answer = browser.get(path)
    for name, value in HEADERS.items():
        assert answer[name] == value, name
    assert answer["Cache-Control"]
    policy = answer["Content-Security-Policy"]
    assert "unsafe" not in policy
    assert "*" not in policy
    assert "default-src 'none'" in policy
    if not answer["Content-Type"].startswith("text/html"):
        assert policy == CLOSED_POLICY


@pytest.mark.parametrize("path", PAGES)
def test_what_stands_inline_carries_the_nonce_of_its_answer(browser: Client, path: str) -> None:
    answer = browser.get(path)
    page, policy = answer.content.decode(), answer["Content-Security-Policy"]
    [nonce] = set(re.findall(r"'nonce-([\w-]+)'", policy))
    for tag in re.findall(r"<(?:style|script(?![^>]*\ssrc=))[^>]*>", page):
        assert f'nonce="{nonce}"' in tag or 'type="application/json"' in tag, tag
    assert not re.search(
        r"\son\w+=|\sstyle=|javascript:", re.sub(r"<script.*?</script>", "", page, flags=re.S)
    )
    assert nonce not in browser.get(path).content.decode()


def test_the_page_that_is_not_built_too(browser: Client, settings: Settings, tmp_path: Path) -> None:
    settings.SPA_DIST = tmp_path / "never"
    answer = browser.get("/")
    [nonce] = set(re.findall(r"'nonce-([\w-]+)'", answer["Content-Security-Policy"]))
    assert f'<style nonce="{nonce}">' in answer.content.decode()


def test_an_error_of_ours_carries_them_too(browser: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: Any) -> None:
        raise RuntimeError("on purpose")

    monkeypatch.setattr("titan.health.states", broken)
    answer = browser.get("/readyz")
    assert answer.status_code == 500
    assert set(HEADERS) <= set(answer.headers)
    assert "on purpose" not in answer.content.decode()


async def test_a_body_refused_at_the_door_carries_them() -> None:
    transport = httpx.ASGITransport(app=application)
    async with httpx.AsyncClient(transport=transport, base_url="http://testserver") as client:
        answer = await client.post("/api/v1/scans/", content=b"", headers={"Content-Length": str(SMALL + 1)})
    assert answer.status_code == 413
    assert json.loads(answer.content)["error"]["code"] == "payload_too_large"
    for name, value in HEADERS.items():
        assert answer.headers[name] == value
    assert (answer.headers["Content-Security-Policy"], answer.headers["Cache-Control"]) == (
        CLOSED_POLICY,
        "no-store",
    )


def test_over_tls_browsers_are_told_to_stay_there(browser: Client, settings: Settings) -> None:
    assert b"strict-transport-security" not in dict(raw_headers())
    settings.SECURE_HSTS_SECONDS = 31_536_000
    assert dict(raw_headers())[b"strict-transport-security"].startswith(b"max-age=31536000")


def test_answers_of_the_api_are_kept_by_nobody(client: Client, trader: User) -> None:
    body = {"username": trader.username, "password": "correct horse battery staple"}
    answer = client.post("/api/v1/auth/token/", body, content_type="application/json")
    assert (answer.status_code, answer["Cache-Control"]) == (200, "no-store")


def test_metrics_are_not_the_applications_page(browser: Client) -> None:
    stranger = {"REMOTE_ADDR": "203.0.113.5"}
    answer = browser.get("/metrics", **stranger)
    assert (answer.status_code, answer.json()["error"]["code"]) == (404, "not_found")
    assert browser.get("/metrics/", **stranger).status_code == 404


@pytest.mark.parametrize("path", ["/", "/api/v1/symbols/", "/livez", "/admin/"])
def test_no_request_is_echoed(browser: Client, path: str) -> None:
    answer = browser.trace(path, headers={"X-Echo": "c4n4ry"})
    assert b"c4n4ry" not in answer.content
    assert answer.status_code in {401, 405} or path == "/admin/"


def test_the_outermost_middleware_is_this_one(settings: Settings) -> None:
    assert settings.MIDDLEWARE[0] == "common.security.SecurityHeadersMiddleware"
    assert get_resolver().resolve("/metrics").view_name == "metrics"
