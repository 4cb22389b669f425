"""The pages in a user's words: what the tests do and read, by role and label."""

import contextlib
import re
import time
from collections.abc import Callable, Mapping
from typing import TypeVar

from playwright.sync_api import Locator, Page, expect
from playwright.sync_api import TimeoutError as PlaywrightTimeout

from tests.e2e.server import USER, Api, Server

SLOW = 60_000  # a scan on a busy machine, in milliseconds
T = TypeVar("T")

# All at once: read cell by cell, rows may change places in between.
_TABLE = """grid => {
    const words = (place, role) => [...place.querySelectorAll(`[role=${role}]`)].map(cell => cell.innerText);
    const rows = [...grid.querySelectorAll('[role=row]:not([data-message])')];
    return [words(grid, 'columnheader'), rows.map(row => words(row, 'gridcell')).filter(row => row.length > 0)];
}"""


def log_in(page: Page, server: Server) -> None:
    """Open the application and log in with the printed demo account."""
    page.goto("/")
    page.get_by_label("User name").fill(USER)
    page.get_by_label("Password", exact=True).fill(server.password)
    page.get_by_role("button", name="Log in").click()
    expect(page.get_by_role("navigation", name="Pages")).to_be_visible(timeout=SLOW)


def go(page: Page, name: str) -> None:
    """Follow a link of the navigation."""
    page.get_by_role("navigation", name="Pages").get_by_role("link", name=name, exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_have_text(name, timeout=SLOW)


def start_scan(
    page: Page, universe: str, *, fields: Mapping[str, str] | None = None, window: str = ""
) -> int:
    """Fill in the form and press Scan; the scan's id, from the address."""
    page.goto("/pair-finder")
    form = page.get_by_role("region", name="New scan")
    form.get_by_label("Universe").select_option(label=universe)
    if window:
        form.get_by_role("button", name=window, exact=True).click()
    for label, text in (fields or {}).items():
        form.get_by_label(label).fill(text)
    form.get_by_role("button", name="Scan", exact=True).click()
    page.wait_for_url(re.compile(r"[?&]scan=\d+"))
    found = re.search(r"[?&]scan=(\d+)", page.url)
    assert found
    return int(found.group(1))


def wait_for_result(page: Page) -> None:
    """Wait until the scan on screen has ended well, its checks included."""
    expect(page.get_by_role("region", name="Result")).to_be_visible(timeout=SLOW)
    expect(page.get_by_role("main").get_by_role("progressbar")).to_have_count(0, timeout=SLOW)
    expect(rows(page, "Candidate pairs").first).to_be_visible()


def finished_scan(page: Page, universe: str) -> int:
    """Scan with the form's own settings, and wait."""
    scan = start_scan(page, universe)
    wait_for_result(page)
    return scan


def rows(page: Page, table: str) -> Locator:
    """The rows of a table that are on screen, heading excluded."""
    grid = page.get_by_role("grid", name=table)
    found = grid.get_by_role("row").filter(has=page.get_by_role("gridcell"))
    # words in place of rows ("No job yet") stand in a row too
    return found.and_(page.locator(":not([data-message])"))


def read_table(page: Page, table: str) -> list[dict[str, str]]:
    """What the rows on screen say, by column heading, once there are any."""
    expect(rows(page, table).first).to_be_visible()
    headings, cells = page.get_by_role("grid", name=table).evaluate(_TABLE)
    names = [text.strip(" ▲▼\n") for text in headings]
    return [dict(zip(names, (text.strip() for text in row), strict=True)) for row in cells]


def until(page: Page, look: Callable[[], T], right: Callable[[T], bool], what: str) -> T:
    """What `look` finds once it is `right`: a table keeps its rows on screen while those in another order come."""
    deadline = time.monotonic() + SLOW / 1000
    while not right(found := look()):
        assert time.monotonic() < deadline, f"{what} did not come; the last look found {found!r}"
        page.wait_for_timeout(50)
    return found


def quiet(page: Page, api: Api) -> None:
    """Wait until nothing runs that an earlier test has left behind."""
    active = ("PENDING", "RUNNING")
    until(
        page,
        lambda: sum(api.get("jobs/", status=status)["count"] for status in active),
        lambda n: n == 0,
        "the end of every job",
    )


def press_until(page: Page, key: str, opened: Locator) -> None:
    """Press a key that opens something: on a busy machine a page may be drawn a moment before it listens."""
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    for _ in range(3):
        page.keyboard.press(key)
        with contextlib.suppress(PlaywrightTimeout):
            opened.wait_for(timeout=5_000)
            break
    expect(opened).to_be_visible()


def number(text: str) -> float:
    """A number as the application writes it: real minus signs, grouped thousands, ∞."""
    return float(text.replace("−", "-").replace(",", "").replace("∞", "inf").removesuffix(" %").strip())
