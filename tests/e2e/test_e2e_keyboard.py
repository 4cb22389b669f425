"""Everything by keyboard: the palette, the single keys, and a tour without a mouse."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.e2e import pages
from tests.e2e.server import Api, Server
from tests.e2e.test_e2e_walk import universe

_FOCUS_SEEN = """() => {
    const box = document.activeElement.getBoundingClientRect();
    if (!box.width || !box.height) return 'nothing visible has the focus';
    const x = box.x + Math.min(box.width, 60) / 2, y = box.y + Math.min(box.height, 30) / 2;
    const top = document.elementFromPoint(x, y);
    if (!top) return `the focus is off the screen: ${document.activeElement.outerHTML.slice(0, 200)}`;
    const active = document.activeElement;
    // a drawn check mark lies over its own box, as a brother of it
    const own = active.contains(top) || top.contains(active) || active.parentElement.contains(top);
    return own ? '' : `covered by ${top.outerHTML.slice(0, 200)}`;
}"""


def palette(page: Page, words: str) -> None:
    """Open the command palette and type."""
    field = page.get_by_role("combobox", name="Go to a page, symbol or pair")
    pages.press_until(page, "Control+k", field)
    expect(field).to_be_focused()
    field.fill(words)
    first = page.get_by_role("listbox", name="Answers").get_by_role("option").first
    expect(first).to_have_text(re.compile(".*".join(words.split()), re.IGNORECASE))
    page.keyboard.press("Enter")


@pytest.mark.parametrize(
    ("words", "address"), [("data", "/data"), ("jobs", "/jobs"), ("pair finder", "/pair-finder")]
)
def test_the_palette_reaches_pages(trader: Page, words: str, address: str) -> None:
    trader.goto("/jobs" if address != "/jobs" else "/data")
    expect(trader.get_by_role("heading", level=1)).to_be_visible()
    palette(trader, words)
    trader.wait_for_url(re.compile(rf"{address}($|\?)"))


def test_the_palette_reaches_every_symbol(trader: Page, api: Api) -> None:
    symbols = api.get("symbols/", page_size=1000)["results"]
    tickers = [
        symbol["ticker"] for symbol in symbols if not symbol["ticker"].startswith("WIDE")
    ]  # 200 of other tests
    assert len(tickers) > 20
    field = trader.get_by_role("combobox", name="Go to a page, symbol or pair")
    pages.press_until(trader, "Control+k", field)
    options = trader.get_by_role("listbox", name="Answers").get_by_role("option")
    for ticker in tickers:
        field.fill(ticker)
        expect(options.filter(has_text=ticker).first).to_be_visible()
    trader.keyboard.press("Escape")
    expect(field).to_be_hidden()
    palette(trader, "KO")
    trader.wait_for_url(re.compile(r"/data\?.*symbol=KO"))


def test_the_palette_opens_a_pair_typed_as_two_tickers(trader: Page) -> None:
    palette(trader, "ko pep")
    trader.wait_for_url(re.compile(r"/pair\?symbol_1=KO&symbol_2=PEP"))


def test_the_sheet_of_keys_and_the_switch_that_turns_single_keys_off(trader: Page) -> None:
    sheet = trader.get_by_role("dialog", name="Keyboard shortcuts")
    pages.press_until(trader, "?", sheet)
    sheet.get_by_role("switch", name="Single keys act").uncheck()
    trader.keyboard.press("Escape")
    expect(sheet).to_be_hidden()
    trader.keyboard.press("?")
    trader.keyboard.press("g")
    trader.keyboard.press("d")
    expect(sheet).to_be_hidden()
    expect(trader.get_by_role("heading", level=1)).to_have_text("Dashboard")
    # the account remembers the switch: on again for whoever comes after
    trader.get_by_role("button", name="Account of").click()
    trader.get_by_role("menuitem", name="Keyboard shortcuts").click()
    sheet.get_by_role("switch", name="Single keys act").check()
    trader.keyboard.press("Escape")
    expect(sheet).to_be_hidden()
    pages.press_until(trader, "?", sheet)


def test_the_tour_without_a_mouse(page: Page, server: Server, api: Api) -> None:
    page.goto("/")
    expect(page.get_by_label("User name")).to_be_visible()
    tab_to(page, "User name")
    page.keyboard.type("demo")
    tab_to(page, "Password")
    page.keyboard.type(server.password)
    page.keyboard.press("Enter")
    expect(page.get_by_role("navigation", name="Pages")).to_be_visible()

    page.goto("/pair-finder")
    expect(page.get_by_label("Universe")).to_be_visible()
    tab_to(page, "Universe")
    page.keyboard.type(universe(api, "demo")["name"][:6])
    tab_to(page, "Scan")
    page.keyboard.press("Enter")
    pages.wait_for_result(page)

    tab_to(page, "Select all rows", limit=60)
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    seen = page.evaluate(_FOCUS_SEEN)
    assert seen == "", seen
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile(r"/pair\?"))
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    page.keyboard.press("g")
    page.keyboard.press("j")
    expect(page.get_by_role("heading", level=1)).to_have_text("Jobs")
    expect(page.get_by_role("heading", level=1)).to_be_focused()


def tab_to(page: Page, name: str, limit: int = 40) -> None:
    """Press Tab until the element with this name has the focus; it must be visible all the way."""
    script = """() => {
        const element = document.activeElement;
        const label = element.getAttribute('aria-label') || element.labels?.[0]?.innerText || element.innerText || '';
        return label.trim();
    }"""
    for _ in range(limit):
        if re.match(rf"{re.escape(name)}\b", page.evaluate(script)):
            return
        page.keyboard.press("Tab")
        seen = (
            page.evaluate(_FOCUS_SEEN)
            if page.evaluate("() => document.activeElement !== document.body")
            else ""
        )
        assert seen == "", seen
    pytest.fail(f"{limit} presses of Tab did not reach {name!r}")
