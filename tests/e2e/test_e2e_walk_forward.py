"""A walk-forward from the form to its judgement; a rule tried with sliders; signals; axe on each in both themes."""

import re

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
