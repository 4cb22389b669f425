"""Tables where the browser draws scrollbars that take room, as on Windows and Linux: headless Chromium hides them."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.e2e.conftest import FLAGS, chromium_path
from tests.e2e.pages import log_in
from tests.e2e.server import Server

# what one would have to scroll to see all of the box, in pixels: across and down
_HIDDEN = "box => [box.scrollWidth - box.clientWidth, box.scrollHeight - box.clientHeight]"
_BAR = "box => box.offsetHeight - box.clientHeight - 2"  # less the borders


@pytest.fixture
def page(browser: Browser, server: Server) -> Iterator[Page]:
    """A page of a browser with scrollbars, logged in."""
    seen = browser.browser_type.launch(
        executable_path=chromium_path(), args=list(FLAGS), ignore_default_args=["--hide-scrollbars"]
    )
    page = seen.new_page(base_url=server.url, viewport={"width": 1440, "height": 900})
    log_in(page, server)
    yield page
    seen.close()


@pytest.mark.parametrize(("path", "table"), [("/data", "Symbols"), ("/backtests", "Backtests")])
def test_a_table_that_fits_scrolls_nowhere_across(page: Page, path: str, table: str) -> None:
    page.goto(path)
    grid = page.get_by_role("grid", name=table)
    expect(grid.locator("[data-index='0']")).to_be_visible()
    assert grid.evaluate(_HIDDEN)[0] == 0


def test_a_scrollbar_below_a_short_table_hides_none_of_its_rows(page: Page) -> None:
    page.set_viewport_size({"width": 800, "height": 900})
    page.goto("/jobs")
    page.get_by_role("button", name="Show workers").click()
    grid = page.get_by_role("grid", name="Workers")
    expect(grid.locator("[data-index='0']")).to_be_visible()
    assert grid.evaluate(_BAR) > 0, "the table fits: the test sees no scrollbar"
    across, down = grid.evaluate(_HIDDEN)
    assert across > 0
    assert down == 0


@pytest.mark.parametrize("path", ["/sweeps", "/walk-forwards", "/backtests/new", "/pair-finder"])
def test_forms_fit_a_small_window(page: Page, path: str) -> None:
    page.set_viewport_size({"width": 1024, "height": 768})
    page.goto(path)
    main = page.get_by_role("main")
    expect(main.get_by_role("button", name=re.compile("^(Start|Run backtest|Scan)$"))).to_be_visible()
    assert main.evaluate(_HIDDEN)[0] == 0
