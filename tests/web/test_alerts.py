"""Alerts: raised as jobs end, once for the same thing, seen and acknowledged by their owner alone."""

import threading
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection, transaction
from django.utils import timezone
from rest_framework.test import APIClient

from common import events
from tests.conftest import make_user
from tests.services import job_kinds  # noqa: F401 - registers the handlers of the tests
from tests.web.conftest import run_scan
from trading.models import (
    Alert,
    AlertDefaults,
    AlertKind,
    AlertRule,
    Ingestion,
    Job,
    JobStatus,
    Scan,
    Universe,
)
from trading.services.alerts import job_ends
from trading.services.alerts.raising import Finding, raise_alert, window_of
from trading.services.alerts.rules import AlertRuleService, ensure_defaults
from trading.services.alerts.service import AlertService
from trading.services.jobs import JobService, handles, leases
from trading.services.jobs.listeners import do_chores, tell_ended
from trading.services.refusals import Refusal
from users.models import User
from users.roles import Role

V1 = "/api/v1/"
JOBS = JobService()


@pytest.fixture
def client(trader: User, client_of: Callable[[User], APIClient]) -> APIClient:
    return client_of(trader)


def run(kind: str, owner: User) -> Job:
    job = JOBS.enqueue_sync(kind=kind, owner=owner)
    assert JOBS.run_sync(job.pk)
    job.refresh_from_db()
    return job


def alerts(owner: User, kind: str = "") -> list[Alert]:
    mine = Alert.objects.filter(owner=owner).order_by("pk")
    return list(mine.filter(kind=kind) if kind else mine)


# When jobs end


def test_a_failed_job_is_told_with_its_words(trader: User) -> None:
    job = run("test_fails", trader)
    [alert] = alerts(trader)
    assert (alert.kind, alert.severity, alert.count) == (AlertKind.JOB_FAILED, "warning", 1)
    assert alert.message == job.message == "Choose an end date after the start date."
    assert (alert.subject_type, alert.subject_id) == ("job", job.pk)
    assert job.alerted_at is not None


def test_the_same_failure_again_counts_and_points_at_the_newest(trader: User) -> None:
    jobs = [run("test_fails", trader) for _ in range(3)]
    [alert] = alerts(trader)
    assert (alert.count, alert.subject_id) == (3, jobs[-1].pk)
    Job.objects.update(finished_at=timezone.now() - timedelta(hours=2))
    earlier = window_of(timezone.now() - timedelta(hours=2), timedelta(hours=1))
    Alert.objects.update(key=alert.key.replace(alert.key.rpartition(":")[2], earlier))
    run("test_fails", trader)
    assert [one.count for one in alerts(trader)] == [3, 1]


def test_our_own_fault_is_told_too(trader: User) -> None:
    run("test_errors", trader)
    [alert] = alerts(trader)
    assert "on our side" in alert.message


def test_what_a_dying_worker_leaves_is_told_where_the_job_ends(trader: User) -> None:
    job = JOBS.enqueue_sync(kind="test_slow", owner=trader)
    for _ in range(leases.MAX_DEATHS):
        assert leases.claim(job.pk, worker="w", seconds=10) is not None
        Job.objects.filter(pk=job.pk).update(lease_until=timezone.now() - timedelta(seconds=1))
    assert leases.claim(job.pk, worker="next", seconds=10) is None
    assert [alert.kind for alert in alerts(trader)] == [AlertKind.JOB_FAILED]


def test_cancelled_and_completed_jobs_are_no_alerts_unless_asked_for(trader: User) -> None:
    job = JOBS.enqueue_sync(kind="test_method", owner=trader)
    JOBS.cancel_sync(job.pk)
    run("test_method", trader)
    assert alerts(trader) == []
    AlertRule.objects.filter(kind=AlertKind.JOB_COMPLETED).update(is_active=True)
    first, second = run("test_method", trader), run("test_method", trader)
    assert [alert.subject_id for alert in alerts(trader)] == [first.pk, second.pk]
    JOBS.cancel_sync(JOBS.enqueue_sync(kind="test_method", owner=trader).pk)
    assert len(alerts(trader)) == 2


def test_completed_jobs_can_be_told_by_kind_and_length(trader: User) -> None:
    service = AlertRuleService()
    service.create_sync(owner=trader, kind="job_completed", parameters={"min_seconds": 60.0})
    service.create_sync(owner=trader, kind="job_completed", parameters={"job_kinds": ["scan"]})
    run("test_method", trader)
    assert alerts(trader) == []


def test_the_schedules_jobs_have_nobody_to_tell(trader: User) -> None:
    job = JOBS.enqueue_sync(kind="test_fails", owner=None)
    assert JOBS.run_sync(job.pk)
    assert Alert.objects.count() == 0


def test_a_deactivated_account_is_told_nothing(trader: User) -> None:
    User.objects.filter(pk=trader.pk).update(is_active=False)
    run("test_fails", trader)
    assert alerts(trader) == []


def test_a_scan_that_finds_something(universe: Universe, trader: User) -> None:
    scan = run_scan(trader, universe=universe)
    [alert] = alerts(trader)
    assert scan.n_discoveries == 2
    assert (alert.kind, alert.subject_type, alert.subject_id) == (AlertKind.SCAN_DISCOVERIES, "scan", scan.pk)
    assert alert.title == "2 pairs survive the correction in the scan of Small"
    assert "15 pairs were tested" in alert.message


@pytest.mark.parametrize("parameters", [{"min_discoveries": 3}, {"universe": 10**6}])
def test_a_scan_below_the_bar_or_elsewhere_is_not_told(
    universe: Universe, trader: User, parameters: dict[str, Any]
) -> None:
    ensure_defaults(trader)
    for rule in AlertRule.objects.filter(owner=trader, kind=AlertKind.SCAN_DISCOVERIES):
        rule.parameters |= parameters
        rule.save()
    run_scan(trader, universe=universe)
    assert alerts(trader) == []


def test_rows_set_aside(trader: User) -> None:
    report = {
        "quarantined": 12,
        "reasons": [
            {"reason": "duplicate", "is_warning": True, "message": "Twice."},
            {"reason": "non_positive", "is_warning": False, "message": "A price is not above zero."},
        ],
    }
    ingestion = Ingestion.objects.create(
        owner=trader, filename="bars.csv", sha256="0" * 64, size=1, source="file", report=report
    )
    job = JOBS.enqueue_sync(kind="test_method", owner=trader, subject=ingestion)
    assert JOBS.run_sync(job.pk)
    [alert] = alerts(trader)
    assert (alert.title, alert.subject_id) == ("12 rows of bars.csv set aside", ingestion.pk)
    assert "A price is not above zero." in alert.message


# Never lost, never twice


def test_a_judgement_that_fails_spoils_no_job_and_is_made_later(
    trader: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(rule: AlertRule, job: Job) -> None:
        raise RuntimeError("judged badly")

    with monkeypatch.context() as patch:
        patch.setitem(job_ends._JUDGES, AlertKind.JOB_FAILED, broken)
        job = run("test_fails", trader)
    assert (job.status, job.alerted_at, alerts(trader)) == (JobStatus.FAILED, None, [])
    do_chores(timezone.now())
    do_chores(timezone.now())
    job.refresh_from_db()
    assert job.alerted_at is not None
    assert [alert.count for alert in alerts(trader)] == [1]


def test_an_end_is_told_once_however_often_it_is_told(trader: User) -> None:
    job = run("test_fails", trader)
    tell_ended(job)
    assert [alert.count for alert in alerts(trader)] == [1]


def test_an_end_that_is_rolled_back_is_not_told(trader: User) -> None:
    @handles("test_ends_and_fails")
    def ends_and_fails(job: Job, report: Any) -> None:
        with transaction.atomic():
            report.complete()
            transaction.set_rollback(True)
        report.completed = False
        raise RuntimeError("after all")

    AlertRuleService().create_sync(owner=trader, kind="job_completed")
    run("test_ends_and_fails", trader)
    assert [alert.kind for alert in alerts(trader)] == [AlertKind.JOB_FAILED]


@pytest.mark.django_db(transaction=True)
def test_workers_that_find_the_same_at_once_make_one_alert() -> None:
    owner = make_user("olga", Role.TRADER)
    ensure_defaults(owner)
    rule = AlertRule.objects.get(owner=owner, kind=AlertKind.DATA_STALE)
    barrier = threading.Barrier(6)
    failed: list[BaseException] = []

    def find() -> None:
        barrier.wait()
        try:
            raise_alert(rule, Finding("stale:1", "Behind", "…", "universe", 1), now=timezone.now())
        except BaseException as error:
            failed.append(error)
        connection.close()

    threads = [threading.Thread(target=find) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failed == []
    assert [alert.count for alert in alerts(owner)] == [6]


@pytest.mark.django_db(transaction=True)
def test_the_usual_rules_are_made_once_however_many_ask() -> None:
    owner = make_user("olga", Role.TRADER)
    barrier = threading.Barrier(4)

    def ask() -> None:
        barrier.wait()
        ensure_defaults(owner)
        connection.close()

    threads = [threading.Thread(target=ask) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(AlertRule.objects.values_list("kind", flat=True)) == sorted(AlertKind.values)
    assert AlertDefaults.objects.count() == 1


# As their owner sees them


def test_the_list_the_badge_and_taking_note(client: APIClient, trader: User) -> None:
    run("test_fails", trader)
    run("test_errors", trader)
    before = events.last_seq(f"user_{trader.pk}")
    found = client.get(f"{V1}alerts/").json()
    assert [one["kind"] for one in found["results"]] == ["job_failed", "job_failed"]
    assert client.get(f"{V1}alerts/summary/").json() == {
        "unacknowledged": 2,
        "by_severity": {"info": 0, "warning": 2, "critical": 0},
    }
    pk = found["results"][0]["id"]
    for _ in range(2):
        assert client.post(f"{V1}alerts/{pk}/acknowledge/").json()["acknowledged_at"] is not None
    assert events.last_seq(f"user_{trader.pk}") == before + 1
    assert client.get(f"{V1}alerts/?acknowledged=false").json()["count"] == 1
    assert client.get(f"{V1}alerts/?acknowledged=true").json()["results"][0]["id"] == pk
    assert client.get(f"{V1}alerts/summary/").json()["unacknowledged"] == 1


def test_severity_orders_by_how_much_it_matters(client: APIClient, trader: User) -> None:
    words = ["warning", "info", "critical"]
    for word in words:
        Alert.objects.create(
            owner=trader, kind="data_stale", severity=word, title=word, key=word, last_at=timezone.now()
        )
    found = client.get(f"{V1}alerts/?ordering=-severity").json()["results"]
    assert [one["severity"] for one in found] == ["critical", "warning", "info"]


def test_the_socket_says_what_the_api_says(client: APIClient, trader: User) -> None:
    run("test_fails", trader)
    told = [one for one in events.latest(f"user_{trader.pk}") if one.type == "alert_update"]
    assert told[-1].payload == client.get(f"{V1}alerts/").json()["results"][0]


def test_many_at_once(client: APIClient, trader: User, other_trader: User) -> None:
    run("test_fails", trader)
    run("test_errors", trader)
    run("test_fails", other_trader)
    [theirs], mine = alerts(other_trader), [alert.pk for alert in alerts(trader)]
    body = {"ids": [mine[0], theirs.pk], "action": "acknowledge"}
    done = client.post(f"{V1}alerts/bulk/", body).json()
    assert done["done"] == [mine[0]]
    assert [one["id"] for one in done["refused"]] == [theirs.pk]
    everything = client.post(f"{V1}alerts/bulk/", {"all": True, "action": "acknowledge"}).json()
    assert everything == {"done": [mine[1]], "refused": []}
    theirs.refresh_from_db()
    assert theirs.acknowledged_at is None
    for wrong in ({}, {"all": True, "ids": [1]}, {"ids": []}, {"all": False}):
        assert client.post(f"{V1}alerts/bulk/", {"action": "acknowledge", **wrong}).status_code == 400


def test_a_rule_off_the_screen_makes_no_noise_there(client: APIClient, trader: User) -> None:
    ensure_defaults(trader)
    AlertRule.objects.filter(owner=trader).update(in_app=False)
    run("test_fails", trader)
    assert len(alerts(trader)) == 1
    assert client.get(f"{V1}alerts/").json()["count"] == 0
    assert client.get(f"{V1}alerts/summary/").json()["unacknowledged"] == 0
    assert not [one for one in events.latest(f"user_{trader.pk}") if one.type == "alert_update"]


def test_someone_elses_alerts_do_not_exist(
    client: APIClient, other_trader: User, admin: User, client_of: Callable[[User], APIClient]
) -> None:
    run("test_fails", other_trader)
    [theirs] = alerts(other_trader)
    for asking in (client, client_of(admin)):
        assert asking.get(f"{V1}alerts/").json()["count"] == 0
        assert asking.get(f"{V1}alerts/{theirs.pk}/").status_code == 404
        assert asking.post(f"{V1}alerts/{theirs.pk}/acknowledge/").status_code == 404


# Rules


def test_everyone_starts_with_the_usual_rules_and_may_do_without(client: APIClient, trader: User) -> None:
    rules = client.get(f"{V1}alert-rules/").json()["results"]
    assert sorted(rule["kind"] for rule in rules) == sorted(AlertKind.values)
    assert {rule["kind"]: rule["is_active"] for rule in rules}["job_completed"] is False
    for rule in rules:
        assert client.delete(f"{V1}alert-rules/{rule['id']}/").status_code == 204
    run("test_fails", trader)
    assert alerts(trader) == []
    assert client.get(f"{V1}alert-rules/").json()["count"] == 0


def test_a_rule_is_made_changed_and_fills_in_its_parameters(client: APIClient, universe: Universe) -> None:
    made = client.post(
        f"{V1}alert-rules/",
        {"kind": "data_stale", "parameters": {"universe": universe.pk}, "severity": "critical"},
    )
    assert made.status_code == 201, made.content
    rule = made.json()
    assert rule["parameters"] == {"max_sessions": 1, "universe": universe.pk}
    assert (rule["in_app"], rule["channels"], rule["severity"]) == (True, [], "critical")
    path = f"{V1}alert-rules/{rule['id']}/"
    changed = client.patch(path, {"parameters": {"max_sessions": 3}, "is_active": False}).json()
    assert changed["parameters"] == {"max_sessions": 3, "universe": None}
    assert client.get(path).json() == changed


@pytest.mark.parametrize(
    ("kind", "parameters", "field"),
    [
        ("data_stale", {"max_session": 3}, "parameters.max_session"),
        ("data_stale", {"min_rows": 3}, "parameters.min_rows"),
        ("data_stale", {"max_sessions": -1}, "parameters.max_sessions"),
        ("data_stale", {"universe": 10**9}, "parameters.universe"),
        ("coverage_low", {"min_coverage": 1.5}, "parameters.min_coverage"),
        ("job_failed", {"job_kinds": ["nonsense"]}, "parameters.job_kinds"),
    ],
)
def test_parameters_that_mean_nothing_are_refused_by_name(
    client: APIClient, kind: str, parameters: dict[str, Any], field: str
) -> None:
    answer = client.post(f"{V1}alert-rules/", {"kind": kind, "parameters": parameters})
    assert answer.status_code == 400
    assert any(name.startswith(field) for name in answer.json()["error"]["fields"])


def test_services_refuse_what_the_forms_would(trader: User) -> None:
    for parameters in (
        {"max_sessions": 1.5},
        {"max_sessions": True},
        {"max_sessions": "1"},
        {"universe": "x"},
    ):
        with pytest.raises(Refusal):
            AlertRuleService().create_sync(owner=trader, kind="data_stale", parameters=parameters)


def test_a_rule_names_ones_own_channels_only(client: APIClient, other_trader: User) -> None:
    theirs = other_trader.alert_channels.create(kind="webhook", name="w", url="https://example.com/")
    answer = client.post(f"{V1}alert-rules/", {"kind": "job_failed", "channels": [theirs.pk]})
    assert (answer.status_code, "channels" in answer.json()["error"]["fields"]) == (400, True)


def test_an_alert_outlives_its_rule(trader: User) -> None:
    run("test_fails", trader)
    AlertRule.objects.filter(owner=trader).delete()
    [alert] = alerts(trader)
    assert alert.rule is None


async def test_both_forms(db: None) -> None:
    for service in (AlertService, AlertRuleService):
        for name in [one for one in dir(service) if one.endswith("_sync")]:
            assert hasattr(service, name.removesuffix("_sync")), name


def test_a_scan_of_a_list_is_told_by_its_size(universe: Universe, trader: User) -> None:
    run_scan(trader, symbols=["AAA", "AAB", "CCC"])
    [alert] = alerts(trader, AlertKind.SCAN_DISCOVERIES)
    assert alert.title == "1 pair survives the correction in the scan of 3 symbols"
    assert Scan.objects.get().pk == alert.subject_id
