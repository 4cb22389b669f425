"""Pages for admins without the application: signing in with lockout and codes, accounts, links, passwords."""

import re
from io import StringIO
from pathlib import Path
from typing import Any

import pyotp
import pytest
from django.contrib.sessions.models import Session
from django.core.cache import cache
from django.core.management import CommandError, call_command
from django.test import Client

from api import tokens
from common.models import AuditEntry
from tests.conftest import PASSWORD, make_user
from users.models import User
from users.roles import Role
from users.services import second_factor
from users.services.accounts import active_admins

LOGIN = "/accounts/login/"
TEMPLATES = Path(__file__).resolve().parents[2] / "users" / "templates" / "users"


@pytest.fixture(autouse=True)
def no_throttle_left_over() -> None:
    cache.clear()


@pytest.fixture
def browser(admin: User) -> Client:
    """The admin's, signed in through the page; forms need their token."""
    made = Client(enforce_csrf_checks=True)
    assert post(made, LOGIN, username="ada", password=PASSWORD).status_code == 302
    return made


def post(browser: Client, path: str, page: str = "", **data: Any) -> Any:
    """Open the page, take its token, send the form."""
    browser.get(page or path)
    token = browser.cookies["csrftoken"].value
    return browser.post(path, data, headers={"X-CSRFToken": token})


def test_without_a_token_nothing_is_sent(browser: Client, viewer: User) -> None:
    assert browser.post(f"/accounts/users/{viewer.pk}/sign-out/").status_code == 403
    assert browser.post(LOGIN, {"username": "ada", "password": PASSWORD}).status_code == 403


def test_ten_failures_lock_the_page_too(admin: User) -> None:
    browser = Client()
    for _ in range(10):
        answer = browser.post(LOGIN, {"username": "ada", "password": "wrong"})
        assert "The name or the password is wrong" in answer.content.decode()
    answer = browser.post(LOGIN, {"username": "ada", "password": PASSWORD})
    assert answer.status_code == 200
    assert "Too many failed log-ins" in answer.content.decode()
    assert not Session.objects.exists()


def test_the_page_asks_for_a_code(admin: User) -> None:
    secret = second_factor.enrol(admin, password=PASSWORD).secret
    [code, *_] = second_factor.confirm(admin, code=pyotp.TOTP(secret).now())
    browser, body = Client(), {"username": "ada", "password": PASSWORD}
    assert "This account asks for a code" in browser.post(LOGIN, body).content.decode()
    assert "wrong or was used" in browser.post(LOGIN, body | {"otp": "000000"}).content.decode()
    assert browser.post(LOGIN, body | {"otp": code}).status_code == 302
    assert AuditEntry.objects.filter(action="login", actor="ada", detail={"through": "pages"}).count() == 1


def test_django_s_own_admin_has_the_same_door(admin: User) -> None:
    answer = Client().get("/admin/login/?next=/admin/")
    assert (answer.status_code, answer["Location"]) == (302, "/accounts/login/?next=/admin/")
    signed = Client().post("/accounts/login/", {"username": "ada", "password": PASSWORD, "next": "/admin/"})
    assert signed["Location"] == "/admin/"
    away = Client().post(LOGIN, {"username": "ada", "password": PASSWORD, "next": "https://example.org/"})
    assert away["Location"] == "/accounts/"


@pytest.mark.parametrize("who", ["viewer", "trader"])
def test_others_have_their_password_and_nothing_else(
    who: str, viewer: User, request: pytest.FixtureRequest
) -> None:
    browser = Client()
    browser.force_login(request.getfixturevalue(who))
    assert browser.get("/accounts/")["Location"] == "/accounts/password/"
    for path in ("users/", "users/new/", f"users/{viewer.pk}/"):
        assert browser.get(f"/accounts/{path}").status_code == 403
    for action in ("invite", "sign-out", "disable-totp"):
        assert browser.post(f"/accounts/users/{viewer.pk}/{action}/").status_code == 403
    assert Client().get("/accounts/users/")["Location"].startswith(LOGIN)


def test_an_admin_lists_makes_and_invites(browser: Client, viewer: User) -> None:
    page = browser.get("/accounts/users/?search=ver").content.decode()
    assert "vera@example.test" in page
    assert "ada@example.test" not in page
    made = post(browser, "/accounts/users/new/", username="nina", role="trader", email="n@example.test")
    assert made.status_code == 200, made.content.decode()
    taken = post(browser, "/accounts/users/new/", username="NINA", role="trader").context["form"].errors
    assert list(taken) == ["username"]
    text = made.content.decode()
    token = text.partition("/welcome/")[2].partition("<")[0].strip()
    assert User.objects.get(username="nina").role == "trader"
    guest = Client(enforce_csrf_checks=True)
    link = f"/accounts/welcome/{token}/"
    assert "nina" in guest.get(link).content.decode()
    unlike = post(guest, link, password="a long enough sentence", again="another sentence").content.decode()
    assert "not alike" in unlike
    assert "too short" in post(guest, link, password="short", again="short").content.decode()
    assert (
        post(guest, link, password="a long enough sentence", again="a long enough sentence")["Location"]
        == LOGIN
    )
    gone = guest.get(link)
    assert gone.status_code == 404
    assert "Ask an administrator" in gone.content.decode()
    assert post(guest, LOGIN, username="nina", password="a long enough sentence").status_code == 302


def test_an_admin_changes_an_account(browser: Client, viewer: User) -> None:
    path = f"/accounts/users/{viewer.pk}/"
    data = {
        "role": "trader",
        "email": "v@example.test",
        "first_name": "Vera",
        "last_name": "",
        "is_active": "on",
    }
    assert post(browser, path, **data).status_code == 302
    fresh = User.objects.get(pk=viewer.pk)
    assert (fresh.role, fresh.email, fresh.first_name, fresh.is_active) == (
        "trader", "v@example.test", "Vera", True,
    )  # fmt: skip
    assert "Vera" in browser.get(path).content.decode()
    del data["is_active"]
    post(browser, path, **data)
    assert not User.objects.get(pk=viewer.pk).is_active
    refused = post(browser, f"{path}invite/", page=path)
    assert refused.status_code == 302
    assert "deactivated: activate" in browser.get(path).content.decode()


def test_the_last_admin_stays_here_too(browser: Client, admin: User) -> None:
    path = f"/accounts/users/{admin.pk}/"
    answer = post(browser, path, role="viewer", email=admin.email, is_active="on")
    assert "the last admin who can log in" in answer.content.decode()
    assert User.objects.get(pk=admin.pk).role == "admin"


def test_signing_out_ends_tokens_and_browsers(browser: Client, trader: User) -> None:
    theirs = Client()
    theirs.post(LOGIN, {"username": "tom", "password": PASSWORD})
    tokens.issue(trader)
    assert theirs.get("/accounts/password/").status_code == 200
    path = f"/accounts/users/{trader.pk}/"
    assert post(browser, f"{path}sign-out/", page=path).status_code == 302
    assert theirs.get("/accounts/password/").status_code == 302
    assert not trader.refresh_families.filter(revoked_at__isnull=True).exists()


def test_one_s_own_password(trader: User) -> None:
    here, there = Client(), Client()
    for each in (here, there):
        each.post(LOGIN, {"username": "tom", "password": PASSWORD})
    new = {"password": "another long sentence 7", "again": "another long sentence 7"}
    wrong = here.post("/accounts/password/", {"current_password": "?", **new})
    assert "not your current password" in wrong.content.decode()
    assert here.post("/accounts/password/", {"current_password": PASSWORD, **new}).status_code == 302
    assert here.get("/accounts/password/").status_code == 200
    assert there.get("/accounts/password/").status_code == 302


def test_django_s_admin_makes_nobody_a_superuser(admin: User, viewer: User) -> None:
    browser = Client()
    browser.force_login(admin)
    path = f"/admin/users/user/{viewer.pk}/change/"
    page = browser.get(path).content.decode()
    for name in ("is_superuser", "is_staff", "is_active", "groups", "user_permissions"):
        assert f'name="{name}"' not in page
    form = {"username": "vera", "is_superuser": "on", "is_staff": "on", "preferences-TOTAL_FORMS": "0"}
    browser.post(path, form | {"preferences-INITIAL_FORMS": "0"})
    fresh = User.objects.get(pk=viewer.pk)
    assert not fresh.is_superuser
    assert not fresh.is_staff
    assert browser.post(f"/admin/users/user/{viewer.pk}/delete/", {"post": "yes"}).status_code == 403
    answer = browser.get(f"/admin/users/user/{viewer.pk}/password/")
    assert (answer.status_code, answer["Location"]) == (302, f"/accounts/users/{viewer.pk}/")


def test_pages_need_no_inline_style_or_script(browser: Client, admin: User) -> None:
    make_user("other", Role.VIEWER)
    for path in ("users/", "users/new/", f"users/{admin.pk}/", "password/"):
        answer = browser.get(f"/accounts/{path}")
        text = answer.content.decode()
        assert answer.status_code == 200
        assert "<script" not in text
        assert "style=" not in text
        assert "<style" not in text
        assert "no-store" in answer["Cache-Control"]
        assert "unsafe-inline" not in answer["Content-Security-Policy"]


# In the terminal


def told(*arguments: str) -> str:
    out = StringIO()
    call_command("invite", *arguments, stdout=out)
    return out.getvalue()


@pytest.mark.django_db
def test_the_first_admin_comes_in_by_the_terminal() -> None:
    assert not active_admins().exists()
    first, url = told("ada", "--role", "admin").strip().splitlines()
    assert first.startswith("ada (admin)")
    assert url.startswith("http://127.0.0.1:8000/welcome/")
    browser, token = Client(), url.rpartition("/")[2]
    passwords = {"password": "a long enough sentence", "again": "a long enough sentence"}
    assert browser.post(f"/accounts/welcome/{token}/", passwords).status_code == 302
    assert active_admins().get().username == "ada"
    assert [entry.actor for entry in AuditEntry.objects.filter(action="user_created")] == [""]


def test_the_terminal_brings_back_and_promotes_whom_it_knows(trader: User) -> None:
    url = told("tom", "--role", "admin", "--url", "https://titan.example.org/").strip().splitlines()[1]
    assert url.startswith("https://titan.example.org/welcome/")
    assert User.objects.get(username="tom").role == "admin"
    assert User.objects.get(username="tom").check_password(PASSWORD), "until the link is used"


@pytest.mark.parametrize("name", ["two words", "TOM", ""])
def test_the_terminal_refuses_names_that_will_not_do(trader: User, name: str) -> None:
    with pytest.raises(CommandError):
        told(name)
    assert User.objects.count() == 1


@pytest.mark.parametrize("url", ["nowhere", "titan.example.org", "ftp://titan.example.org", "https://"])
def test_the_terminal_makes_no_link_that_leads_nowhere(trader: User, url: str) -> None:
    with pytest.raises(CommandError, match=r"such as https://titan\.example\.org"):
        told("ada", "--url", url)
    assert User.objects.count() == 1


def test_django_s_own_password_page_leads_to_ours(browser: Client, admin: User) -> None:
    """That page counts no wrong password, writes nothing down, and leaves other sign-ins open."""
    before = admin.password
    body = {"old_password": PASSWORD, "new_password1": "another long 7", "new_password2": "another long 7"}
    for path in ("/admin/password_change/", "/admin/password_change/done/"):
        for answer in (browser.get(path), post(browser, path, "/accounts/password/", **body)):
            assert (answer.status_code, answer["Location"]) == (302, "/accounts/password/")
    admin.refresh_from_db()
    assert admin.password == before


def test_the_pages_brake_an_address_that_tries_many_names(admin: User) -> None:
    browser = Client()
    said = [browser.post(LOGIN, {"username": f"n{i}", "password": "x"}).content.decode() for i in range(61)]
    assert "The name or the password is wrong" in said[59]
    assert "Too many failed log-ins" in said[60]
    elsewhere = browser.post(LOGIN, {"username": "ada", "password": PASSWORD}, REMOTE_ADDR="10.0.0.9")
    assert elsewhere.status_code == 302


def test_signing_out_is_written_down(browser: Client) -> None:
    assert post(browser, "/accounts/logout/", "/accounts/password/").status_code == 302
    entry = AuditEntry.objects.get(action="logout")
    assert (entry.actor, entry.detail) == ("ada", {"which": "this", "through": "pages"})


def test_pages_speak_of_logging_in_as_the_application_does() -> None:
    pages = sorted(TEMPLATES.glob("*.html"))
    assert len(pages) > 5
    said = {page.name: re.findall(r"(?i)\bsign(?:s|ed)? (?:in|out)\b", page.read_text()) for page in pages}
    assert {name: words for name, words in said.items() if words} == {}
    assert "Log in</button>" in Client().get(LOGIN).content.decode()
