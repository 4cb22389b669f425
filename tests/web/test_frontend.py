"""Serving the SPA: its page on every route of its own, its assets for ever, a clear word when it isn't built."""

import re
from pathlib import Path
from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client, RequestFactory

from frontend.middleware import StaticFilesMiddleware
from frontend.views import script_sources

PAGE = (
    '<!doctype html><head><script type="module" src="/static/app/assets/index-AbCd1234.js"></script></head>'
    '<div id="root">'
)
NONCE = re.compile(r'<meta name="titan-nonce" content="([\w-]{22})"></head>')


@pytest.fixture
def built(tmp_path: Path, settings: Any) -> Path:
    (tmp_path / "assets").mkdir()
    (tmp_path / "index.html").write_text(PAGE)
    (tmp_path / "assets" / "index-AbCd1234.js").write_text("export {}")
    (tmp_path / "theme-boot.js").write_text("boot()")
    settings.SPA_DIST = tmp_path
    settings.STATICFILES_DIRS = [("app", str(tmp_path))]
    return tmp_path


@pytest.mark.parametrize(
    "path", ["/", "/login", "/pair?symbol_1=KO&symbol_2=PEP", "/data/BRK.B", "/jobs/5", "/a/b/c"]
)
def test_client_side_routes_get_the_page(client: Client, built: Path, path: str) -> None:
    answer = client.get(path)
    assert answer.status_code == 200
    assert NONCE.sub("</head>", answer.content.decode()) == PAGE
    assert answer["Content-Type"].startswith("text/html")
    assert answer["Cache-Control"] == "no-cache"


def test_a_new_build_is_served_without_a_restart(client: Client, built: Path) -> None:
    assert "index-AbCd1234" in client.get("/").content.decode()
    index = built / "index.html"
    before = index.stat().st_mtime_ns
    index.write_text("<p>new</p>")
    if index.stat().st_mtime_ns == before:  # a coarse clock
        import os

        os.utime(index, ns=(before + 1_000_000, before + 1_000_000))
    assert client.get("/").content.startswith(b"<p>new</p>")


@pytest.mark.parametrize(
    "path",
    ["/missing.js", "/static/app/assets/old-12345678.js", "/favicon.ico", "/wp-login.php", "/ws/nothing/"],
)
def test_missing_files_are_not_the_page(client: Client, built: Path, path: str) -> None:
    assert client.get(path).status_code == 404


def test_only_reading_is_allowed(client: Client, built: Path) -> None:
    assert client.post("/login").status_code == 405
    assert client.head("/login").status_code == 200


def test_without_a_build_the_page_says_what_to_do(client: Client, tmp_path: Path, settings: Any) -> None:
    settings.SPA_DIST = tmp_path / "never-built"
    answer = client.get("/pair-finder")
    assert answer.status_code == 503
    assert "make run" in answer.content.decode()


def test_the_page_may_only_load_our_own_code(client: Client, built: Path) -> None:
    answer = client.get("/")
    policy = answer["Content-Security-Policy"].split("; ")
    [nonce] = NONCE.findall(answer.content.decode())
    assert {
        "default-src 'none'",
        "script-src 'self'",
        f"style-src 'self' 'nonce-{nonce}'",
        "connect-src 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    } <= set(policy)
    assert NONCE.findall(client.get("/").content.decode()) != [nonce]


def test_inline_scripts_are_allowed_by_their_hash_only() -> None:
    # echo -n 'alert(1)' | openssl dgst -sha256 -binary | base64
    assert (
        script_sources('<script>alert(1)</script><script src="/a.js"></script>')
        == "'sha256-bhHHL3z2vDgxUt0W3dWQOrprscmda2Y5pLsLg4GF+pI='"
    )


def test_assets_are_cached_for_ever_other_files_briefly(built: Path) -> None:
    files = StaticFilesMiddleware(lambda request: None).files  # type: ignore[arg-type, return-value]  # no request is answered
    asset = files["/static/app/assets/index-AbCd1234.js"].get_response("GET", {})
    assert "immutable" in dict(asset.headers)["Cache-Control"]
    boot = files["/static/app/theme-boot.js"].get_response("GET", {})
    assert "immutable" not in dict(boot.headers)["Cache-Control"]
    assert "/static/app/index.html" not in files
    for answer in (asset, boot):
        answer.file.close()


def test_files_are_answered_whole_with_their_headers(client: Client) -> None:
    answer = client.get("/static/admin/css/base.css")
    assert answer.status_code == 200
    assert answer["Content-Type"].startswith("text/css")
    assert not answer.streaming
    assert "Access-Control-Allow-Origin" not in answer
    assert len(answer.content) == int(answer["Content-Length"])
    again = client.get("/static/admin/css/base.css", headers={"If-Modified-Since": answer["Last-Modified"]})
    assert (again.status_code, again.content) == (304, b"")


def test_the_process_says_that_it_lives(client: Client) -> None:
    assert client.get("/livez").json() == {"status": "ok"}


@pytest.mark.django_db(databases=["default", "timescale"])
def test_readiness_asks_both_databases(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    answer = client.get("/readyz")
    assert (answer.status_code, answer.json()["status"]) == (200, "ok")
    monkeypatch.setattr("titan.health._database", lambda alias: "ok" if alias == "default" else "unreachable")
    answer = client.get("/readyz")
    assert answer.status_code == 503
    assert answer.json() == {
        "status": "unavailable",
        "databases": {"default": "ok", "timescale": "unreachable"},
    }


def test_every_answer_carries_a_request_id(client: Client) -> None:
    made = client.get("/livez")["X-Request-ID"]
    assert len(made) == 32
    assert client.get("/livez")["X-Request-ID"] != made
    assert (
        client.get("/livez", headers={"X-Request-ID": "proxy-12345678"})["X-Request-ID"] == "proxy-12345678"
    )
    for bad in ("short", "x" * 65, "has spaces in it", "semi;colon-1234"):
        assert client.get("/livez", headers={"X-Request-ID": bad})["X-Request-ID"] != bad


def test_files_that_a_newer_version_brings_are_served_by_the_older(tmp_path: Path, settings: Any) -> None:
    """Web processes are replaced one after the other; ``collectstatic`` ran before the first of them."""
    root = tmp_path / "static"
    (root / "app" / "assets").mkdir(parents=True)
    settings.STATIC_ROOT, settings.WHITENOISE_USE_FINDERS = str(root), False
    serve = StaticFilesMiddleware(lambda request: HttpResponse(status=404))
    get = RequestFactory().get
    url = "/static/app/assets/next-AbCd1234.js"
    assert serve(get(url)).status_code == 404
    (root / "app" / "assets" / "next-AbCd1234.js").write_text("export {}")
    (root / "app" / "index.html").write_text(PAGE)
    answer = serve(get(url))
    assert (answer.status_code, answer.content) == (200, b"export {}")
    assert "immutable" in answer["Cache-Control"]
    for inside in (
        "app/index.html",
        "app/assets",
        "../secret-key",
        "app/../../secret-key",
        "app//index.html",
    ):
        assert serve(get("/static/" + inside)).status_code == 404, inside


def test_a_false_host_is_refused_except_where_machines_ask_by_address(client: Client) -> None:
    for path, status in (("/login", 400), ("/api/v1/auth/token/", 400), ("/livez/", 400), ("/livez", 200)):
        assert client.get(path, headers={"host": "10.1.2.3:8000"}).status_code == status, path
    assert client.get("/metrics", headers={"host": "10.1.2.3:8000"}).status_code != 400
