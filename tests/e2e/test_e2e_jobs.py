"""A long scan: live progress, a reload in the middle, and the way to stop it."""

import re
import time

import pytest
from playwright.sync_api import Page, expect

from tests.e2e import pages
from tests.e2e.server import Api, Server
from tests.e2e.test_e2e_walk import universe

N_SYMBOLS = 200  # 19,900 pairs with up to 200 lags each: many seconds on any machine
WIDE = "WIDE"


@pytest.fixture(scope="module", autouse=True)
def wide_universe(server: Server) -> None:
    """A universe that takes long enough to watch."""
    server.add_random_walks(WIDE, N_SYMBOLS)


def long_scan(page: Page) -> int:
    """Start the slowest scan the form can ask for."""
    return pages.start_scan(page, WIDE, fields={"Most lags": "200"}, window="all data")


def test_progress_is_live_and_survives_a_reload(trader: Page, api: Api) -> None:
    scan = long_scan(trader)
    bar = trader.get_by_role("main").get_by_role("progressbar")
    expect(bar).to_be_visible()
    expect(trader.get_by_role("main").get_by_text(re.compile("^elapsed"))).to_be_visible()
    trader.reload()
    assert f"scan={scan}" in trader.url
    pages.wait_for_result(trader)
    assert api.get(f"scans/{scan}/")["job"]["status"] == "COMPLETED"


def test_progress_arrives_over_the_socket(trader: Page, api: Api) -> None:
    frames: list[str] = []
    trader.on("websocket", lambda socket: socket.on("framereceived", lambda data: frames.append(str(data))))
    trader.reload()
    long_scan(trader)
    pages.wait_for_result(trader)
    updates = [frame for frame in frames if "job_update" in frame]
    assert len(updates) >= 2
    assert any('"RUNNING"' in frame for frame in updates)
    assert any('"COMPLETED"' in frame for frame in updates)


def test_cancel_is_acknowledged_and_stops_the_scan(trader: Page, api: Api) -> None:
    scan = long_scan(trader)
    main = trader.get_by_role("main")
    expect(main.get_by_role("progressbar")).to_be_visible()
    main.get_by_role("button", name="Cancel").click()
    expect(trader.get_by_text("The scan was cancelled")).to_be_visible()
    job = api.get(f"scans/{scan}/")["job"]
    assert job["status"] == "CANCELLED"
    assert job["cancel_requested"] is True

    pages.go(trader, "Jobs")
    row = pages.rows(trader, "Jobs").filter(has_text=f"Scan {scan}")
    expect(row).to_contain_text("Cancelled")
    queues = trader.get_by_role("region", name="Queues and workers")
    expect(queues).to_contain_text(re.compile(r"Compute.*1 worker"))
    queues.get_by_role("button", name="Show workers").click()
    expect(pages.rows(trader, "Workers")).to_contain_text("Ingest, Compute, Trade")


def test_a_finished_scan_is_told_on_another_page(trader: Page, api: Api) -> None:
    scan = long_scan(trader)
    expect(trader.get_by_role("main").get_by_role("progressbar")).to_be_visible()
    pages.go(trader, "Data")
    told = trader.get_by_role("status").filter(has_text=f"Scan {scan} is complete")
    told.get_by_role("link", name="Open").click(timeout=pages.SLOW)  # at once: it is shown for four seconds
    pages.wait_for_result(trader)
    assert f"scan={scan}" in trader.url


def test_a_scan_of_one_symbol_is_refused_in_words(trader: Page, api: Api) -> None:
    answer = api.try_post("scans/", {"symbols": ["KO"]})
    assert answer.status_code == 400
    assert re.search("two|pair", answer.json()["error"]["message"] + str(answer.json()["error"]["fields"]))


def test_two_scans_started_at_once_both_finish(trader: Page, api: Api) -> None:
    name = universe(api, "demo")["name"]
    first, second = pages.start_scan(trader, name), pages.start_scan(trader, name)
    assert first != second
    pages.wait_for_result(trader)
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and api.get(f"scans/{first}/")["job"]["status"] != "COMPLETED":
        time.sleep(0.2)
    results = [api.get(f"scans/{scan}/")["manifest"]["panel_hash"] for scan in (first, second)]
    assert results[0] == results[1]
