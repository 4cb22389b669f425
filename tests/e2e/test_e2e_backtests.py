"""Backtests in a browser: few clicks to a result, trades found both ways, runs compared, axe in both themes."""

import json
import re
import time

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.e2e import pages
from tests.e2e.server import Api, Server
from tests.e2e.test_e2e_axe import issues

_COUNT_CLICKS = """
sessionStorage.clicks ??= 0;
document.addEventListener('click', event => {
    if (event.isTrusted) sessionStorage.clicks = 1 + Number(sessionStorage.clicks);
}, true);
"""


@pytest.fixture(scope="package")
def runs(api: Api) -> tuple[int, int]:
    """Two finished backtests of one pair that differ in one setting."""
    made = [
        api.post("backtests/", {"pairs": [["KO", "PEP"]], "parameters": {"entry_z": entry}})["id"]
        for entry in (2.0, 1.5)
    ]
    for run in made:
        while api.get(f"backtests/{run}/")["completed_at"] is None:
            assert api.get(f"backtests/{run}/")["job"]["status"] in ("PENDING", "RUNNING", "COMPLETED")
            time.sleep(0.2)
    return made[0], made[1]


def tearsheet(page: Page, run: int) -> None:
    page.goto(f"/backtests/{run}")
    expect(page.get_by_role("region", name="Judgement")).to_contain_text("Sharpe ratio", timeout=pages.SLOW)
    expect(page.locator("canvas").first).to_be_visible()
    expect(pages.rows(page, "Trades").first).to_be_visible()


def chart(page: Page) -> Locator:
    return page.get_by_role("application", name=re.compile("equity and drawdown"))


def test_a_first_backtest_takes_at_most_five_clicks(page: Page, server: Server) -> None:
    page.add_init_script(_COUNT_CLICKS)
    pages.log_in(page, server)
    page.evaluate("() => { sessionStorage.clicks = 0 }")
    page.get_by_role("link", name="New backtest").click()
    page.get_by_role("button", name="Run backtest").click()
    page.wait_for_url(re.compile(r"/backtests/\d+"))
    expect(page.get_by_role("region", name="Judgement")).to_contain_text("Sharpe ratio", timeout=pages.SLOW)
    assert int(page.evaluate("() => sessionStorage.clicks")) <= 5


def test_a_contradiction_is_said_at_its_field_and_nothing_typed_is_lost(trader: Page) -> None:
    trader.goto("/backtests/new?symbol_1=KO&symbol_2=PEP")
    leave = trader.get_by_label("Exit, σ")
    leave.fill("3")
    trader.get_by_role("button", name="Run backtest").click()
    expect(leave).to_be_focused()
    expect(leave).to_have_accessible_description(re.compile("Below entry"))
    expect(leave).to_have_value("3")


def test_a_trade_is_found_from_its_row_and_from_the_chart(trader: Page, runs: tuple[int, int]) -> None:
    tearsheet(trader, runs[0])
    row = pages.rows(trader, "Trades").nth(1)
    row.click()
    trader.wait_for_url(re.compile("trade=2"))
    expect(row).to_have_attribute("aria-selected", "true")
    said = trader.get_by_role("region", name="Trades").get_by_role("status").first
    expect(said).to_contain_text("Trade 2:")
    # the other way: the crosshair walks from the last bar into the trade before, and Enter takes it
    trader.get_by_role("button", name="Unmark").click()
    expect(said).not_to_contain_text("Trade 2:")
    chart(trader).focus()
    trader.keyboard.press("End")
    for _ in range(400):
        trader.keyboard.press("Shift+ArrowLeft")
        trader.keyboard.press("Enter")
        if "trade=" in trader.url:
            break
    expect(said).to_contain_text(re.compile(r"Trade \d+:"))
    found = re.search(r"trade=(\d+)", trader.url)
    assert found
    marked = trader.get_by_role("grid", name="Trades").locator("[aria-selected=true]")
    expect(marked.get_by_role("gridcell").first).to_have_text(found.group(1))
    # and by the pointer, on the line itself: the address keeps one trade or another
    box = chart(trader).bounding_box()
    assert box
    trader.mouse.click(box["x"] + box["width"] * 0.4, box["y"] + 60)
    expect(marked).to_have_count(1)


def test_two_runs_are_chosen_and_compared(trader: Page, runs: tuple[int, int]) -> None:
    trader.goto(f"/backtests?selected={runs[0]}.{runs[1]}")
    trader.get_by_role("button", name="Compare 2 runs").click()
    trader.wait_for_url(re.compile("/backtests/compare"))
    table = trader.get_by_role("table", name="Runs compared")
    expect(table.get_by_role("row")).to_have_count(3, timeout=pages.SLOW)
    differs = trader.get_by_role("region", name="What differs")
    expect(differs.get_by_role("row", name=re.compile("entry z"))).to_contain_text("1.5")
    luck = trader.get_by_role("region", name=re.compile("more than luck"))
    expect(luck.get_by_role("row")).to_have_count(2)


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_axe_finds_nothing_serious_in_backtests(trader: Page, runs: tuple[int, int], theme: str) -> None:
    trader.evaluate("theme => localStorage.setItem('titan.theme', theme)", theme)
    found = {}
    for path in ("/backtests", "/backtests/new", f"/backtests/compare?runs={runs[0]}.{runs[1]}"):
        trader.goto(path)
        expect(trader.get_by_role("heading", level=1)).to_be_visible()
        found[path] = issues(trader)
    tearsheet(trader, runs[0])
    found["tearsheet"] = issues(trader)
    assert not any(found.values()), json.dumps(found, indent=1)
