"""Canary secrets, each of every kind there is, used at a real server on every route, rightly and wrongly.

None may come out in a log, an error, an export, an event or a job's message, or stand in a table as it is.
"""

import contextlib
import json
import logging
import os
import re
import secrets
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pyotp
import pytest
import websockets.exceptions
import websockets.sync.client
from django.conf import settings

from tests.conftest import make_user
from tests.services.processes import ROOT, Server
from tests.web.test_env import PRODUCTION
from users.models import User
from users.roles import Role

pytestmark = [
    pytest.mark.django_db(transaction=True, databases=["default", "timescale"]),
    pytest.mark.sqlite,  # the tables are read as they lie in their files
]

SCHEMA = json.loads((ROOT / "frontend" / "react_app" / "openapi.json").read_text())
# Their answers hand out what was asked for, once: that is their purpose.
ISSUES = re.compile(r"POST (auth/(token|ws-ticket|keys|totp)/|auth/totp/confirm/|users/|shares/)")


ENDINGS = ("auth/logout", "auth/password", "auth/totp", "users/", "auth/sessions", "auth/keys")


class Person:
    """Somebody with a password of their own, and everything the server has given them."""

    def __init__(self, server: Server, user: User, password: str) -> None:
        self.http = httpx.Client(base_url=f"{server.url}/api/v1/", timeout=30)
        self.user, self.password = user, password
        self.secrets: dict[str, str] = {"password": password}
        self.seen: list[tuple[str, int, str]] = []  # address, status, body of every answer

    def ask(self, method: str, path: str, **options: Any) -> httpx.Response:
        """One request, its answer kept."""
        answer = self.http.request(method, path, **options)
        self.seen.append((f"{method} {path}", answer.status_code, answer.text + str(dict(answer.headers))))
        return answer

    def take(self, method: str, path: str, **options: Any) -> dict[str, Any]:
        """An answer that must be good."""
        answer = self.ask(method, path, **options)
        assert answer.status_code < 300, f"{method} {path}: {answer.status_code} {answer.text}"
        return dict(answer.json()) if answer.content else {}

    def sign_in(self) -> None:
        """Sign in, and collect one secret of every kind."""
        pair = self.take(
            "POST", "auth/token/", json={"username": self.user.username, "password": self.password}
        )
        self.http.headers["Authorization"] = f"Bearer {pair['access']}"
        self.secrets |= {"access": pair["access"], "refresh": pair["refresh"]}
        key = self.take("POST", "auth/keys/", json={"name": "canary", "scopes": ["read", "admin"]})
        self.secrets["api key"] = key["key"]
        totp = self.take("POST", "auth/totp/", json={"password": self.password})
        self.secrets["totp"] = totp["secret"]
        codes = self.take("POST", "auth/totp/confirm/", json={"code": pyotp.TOTP(totp["secret"]).now()})
        self.secrets["recovery"] = codes["recovery_codes"][0]
        self.secrets["webhook"] = secrets.token_urlsafe(32)
        self.take(
            "POST",
            "channels/",
            json={
                "kind": "webhook",
                "name": "canary",
                "url": "https://hooks.example.com/",
                "secret": self.secrets["webhook"],
            },
        )
        invited = self.take("POST", "users/", json={"username": "ivan", "email": "", "role": "viewer"})
        self.secrets["invitation"] = invited["invitation"]["url"].rstrip("/").rpartition("/")[2]
        self.secrets["ticket"] = self.take("POST", "auth/ws-ticket/")["ticket"]


@pytest.fixture
def person(server: Server, caplog: pytest.LogCaptureFixture) -> Iterator[Person]:
    caplog.set_level(logging.WARNING, "httpx")  # the client's own log is not what this is about
    user = make_user("carol", Role.ADMIN)
    password = f"canary-{secrets.token_urlsafe(18)}"
    user.set_password(password)
    user.save()
    made = Person(server, user, password)
    with made.http:
        made.sign_in()
        yield made


def operations() -> Iterator[tuple[str, str]]:
    """Method and address of every operation there is, relative to the API."""
    for path, methods in SCHEMA["paths"].items():
        for method in methods:
            if method in {"get", "post", "put", "patch", "delete"}:
                yield method.upper(), path.removeprefix("/api/v1/")


def body_of_canaries(canaries: dict[str, str]) -> dict[str, str]:
    """Every name a secret travels under, and one that exists nowhere, each with a secret in it."""
    names = {
        "password": "password", "current_password": "password", "new_password": "password", "otp": "recovery",
        "code": "recovery", "token": "invitation", "refresh": "refresh", "secret": "webhook", "nonsense": "api key",
    }  # fmt: skip
    return {name: canaries[kind] for name, kind in names.items()}


def knock_everywhere(person: Person) -> None:
    """Every operation, with secrets where they belong and where they do not."""
    canaries = person.secrets
    for method, path in operations():
        if method != "GET" and path.startswith(ENDINGS):
            continue  # would end the sign-in this goes on with; their refusals are asked for below
        filled = re.sub(r"\{token\}", canaries["invitation"], path)
        for held in ("999999", canaries["access"], canaries["api key"]):
            address = re.sub(r"\{\w+\}", held, filled)
            query = {
                "token": canaries["access"],
                "password": canaries["password"],
                "api_key": canaries["api key"],
            }
            person.ask(
                method, address, json=body_of_canaries(canaries) if method != "GET" else None, params=query
            )
            if "{" not in path:
                break
        person.ask(method, re.sub(r"\{\w+\}", "1", filled))
    for path in (
        "auth/password/",
        "auth/totp/disable/",
        "auth/keys/",
        "auth/token/",
        "auth/token/refresh/",
        "users/",
    ):
        person.ask("POST", path, json=body_of_canaries(canaries) | {"username": "carol"})
        broken = f'{{"password": "{canaries["password"]}"'.encode()
        person.ask("POST", path, content=broken, headers={"Content-Type": "application/json"})
    for header in (
        f"Bearer {canaries['access']}x",
        f"Bearer {canaries['api key']}x",
        f"Basic {canaries['password']}",
    ):
        person.ask("GET", "symbols/", headers={"Authorization": header})
    person.ask("GET", "symbols/", headers={"Authorization": f"Bearer {canaries['api key']}"})


def knock_at_sockets(server: Server, canaries: dict[str, str]) -> None:
    """The ticket, and the token in the address, at every door; and both once more, used up and broken."""
    base = f"ws://127.0.0.1:{server.port}/ws"
    origin: Any = f"http://127.0.0.1:{server.port}"
    for _ in range(2):
        protocols: Any = ["titan.v1", f"ticket.{canaries['ticket']}"]
        with websockets.sync.client.connect(
            f"{base}/trading-data/", subprotocols=protocols, origin=origin
        ) as socket:
            say(socket, {"type": "subscribe", "stream": canaries["access"]})
    for door in ("trading-data", "signals", "backtesting"):
        for token in (canaries["access"], canaries["access"] + "x", canaries["api key"]):
            with websockets.sync.client.connect(f"{base}/{door}/?token={token}", origin=origin) as socket:
                say(socket, {"type": token})


def say(socket: websockets.sync.client.ClientConnection, frame: dict[str, str]) -> None:
    """One frame, and what comes back; a door that is shut already is fine."""
    with contextlib.suppress(websockets.exceptions.ConnectionClosed, TimeoutError):
        socket.send(json.dumps(frame))
        socket.recv(timeout=5)


def found_in(text: str, canaries: dict[str, str]) -> set[str]:
    """Names of the secrets that stand in a text; of tokens, what signs them is enough."""
    marks = {
        name: value.rpartition(".")[2] if name in {"access", "refresh"} else value
        for name, value in canaries.items()
    }
    return {name for name, mark in marks.items() if mark in text}


def test_no_canary_comes_out(server: Server, person: Person) -> None:
    knock_everywhere(person)
    knock_at_sockets(server, person.secrets)
    for path in ("/shared/", "/welcome/", "/accounts/welcome/", "/accounts/reset/"):
        httpx.get(f"{server.url}{path}{person.secrets['invitation']}/?token={person.secrets['access']}")
    for path in ("/nothing", "/admin/", "/static/", "/api/nothing"):
        httpx.get(f"{server.url}{path}/{person.secrets['access']}?secret={person.secrets['webhook']}")
        httpx.post(f"{server.url}{path}/{person.secrets['api key']}", data={"password": person.password})
    assert not [what for what, status, _ in person.seen if status >= 500]

    server.stop()
    log = server.everything_logged()
    assert log.count("titan.access") > len(list(operations()))
    assert found_in(log, person.secrets) == set()
    assert "Traceback" not in log

    told = [
        (what, status, text) for what, status, text in person.seen if status >= 400 or not ISSUES.search(what)
    ]
    assert len(told) > 100
    out = {
        (what, status): hit
        for what, status, text in told
        if (hit := found_in(_no_links(text), person.secrets))
    }
    assert out == {}

    for alias in ("default", "timescale"):
        with sqlite3.connect(str(settings.DATABASES[alias]["TEST"]["NAME"])) as database:
            rows = "\n".join(database.iterdump())
        assert len(rows) > 1000
        assert alias != "default" or "carol" in rows
        assert found_in(rows, person.secrets) == set(), (
            alias
        )  # hashed, or sealed; events and messages stand there too


def _no_links(text: str) -> str:
    """Without the addresses of next and previous pages, which say back the query they were asked with."""
    return re.sub(r'"(?:next|previous)":"[^"]*"', "", text)


def test_a_start_that_fails_tells_no_secret(tmp_path: Path) -> None:
    """Databases that do not answer, and variables that can't be used: their addresses hold passwords."""
    canary = f"canary-{secrets.token_urlsafe(12)}"
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("TITAN_", "DJANGO_"))}
    variables = PRODUCTION | {
        "DJANGO_SETTINGS_MODULE": "titan.settings.production",
        "TITAN_HOME": str(tmp_path),
        "TITAN_SECRET_KEY": PRODUCTION["TITAN_SECRET_KEY"] + canary,
        "TITAN_DATABASE_URL": f"postgresql://titan:{canary}@127.0.0.1:1/titan",
        "TITAN_TIMESCALE_URL": f"postgresql://titan:{canary}@127.0.0.1:1/prices",
    }
    for broken in (
        {},
        {"TITAN_REDIS_URL": f"http://:{canary}@redis", "TITAN_DATABASE_URL": f"mysql://u:{canary}@h/d"},
    ):
        done = subprocess.run(
            [sys.executable, "-m", "titan", "showmigrations"],
            cwd=ROOT,
            env=clean | variables | broken,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        assert done.returncode != 0
        assert canary not in done.stdout + done.stderr
