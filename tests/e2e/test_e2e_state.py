"""What is kept: the address holds the view, the browser the theme and the session."""

import re

from playwright.sync_api import BrowserContext, Page, expect

from tests.e2e import pages
from tests.e2e.server import Api, Server
from tests.e2e.test_e2e_walk import universe

_SCHEME = "() => document.documentElement.getAttribute('data-mantine-color-scheme')"
_BACKGROUND = "() => getComputedStyle(document.body).backgroundColor"


def choose_theme(page: Page, name: str) -> None:
    """Pick a theme in the account's menu."""
    page.get_by_role("button", name="Account of demo").click()
    page.get_by_role("menuitemradio", name=name).click()
    page.keyboard.press("Escape")


def test_a_reload_shows_the_same_table(trader: Page, api: Api) -> None:
    pages.finished_scan(trader, universe(api, "demo")["name"])
    trader.get_by_label(re.compile("^All 190 tested pairs")).check()
    trader.get_by_label("Search tickers").fill("KO")
    trader.wait_for_url(re.compile("q=KO"))
    trader.get_by_role("columnheader", name="Corr.").get_by_role("button").click()
    trader.wait_for_url(re.compile("order=-?correlation"))
    expect(trader.get_by_text("19 rows")).to_be_visible()

    def table() -> list[dict[str, str]]:
        return pages.read_table(trader, "Candidate pairs")

    def in_order(found: list[dict[str, str]]) -> bool:
        values = [pages.number(row["Corr."]) for row in found]
        return values in (sorted(values), sorted(values, reverse=True))

    before = pages.until(trader, table, in_order, "the rows in the new order")
    trader.reload()
    expect(trader.get_by_text("19 rows")).to_be_visible()
    assert table() == before
    assert all("KO" in row["Pair"] for row in before)


def test_back_returns_to_the_table_from_a_pair(trader: Page, api: Api) -> None:
    pages.finished_scan(trader, universe(api, "demo")["name"])
    address = trader.url
    pages.rows(trader, "Candidate pairs").first.get_by_role("link").click()
    trader.wait_for_url(re.compile("/pair\\?"))
    trader.go_back()
    expect(pages.rows(trader, "Candidate pairs").first).to_be_visible()
    assert trader.url == address


def test_the_address_of_a_kept_pair_leads_to_its_page(trader: Page, api: Api) -> None:
    if not api.get("pairs/")["count"]:
        api.post("pairs/", {"symbol_1": "CVX", "symbol_2": "XOM"})
    pair = api.get("pairs/", page_size=1)["results"][0]
    trader.goto(f"/pairs/{pair['id']}")
    trader.wait_for_url(re.compile(rf"/pair\?.*symbol_1={pair['symbol_1']['ticker']}"))
    expect(trader.get_by_role("heading", level=1)).to_be_visible()


def test_the_theme_is_kept_and_does_not_flash(trader: Page) -> None:
    light = trader.evaluate(_BACKGROUND)
    choose_theme(trader, "Dark")
    expect(trader.locator("html")).to_have_attribute("data-mantine-color-scheme", "dark")
    dark = trader.evaluate(_BACKGROUND)
    assert dark != light
    trader.reload(wait_until="commit")
    trader.wait_for_selector("body")
    assert trader.evaluate(_SCHEME) == "dark", "the first paint must be dark already"
    expect(trader.get_by_role("navigation", name="Pages")).to_be_visible()
    assert trader.evaluate(_BACKGROUND) == dark
    choose_theme(trader, "As the system")
    trader.emulate_media(color_scheme="light")
    expect(trader.locator("html")).to_have_attribute("data-mantine-color-scheme", "light")
    trader.emulate_media(color_scheme="dark")
    expect(trader.locator("html")).to_have_attribute("data-mantine-color-scheme", "dark")


def test_logging_out_ends_the_session_in_every_tab(trader: Page, context: BrowserContext) -> None:
    other = context.new_page()
    other.goto("/data")
    expect(other.get_by_role("navigation", name="Pages")).to_be_visible()
    trader.get_by_role("button", name="Account of demo").click()
    trader.get_by_role("menuitem", name="Log out").click()
    expect(trader.get_by_role("button", name="Log in")).to_be_visible()
    expect(other.get_by_role("button", name="Log in")).to_be_visible()
    other.goto("/data")
    expect(other.get_by_role("button", name="Log in")).to_be_visible()


def test_csv_holds_the_rows_of_the_table(trader: Page, api: Api, server: Server) -> None:
    scan = pages.finished_scan(trader, universe(api, "demo")["name"])
    kept = api.get(f"scans/{scan}/candidates/", ordering="statistic", page_size=1000)["results"]
    grid = trader.get_by_role("region", name="Candidates")
    with trader.expect_download() as download:
        grid.get_by_role("button", name="CSV").click()
    lines = download.value.path().read_text().splitlines()
    assert len(lines) == len(kept) + 1
    assert "symbol_1" in lines[0]
    assert kept[0]["symbol_1"] in lines[1]
