"""A walk-forward from the form to its judgement; a rule tried with sliders; signals; axe on each in both themes."""

import datetime as dt
import math
import re
import time

import pytest
from playwright.sync_api import Page, expect

from tests.e2e import pages
from tests.e2e.server import Api, Server
from tests.e2e.test_e2e_axe import issues


def walk_forward(page: Page) -> None:
    """Start a walk-forward of one pair over two settings, and wait for its end."""
    page.goto("/walk-forwards?pairs=KO~PEP")
    page.get_by_label("Entry, deviations").fill("1.5, 2")
    page.get_by_label("Window, bars").fill("60")
    expect(page.get_by_text("2 combinations a pair and window")).to_be_visible()
    page.get_by_role("button", name="Start").click()
    page.wait_for_url(re.compile(r"/walk-forwards/\d+"), timeout=pages.SLOW)
    expect(page.get_by_text(re.compile(r"^Out of sample, \d+ windows"))).to_be_visible(timeout=pages.SLOW)


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_a_walk_forward_is_asked_for_and_judged(page: Page, server: Server, api: Api, theme: str) -> None:
    """Windows stand on one scale, a chosen one keeps its place in the address, luck is judged in words."""
    page.emulate_media(color_scheme="dark" if theme == "dark" else "light")
    pages.log_in(page, server)
    walk_forward(page)
    windows = page.get_by_role("region", name="Training and test, window by window")
    windows.get_by_role("button").first.click()
    expect(page).to_have_url(re.compile(r"[?&]window=\d+"))
    expect(page.get_by_role("table", name="Pairs of the window").get_by_role("row")).to_have_count(2)
    page.goto(f"{page.url}&from=2022-01-03&to=2022-03-31")
    account = page.get_by_role("application", name=re.compile("The account through all tests"))
    expect(account).to_contain_text("2022-03-31")
    expect(page).to_have_url(re.compile(r"from=2022-01-03&to=2022-03-31"))
    luck = page.get_by_role("complementary", name="How much of it is luck?")
    expect(luck.get_by_role("button", name="Is it more than the luckiest of many tries?")).to_be_visible()
    expect(page.locator("canvas").first).to_be_visible()
    assert issues(page) == []


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_a_slider_tries_the_rule_again_and_says_so(page: Page, server: Server, api: Api, theme: str) -> None:
    """Moving a slider asks anew, counts a further trial, and the address keeps what was moved."""
    page.emulate_media(color_scheme="dark" if theme == "dark" else "light")
    pages.log_in(page, server)
    page.goto("/pair?symbol_1=KO&symbol_2=PEP&panel=rule")
    panel = page.get_by_role("region", name="Try a rule")
    expect(panel.get_by_text(re.compile(r"configurations? tried on this pair"))).to_be_visible(
        timeout=pages.SLOW
    )
    slider = panel.get_by_role("slider", name="Entry")
    with page.expect_response(re.compile(r"/backtests/quick/")) as answered:
        slider.press("ArrowRight" if theme == "light" else "ArrowLeft")
    assert answered.value.ok
    expect(page).to_have_url(re.compile(r"[?&]set=.*entry_z"))
    panel.get_by_role("button", name="Later trade").click()
    expect(panel.get_by_text(re.compile(r"^(Bought|Sold) \d{4}-"))).to_be_visible()
    assert issues(page) == []


def test_signals_are_brought_up_to_date(page: Page, server: Server, api: Api) -> None:
    """A watched pair's signals stand in a table; one chosen there is marked."""
    pages.log_in(page, server)
    page.goto("/pair?symbol_1=KO&symbol_2=PEP&panel=signals")
    page.get_by_role("button", name="Bring up to date").click()
    table = page.get_by_role("table", name="Signals of the pair")
    expect(table.get_by_role("row").nth(1)).to_be_visible(timeout=pages.SLOW)
    first = table.get_by_role("button").first
    first.click()
    expect(first).to_have_attribute("aria-pressed", "true")
    assert issues(page) == []


def bring(api: Api, spreads: list[float], first: dt.date) -> dt.date:
    """Bars of SGA, so far from SGB's, from a day on; the day after the last."""
    lines, day = ["Date,Symbol,Close"], first
    for number, spread in enumerate(spreads):
        other = 50.0 + 5.0 * math.sin(number / 40)
        lines += [f"{day},SGA,{other * math.exp(spread):.6f}", f"{day},SGB,{other:.6f}"]
        day += dt.timedelta(days=3 if day.weekday() == 4 else 1)
    ingestion = api.upload("prices/upload/", f"signals-{first}.csv", "\n".join(lines).encode())
    while api.get(f"jobs/{ingestion['job']['id']}/")["status"] in ("PENDING", "RUNNING"):
        time.sleep(0.2)
    return day


def test_a_new_bar_pushes_its_signal_to_the_page_and_to_the_bell(
    page: Page, server: Server, api: Api
) -> None:
    """Bars come as a file, the job that follows reads them, a real socket tells: nothing is pressed or asked again."""
    jumps = dict.fromkeys((100, 101, 200, 201, 300, 301, 400, 401), 0.012)
    calm = [(0.004 if bar % 2 else -0.004) + jumps.get(bar, 0.0) for bar in range(500)]
    day = bring(api, calm, dt.date(2018, 1, 1))
    pages.log_in(page, server)
    page.goto("/pair?symbol_1=SGA&symbol_2=SGB&panel=signals")
    page.get_by_role("button", name="Watch this pair").click()
    newest = page.get_by_role("table", name="Signals of the pair").get_by_role("row").nth(1)
    expect(newest).to_be_visible(timeout=pages.SLOW)
    page.evaluate("() => { window.sameDocument = true }")
    bring(api, [0.014, 0.012], day)
    expect(newest).to_contain_text(f"{day}", timeout=pages.SLOW)
    expect(newest).to_contain_text("sell")
    assert page.evaluate("() => window.sameDocument")
    page.goto("/alerts?state=all")
    alert = pages.rows(page, "Alerts").filter(has_text="SGA").first
    alert.get_by_role("link").first.click(timeout=pages.SLOW)
    expect(page).to_have_url(re.compile(r"/pair\?symbol_1=SGA&symbol_2=SGB&panel=signals"))
