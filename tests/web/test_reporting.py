"""Errors sent to Sentry: what failed arrives with its ids; secrets, people and rows do not. Caught at the wire."""

import logging
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import sentry_sdk
from django.test import Client
from sentry_sdk.envelope import Envelope
from sentry_sdk.transport import Transport

from common import reporting
from common.env import Environment, InvalidEnvironment
from trading.models import Job
from trading.services.jobs import JobService, handles
from trading.services.jobs.report import Report
from users.models import User

CANARY = "c4n4ry-S3cr3t-9f8e7d6c5b4a"
JWT = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.Sf1KxwRJSMeKKF2QT4fwpM"
NOTE = "private-words"
DSN = "https://publickey@sentry.example.org/5"


class Wire(Transport):
    """Keeps what would be sent."""

    def __init__(self, options: Any = None) -> None:
        super().__init__(options)
        self.sent: list[Envelope] = []

    def capture_envelope(self, envelope: Envelope) -> None:
        self.sent.append(envelope)

    @property
    def events(self) -> list[dict[str, Any]]:
        found = [envelope.get_event() for envelope in self.sent]
        return [dict(event) for event in found if event is not None]

    @property
    def text(self) -> str:
        """Every byte."""
        return b"".join(envelope.serialize() for envelope in self.sent).decode()


@pytest.fixture
def wire() -> Iterator[Wire]:
    made = Wire()
    reporting.start(DSN, release="1.2.3", environment="test", transport=made)
    yield made
    sentry_sdk.get_client().close()
    sentry_sdk.get_global_scope().set_client(None)


@handles("test_leaks")
def leaks(job: Job, report: Report) -> None:
    password = f"{CANARY}-variable"
    raise RuntimeError(
        f"connecting to postgresql://titan:{CANARY}@10.9.8.7/x failed for tom@example.test {len(password)}\n"
        "DETAIL:  Key (email, name)=(tom@example.test, Tom Canary) already exists.\n"
        f"DETAIL:  Failing row contains (7, my note begins\n{NOTE}, null)."
    )


@pytest.mark.django_db
def test_a_job_of_ours_that_fails_arrives_with_its_ids(wire: Wire, trader: User) -> None:
    job = JobService().enqueue_sync(kind="test_leaks", owner=trader)
    Job.objects.filter(pk=job.pk).update(request_id="request-1234567")
    assert JobService().run_sync(job.pk)
    [event] = wire.events
    assert event["tags"] == {
        "request_id": "request-1234567", "job_id": str(job.pk), "job_kind": "test_leaks",
    }  # fmt: skip
    assert (event["release"], event["environment"], event["level"]) == ("1.2.3", "test", "error")
    assert event["exception"]["values"][-1]["type"] == "RuntimeError"
    frames = event["exception"]["values"][-1]["stacktrace"]["frames"]
    assert frames[-1]["function"] == "leaks"
    assert not [frame for frame in frames if "vars" in frame or "abs_path" in frame]
    for secret in (CANARY, "10.9.8.7", "tom@example.test", "Tom Canary", NOTE, trader.username, trader.email):
        assert secret not in wire.text, secret


@pytest.mark.django_db
def test_a_request_that_fails_arrives_without_the_request(
    wire: Wire, monkeypatch: pytest.MonkeyPatch, trader: User, client_of: Callable[[User], Client]
) -> None:
    def broken(*_: Any, **__: Any) -> None:
        raise RuntimeError(f"Bearer {JWT} of session={CANARY!r} password='{CANARY}'")

    monkeypatch.setattr("api.views.jobs.JobViewSet.list", broken)
    client = client_of(trader)
    answer = client.get(
        "/api/v1/jobs/?page_size=17",
        headers={"Authorization": f"Bearer {CANARY}", "Cookie": f"sessionid={CANARY}", "X-Secret": CANARY},
        REMOTE_ADDR="203.0.113.77",
    )
    assert answer.status_code == 500
    [event] = wire.events
    assert event["tags"]["request_id"] == answer["X-Request-ID"]
    assert not {"request", "user", "server_name", "breadcrumbs", "modules", "extra", "contexts"} & set(event)
    for secret in (JWT, "203.0.113.77", trader.username, f"password='{CANARY}"):
        assert secret not in wire.text, secret


def test_every_kind_of_secret_is_taken_out(wire: Wire) -> None:
    log = logging.getLogger("titan.canary")
    for text in (
        f"GET /ws/signals/?token={CANARY}",
        f"Authorization: Bearer {CANARY}",
        f"key titan_ab12cd_{CANARY} was refused",
        f"redis://:{CANARY}@redis:6379/0",
        f"/api/v1/shared/{CANARY}/",
        f"otpauth://totp/x?secret={CANARY}",
    ):
        log.error("failed: %s", text, extra={"password": CANARY})
    assert len(wire.events) == 6
    assert CANARY not in wire.text


def test_warnings_stay_here(wire: Wire) -> None:
    logging.getLogger("titan.canary").warning("nothing to see")
    assert not wire.sent


def test_nothing_is_sent_where_nobody_asked() -> None:
    reporting.start(None, release="1", environment="test")
    assert not sentry_sdk.get_client().is_active()
    assert Environment.read({}).sentry_dsn is None


def test_an_address_that_is_none_is_refused_at_the_start() -> None:
    for wrong in ("sentry.example.org", "https://sentry.example.org/5", "https://key@sentry.example.org/"):
        with pytest.raises(InvalidEnvironment, match="TITAN_SENTRY_DSN is no address of a Sentry project"):
            Environment.read({"TITAN_SENTRY_DSN": wrong})
    assert DSN not in repr(Environment.read({"TITAN_SENTRY_DSN": DSN}))
