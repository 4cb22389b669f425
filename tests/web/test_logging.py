"""Logs: canary secrets put in at every place they travel; none comes out."""

import json
import logging
import logging.config
from collections.abc import Iterator
from pathlib import Path

import pytest
import structlog
from django.conf import settings
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st

from api import tokens
from common.logging import REDACTED, logging_config, redact
from trading.models import Job
from trading.services.jobs import JobService, handles
from trading.services.jobs.report import Report
from users.models import User

CANARY = "c4n4ry-S3cr3t-9f8e7d6c5b4a"
JWT = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.Sf1KxwRJSMeKKF2QT4fwpM"


@pytest.fixture
def log(tmp_path: Path) -> Iterator[Path]:
    """A log file written with the configuration of the server; the tests' own comes back afterwards."""
    path = tmp_path / "titan.log"
    pytests = [handler for handler in logging.root.handlers if type(handler).__module__.startswith("_pytest")]
    logging.config.dictConfig(logging_config(level="DEBUG", style="json", file=path))
    yield path
    # a new configuration closes the handlers of the one before; those put back by hand nobody would close
    logging.config.dictConfig(settings.LOGGING)
    logging.root.handlers += pytests


@pytest.mark.parametrize(
    "text",
    [
        f"GET /ws/signals/?token={CANARY} HTTP/1.1",
        f"GET /ws/signals/?pairs=1,2&token={CANARY}&x=1",
        f"/api?access={CANARY}#top",
        f"Sec-WebSocket-Protocol: titan.v1, ticket.{CANARY}",
        f"Authorization: Bearer {CANARY}",
        f"authorization: basic {CANARY}",
        f"connection to postgresql://titan:{CANARY}@db:5432/titan failed",
        f"redis://:{CANARY}@redis:6379/0",
        f'body {{"username": "demo", "password": "{CANARY}"}}',
        f"refresh='{CANARY}'",
        f"GET /shared/{CANARY} 200",
        f"GET /api/v1/shared/{CANARY}/candidates/ 200",
        f"GET /welcome/{CANARY}",
        f"GET /api/v1/auth/invitation/{CANARY}/ 404",
        f"key titan_ab12cd_{CANARY} was refused",
        f"/api/v1/symbols/?api_key={CANARY}",
        f"/x?access_token={CANARY}&webhook_secret={CANARY}",
        f"otpauth://totp/TITAN:demo?secret={CANARY}&issuer=TITAN",
    ],
)
def test_secrets_in_text_are_hidden(text: str) -> None:
    shown = redact(text)
    assert CANARY not in shown
    assert REDACTED in shown


def test_a_bare_token_is_hidden_and_the_rest_is_kept() -> None:
    assert redact(f"user 5 sent {JWT} at noon") == f"user 5 sent {REDACTED} at noon"
    assert (
        redact("GET /api/v1/scans/?page=2&search=KO HTTP/1.1")
        == "GET /api/v1/scans/?page=2&search=KO HTTP/1.1"
    )
    assert redact("took 12 ms at http://127.0.0.1:8000/") == "took 12 ms at http://127.0.0.1:8000/"


@given(st.text(max_size=200))
def test_redacting_twice_is_redacting_once(text: str) -> None:
    assert redact(redact(text)) == redact(text)


def test_nothing_secret_reaches_the_file(log: Path) -> None:
    logger = structlog.get_logger("titan.test")
    logger.info(
        "login", username="demo", password=CANARY, headers={"Cookie": CANARY, "n": [f"Bearer {CANARY}"]}
    )
    logging.getLogger("uvicorn.error").info(
        '%s - "%s %s HTTP/%s" %d', "::1", "GET", f"/ws/?token={CANARY}", "1.1", 101
    )
    try:
        int(f"postgresql://titan:{CANARY}@db/titan")
    except ValueError:
        logging.getLogger("django.request").exception("failed with %s", JWT)
    text = log.read_text()
    assert CANARY not in text
    assert JWT not in text
    events = [json.loads(line) for line in text.splitlines()]
    assert [event["level"] for event in events] == ["info", "info", "error"]
    assert events[0]["username"] == "demo"
    assert "ValueError" in events[2]["exception"]


def test_what_is_no_text_is_hidden_too(log: Path) -> None:
    class Request:
        def __str__(self) -> str:
            return f"<GET /x?token={CANARY}>"

    structlog.get_logger("titan.test").info(
        "a", request=Request(), several={Request()}, inside={"deep": [Request()]}
    )
    logging.getLogger("django.security").warning("b", extra={"request": Request()})
    text = log.read_text()
    assert text.count(REDACTED) == 3
    assert CANARY not in text


def test_an_event_carries_its_request_and_is_one_line(log: Path) -> None:
    with structlog.contextvars.bound_contextvars(request_id="r-12345678"):
        logging.getLogger("trading").warning("two\nlines")
    (line,) = log.read_text().splitlines()
    event = json.loads(line)
    assert (event["request_id"], event["event"], event["logger"]) == ("r-12345678", "two\nlines", "trading")


@pytest.mark.django_db(databases=["default", "timescale"])
def test_a_request_is_told_in_one_line_with_whose_it_was(log: Path, client: Client, trader: User) -> None:
    token = str(tokens.issue(trader)["access"])
    headers = {"Authorization": f"Bearer {token}", "X-Request-ID": "proxy-12345678"}
    client.get("/api/v1/auth/me/?fields=username", headers=headers)
    client.get("/livez")
    told = [json.loads(line) for line in log.read_text().splitlines() if "titan.access" in line]
    assert [event["event"] for event in told] == ["GET /api/v1/auth/me/ 200", "GET /livez 200"]
    assert (told[0]["request_id"], told[0]["user_id"], told[0]["status"]) == (
        "proxy-12345678",
        trader.pk,
        200,
    )
    assert told[0]["milliseconds"] > 0
    assert "user_id" not in told[1]


@pytest.mark.django_db(databases=["default", "timescale"])
def test_what_a_job_logs_carries_its_number_and_its_owner(log: Path, trader: User) -> None:
    job = JobService().enqueue_sync(kind="test_logging", owner=trader)
    assert JobService().run_sync(job.pk)
    [event] = [json.loads(line) for line in log.read_text().splitlines() if "on my way" in line]
    assert (event["job_id"], event["user_id"]) == (job.pk, trader.pk)
    logging.getLogger("trading").warning("after")
    assert "job_id" not in json.loads(log.read_text().splitlines()[-1])


@handles("test_logging")
def _log_something(job: Job, report: Report) -> None:
    logging.getLogger("trading").info("on my way")


def test_the_terminal_hears_warnings_only_when_there_is_a_file(log: Path, tmp_path: Path) -> None:
    with_file = logging_config(level="INFO", style="console", file=tmp_path / "x.log")
    assert with_file["handlers"]["stderr"]["level"] == "WARNING"
    assert with_file["root"]["handlers"] == ["stderr", "file"]
    without = logging_config(level="INFO", style="json")
    assert without["handlers"]["stderr"]["level"] == "INFO"
    assert without["root"]["handlers"] == ["stderr"]
