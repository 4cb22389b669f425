"""The deployment as it is shipped, with plain processes: TLS, static files, sockets, uploads, a scan, restarts."""

import io
import json
import subprocess
import threading
from collections.abc import Iterator
from typing import Any

import httpx
import numpy as np
import pytest

from common.security import HEADERS
from tests.conftest import PASSWORD
from tests.factories import small_panel
from tests.production.layout import DEPLOY, Layout, ready
from tests.production.stack import Stack
from tests.services.processes import wait_for
from titan_client import Titan


@pytest.fixture(scope="module")
def layout(stack: Stack, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Layout]:
    """Two web servers, a worker a queue, the clock, nginx."""
    made = Layout(stack, tmp_path_factory.mktemp("nginx"))
    try:
        made.proxy.start()
        yield made
    finally:
        made.proxy.end()
        stack.variables.pop("TITAN_NUM_PROXIES")


@pytest.fixture
def outside(layout: Layout) -> Iterator[httpx.Client]:
    """Somebody's browser."""
    with layout.client() as client:
        yield client


@pytest.fixture
def titan(layout: Layout, stack: Stack, monkeypatch: pytest.MonkeyPatch) -> Iterator[Titan]:
    """The Python client, signed in over TLS."""
    monkeypatch.setenv("SSL_CERT_FILE", str(layout.proxy.certificate))
    stack.user("olga")
    with Titan(layout.proxy.url, username="olga", password=PASSWORD) as signed_in:
        yield signed_in


def test_the_site_is_valid_and_what_compose_starts_runs(layout: Layout) -> None:
    checked = layout.proxy.check()
    assert checked.returncode == 0, checked.stderr
    assert sorted(layout.running) == [
        "beat",
        "web-1",
        "web-2",
        "worker-compute",
        "worker-ingest",
        "worker-trade",
    ]
    assert all(process.is_running for process in layout.running.values())


def test_the_smoke_test_of_a_release_passes(layout: Layout) -> None:
    done = subprocess.run(
        [DEPLOY / "smoke", layout.proxy.url],
        env={"PATH": "/usr/bin:/bin", "CURL_CA_BUNDLE": str(layout.proxy.certificate)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr


def test_plain_http_is_sent_to_tls_with_its_path(layout: Layout) -> None:
    answer = httpx.get(f"{layout.proxy.plain_url}/scans?page=2", headers={"host": "titan.example.org"})
    assert (answer.status_code, answer.headers["location"]) == (308, "https://titan.example.org/scans?page=2")


def test_pages_and_files_carry_the_same_headers(outside: httpx.Client) -> None:
    page = outside.get("/login")
    assert page.status_code == 200
    asset = next(part for part in page.text.split('"') if part.startswith("/static/app/assets/"))
    # by a view, by nginx from the disk, by nginx where there is nothing
    for path, status in (
        ("/login", 200),
        (asset, 200),
        ("/static/app/assets/none-12345678.js", 404),
        ("/metrics", 404),
    ):
        answer = outside.get(path)
        assert answer.status_code == status, path
        for name, value in HEADERS.items():
            assert answer.headers.get_list(name) == [value], (path, name)
        assert answer.headers.get_list("strict-transport-security") == [
            "max-age=31536000; includeSubDomains; preload"
        ]
        assert len(answer.headers.get_list("content-security-policy")) == 1
        assert "server" not in answer.headers or answer.headers["server"] == "nginx"
    served = outside.get(asset)
    assert "immutable" in served.headers["cache-control"]
    assert served.headers["content-encoding"] == "gzip"
    assert served.headers["content-type"].startswith(("application/javascript", "text/javascript"))


def test_static_files_are_files_and_nothing_else(layout: Layout, outside: httpx.Client) -> None:
    assert outside.get("/static/admin/css/base.css").headers["cache-control"] == "max-age=60, public"
    for path in (
        "/static/app/index.html",
        "/static/",
        "/static/app/",
        "/static/app",
        "/static/..%2fsecret-key",
    ):
        assert outside.get(path).status_code in {301, 400, 404}, path
    home = layout.stack.home / "canary"
    home.write_text("canary beside the static files")
    for path in (
        "/static../canary",
        "/static/../canary",
        "/static/%2e%2e/canary",
        "/static/app/../../canary",
    ):
        assert "canary beside" not in outside.get(path).text, path


def test_metrics_are_told_inside_alone(layout: Layout, outside: httpx.Client) -> None:
    inside = httpx.get(f"{layout.webs[0].url}/metrics")
    assert inside.status_code == 200
    assert "titan_http_request" in inside.text
    for path in (
        "/metrics",
        "/metrics/",
        "/%6detrics",
        "//metrics",
        "/./metrics",
        "/metrics?x=1",
        "/METRICS",
        "/x/../metrics",
    ):
        answer = outside.get(path)
        assert "titan_http_request" not in answer.text, path


def test_links_and_query_strings_are_in_no_log_of_the_proxy(layout: Layout, outside: httpx.Client) -> None:
    """Who may read logs must not come in by what stands in them."""
    canary = "l1nk-c4n4ry-0123456789"
    doors = ("/welcome/", "/shared/", "/accounts/welcome/", "/api/v1/auth/invitation/", "/api/v1/shared/")
    for door in doors:
        outside.get(f"{door}{canary}/")
        outside.get(f"{door}{canary}/results/?ticket={canary}")
    outside.get("/livez")
    log = layout.proxy.folder / "access.log"
    wait_for(lambda: "/livez" in log.read_text(), what="the proxy's log")
    told = log.read_text()
    assert canary not in told
    for door in doors:
        assert f'"path":"{door}[redacted]/results/"' in told


def test_both_families_of_addresses_are_served(layout: Layout) -> None:
    hosts = ["127.0.0.1", *(["[::1]"] if layout.proxy.has_ipv6 else [])]
    for host in hosts:
        with layout.client() as client:
            assert client.get(f"https://{host}:{layout.proxy.port}/livez").status_code == 200, host
        plain = httpx.get(f"http://{host}:{layout.proxy.plain_port}/login")
        assert plain.status_code == 308, host


def test_what_a_client_says_of_its_address_and_scheme_is_dropped(outside: httpx.Client, stack: Stack) -> None:
    stack.user("frank")
    told = {
        "X-Forwarded-For": "6.6.6.6", "Forwarded": "for=6.6.6.6;proto=http", "X-Real-IP": "6.6.6.6",
        "X-Forwarded-Proto": "http", "X-Forwarded-Host": "evil.example.org",
    }  # fmt: skip
    answer = outside.post(
        "/api/v1/auth/token/", json={"username": "frank", "password": PASSWORD}, headers=told
    )
    assert answer.status_code == 200, "X-Forwarded-Proto: http would have been answered by a redirect"
    bearer = {"Authorization": f"Bearer {answer.json()['access']}"}
    sessions = outside.get("/api/v1/auth/sessions/", headers=bearer).json()
    listed = sessions["results"] if isinstance(sessions, dict) else sessions
    assert {session["address"] for session in listed} == {"127.0.0.1"}
    assert outside.get("/login", headers={"host": "evil.example.org"}).status_code == 400


def test_bodies_are_bounded_by_route_in_one_form_of_error(outside: httpx.Client, titan: Titan) -> None:
    bearer = {"Authorization": titan._transport._bearer and f"Bearer {titan._transport._bearer}"}
    large = b"x" * (18 * 2**20)
    refused = outside.post("/api/v1/auth/token/", content=large, headers={"content-type": "application/json"})
    assert refused.status_code == 413
    assert refused.json()["error"]["code"] == "payload_too_large"
    taken = outside.post("/api/v1/prices/upload/", files={"file": ("noise.csv", large)}, headers=bearer)
    assert taken.status_code in {202, 400}, "TITAN judges it, not the proxy"


def test_from_an_upload_to_candidates_followed_over_a_socket(titan: Titan) -> None:
    """nginx, web, Redis, the workers of ingest and compute, TimescaleDB and the shared folder: each has its part."""
    job = titan.prices_upload({"file": ("desk.csv", _prices()), "universe_name": "Layout"})["job"]
    titan.wait(job, progress=False, timeout=120)
    universe = next(one for one in titan.pages(titan.universes_list) if one["name"] == "Layout")
    scan = titan.scans_create({"universe": universe["id"], "null_draws": 0})
    seen = []
    for event in titan.follow(f"job_{scan['job']['id']}", after=0):
        seen.append(event["data"]["status"])
        if seen[-1] in {"COMPLETED", "FAILED", "ERRORED"}:
            break
    assert seen[-1] == "COMPLETED"
    best = titan.candidates(scan["id"], ordering=["qvalue"])
    assert {tuple(sorted(pair)) for pair in zip(best["symbol_1"][:2], best["symbol_2"][:2], strict=True)} == {
        ("AAA", "AAB"), ("BBA", "BBB"),
    }  # fmt: skip


def test_web_servers_are_replaced_one_after_the_other_without_a_failed_request(
    layout: Layout, titan: Titan
) -> None:
    bearer = {"Authorization": f"Bearer {titan._transport._bearer}"}
    ends, answers, failures = threading.Event(), [0], []

    def ask(number: int) -> None:
        with layout.client(headers=bearer) as client:
            while not ends.is_set():
                # one changes something, the other two read; some on a new connection, some on one kept open
                method, path = (
                    ("POST", "/api/v1/auth/ws-ticket/"),
                    ("GET", "/api/v1/jobs/"),
                    ("GET", "/readyz"),
                )[number % 3]
                try:
                    answer = client.request(method, path)
                except httpx.HTTPError as error:
                    failures.append(f"{method} {path}: {error!r}")
                    continue
                answers[0] += 1
                if answer.status_code >= 400:
                    failures.append(f"{method} {path}: {answer.status_code} {answer.text[:200]}")

    threads = [threading.Thread(target=ask, args=(number,)) for number in range(6)]
    for thread in threads:
        thread.start()
    try:
        for web in layout.webs:
            before = web.pid
            web.stop()
            web.start(ready(web))
            assert web.pid != before
    finally:
        ends.set()
        for thread in threads:
            thread.join()
    # A connection that completes in the very microseconds in which the socket closes is lost, and what changes
    # something is not sent twice: one such request a server may be answered "try again". Reading never fails.
    repeatable = [words for words in failures if words.startswith("POST /api/v1/auth/ws-ticket/: 503")]
    assert failures == repeatable
    assert len(repeatable) <= len(layout.webs)
    assert answers[0] > 100


def test_with_no_web_server_the_proxy_says_so_in_the_one_form_of_error(
    layout: Layout, outside: httpx.Client
) -> None:
    for web in layout.webs:
        web.stop()
    answer = outside.get("/api/v1/jobs/")
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "5")
    assert answer.json()["error"]["code"] == "unavailable"
    assert outside.get("/static/admin/css/base.css").status_code == 200
    # nginx's own error log would repeat request lines and where links came from
    canary, log = "t0k3n-c4n4ry-9876543210", layout.proxy.folder / "access.log"
    came_from = {"referer": f"{layout.proxy.url}/shared/{canary}"}
    for path in (
        f"/api/v1/jobs/?token={canary}",
        f"/shared/{canary}/",
        f"/static/none-{1}.js?token={canary}",
    ):
        assert outside.get(path, headers=came_from).status_code in {404, 503}
    httpx.get(f"{layout.proxy.plain_url}/.well-known/acme-challenge/none?token={canary}", headers=came_from)
    outside.get("/api/v1/the-last-one/")
    wait_for(lambda: "/api/v1/the-last-one/" in log.read_text(), what="the proxy's log")
    for told in layout.proxy.folder.glob("*.log"):
        assert canary not in told.read_text(), told
    refused = [
        line for line in map(json.loads, log.read_text().splitlines()) if "the-last-one" in line["path"]
    ]
    assert [line["status"] for line in refused] == [503]
    assert "502" in refused[0]["upstream_status"], "what the error log would have said"


def _prices() -> io.BytesIO:
    """A wide file of closes: two pairs that hold together, two symbols that wander."""
    panel: Any = small_panel()
    days = panel.timestamps.astype("datetime64[D]").astype(str)
    lines = [",".join(("Date", *panel.symbols))]
    lines += [
        ",".join((day, *(f"{value:.6f}" for value in row)))
        for day, row in zip(days, np.asarray(panel.values), strict=True)
    ]
    return io.BytesIO("\n".join(lines).encode())
