"""Optimise: from a pair to a grid and a search, to a backtest and a walk-forward; axe on each in both themes."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.e2e import pages
from tests.e2e.server import Api, Server
from tests.e2e.test_e2e_axe import issues


def start(page: Page) -> None:
    """Press Start, and wait for the verdict."""
    page.get_by_role("button", name="Start").click()
    page.wait_for_url(re.compile(r"/sweeps/\d+"), timeout=pages.SLOW)
    expect(page.get_by_text(re.compile(r"^Best of \d+"))).to_be_visible(timeout=pages.SLOW)


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_a_grid_is_asked_for_looked_at_and_taken_further(
    page: Page, server: Server, api: Api, theme: str
) -> None:
    """A cell and its row are one choice, kept in the address; it becomes a backtest, and the sweep a walk-forward."""
    page.emulate_media(color_scheme="dark" if theme == "dark" else "light")
    pages.log_in(page, server)
    page.goto("/pair?symbol_1=KO&symbol_2=PEP")
    page.get_by_role("main").get_by_role("link", name="Optimise").click()
    form = page.get_by_role("form", name="New sweep or search")
    expect(form.get_by_label("First leg")).to_have_value("KO")
    form.get_by_label("Window, values").fill("3")
    form.get_by_label("Entry, values").fill("4")
    expect(form.get_by_text("12 combinations of 2 settings")).to_be_visible()
    assert issues(page) == []
    start(page)

    surface = page.get_by_role("img", name=re.compile(r"^Sharpe ratio over window and entry"))
    surface.click(position={"x": 300, "y": 200})
    expect(page).to_have_url(re.compile(r"[?&]chosen=\d+"))
    expect(page.get_by_role("article", name=re.compile(r"^Chosen, number"))).to_be_visible()
    marked = pages.rows(page, "Combinations").and_(page.locator('[aria-selected="true"]'))
    expect(marked).to_have_count(1)
    page.get_by_role("combobox", name="Shown").select_option(label="Trades")
    expect(page).to_have_url(re.compile(r"metric=n_trades"))
    expect(page.get_by_role("img", name=re.compile(r"^Trades over"))).to_be_visible()
    page.reload()
    expect(page.get_by_role("img", name=re.compile(r"^Trades over"))).to_be_visible()
    luck = page.get_by_role("region", name="How much of it is luck?")
    expect(luck.get_by_role("button", name="Does the best of the past stay good?")).to_be_visible()
    assert issues(page) == []

    there = page.url
    page.get_by_role("link", name="Walk-forward this").click()
    expect(page.get_by_text(re.compile(r"^From sweep \d+"))).to_be_visible()
    expect(page.get_by_text("12 combinations a pair and window")).to_be_visible()
    page.goto(there)
    best = page.get_by_role("article", name="Best")
    shown = best.get_by_text(re.compile(r"^Sharpe")).inner_text()
    best.get_by_role("link", name="Backtest this").click()
    expect(page.get_by_text(re.compile(r"^Starts from sweep \d+"))).to_be_visible()
    page.get_by_role("button", name="Run backtest").click()
    page.wait_for_url(re.compile(r"/backtests/\d+"), timeout=pages.SLOW)
    expect(page.get_by_role("main").get_by_role("link", name="Optimise")).to_be_visible(timeout=pages.SLOW)
    assert shown


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_a_search_shows_its_points(page: Page, server: Server, api: Api, theme: str) -> None:
    """The points lie where they were tried; ordering the table keeps its place in the address."""
    page.emulate_media(color_scheme="dark" if theme == "dark" else "light")
    pages.log_in(page, server)
    page.goto("/sweeps?symbol_1=KO&symbol_2=PEP&method=search")
    form = page.get_by_role("form", name="New sweep or search")
    form.get_by_role("textbox", name="Points").fill("40")
    form.get_by_label("Window by ratio").check()
    assert issues(page) == []
    start(page)
    points = page.get_by_role("img", name=re.compile(r"^Sharpe ratio over window and entry"))
    expect(points.locator("circle[data-shade]").first).to_be_visible()
    page.get_by_role("combobox", name="Up").select_option(label="exit")
    expect(page).to_have_url(re.compile(r"[?&]y=exit_z"))
    page.get_by_role("columnheader", name="Return").click()
    expect(page).to_have_url(re.compile(r"order=-total_return"))

    def gains() -> list[float]:
        return [pages.number(row["Return"]) for row in pages.read_table(page, "Combinations")]

    pages.until(page, gains, lambda found: found == sorted(found, reverse=True), "the rows in the new order")
    pages.rows(page, "Combinations").first.click()
    expect(page).to_have_url(re.compile(r"[?&]chosen=\d+"))
    expect(page.get_by_text("too kind to it")).to_be_visible()
    assert issues(page) == []


def test_what_makes_no_sense_is_said_at_its_field(page: Page, server: Server, api: Api) -> None:
    """A contradiction starts nothing; a sweep that is not there leads back."""
    pages.log_in(page, server)
    page.goto("/sweeps?symbol_1=KO&symbol_2=KO")
    page.get_by_role("button", name="Start").click()
    expect(page.get_by_text("A symbol has no spread with itself")).to_be_visible()
    expect(page).to_have_url(re.compile(r"/sweeps\?"))
    page.goto("/sweeps/99999")
    expect(page.get_by_text("There is no sweep 99999, or it is not yours")).to_be_visible()
