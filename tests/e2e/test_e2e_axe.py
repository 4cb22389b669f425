"""axe on every route, in both themes: no serious and no critical issue."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.e2e import pages
from tests.e2e.server import ROOT, Api, Server
from tests.e2e.test_e2e_walk import universe

AXE = ROOT / "frontend" / "react_app" / "node_modules" / "axe-core" / "axe.min.js"
# WCAG 2.2 AA and what axe calls best practice
_RUN = """async () => {
    const { violations } = await axe.run(document, { resultTypes: ['violations'] });
    const brief = ({ html, failureSummary }) => ({ html, failureSummary });
    return violations
        .filter(({ impact }) => impact === 'serious' || impact === 'critical')
        .map(({ id, help, nodes }) => ({ id, help, nodes: nodes.slice(0, 5).map(brief) }));
}"""


def issues(page: Page) -> list[dict[str, Any]]:
    """Serious and critical issues of the page as it stands."""
    page.wait_for_load_state("networkidle")
    page.evaluate(AXE.read_text())
    found: list[dict[str, Any]] = page.evaluate(_RUN)
    return found


def blank_login(page: Page, api: Api) -> None:
    page.evaluate("() => localStorage.removeItem('titan.session')")
    page.goto("/login")
    expect(page.get_by_role("button", name="Log in")).to_be_visible()


def data(page: Page, api: Api) -> None:
    page.goto("/data")
    expect(page.get_by_text("KO", exact=True).first).to_be_visible()


def one_symbol(page: Page, api: Api) -> None:
    page.goto("/data?symbol=KO")
    expect(page.locator("canvas").first).to_be_visible()


def options(page: Page, api: Api) -> None:
    page.goto("/data")
    page.get_by_text("Options:").click()
    expect(page.get_by_label("Into universe")).to_be_visible()


def coverage(page: Page, api: Api) -> None:
    page.goto("/data?view=coverage")
    expect(pages.rows(page, "Coverage by symbol and month").first).to_be_visible()


def report(page: Page, api: Api) -> None:
    page.goto("/data")
    page.get_by_label("Files of prices").set_input_files(
        {"name": "axe.csv", "mimeType": "text/csv", "buffer": b"Date,Close\n2020-01-02,1\n2020-01-03,-1\n"}
    )
    expect(pages.rows(page, "Rows set aside").first).to_be_visible(timeout=pages.SLOW)


def uploads(page: Page, api: Api) -> None:
    page.goto("/data?view=uploads")
    expect(page.get_by_role("grid", name="Uploads")).to_be_visible()


def finder(page: Page, api: Api) -> None:
    page.goto("/pair-finder")
    expect(
        page.get_by_role("region", name="New scan").get_by_role("button", name="Scan", exact=True)
    ).to_be_visible()


def candidates(page: Page, api: Api) -> None:
    pages.finished_scan(page, universe(api, "demo")["name"])


def truth(page: Page, api: Api) -> None:
    pages.finished_scan(page, universe(api, "synthetic")["name"])
    page.get_by_text("Compare with the truth").click()
    expect(page.get_by_role("region", name="Planted pairs").get_by_role("row").nth(1)).to_be_visible()


def running(page: Page, api: Api) -> None:
    name = universe(api, "synthetic")["name"]
    pages.start_scan(page, name, fields={"Most lags": "200"}, window="all data")


def pair(page: Page, api: Api) -> None:
    page.goto("/pair?symbol_1=KO&symbol_2=PEP")
    expect(page.locator("canvas").first).to_be_visible()


def pair_form(page: Page, api: Api) -> None:
    page.goto("/pair")
    expect(page.get_by_role("heading", level=1)).to_be_visible()


def jobs(page: Page, api: Api) -> None:
    page.goto("/jobs")
    expect(page.get_by_role("heading", level=1)).to_be_visible()


def workers(page: Page, api: Api) -> None:
    page.goto("/jobs?workers=true")
    expect(pages.rows(page, "Workers").filter(has_text="Up")).to_have_count(1)


def palette(page: Page, api: Api) -> None:
    options = page.get_by_role("listbox", name="Answers").get_by_role("option")
    pages.press_until(page, "Control+k", options.first)


def keys(page: Page, api: Api) -> None:
    pages.press_until(page, "?", page.get_by_role("dialog"))


def lost(page: Page, api: Api) -> None:
    page.goto("/no-such-page")
    page.wait_for_load_state("networkidle")


ROUTES = [
    blank_login,
    finder,
    running,
    candidates,
    truth,
    pair,
    pair_form,
    data,
    one_symbol,
    options,
    coverage,
    report,
    uploads,
    jobs,
    workers,
    palette,
    keys,
    lost,
]


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("route", ROUTES, ids=lambda route: route.__name__)
def test_axe_finds_nothing_serious(
    trader: Page, api: Api, server: Server, route: Callable[[Page, Api], None], theme: str
) -> None:
    trader.evaluate("theme => localStorage.setItem('titan.theme', theme)", theme)
    trader.reload()
    expect(trader.locator("html")).to_have_attribute("data-mantine-color-scheme", theme)
    route(trader, api)
    found = issues(trader)
    assert not found, json.dumps(found, indent=1)
