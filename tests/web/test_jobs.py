"""The life of a job in one process: claims, fences, ends, cancels, the schedule; and its one JSON form."""

import threading
import time
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import OperationalError, connection, transaction
from django.utils import timezone

from api.serializers.jobs import JobSerializer
from common import events
from common.models import Event
from tests.services import job_kinds
from titan_core.errors import Cancelled, DataUnavailable, StoreUnreachable
from trading.models import Job, JobKind, JobStatus
from trading.services.jobs import JobService, LostLease, Progress, handles, job_payload, leases
from trading.services.jobs.dispatch import on_wake
from trading.services.jobs.registry import handler_for
from trading.services.jobs.schedule import enqueue_due
from users.models import User

SERVICE = JobService()


def claim(job: Job, seconds: float = 10.0) -> leases.Lease:
    lease = leases.claim(job.pk, worker="test", seconds=seconds)
    assert lease is not None
    return lease


def expire(job: Job) -> None:
    Job.objects.filter(pk=job.pk).update(lease_until=timezone.now() - timedelta(seconds=1))


def again(job: Job) -> Job:
    job.refresh_from_db()
    return job


@pytest.fixture
def job(trader: User) -> Job:
    return SERVICE.enqueue_sync(kind="test_slow", owner=trader)


# Claims and fences


def test_only_one_claim_wins(job: Job) -> None:
    assert leases.claim(job.pk, worker="one", seconds=10) is not None
    assert leases.claim(job.pk, worker="two", seconds=10) is None
    assert (again(job).status, job.worker, job.attempt) == (JobStatus.RUNNING, "one", 1)


@pytest.mark.django_db(transaction=True)
def test_of_many_claims_at_once_one_wins(trader: User) -> None:
    job = SERVICE.enqueue_sync(kind="test_slow", owner=trader)
    won: list[str] = []
    barrier = threading.Barrier(6)

    def take(name: str) -> None:
        barrier.wait()
        if leases.claim(job.pk, worker=name, seconds=10) is not None:
            won.append(name)
        connection.close()

    threads = [threading.Thread(target=take, args=(str(n),)) for n in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(won) == 1
    assert (again(job).attempt, job.worker) == (1, won[0])


def test_an_expired_lease_is_taken_over_and_the_stale_worker_writes_nothing(job: Job) -> None:
    stale = claim(job)
    expire(job)
    current = claim(job)
    assert (current.attempt, again(job).deaths) == (2, 1)
    n_events = Event.objects.count()
    assert not leases.renew(stale)
    assert not leases.write(stale, progress=0.9)
    assert not leases.end(stale, JobStatus.COMPLETED)
    assert not leases.requeue(stale)
    with pytest.raises(LostLease), transaction.atomic():
        leases.check(stale)
    report = Progress(job, stale, stopping=None, inline=True)
    with pytest.raises(LostLease):
        report.checkpoint({"step": 1})
    with pytest.raises(LostLease), transaction.atomic():
        report.complete()
    assert Event.objects.count() == n_events
    assert (again(job).status, job.progress, job.checkpoint) == (JobStatus.RUNNING, 0.0, {})


def test_a_live_lease_is_not_taken_over(job: Job) -> None:
    lease = claim(job)
    assert leases.renew(lease)
    assert leases.claim(job.pk, worker="other", seconds=10) is None


@pytest.mark.django_db(transaction=True)
def test_a_fence_outside_a_transaction_is_a_mistake(trader: User) -> None:
    job = SERVICE.enqueue_sync(kind="test_slow", owner=trader)
    with pytest.raises(RuntimeError, match="inside the transaction"):
        leases.check(claim(job))


def test_a_stale_handler_ends_without_a_trace(job: Job) -> None:
    @handles("test_overtaken")
    def overtaken(running: Job, report: Progress) -> None:
        expire(running)
        claim(running)
        report(0.5)

    Job.objects.filter(pk=job.pk).update(kind="test_overtaken")
    assert SERVICE.run_sync(job.pk)
    assert (again(job).status, job.attempt, job.progress) == (JobStatus.RUNNING, 2, 0.0)


# Ends


def run(kind: str, owner: User) -> Job:
    job = SERVICE.enqueue_sync(kind=kind, owner=owner)
    assert SERVICE.run_sync(job.pk)
    return again(job)


def test_completed(trader: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(job_kinds, "STEP_SECONDS", 0.0)
    job = run("test_slow", trader)
    assert (job.status, job.progress, job.message, job.error) == (JobStatus.COMPLETED, 1.0, "Done.", "")
    assert job.finished_at is not None
    assert not SERVICE.run_sync(job.pk)


def test_a_method_of_a_service_handles(trader: User) -> None:
    job = run("test_method", trader)
    assert (job.status, job.stage, job.message) == (JobStatus.COMPLETED, "Ran", "TestService")


def test_failed_says_in_words_what_to_mend(trader: User) -> None:
    job = run("test_fails", trader)
    assert (job.status, job.message) == (JobStatus.FAILED, "Choose an end date after the start date.")


def test_errored_hides_details_and_gives_the_id_in_the_log(
    trader: User, caplog: pytest.LogCaptureFixture
) -> None:
    job = run("test_errors", trader)
    assert job.status == JobStatus.ERRORED
    assert "4711" not in job.message + job.error
    error_id = job.message.rpartition(" ")[2].rstrip(".")
    assert error_id in caplog.text
    assert "internal detail 4711" in caplog.text


def test_a_kind_nobody_handles_says_so(trader: User) -> None:
    job = run("test_unheard_of", trader)
    assert (job.status, "test_unheard_of" in job.message) == (JobStatus.FAILED, True)


def test_a_failing_database_is_tried_again_but_not_for_ever(trader: User) -> None:
    @handles("test_database_down")
    def down(job: Job, report: Progress) -> None:
        raise OperationalError("database is locked")

    job = SERVICE.enqueue_sync(kind="test_database_down", owner=trader)
    for _ in range(leases.MAX_DEATHS):
        assert SERVICE.run_sync(job.pk)
        assert again(job).status == JobStatus.PENDING
    assert not SERVICE.run_sync(job.pk)
    assert again(job).status == JobStatus.ERRORED


def test_a_store_that_is_gone_is_waited_for(trader: User) -> None:
    down = [True] * (leases.MAX_DEATHS + 1)

    @handles("test_store_down")
    def reads(job: Job, report: Progress) -> None:
        if down and down.pop():
            raise StoreUnreachable("the price store can't be reached")

    job = SERVICE.enqueue_sync(kind="test_store_down", owner=trader)
    while down:
        assert SERVICE.run_sync(job.pk)
        assert again(job).status == JobStatus.PENDING
    assert SERVICE.run_sync(job.pk)
    assert (again(job).status, again(job).deaths) == (JobStatus.COMPLETED, 0)


def test_a_job_that_lost_five_workers_is_given_up(job: Job) -> None:
    for _ in range(leases.MAX_DEATHS):
        assert again(job).status in Job.ACTIVE
        claim(job)
        expire(job)
    assert leases.claim(job.pk, worker="next", seconds=10) is None
    assert (again(job).status, job.deaths) == (JobStatus.ERRORED, leases.MAX_DEATHS)
    assert job.finished_at is not None


def test_a_worker_that_shuts_down_hands_the_job_back(trader: User) -> None:
    stopping = threading.Event()
    stopping.set()
    job = SERVICE.enqueue_sync(kind="test_slow", owner=trader)
    assert SERVICE.run_sync(job.pk, stopping=stopping)
    assert (again(job).status, job.deaths, job.lease_until) == (JobStatus.PENDING, 0, None)
    polite = SERVICE.enqueue_sync(kind="test_method", owner=trader)
    assert SERVICE.run_sync(polite.pk)
    assert again(polite).status == JobStatus.COMPLETED


# Cancelling


def test_a_pending_job_is_cancelled_at_once(job: Job, trader: User) -> None:
    assert SERVICE.cancel_sync(job.pk, user=trader).status == JobStatus.CANCELLED
    assert again(job).finished_at is not None
    assert not SERVICE.run_sync(job.pk)
    seq = events.last_seq(job.group)
    assert SERVICE.cancel_sync(job.pk, user=trader).status == JobStatus.CANCELLED
    assert events.last_seq(job.group) == seq


def test_another_users_job_is_not_found(job: Job, other_trader: User) -> None:
    with pytest.raises(DataUnavailable, match="no job"):
        SERVICE.cancel_sync(job.pk, user=other_trader)
    assert not again(job).cancel_requested


@pytest.mark.parametrize("kind", ["test_cancel_raises", "test_cancel_returns"])
def test_a_running_handler_stops_either_way(trader: User, kind: str) -> None:
    @handles("test_cancel_raises")
    def raises(job: Job, report: Progress) -> None:
        SERVICE.cancel_sync(job.pk)
        if report.should_stop():
            raise Cancelled("stopped by the engine")

    @handles("test_cancel_returns")
    def returns(job: Job, report: Progress) -> None:
        SERVICE.cancel_sync(job.pk)
        assert report.should_stop()

    job = run(kind, trader)
    assert (job.status, job.message, job.error) == (JobStatus.CANCELLED, "Cancelled on request.", "")


def test_a_cancelled_job_without_a_worker_ends_at_the_next_claim(job: Job) -> None:
    claim(job)
    SERVICE.cancel_sync(job.pk)
    assert again(job).status == JobStatus.RUNNING
    expire(job)
    assert leases.claim(job.pk, worker="next", seconds=10) is None
    assert again(job).status == JobStatus.CANCELLED


def test_a_result_that_was_first_stays(trader: User) -> None:
    @handles("test_completes_then_cancelled")
    def completes(job: Job, report: Progress) -> None:
        with transaction.atomic():
            report.complete("Whole.")
        assert SERVICE.cancel_sync(job.pk).status == JobStatus.COMPLETED

    assert run("test_completes_then_cancelled", trader).message == "Whole."


# Progress


@pytest.mark.django_db(transaction=True)
def test_progress_is_written_rarely_however_often_it_is_reported(trader: User) -> None:
    @handles("test_chatty")
    def chatty(job: Job, report: Progress) -> None:
        deadline = time.monotonic() + 1.0
        while time.monotonic() < deadline:
            report(0.5, stage="Talking")

    job = run("test_chatty", trader)
    written = [event.payload for event in events.latest(job.group, limit=1000)]
    assert (job.status, job.stage) == (JobStatus.COMPLETED, "Talking")
    assert 1 <= sum(p["status"] == "RUNNING" and p["progress"] == 0.5 for p in written) <= 10


@pytest.mark.django_db(transaction=True)
def test_the_heartbeat_keeps_a_silent_handlers_lease(trader: User, settings: Any) -> None:
    settings.TITAN_JOB_LEASE_SECONDS = 2.0
    seen: list[bool] = []

    @handles("test_silent")
    def silent(job: Job, report: Progress) -> None:
        time.sleep(3.5)
        seen.append(leases.claim(job.pk, worker="thief", seconds=1) is None)

    assert run("test_silent", trader).status == JobStatus.COMPLETED
    assert seen == [True]


def test_progress_stays_within_its_range(job: Job) -> None:
    report = Progress(job, claim(job), stopping=None, inline=True)
    report(7.0, stage="x" * 300)
    assert (again(job).progress, len(job.stage)) == (1.0, 100)


# Telling


def test_every_change_is_told_to_watchers_and_owner(trader: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(job_kinds, "STEP_SECONDS", 0.0)
    job = run("test_slow", trader)
    told = [event.payload for event in events.latest(job.group, limit=1000)]
    assert told[0]["status"] == "PENDING"
    assert told[1]["status"] == "RUNNING"
    assert told[-1]["status"] == "COMPLETED"
    assert [e.payload for e in events.latest(f"user_{trader.pk}", limit=1000)] == told
    assert {event.type for event in Event.objects.filter(stream=job.group)} == {"job_update"}


def test_one_json_for_rest_and_sockets(trader: User) -> None:
    moment = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
    job = run("test_fails", trader)
    assert JobSerializer(job).data == job_payload(job)
    told = events.latest(job.group, limit=1000)[-1].payload
    assert told == job_payload(job)
    job.status, job.progress, job.started_at, job.finished_at = JobStatus.RUNNING, 0.25, moment, None
    payload = job_payload(job, now=moment + timedelta(seconds=30))
    assert (payload["elapsed_seconds"], payload["eta_seconds"]) == (30.0, 90.0)
    job.progress = 0.0
    assert job_payload(job, now=moment + timedelta(seconds=30))["eta_seconds"] is None


def test_the_subject_is_told(trader: User) -> None:
    job = SERVICE.enqueue_sync(kind=JobKind.SCAN, owner=trader, subject=trader)
    assert job_payload(job)["subject"] == {"type": "user", "id": trader.pk}
    assert list(Job.objects.about(trader)) == [job]


# Hints, sweep, schedule


@pytest.mark.django_db(transaction=True)
def test_the_worker_is_woken_after_commit_only(trader: User) -> None:
    woken: list[int] = []
    stop = on_wake(lambda: woken.append(1))
    try:
        with transaction.atomic():
            SERVICE.enqueue_sync(kind="test_slow", owner=trader)
            assert woken == []
        assert woken == [1]
    finally:
        stop()


@pytest.mark.django_db(transaction=True)
def test_a_broken_dispatcher_leaves_the_job_queued(trader: User, settings: Any) -> None:
    settings.TITAN_JOB_DISPATCHER = "no.such.module"
    job = SERVICE.enqueue_sync(kind="test_slow", owner=trader)
    assert again(job).status == JobStatus.PENDING


def test_the_sweep_finds_what_nobody_works_on(trader: User) -> None:
    fresh, forgotten, expired, running, done = (
        SERVICE.enqueue_sync(kind="test_slow", owner=trader) for _ in range(5)
    )
    Job.objects.exclude(pk=fresh.pk).update(created_at=timezone.now() - timedelta(minutes=1))
    claim(expired)
    expire(expired)
    claim(running)
    SERVICE.cancel_sync(done.pk)
    woken: list[int] = []
    stop = on_wake(lambda: woken.append(1))
    try:
        assert SERVICE.sweep_sync() == 2
    finally:
        stop()
    assert len(woken) == 2
    assert forgotten.pk != fresh.pk


def test_a_scheduled_job_runs_once_a_day(db: None, settings: Any) -> None:
    settings.TITAN_SCHEDULE = {"housekeeping": "03:15"}
    day = datetime(2026, 5, 4, tzinfo=UTC)
    assert enqueue_due(day.replace(hour=3, minute=14)) == []
    (first,) = enqueue_due(day.replace(hour=3, minute=15))
    assert first.schedule_key == "housekeeping:2026-05-04"
    assert enqueue_due(day.replace(hour=23)) == []
    SERVICE.run_sync(first.pk)
    assert enqueue_due(day.replace(hour=23)) == []
    assert len(enqueue_due(day.replace(day=5, hour=9))) == 1


@pytest.mark.django_db(transaction=True)
def test_servers_that_look_at_the_clock_at_once_start_one_run() -> None:
    made: list[Job | None] = []
    barrier = threading.Barrier(4)

    def start() -> None:
        barrier.wait()
        made.append(
            SERVICE.enqueue_once_sync(kind=JobKind.HOUSEKEEPING, schedule_key="housekeeping:2026-05-04")
        )
        connection.close()

    threads = [threading.Thread(target=start) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert Job.objects.count() == 1
    assert sum(job is not None for job in made) == 1


@pytest.mark.django_db(databases=["default", "timescale"])
def test_housekeeping_prunes_and_may_be_repeated(trader: User) -> None:
    old = SERVICE.enqueue_once_sync(kind=JobKind.HOUSEKEEPING, schedule_key="housekeeping:2020-01-01")
    assert old is not None
    assert SERVICE.run_sync(old.pk)
    for _ in range(3):
        events.publish("pair_1", "t", {})
    long_ago = timezone.now() - timedelta(days=400)
    Job.objects.update(finished_at=long_ago)
    Event.objects.update(created_at=long_ago)
    for _ in range(2):
        assert run(JobKind.HOUSEKEEPING, trader).status == JobStatus.COMPLETED
    assert not Job.objects.filter(pk=old.pk).exists()
    assert not Event.objects.filter(stream=old.group).exists()
    assert [event.seq for event in events.latest("pair_1")] == [3]


async def test_both_forms(db: None) -> None:
    assert {"enqueue", "cancel", "run", "sweep"} <= set(dir(JobService))


@pytest.mark.django_db(transaction=True)
async def test_the_async_forms_do_the_same() -> None:
    job = await SERVICE.enqueue(kind="test_method", owner=None)
    assert await SERVICE.run(job.pk)
    await job.arefresh_from_db()
    assert job.status == JobStatus.COMPLETED
    assert await SERVICE.sweep() == 0


def test_one_kind_has_one_handler() -> None:
    with pytest.raises(ValueError, match="handled by"):

        @handles("test_slow")
        def another(job: Job, report: Progress) -> None: ...

    assert handler_for("test_slow") is job_kinds.slow
