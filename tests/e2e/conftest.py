"""One server and one Chromium for all browser tests; a fresh browser context for each test."""

import os
import subprocess
from collections.abc import Generator, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Error,
    Page,
    Response,
    expect,
    sync_playwright,
)

from tests.e2e.pages import log_in
from tests.e2e.server import ROOT, Api, Server

FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
RESULTS = ROOT / "test-results"


# a machine that runs everything at once is slow; nothing here measures time
expect.set_options(timeout=20_000)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Everything in this folder needs a browser."""
    here = Path(__file__).parent
    for item in items:
        if here in item.path.parents:
            item.add_marker(pytest.mark.browser)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Leave a picture of the page a test failed on."""
    report = yield
    if report.when == "call" and report.failed:
        for page in getattr(item, "funcargs", {}).values():
            if isinstance(page, Page) and not page.is_closed():
                RESULTS.mkdir(exist_ok=True)
                page.screenshot(path=RESULTS / f"{item.name.replace('/', '_')[:80]}.png")
    return report


@pytest.fixture(scope="package")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """`titan up` with the SPA as built."""
    if not (ROOT / "frontend" / "react_app" / "dist" / "index.html").exists():
        pytest.fail("the browser application isn't built: run `make setup`")
    server = Server(tmp_path_factory.mktemp("titan")).start()
    yield server
    server.stop()


@pytest.fixture(scope="package")
def api(server: Server) -> Iterator[Api]:
    """The same account over plain HTTP."""
    api = Api(server)
    yield api
    api.close()


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    """Chromium, for this package only: Playwright's event loop must be gone before async tests run."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium_path(), args=list(FLAGS))
        yield browser
        browser.close()


def chromium_path() -> str:
    """The Chromium asked for, or the one found on this machine."""
    if asked := os.environ.get("TITAN_CHROMIUM"):
        return asked
    found = subprocess.run(
        [ROOT / "tools" / "find_chromium.sh"], capture_output=True, text=True, check=False
    ).stdout.strip()
    if not found:
        pytest.fail(
            "no Chromium: install it, or set TITAN_CHROMIUM, or leave these tests out with -m 'not browser'"
        )
    return found


@pytest.fixture
def context(browser: Browser, server: Server) -> Iterator[BrowserContext]:
    """A browser nobody has used, with a desktop's window."""
    context = browser.new_context(
        base_url=server.url, viewport={"width": 1440, "height": 900}, color_scheme="light"
    )
    context.set_default_timeout(30_000)
    yield context
    context.close()


@pytest.fixture
def page(context: BrowserContext, server: Server) -> Iterator[Page]:
    """A page; the test fails if the application throws, logs an error, asks another host or meets a 5xx."""
    page = context.new_page()
    wrong: list[str] = []

    def on_console(message: ConsoleMessage) -> None:
        # the browser logs every 4xx answer; those are for the application to show, and tests look at that
        if message.type == "error" and "Failed to load resource" not in message.text:
            wrong.append(f"console: {message.text}")

    def on_response(response: Response) -> None:
        if response.status >= 500:
            wrong.append(f"{response.status} {response.url}")
        if not response.url.startswith((server.url, "data:", "blob:")):
            wrong.append(f"asked another host: {response.url}")

    def on_error(error: Error) -> None:
        wrong.append(f"thrown: {error}")

    page.on("console", on_console)
    page.on("response", on_response)
    page.on("pageerror", on_error)
    yield page
    assert not wrong, "\n".join(wrong)


@pytest.fixture
def trader(page: Page, server: Server) -> Page:
    """The page after logging in with the printed demo account."""
    log_in(page, server)
    return page
