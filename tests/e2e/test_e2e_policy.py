"""The content security policy in a real browser: nothing on any page asks for more than it allows."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from tests.e2e import pages
from tests.e2e.server import ROOT, Api, Server
from tests.e2e.test_e2e_axe import ROUTES

# Told by the browser itself, before any script of the page runs; React's console would not show them all.
_LISTEN = """
window.__violations = [];
document.addEventListener('securitypolicyviolation', event => window.__violations.push(
    [event.violatedDirective, event.blockedURI, `${event.sourceFile}:${event.lineNumber}`, event.sample].join(' ')));
"""


@pytest.fixture
def watched(context: BrowserContext) -> None:
    """Every page of this browser keeps what its policy refused."""
    context.add_init_script(_LISTEN)


def violations(page: Page) -> list[str]:
    page.wait_for_load_state("networkidle")
    found: list[str] = page.evaluate("window.__violations")
    return found


def policy_of(page: Page) -> str:
    """The policy the browser was sent for the page it shows."""
    return str(
        page.evaluate("fetch(location.href).then(answer => answer.headers.get('content-security-policy'))")
    )


@pytest.mark.parametrize("route", ROUTES, ids=lambda route: route.__name__)
def test_no_route_of_the_application_breaks_it(
    watched: None, trader: Page, api: Api, route: Callable[[Page, Api], None]
) -> None:
    route(trader, api)
    assert violations(trader) == []
    assert "unsafe" not in policy_of(trader)


def test_what_opens_over_a_page_is_styled_and_allowed(watched: None, trader: Page) -> None:
    """Dialogues lock the scroll bar by a style made at run time: without its nonce that style is refused."""
    pages.press_until(trader, "?", trader.get_by_role("dialog"))
    expect(trader.locator("body")).to_have_css("overflow-y", "hidden")
    trader.keyboard.press("Escape")
    expect(trader.get_by_role("dialog")).to_have_count(0)
    assert violations(trader) == []


def test_what_stands_inline_without_the_nonce_does_nothing(
    context: BrowserContext, watched: None, server: Server
) -> None:
    trader = context.new_page()  # not the `page` fixture, which fails on what the browser will say here
    trader.goto("/login")
    trader.evaluate(
        """() => {
            document.body.insertAdjacentHTML('beforeend',
                '<img src="x" onerror="window.__ran = true"><p id="s" style="color: rgb(1, 2, 3)">a</p>');
            const script = document.createElement('script');
            script.textContent = 'window.__ran = true';
            document.body.append(script);
            const style = document.createElement('style');
            style.textContent = 'body { outline: 3px solid red }';
            document.head.append(style);
        }"""
    )
    # three kinds of what the policy forbids; once all are told, nothing of it is still on its way
    trader.wait_for_function("new Set(window.__violations.map(text => text.split(' ')[0])).size >= 3")
    assert trader.evaluate("window.__ran") is None
    assert trader.evaluate("getComputedStyle(document.getElementById('s')).color") != "rgb(1, 2, 3)"
    assert trader.evaluate("getComputedStyle(document.body).outlineStyle") == "none"
    assert {text.split()[0] for text in violations(trader)} >= {
        "script-src-attr",
        "script-src-elem",
        "style-src-attr",
    }


@pytest.mark.parametrize(
    ("path", "shown"),
    [("/api/docs/", "#swagger-ui .opblock"), ("/api/redoc/", ".menu-content [role=menuitem]")],
)
def test_the_pages_that_explain_the_api_keep_to_it(watched: None, page: Page, path: str, shown: str) -> None:
    page.goto(path)
    expect(page.locator(shown).first).to_be_visible(timeout=pages.SLOW)
    assert violations(page) == []
    assert "unsafe" not in policy_of(page)


def test_swagger_opens_and_tries_an_operation(watched: None, page: Page) -> None:
    page.goto("/api/docs/")
    # the first one: Swagger draws what is further down only when it is scrolled to
    page.locator("#swagger-ui .opblock-summary-control").first.click()
    page.get_by_role("button", name="Try it out").first.click()
    page.get_by_role("button", name="Execute").first.click()
    expect(
        page.locator(".responses-table .response-col_status", has_text=re.compile("4[0-9][0-9]")).first
    ).to_be_visible()
    assert violations(page) == []


def test_redoc_is_styled_and_searches(watched: None, page: Page) -> None:
    page.goto("/api/redoc/")
    search = page.get_by_placeholder("Search...")
    expect(search).to_be_visible(timeout=pages.SLOW)
    # its styles arrive: unstyled, the menu would stand above the text instead of beside it
    assert page.locator(".menu-content").evaluate("menu => getComputedStyle(menu).position") == "sticky"
    search.fill("universe")
    expect(page.locator("[role=search] [role=menuitem]").first).to_be_visible(timeout=pages.SLOW)
    assert violations(page) == []


@pytest.fixture
def administrator(server: Server) -> str:
    """An administrator of the running server."""
    server.run_python(
        "from users.models import User\nfrom users.roles import Role\n"
        "User.objects.filter(username='policy').exists() or "
        "User.objects.create_with_role('policy', role=Role.ADMIN, password='a long pass phrase 7')"
    )
    return "policy"


def test_the_admin_site_keeps_to_it(watched: None, page: Page, administrator: str, server: Server) -> None:
    page.goto("/admin/")
    page.locator("#id_username").fill(administrator)
    page.locator("#id_password").fill("a long pass phrase 7")
    page.get_by_role("button", name="Log in").click()
    expect(page.locator("#content-main")).to_be_visible()
    addresses = page.locator("#content-main a[href^='/admin/']").evaluate_all(
        "links => links.map(a => a.pathname)"
    )
    assert len(addresses) > 10
    seen: dict[str, list[str]] = {}
    for address in sorted(set(addresses)):
        page.goto(address)
        seen[address] = violations(page)
        first = page.locator("#result_list th a").first
        if first.count():
            page.goto(str(first.get_attribute("href")))
            seen[page.url] = violations(page)
    assert {address: found for address, found in seen.items() if found} == {}
    assert "unsafe" not in policy_of(page)


def test_every_route_of_the_router_is_visited() -> None:
    """A page added to the application is added to the list of routes axe and this test go through."""
    router = (ROOT / "frontend" / "react_app" / "src" / "app" / "router.tsx").read_text()
    known = set(re.findall(r'path: "(/[^"]*)"', router))
    visited = "".join(path.read_text() for path in (ROOT / "tests" / "e2e").glob("test_e2e_*.py"))
    missing = [path for path in known if path.split("$")[0].rstrip("/") not in visited]
    assert missing == []
