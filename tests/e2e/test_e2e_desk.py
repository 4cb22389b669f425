"""The desk: what stands on the Dashboard, what the bell tells, and links that show one thing to anybody."""

import json
import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.e2e import pages
from tests.e2e.server import Api, Server
from tests.e2e.test_e2e_axe import issues
from tests.e2e.test_e2e_walk import universe

LEGS = ("PG", "JNJ")
NAME = " / ".join(LEGS)


@pytest.fixture
def stranger(browser: Browser, server: Server) -> Iterator[Page]:
    """A page of somebody who has never been here."""
    context = browser.new_context(base_url=server.url, viewport={"width": 1440, "height": 900})
    context.set_default_timeout(30_000)
    yield context.new_page()
    context.close()


def tile(page: Page, name: str) -> Locator:
    """One of the Dashboard's tiles."""
    return page.get_by_role("region", name=name, exact=True)


def bell(page: Page) -> Locator:
    """The button that says how many alerts nobody has looked at."""
    return page.get_by_role("banner").get_by_role("button", name=re.compile("^Alerts, "))


def share(page: Page) -> str:
    """Press Share, make a link, and close the dialog; the link's path."""
    page.get_by_role("button", name="Share", exact=True).click()
    dialog = page.get_by_role("dialog", name=re.compile("^Share this"))
    dialog.get_by_role("button", name="Make a link").click()
    address = dialog.get_by_role("textbox", name="The link").input_value()
    dialog.get_by_role("button", name="Close", exact=True).click()
    expect(dialog).to_have_count(0)
    return address[address.index("/shared/") :]


def watched(page: Page) -> None:
    """Have the pair of this module on one's Dashboard."""
    page.goto(f"/pair?symbol_1={LEGS[0]}&symbol_2={LEGS[1]}")
    keep = page.get_by_role("button", name="Watch this pair")
    star = page.get_by_role("main").get_by_role("button", name=f"Watch {NAME}")
    expect(keep.or_(star)).to_be_enabled()
    if keep.is_visible():
        keep.click()
    expect(star).to_be_enabled()
    if star.get_attribute("aria-pressed") == "false":
        star.click()
    expect(star).to_have_attribute("aria-pressed", "true")
    expect(star).to_be_enabled()  # pressed at once, enabled again when the server has it


def fail_a_job(api: Api) -> int:
    """Send a file without prices; the number of the upload that will fail."""
    answer = api.upload("prices/upload/", "junk.csv", b"hello\nworld\n")
    return int(answer["id"])


def test_the_dashboard_comes_first_and_says_what_the_api_says(trader: Page, api: Api) -> None:
    pages.finished_scan(trader, universe(api, "demo")["name"])
    trader.get_by_role("link", name="TITAN", exact=True).click()
    expect(trader.get_by_role("heading", level=1)).to_have_text("Dashboard")
    scan = api.get("scans/", ordering="-created_at", page_size=1)["results"][0]
    row = tile(trader, "Last scans").get_by_role("row").filter(has=trader.get_by_role("rowheader")).first
    said = row.get_by_role("cell")
    expect(said.nth(0)).to_have_text(f"{scan['n_tests']:,}")
    expect(said.nth(1)).to_have_text(str(scan["n_nominal"]))
    expect(said.nth(4)).to_have_text(str(scan["n_discoveries"]))
    for each in api.get("universes/")["results"]:
        line = tile(trader, "Prices").get_by_role("row").filter(has_text=each["name"])
        expect(line).to_contain_text(str(each["n_symbols"]))
        if each["coverage"]["last"]:
            expect(line).to_contain_text(each["coverage"]["last"][:10])


def test_a_watched_pair_stands_on_the_dashboard_until_its_star_is_taken_off(trader: Page, api: Api) -> None:
    watched(trader)
    pages.go(trader, "Dashboard")
    row = tile(trader, "Watched pairs").get_by_role("row").filter(has_text=NAME)
    expect(row).to_be_visible()
    found = api.get("pairs/watched/", page_size=200)["results"]
    legs = ("symbol_1", "symbol_2")
    mine = next(each for each in found if [each["pair"][leg]["ticker"] for leg in legs] == list(LEGS))
    z = pages.number(row.get_by_role("cell").nth(1).inner_text())
    assert z == pytest.approx(mine["z_score"], abs=0.006)
    row.get_by_role("button", name=f"Watch {NAME}").click()
    expect(row).to_have_count(0)
    assert mine["pair"]["id"] not in [each["pair"]["id"] for each in api.get("pairs/watched/")["results"]]


def test_a_failed_job_rings_the_bell_and_is_acknowledged(trader: Page, api: Api, server: Server) -> None:
    # A failure like one of the last hour is counted with it, and what runs yet may bring an alert of its own.
    server.run_python("from trading.models import Alert\nAlert.objects.filter(kind='job_failed').delete()")
    pages.quiet(trader, api)
    before = api.get("alerts/summary/")["unacknowledged"]
    upload = fail_a_job(api)
    # without a reload: the socket brings it
    expect(bell(trader)).to_have_accessible_name(
        re.compile(rf"^Alerts, {before + 1} alerts? to look at"), timeout=pages.SLOW
    )
    first = tile(trader, "Alerts").get_by_role("listitem").first
    expect(first.get_by_role("link")).to_have_attribute("href", re.compile(rf"ingestion={upload}\b"))
    bell(trader).click()
    trader.get_by_role("dialog", name="Alerts").get_by_role("link", name=re.compile("^All")).click()
    expect(trader.get_by_role("heading", level=1)).to_have_text("Alerts")
    pages.rows(trader, "Alerts").first.dblclick(position={"x": 400, "y": 14})
    told = trader.get_by_role("region", name=re.compile(r"^Alert \d+"))
    alert = api.get("alerts/", ordering="-last_at", page_size=1)["results"][0]
    expect(told).to_contain_text(alert["message"])
    assert f"alert={alert['id']}" in trader.url
    told.get_by_role("button", name="Seen", exact=True).click()
    expect(bell(trader)).to_have_accessible_name(
        re.compile(
            r"^Alerts, no alert to look at" if before == 0 else rf"^Alerts, {before} alerts? to look at"
        )
    )
    assert api.get(f"alerts/{alert['id']}/")["acknowledged_at"] is not None


def test_a_job_that_ends_elsewhere_is_counted_in_the_title_until_one_looks(trader: Page, api: Api) -> None:
    pages.quiet(trader, api)
    frames: list[str] = []
    trader.on("websocket", lambda socket: socket.on("framesent", lambda said: frames.append(str(said))))
    trader.goto("/data")
    pages.until(trader, lambda: len(frames), bool, "what is asked of the socket")
    # asked for elsewhere: how long it takes does not matter
    scan = api.post("scans/", {"universe": universe(api, "demo")["id"]})["id"]
    expect(trader).to_have_title("(1) Data · TITAN", timeout=pages.SLOW)
    trader.reload()
    expect(trader).to_have_title("(1) Data · TITAN")
    trader.goto(f"/pair-finder?scan={scan}")
    expect(trader).to_have_title("Pair Finder · TITAN")


def test_a_link_shows_a_stranger_the_scan_and_nothing_else(trader: Page, stranger: Page, api: Api) -> None:
    scan = pages.finished_scan(trader, universe(api, "demo")["name"])
    trader.goto(f"/pair-finder?scan={scan}&order=-correlation&q=K")
    expect(pages.rows(trader, "Candidate pairs").first).to_be_visible()
    path = share(trader)

    asked: list[str] = []
    stranger.on("request", lambda request: asked.append(request.url))
    stranger.goto(path)
    expect(pages.rows(stranger, "Candidate pairs").first).to_be_visible()
    # as it stood on the owner's screen
    assert "order=-correlation" in stranger.url
    assert "q=K" in stranger.url
    mine = [row["Pair"] for row in pages.read_table(trader, "Candidate pairs")]
    theirs = [row["Pair"] for row in pages.read_table(stranger, "Candidate pairs")]
    assert theirs[:10] == mine[:10]
    expect(stranger.get_by_role("navigation")).to_have_count(0)
    expect(stranger.get_by_role("main").get_by_role("link")).to_have_count(0)
    token = path.rsplit("/", 1)[1]
    spoken_to = {url for url in asked if "/api/" in url}
    assert spoken_to
    assert all(f"/api/v1/shared/{token}/" in url for url in spoken_to)
    stranger.reload()
    expect(pages.rows(stranger, "Candidate pairs").first).to_be_visible()
    assert [row["Pair"] for row in pages.read_table(stranger, "Candidate pairs")][:10] == mine[:10]
    # what is not shared stays behind the log-in
    stranger.goto("/")
    expect(stranger.get_by_role("button", name="Log in")).to_be_visible()


def test_a_revoked_link_leads_nowhere(trader: Page, stranger: Page, api: Api) -> None:
    watched(trader)
    path = share(trader)
    stranger.goto(path)
    expect(stranger.get_by_role("heading", level=1)).to_have_text(NAME)
    expect(stranger.locator("canvas").first).to_be_visible()

    trader.goto("/shares")
    row = pages.rows(trader, "Shared links").filter(has_text=NAME).first
    row.get_by_role("button", name=re.compile("^Revoke")).click()
    trader.get_by_role("button", name="Revoke it").click()
    expect(row).to_contain_text("revoked")
    stranger.reload()
    expect(stranger.get_by_role("heading", level=1)).to_have_text("This link leads nowhere any more")


def states(page: Page, api: Api) -> Iterator[str]:
    """Every state of this module's pages, one after the other."""
    watched(page)
    yield "pair"
    page.goto("/")
    expect(tile(page, "Watched pairs").get_by_role("row").nth(1)).to_be_visible()
    yield "dashboard"
    bell(page).click()
    # half faded in, nothing has the contrast it will have
    expect(page.get_by_role("dialog", name="Alerts")).to_have_css("opacity", "1")
    yield "bell"
    page.goto("/alerts?state=all")
    expect(pages.rows(page, "Alerts").first).to_be_visible()
    alert = api.get("alerts/", page_size=1)["results"][0]
    page.goto(f"/alerts?state=all&alert={alert['id']}")
    expect(page.get_by_role("region", name=re.compile(r"^Alert \d+"))).to_be_visible()
    yield "alerts"
    for view in ("rules", "channels"):
        page.goto(f"/alerts?view={view}&edit=0")
        expect(page.get_by_role("form", name=re.compile("^New"))).to_be_visible()
        yield view
    page.goto("/shares")
    expect(page.get_by_role("grid", name="Shared links")).to_be_visible()
    yield "shares"
    page.goto(f"/pair?symbol_1={LEGS[0]}&symbol_2={LEGS[1]}")
    page.get_by_role("button", name="Share", exact=True).click()
    expect(page.get_by_role("dialog", name="Share this pair")).to_have_css("opacity", "1")
    yield "share dialog"
    page.keyboard.press("Escape")
    page.goto(share(page))
    expect(page.locator("canvas").first).to_be_visible()
    yield "shared pair"
    page.goto("/shared/no-such-link")
    expect(page.get_by_text("This link leads nowhere any more")).to_be_visible()
    yield "dead link"


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_axe_finds_nothing_serious_on_the_desk(trader: Page, api: Api, theme: str) -> None:
    if api.get("alerts/")["count"] == 0:
        fail_a_job(api)
        expect(bell(trader)).to_have_accessible_name(re.compile("1 alert"), timeout=pages.SLOW)
    trader.evaluate("theme => localStorage.setItem('titan.theme', theme)", theme)
    trader.reload()
    expect(trader.locator("html")).to_have_attribute("data-mantine-color-scheme", theme)
    for state in states(trader, api):
        found = issues(trader)
        assert not found, f"{state}: {json.dumps(found, indent=1)}"
