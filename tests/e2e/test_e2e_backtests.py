"""Backtests in a browser: few clicks to a result, trades found both ways, runs compared, axe in both themes."""

import json
import re
import time
from itertools import combinations

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.e2e import pages
from tests.e2e.server import Api, Server
from tests.e2e.test_e2e_axe import issues
from tests.e2e.test_e2e_desk import share

_COUNT_CLICKS = """
sessionStorage.clicks ??= 0;
document.addEventListener('click', event => {
    if (event.isTrusted) sessionStorage.clicks = 1 + Number(sessionStorage.clicks);
}, true);
"""


# the uppermost pane without its axis: the widest canvas
_PLOT = """frame => [...frame.querySelectorAll('canvas')]
    .map(canvas => canvas.getBoundingClientRect())
    .map(({ x, y, width }) => ({ x, y, width }))
    .sort((one, other) => other.width - one.width || one.y - other.y)[0]"""


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


def steady_plot(page: Page) -> dict[str, float]:
    """Where the chart is drawn, once what stands above it has come and it stays where it is."""
    seen: list[dict[str, float]] = []

    def look() -> list[dict[str, float]]:
        seen.append(chart(page).evaluate(_PLOT))
        page.wait_for_timeout(100)
        return seen[-3:]

    return pages.until(page, look, lambda last: last == [last[0]] * 3, "a chart that stays where it is")[0]


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
    expect(trader).to_have_url(re.compile(r"trade=\d+"))
    marked = trader.get_by_role("grid", name="Trades").locator("[aria-selected=true]")
    number = marked.get_by_role("gridcell").first
    pages.until(
        trader,
        lambda: (trader.url, number.inner_text()),
        lambda found: re.search(rf"trade={found[1]}\b", found[0]) is not None,
        "one trade in the address and in the table",
    )
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


def test_a_marker_on_the_chart_finds_its_row(trader: Page, runs: tuple[int, int], api: Api) -> None:
    """Where the line leaves a trade stands its dot: pressed, it marks the row; the address keeps both on reload."""
    tearsheet(trader, runs[0])
    trade = api.get(f"backtests/{runs[0]}/trades/", ordering="number")["results"][4]
    stamps = api.get(f"backtests/{runs[0]}/equity/")["timestamps"]
    box = steady_plot(trader)
    bar = stamps.index(trade["exit_filled_at"])
    trader.mouse.click(box["x"] + (bar - 0.5) / len(stamps) * box["width"], box["y"] + 90)
    expect(trader).to_have_url(re.compile(r"trade=\d+"))
    marked = trader.get_by_role("grid", name="Trades").locator("[aria-selected=true]")
    expect(marked).to_have_count(1)
    number = int(marked.get_by_role("gridcell").first.inner_text())
    assert (
        abs(number - trade["number"]) <= 1
    )  # the bar at which one trade is left may be the next one's first


def test_a_reload_keeps_the_range_beside_a_trade_that_lies_elsewhere(
    trader: Page, runs: tuple[int, int]
) -> None:
    tearsheet(trader, runs[0])
    path = f"/backtests/{runs[0]}?trade=2&from=2021-01-04&to=2021-12-31"
    trader.goto(path)
    expect(trader.get_by_role("region", name="Trades").get_by_role("status").first).to_contain_text(
        "Trade 2:"
    )
    expect(chart(trader)).to_contain_text("2021-12-31")
    assert trader.url.endswith(path)


def test_a_run_is_checked_exported_and_shown_to_a_stranger(
    trader: Page, browser: Browser, server: Server, runs: tuple[int, int]
) -> None:
    tearsheet(trader, runs[1])
    said = trader.get_by_role("region", name="Judgement")
    trader.get_by_role("button", name="Re-run").click()
    expect(said).to_contain_text("equity and trades are the same to the last bit", timeout=pages.SLOW)
    trader.get_by_role("button", name="Check look-ahead").click()
    expect(said).to_contain_text("Nothing it decided depends on later bars", timeout=pages.SLOW)
    for label, start in {
        "Report, one HTML file": b"<!doctype html",
        "Equity, CSV": b"timestamps,",
        "Equity, Parquet": b"PAR1",
        "Everything, JSON": b"{",
        "Trades, CSV": b"number,",
    }.items():
        trader.get_by_role("button", name="Export").click()
        with trader.expect_download() as download:
            trader.get_by_role("menuitem", name=label).click()
        content = download.value.path().read_bytes()
        assert content.lower().startswith(start.lower()), (label, content[:40])
    pages.rows(trader, "Trades").nth(2).click()
    trader.wait_for_url(re.compile("trade=3"))
    path = share(trader)
    context = browser.new_context(base_url=server.url)
    stranger = context.new_page()
    asked: list[str] = []
    stranger.on("request", lambda request: asked.append(request.url))
    stranger.goto(path)
    tearsheet_of = stranger.get_by_role("region", name="Judgement")
    expect(tearsheet_of).to_contain_text("Sharpe ratio", timeout=pages.SLOW)
    expect(stranger.locator("canvas").first).to_be_visible()
    expect(stranger.get_by_role("grid", name="Trades").locator("[aria-selected=true]")).to_contain_text("3")
    expect(stranger.get_by_role("navigation")).to_have_count(0)
    for name in ("Re-run", "Share", "Export", "Change and run"):
        expect(stranger.get_by_role("button", name=name, exact=True)).to_have_count(0)
    assert all("/api/v1/shared/" in url for url in asked if "/api/" in url)
    assert issues(stranger) == []
    context.close()


def test_the_account_so_far_is_drawn_while_a_backtest_runs(trader: Page) -> None:
    """Over a real socket: many pairs on one account, judged longer than traded."""
    tickers = [f"SYN{number:02d}" for number in range(1, 12)]
    pairs = ",".join(f"{one}~{two}" for one, two in combinations(tickers, 2))
    said: list[str] = []
    trader.on("websocket", lambda socket: socket.on("framereceived", lambda frame: said.append(str(frame))))
    trader.goto(f"/backtests/new?kind=list&pairs={pairs}")
    drawn = """() => {
        const look = () => {
            const found = document.querySelector('figure figcaption');
            if (found) window.soFar = found.textContent;
        };
        new MutationObserver(look).observe(document.body, { subtree: true, childList: true });
    }"""
    trader.evaluate(drawn)
    trader.get_by_role("button", name="Run backtest").click()
    expect(trader.get_by_role("region", name="Judgement")).to_contain_text("Sharpe ratio", timeout=pages.SLOW)
    assert any('"backtest_progress"' in frame for frame in said)
    assert "so far" in trader.evaluate("() => window.soFar ?? ''")


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
