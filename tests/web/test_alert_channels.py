"""Channels: what leaves, how it is signed, what is tried again, and when it is given up."""

import hashlib
import hmac
import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.core import mail
from django.core.cache import cache
from django.utils import timezone
from rest_framework.settings import api_settings
from rest_framework.test import APIClient

from api import throttling
from common import outbound
from common.outbound import Answer, OutboundFailed
from tests.services import job_kinds  # noqa: F401 - registers the handlers of the tests
from titan_core.errors import InvalidInput
from trading.models import Alert, AlertChannel, AlertDelivery, AlertRule, DeliveryStatus, Job, JobKind
from trading.services.alerts.delivery import BACKOFF, send_due, send_soon
from trading.services.alerts.rules import ensure_defaults
from trading.services.jobs import JobService
from trading.services.jobs.listeners import do_chores
from users.models import TradingPreferences, User

V1 = "/api/v1/"
HOOK = {"kind": "webhook", "name": "desk", "url": "https://hooks.example.com/titan", "secret": "open sesame"}
JOBS = JobService()


class Receiver:
    """Takes the place of the network; answers what it is told to, the last for ever."""

    def __init__(self) -> None:
        self.sent: list[tuple[str, bytes, dict[str, str]]] = []
        self.answers: list[int | Exception] = [200]

    def __call__(
        self, url: str, *, method: str, data: bytes, headers: dict[str, str], timeout: float
    ) -> Answer:
        self.sent.append((url, data, headers))
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if isinstance(answer, Exception):
            raise answer
        return Answer(answer, {}, b"")


@pytest.fixture
def receiver(monkeypatch: pytest.MonkeyPatch) -> Receiver:
    made = Receiver()
    monkeypatch.setattr(outbound, "fetch", made)
    return made


@pytest.fixture
def client(trader: User, client_of: Callable[[User], APIClient]) -> APIClient:
    return client_of(trader)


@pytest.fixture
def channel(client: APIClient, trader: User) -> AlertChannel:
    """A webhook that every rule of the trader names."""
    answer = client.post(f"{V1}channels/", HOOK)
    assert answer.status_code == 201, answer.content
    made = AlertChannel.objects.get(pk=answer.json()["id"])
    ensure_defaults(trader)
    for rule in AlertRule.objects.filter(owner=trader):
        rule.channels.add(made)
    return made


def work() -> int:
    """Do the deliveries that wait; returns how many tries were made."""
    waiting = list(Job.objects.filter(kind=JobKind.DELIVER, status="PENDING"))
    return sum(JOBS.run_sync(job.pk) for job in waiting)


def fail(owner: User) -> Alert:
    JOBS.run_sync(JOBS.enqueue_sync(kind="test_fails", owner=owner).pk)
    return Alert.objects.filter(owner=owner).latest("pk")


def later(delivery: AlertDelivery) -> int:
    """As if the wait were over; returns how many tries were made."""
    AlertDelivery.objects.filter(pk=delivery.pk, status=DeliveryStatus.PENDING).update(
        next_attempt_at=timezone.now() - timedelta(seconds=1)
    )
    do_chores(timezone.now())
    return work()


# Delivering


def test_an_alert_leaves_once_signed(receiver: Receiver, channel: AlertChannel, trader: User) -> None:
    alert = fail(trader)
    assert fail(trader).count == 2, "the same again"
    assert work() == 1, "counted, not sent"
    [(url, body, headers)] = receiver.sent
    assert url == HOOK["url"]
    sent = json.loads(body)
    assert (sent["type"], sent["title"], sent["alert"]["id"]) == ("alert", alert.title, alert.pk)
    at, _, digest = headers["X-Titan-Signature"].removeprefix("t=").partition(",v1=")
    wanted = hmac.new(b"open sesame", f"{at}.".encode() + body, hashlib.sha256).hexdigest()
    assert digest == wanted
    delivery = AlertDelivery.objects.get()
    assert headers["X-Titan-Delivery"] == str(delivery.pk) == str(sent["delivery"])
    assert (delivery.status, delivery.attempts) == (DeliveryStatus.DELIVERED, 1)
    assert later(delivery) == 0


def test_it_is_tried_again_after_a_while_and_given_up_in_words(
    receiver: Receiver, channel: AlertChannel, client: APIClient, trader: User
) -> None:
    receiver.answers = [500]
    fail(trader)
    assert work() == 1
    delivery = AlertDelivery.objects.get()
    for tries in range(1, len(BACKOFF) + 1):
        delivery.refresh_from_db()
        assert (delivery.status, delivery.attempts) == (DeliveryStatus.PENDING, tries)
        wait = delivery.next_attempt_at - timezone.now()
        assert BACKOFF[tries - 1] - timedelta(seconds=30) < wait <= BACKOFF[tries - 1]
        assert send_due(timezone.now()) == 0, "not before its time"
        assert later(delivery) == 1
    delivery.refresh_from_db()
    assert (delivery.status, delivery.attempts) == (DeliveryStatus.GAVE_UP, 6)
    assert later(delivery) == 0
    shown = client.get(f"{V1}channels/{channel.pk}/").json()["last_delivery"]
    assert (shown["status"], shown["attempts"], shown["error"]) == ("gave_up", 6, "It answered 500.")


def test_a_receiver_that_comes_back_gets_it_with_the_same_number(
    receiver: Receiver, channel: AlertChannel, trader: User
) -> None:
    receiver.answers = [OutboundFailed("hooks.example.com could not be reached: refused"), 503, 204]
    fail(trader)
    work()
    delivery = AlertDelivery.objects.get()
    assert later(delivery) == later(delivery) == 1
    delivery.refresh_from_db()
    assert (delivery.status, delivery.attempts, delivery.error) == (DeliveryStatus.DELIVERED, 3, "")
    assert {json.loads(body)["delivery"] for _, body, _ in receiver.sent} == {delivery.pk}


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (410, "It answered 410."),
        (
            InvalidInput("hooks.example.com leads to an address inside a network"),
            "Refused: hooks.example.com leads",
        ),
    ],
)
def test_some_refusals_are_final(
    receiver: Receiver, channel: AlertChannel, trader: User, answer: int | Exception, words: str
) -> None:
    receiver.answers = [answer]
    fail(trader)
    work()
    delivery = AlertDelivery.objects.get()
    assert (delivery.status, delivery.attempts) == (DeliveryStatus.GAVE_UP, 1)
    assert delivery.error.startswith(words)


def test_a_redirect_is_not_followed_and_says_so(
    receiver: Receiver, channel: AlertChannel, trader: User
) -> None:
    receiver.answers = [302]
    fail(trader)
    work()
    assert "redirect" in AlertDelivery.objects.get().error


def test_switched_off_or_deactivated_nothing_leaves(
    receiver: Receiver, channel: AlertChannel, trader: User, client: APIClient
) -> None:
    fail(trader)
    client.patch(f"{V1}channels/{channel.pk}/", {"is_active": False})
    work()
    assert (receiver.sent, AlertDelivery.objects.get().status) == ([], DeliveryStatus.GAVE_UP)
    Alert.objects.all().delete()
    fail(trader)
    assert AlertDelivery.objects.count() == 0, "rules leave channels out that are off"
    client.patch(f"{V1}channels/{channel.pk}/", {"is_active": True})
    Alert.objects.all().delete()
    fail(trader)
    User.objects.filter(pk=trader.pk).update(is_active=False)
    work()
    assert receiver.sent == []


def test_a_worker_that_dies_after_sending_sends_the_same_number_again(
    receiver: Receiver, channel: AlertChannel, trader: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    fail(trader)
    [job] = Job.objects.filter(kind=JobKind.DELIVER)

    def dies(*args: Any, **kwargs: Any) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr("trading.services.alerts.delivery._note", dies)
        with pytest.raises(KeyboardInterrupt):
            JOBS.run_sync(job.pk)
    assert JOBS.run_sync(job.pk)
    assert len({json.loads(body)["delivery"] for _, body, _ in receiver.sent}) == 1
    assert AlertDelivery.objects.get().status == DeliveryStatus.DELIVERED


def test_two_who_start_a_try_start_one(receiver: Receiver, channel: AlertChannel, trader: User) -> None:
    fail(trader)
    delivery = AlertDelivery.objects.get()
    assert send_soon(delivery) is None
    assert (work(), len(receiver.sent)) == (1, 1)


def test_a_stale_try_sends_nothing(receiver: Receiver, channel: AlertChannel, trader: User) -> None:
    fail(trader)
    AlertDelivery.objects.update(next_attempt_at=timezone.now() + timedelta(minutes=1))
    assert (work(), receiver.sent) == (1, [])


def test_e_mail(client: APIClient, trader: User, settings: Any) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    answer = client.post(f"{V1}channels/", {"kind": "email", "name": "me", "address": "tom@example.org"})
    assert answer.status_code == 201, answer.content
    assert client.post(f"{V1}channels/{answer.json()['id']}/test/").status_code == 202
    work()
    [letter] = mail.outbox
    assert (letter.subject, letter.to) == ("TITAN: A test of this channel", ["tom@example.org"])


def test_without_a_mail_server_no_e_mail_channel(client: APIClient, settings: Any) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.dummy.EmailBackend"
    answer = client.post(f"{V1}channels/", {"kind": "email", "name": "me", "address": "tom@example.org"})
    assert (answer.status_code, "TITAN_EMAIL_URL" in answer.json()["error"]["message"]) == (409, True)


# Making and showing them


def test_a_trial_tells_at_once_what_became_of_it(
    receiver: Receiver, channel: AlertChannel, client: APIClient
) -> None:
    receiver.answers = [500]
    answer = client.post(f"{V1}channels/{channel.pk}/test/")
    assert answer.json()["last_delivery"]["status"] == "pending"
    work()
    shown = client.get(f"{V1}channels/").json()["results"][0]["last_delivery"]
    assert (shown["status"], shown["is_test"], shown["error"]) == ("gave_up", True, "It answered 500.")
    assert json.loads(receiver.sent[0][1])["type"] == "test"


def test_a_secret_is_kept_sealed_and_shown_to_nobody(client: APIClient, channel: AlertChannel) -> None:
    assert HOOK["secret"] not in channel.sealed_secret
    for answer in (client.get(f"{V1}channels/{channel.pk}/"), client.get(f"{V1}channels/")):
        assert HOOK["secret"] not in answer.content.decode()
    assert client.get(f"{V1}channels/{channel.pk}/").json()["has_secret"] is True
    assert client.patch(f"{V1}channels/{channel.pk}/", {"secret": ""}).json()["has_secret"] is False


def test_an_unsigned_channel_sends_no_signature(
    receiver: Receiver, channel: AlertChannel, client: APIClient
) -> None:
    client.patch(f"{V1}channels/{channel.pk}/", {"secret": ""})
    client.post(f"{V1}channels/{channel.pk}/test/")
    work()
    assert "X-Titan-Signature" not in receiver.sent[0][2]


def test_a_secret_no_key_opens_is_said_so(
    receiver: Receiver, channel: AlertChannel, client: APIClient, settings: Any
) -> None:
    client.post(f"{V1}channels/{channel.pk}/test/")
    settings.SECRET_KEY = "another key of more than thirty-two characters"
    work()
    assert (receiver.sent, "enter it again" in AlertDelivery.objects.get().error) == ([], True)


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"kind": "webhook", "name": "w", "url": "http://127.0.0.1:8000/"}, "url"),
        ({"kind": "webhook", "name": "w", "url": "http://169.254.169.254/latest/meta-data"}, "url"),
        ({"kind": "webhook", "name": "w", "url": "ftp://example.com/"}, "url"),
        ({"kind": "webhook", "name": "w"}, "url"),
        (
            {"kind": "webhook", "name": "w", "url": "https://example.com/", "address": "a@example.org"},
            "address",
        ),
        ({"kind": "email", "name": "w", "address": "nobody"}, "address"),
        ({"kind": "email", "name": "w", "url": "https://example.com/"}, "url"),
        ({"kind": "pigeon", "name": "w"}, "kind"),
        ({"kind": "webhook", "url": "https://example.com/"}, "name"),
    ],
)
def test_what_leads_nowhere_is_refused(client: APIClient, body: dict[str, str], field: str) -> None:
    answer = client.post(f"{V1}channels/", body)
    assert (answer.status_code, field in answer.json()["error"]["fields"]) == (400, True), answer.content


def test_a_change_is_checked_like_a_new_one(client: APIClient, channel: AlertChannel) -> None:
    answer = client.patch(f"{V1}channels/{channel.pk}/", {"url": "http://localhost/"})
    assert (answer.status_code, "url" in answer.json()["error"]["fields"]) == (400, True)
    assert client.post(f"{V1}channels/", HOOK).status_code == 409


def test_new_rules_follow_the_preferences(client: APIClient, channel: AlertChannel, trader: User) -> None:
    TradingPreferences.objects.of(trader)
    TradingPreferences.objects.filter(user=trader).update(notification_channels=["webhook"])
    rule = client.post(f"{V1}alert-rules/", {"kind": "job_failed"}).json()
    assert (rule["in_app"], rule["channels"]) == (False, [channel.pk])
    rule = client.post(f"{V1}alert-rules/", {"kind": "job_failed", "in_app": True, "channels": []}).json()
    assert (rule["in_app"], rule["channels"]) == (True, [])


def test_someone_elses_channels_do_not_exist(
    channel: AlertChannel, other_trader: User, admin: User, client_of: Callable[[User], APIClient]
) -> None:
    path = f"{V1}channels/{channel.pk}/"
    for other in (other_trader, admin):
        client = client_of(other)
        assert client.get(path).status_code == client.delete(path).status_code == 404
        assert client.patch(path, {"name": "x"}).status_code == client.post(f"{path}test/").status_code == 404
        assert client.get(f"{V1}channels/").json()["count"] == 0


def test_trial_messages_pester_nobody(
    receiver: Receiver, channel: AlertChannel, client: APIClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """They go to an address nobody has confirmed; another channel for it is no way round."""
    cache.clear()
    monkeypatch.setattr(throttling, "_now", lambda: 1_790_000_000.0)  # no hour ends in between
    monkeypatch.setitem(api_settings.DEFAULT_THROTTLE_RATES, "trial", "2/h")
    other = client.post(f"{V1}channels/", HOOK | {"name": "again"}).json()["id"]
    answers = [client.post(f"{V1}channels/{pk}/test/") for pk in (channel.pk, other, channel.pk)]
    assert [answer.status_code for answer in answers] == [202, 202, 429]
    assert answers[2].json()["error"]["code"] == "throttled"
    assert AlertDelivery.objects.count() == 2
    cache.clear()
