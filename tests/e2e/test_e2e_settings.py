"""Accounts from the invitation to the end, as admin, trader and viewer; preferences and layouts that last."""

import json
import re
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import httpx
import pyotp
import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page, expect

from tests.e2e import pages
from tests.e2e.server import Server
from tests.e2e.test_e2e_axe import issues

PASSWORD = "four unrelated words, one comma"
_ACCOUNTS = """
from users.models import User
from users.roles import Role
for name, role in (("ada", Role.ADMIN), ("tess", Role.TRADER), ("vera", Role.VIEWER)):
    User.objects.create_with_role(name, role=role, password={password!r})
"""
SECTIONS = ("profile", "preferences", "security", "keys", "notifications", "keyboard")


@pytest.fixture(scope="module", autouse=True)
def accounts(server: Server) -> None:
    """One account of each role."""
    server.run_python(_ACCOUNTS.format(password=PASSWORD))


@pytest.fixture
def someone(browser: Browser, server: Server) -> Iterator[Callable[[str], Page]]:
    """A browser of one's own for each person; the test fails where the application throws or logs an error."""
    wrong: list[str] = []
    opened = []

    def on_console(message: ConsoleMessage) -> None:
        if message.type == "error" and "Failed to load resource" not in message.text:
            wrong.append(message.text)

    def open_browser(name: str = "") -> Page:
        # without motion: colours are read where they have come to rest
        context = browser.new_context(
            base_url=server.url, viewport={"width": 1440, "height": 900}, reduced_motion="reduce"
        )
        context.set_default_timeout(30_000)
        opened.append(context)
        page = context.new_page()
        page.on("console", on_console)
        page.on("pageerror", lambda error: wrong.append(str(error)))
        if name:
            page.goto("/login")
            give_password(page, name)
            expect_inside(page)
        return page

    yield open_browser
    for context in opened:
        context.close()
    assert not wrong, "\n".join(wrong)


def give_password(page: Page, name: str, password: str = PASSWORD) -> None:
    page.get_by_label("User name").fill(name)
    page.get_by_label("Password", exact=True).fill(password)
    page.get_by_role("button", name="Log in").click()


def expect_inside(page: Page) -> None:
    expect(page.get_by_role("navigation", name="Pages")).to_be_visible(timeout=pages.SLOW)


def log_out(page: Page, name: str) -> None:
    page.get_by_role("button", name=f"Account of {name}").click()
    page.get_by_role("menuitem", name="Log out").click()
    expect(page.get_by_role("button", name="Log in")).to_be_visible()


def confirmed(page: Page, button: str | re.Pattern[str], yes: str) -> None:
    """Press what can't be taken back, and say yes."""
    page.get_by_role("button", name=button).click()
    page.get_by_role("dialog").get_by_role("button", name=yes, exact=True).click()


def invite(admin: Page, name: str, role: str) -> str:
    """The link of an account just made."""
    admin.goto("/users")
    admin.get_by_role("button", name="Invite somebody").click()
    form = admin.get_by_role("dialog")
    form.get_by_label("User name").fill(name)
    form.get_by_label("Role").select_option(label=role)
    form.get_by_role("button", name="Invite", exact=True).click()
    link = form.get_by_label("Link", exact=True).input_value()
    form.get_by_role("button", name="Done").click()
    expect(admin.get_by_text(link)).to_have_count(0)
    return link


def turn_codes_on(page: Page) -> tuple[pyotp.TOTP, list[str]]:
    page.goto("/settings/security")
    page.get_by_role("button", name="Set up").click()
    page.get_by_label("Your password").fill(PASSWORD)
    page.get_by_role("button", name="Go on").click()
    picture = page.get_by_role("img", name="QR code")
    expect(picture).to_be_visible()
    assert picture.evaluate("image => image.decode().then(() => image.naturalWidth)") > 0
    authenticator = pyotp.TOTP(page.get_by_label("Key", exact=True).input_value())
    page.get_by_label("Code", exact=True).fill(authenticator.now())
    page.get_by_role("button", name="Turn on").click()
    listed = page.get_by_role("group", name="Recovery codes").get_by_role("listitem")
    expect(listed).to_have_count(10)
    codes = listed.all_inner_texts()
    page.get_by_role("button", name="I have kept them").click()
    expect(page.get_by_text("10 recovery codes left")).to_be_visible()
    return authenticator, codes


def test_an_account_from_its_invitation_to_its_end(someone: Callable[[str], Page], server: Server) -> None:
    admin, person = someone("ada"), someone("")
    link = invite(admin, "nina", "Trader")

    person.goto(link)
    expect(person.get_by_label("User name")).to_have_value("nina")
    person.get_by_label("New password").fill("short")
    person.get_by_role("button", name="Set the password").click()
    expect(person.get_by_role("alert")).to_be_visible()
    person.get_by_label("New password").fill(PASSWORD)
    person.get_by_role("button", name="Set the password").click()
    give_password(person, "nina")
    expect_inside(person)
    used = someone("")
    used.goto(link)
    expect(used.get_by_role("heading", name="This link no longer works")).to_be_visible()

    authenticator, codes = turn_codes_on(person)
    log_out(person, "nina")
    give_password(person, "nina")
    person.get_by_label("Code", exact=True).fill("000 000")
    person.get_by_role("button", name="Log in").click()
    expect(person.get_by_role("alert")).to_be_visible()
    # the code of the set-up is spent: the next interval's is good already
    person.get_by_label("Code", exact=True).fill(authenticator.at(time.time() + authenticator.interval))
    person.get_by_role("button", name="Log in").click()
    expect_inside(person)

    end_a_session(person, server, codes[0])
    use_a_key(person, server)
    close_the_account(admin, person)
    read_the_trail(admin)


def end_a_session(person: Page, server: Server, recovery_code: str) -> None:
    """A program logs in with a recovery code; it is out the moment its session is ended."""
    body = {"username": "nina", "password": PASSWORD, "otp": recovery_code}
    with httpx.Client(base_url=f"{server.url}/api/v1/", headers={"User-Agent": "nightly/1"}) as program:
        answer = program.post("auth/token/", json=body)
        assert answer.status_code == 200, answer.text
        assert program.post("auth/token/", json=body).status_code == 401, "a recovery code works once"
        program.headers["Authorization"] = f"Bearer {answer.json()['access']}"
        assert program.get("auth/me/").status_code == 200
        person.goto("/settings/security")
        expect(person.get_by_text("9 recovery codes left")).to_be_visible()
        expect(person.get_by_role("list", name="Sessions").get_by_role("listitem")).to_have_count(2)
        confirmed(person, "End: nightly", "End the session")
        expect(person.get_by_role("list", name="Sessions").get_by_role("listitem")).to_have_count(1)
        assert program.get("auth/me/").status_code == 401


def use_a_key(person: Page, server: Server) -> None:
    """A key that reads does only that, and nothing once it is revoked."""
    person.goto("/settings/keys")
    expect(person.get_by_role("checkbox", name="admin")).to_have_count(0)
    person.get_by_label("Name").fill("Nightly report")
    person.get_by_role("button", name="Make the key").click()
    key = person.get_by_label("Key", exact=True).input_value()
    assert key.startswith("titan_")
    with httpx.Client(
        base_url=f"{server.url}/api/v1/", headers={"Authorization": f"Bearer {key}"}
    ) as program:
        assert program.get("symbols/").status_code == 200
        assert program.post("universes/", json={"name": "Mine"}).status_code == 403
        person.reload()
        expect(person.get_by_text(key)).to_have_count(0)
        confirmed(person, "Revoke: Nightly report", "Revoke the key")
        expect(person.get_by_text(re.compile("^Revoked"))).to_be_visible()
        assert program.get("symbols/").status_code == 401


def close_the_account(admin: Page, person: Page) -> None:
    """Deactivated: the open page asks to log in, and that is refused."""
    admin.goto("/users?q=nina")
    admin.get_by_role("button", name="nina", exact=True).click()
    panel = admin.get_by_role("complementary", name="Account nina")
    expect(panel).to_contain_text("on")
    panel.get_by_label("Role").select_option(label="Viewer")
    expect(pages.rows(admin, "Accounts").first).to_contain_text("Viewer")
    confirmed(admin, "Deactivate", "Deactivate")
    expect(panel.get_by_role("button", name="Activate")).to_be_visible()
    person.get_by_role("link", name="Jobs").click()
    again = person.get_by_role("dialog", name="Your session has ended")
    expect(again).to_be_visible(timeout=pages.SLOW)
    again.get_by_label("Password", exact=True).fill(PASSWORD)
    again.get_by_role("button", name="Log in", exact=True).click()
    expect(again.get_by_role("alert")).to_be_visible()


def read_the_trail(admin: Page) -> None:
    admin.goto("/users?tab=audit&actor=nina")
    for words in ("Turned two-step on", "Made a key", "Revoked a key", "Ended a session"):
        expect(admin.get_by_role("gridcell", name=words, exact=True).first).to_be_visible()
    admin.get_by_label("What was done").select_option(label="Deactivated")
    admin.get_by_label("Who did it: a user name").fill("ada")
    expect(pages.rows(admin, "Audit trail").first).to_contain_text("nina")
    admin.get_by_role("button", name="Verify the chain").click()
    expect(admin.get_by_text(re.compile("^Unbroken:"))).to_be_visible()


@pytest.mark.parametrize(("name", "scopes"), [("vera", 1), ("tess", 4)])
def test_one_sees_what_one_may_do_and_nothing_else(
    someone: Callable[[str], Page], name: str, scopes: int
) -> None:
    page = someone(name)
    navigation = page.get_by_role("navigation", name="Pages")
    expect(navigation.get_by_role("link", name="Settings")).to_be_visible()
    expect(navigation.get_by_role("link", name="Users")).to_have_count(0)
    page.goto("/users")
    expect(page.get_by_text("Your role does not include this page")).to_be_visible()
    expect(page.get_by_role("grid")).to_have_count(0)
    page.goto("/settings/keys")
    expect(page.get_by_role("group", name="Scopes").get_by_role("checkbox")).to_have_count(scopes)
    page.goto("/pair-finder")
    scan = page.get_by_role("region", name="New scan").get_by_role("button", name="Scan", exact=True)
    expect(scan).to_be_enabled() if name == "tess" else expect(scan).to_be_disabled()


def test_preferences_hold_everywhere_and_last(someone: Callable[[str], Page]) -> None:
    page = someone("tess")
    page.goto("/settings/preferences")
    form = page.get_by_role("region", name="Preferences")
    form.get_by_label("Level, %").fill("70")
    form.get_by_role("button", name="Save").click()
    expect(form.get_by_label("Level, %")).to_be_focused()
    for label, text in (
        ("Level, %", "1"),
        ("Least overlap, bars", "500"),
        ("Enter at z of", "2.25"),
        ("Leave at z of", "0.75"),
    ):
        form.get_by_label(label).fill(text)
    form.get_by_role("button", name="Exchange").click()
    form.get_by_label("Theme").select_option(label="Dark")
    form.get_by_role("button", name="Save").click()
    expect(form.get_by_text("Saved", exact=True)).to_be_visible()
    expect(page.locator("html")).to_have_attribute("data-mantine-color-scheme", "dark")

    page.goto("/settings/security")
    expect(page.get_by_role("listitem").get_by_role("time").first).to_contain_text(re.compile(" E[SD]T$"))
    page.goto("/pair-finder")
    expect(page.get_by_label("Level, %")).to_have_value("1")
    expect(page.get_by_label("Least overlap, bars")).to_have_value("500")
    page.goto("/pair?symbol_1=KO&symbol_2=PEP")
    expect(page.get_by_label("Bands and entry lines")).to_have_value("2.25", timeout=pages.SLOW)

    with keys_off(page):
        page.reload()
        field = page.get_by_role("combobox", name="Go to a page, symbol or pair")
        pages.press_until(page, "Control+k", field)  # now it listens
        page.keyboard.press("Escape")
        expect(field).to_be_hidden()
        page.keyboard.press("?")
        pages.press_until(page, "Control+k", field)
        expect(page.get_by_role("dialog", name="Keyboard shortcuts")).to_have_count(0)
        page.keyboard.press("Escape")
    pages.press_until(page, "?", page.get_by_role("dialog", name="Keyboard shortcuts"))


@contextmanager
def keys_off(page: Page) -> Iterator[None]:
    """Single keys switched off in the settings, and on again."""
    for on in (False, True):
        page.goto("/settings/keyboard")
        with page.expect_response(lambda answer: answer.request.method == "PATCH"):
            page.get_by_role("switch", name="Single keys act").click()
        if not on:
            yield


def test_a_named_layout_lasts(someone: Callable[[str], Page]) -> None:
    page = someone("tess")
    page.goto("/data")
    grid = page.get_by_role("grid", name="Symbols")
    headings = grid.get_by_role("columnheader")
    expect(headings.nth(1)).to_contain_text("Name")
    page.get_by_role("button", name="Columns").click()
    page.get_by_role("button", name="Move Name right").click()
    page.get_by_role("checkbox", name="Source").uncheck()
    page.keyboard.press("Escape")
    headings.filter(has_text="Sector").get_by_role("button").focus()
    before = headings.nth(1).bounding_box()
    page.keyboard.press("Shift+ArrowRight")
    page.keyboard.press("Shift+ArrowRight")
    assert before
    wider = pytest.approx(before["width"] + 32, abs=2)
    pages.until(
        page, headings.nth(1).bounding_box, lambda box: box is not None and box["width"] == wider, "the width"
    )
    headings.filter(has_text="Bars").get_by_role("button").click()
    page.wait_for_url(re.compile("order=-bars"))
    page.get_by_role("button", name="Layouts").click()
    page.get_by_label("New layout").fill("Sectors first")
    page.get_by_role("button", name="Save", exact=True).click()
    page.get_by_role("switch", name="Open the table as Sectors first").click()
    expect(page.get_by_text("opens first")).to_be_visible()

    other = someone("tess")  # another browser, which remembers nothing
    other.goto("/data")
    expect(other.get_by_role("button", name="Layout: Sectors first")).to_be_visible()
    shown = other.get_by_role("grid", name="Symbols").get_by_role("columnheader")
    expect(shown.nth(1)).to_contain_text("Sector")
    expect(shown.filter(has_text="Source")).to_have_count(0)
    other.wait_for_url(re.compile("order=-bars"))
    other.get_by_role("button", name="Layout: Sectors first").click()
    other.get_by_role("button", name="Reset the table").click()
    expect(shown.nth(1)).to_contain_text("Name")
    other.get_by_role("button", name="Delete Sectors first").click()
    expect(other.get_by_text("give the arrangement a name")).to_be_visible()


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_axe_finds_nothing_serious_for_an_admin(someone: Callable[[str], Page], theme: str) -> None:
    page = someone("ada")
    page.evaluate("theme => localStorage.setItem('titan.theme', theme)", theme)
    found = {}
    addresses = [*(f"/settings/{section}" for section in SECTIONS), "/users", "/users?tab=audit"]
    for address in addresses:
        page.goto(address)
        expect(page.get_by_role("heading", level=1)).to_be_visible()
        found[address] = issues(page)
    page.goto("/settings/security")
    page.get_by_role("button", name="Set up").click()
    page.get_by_label("Your password").fill(PASSWORD)
    page.get_by_role("button", name="Go on").click()
    expect(page.get_by_role("img", name="QR code")).to_be_visible()
    found["second step"] = issues(page)
    page.goto("/users")
    page.get_by_role("button", name="vera", exact=True).click()
    confirmed(page, re.compile("^(Password|New) link$"), "Make the link")
    link = page.get_by_label("Link", exact=True).input_value()
    found["panel"] = issues(page)
    page.get_by_role("button", name="Columns").click()
    found["columns"] = issues(page)
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Layouts").click()
    found["layouts"] = issues(page)
    page.goto(link)
    expect(page.get_by_label("New password")).to_be_visible()
    found["welcome"] = issues(page)
    page.goto("/welcome/nothing")
    expect(page.get_by_role("heading", name="This link no longer works")).to_be_visible()
    found["welcome, too late"] = issues(page)
    wrong = {place: issue for place, issue in found.items() if issue}
    assert not wrong, json.dumps(wrong, indent=1)
