"""The pages in a user's words: what the tests do and read, by role and label."""

import re
from collections.abc import Mapping

from playwright.sync_api import Locator, Page, expect

from tests.e2e.server import USER, Server

SLOW = 60_000  # a scan on a busy machine, in milliseconds


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
    grid = page.get_by_role("grid", name=table)
    headings = [text.strip(" ▲▼\n") for text in grid.get_by_role("columnheader").all_inner_texts()]
    return [
        dict(
            zip(
                headings,
                (text.strip() for text in row.get_by_role("gridcell").all_inner_texts()),
                strict=True,
            )
        )
        for row in rows(page, table).all()
    ]


def number(text: str) -> float:
    """A number as the application writes it: real minus signs, grouped thousands, ∞."""
    return float(text.replace("−", "-").replace(",", "").replace("∞", "inf").removesuffix(" %").strip())
