"""Parts of jobs: rows, claims and fences; and a scan and a walk-forward in parts, equal to those of one worker."""

import threading
import time
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import numpy as np
import pytest
from django.db import connections
from django.utils import timezone
from pytest_django import Settings

from tests.factories import make_universe
from titan_core.data.synthetic import synthetic_universe
from titan_core.errors import InvalidInput
from trading.models import Job, JobPart, JobStatus, PartState, Scan, Universe, WalkForwardRun, Worker
from trading.services import artefacts
from trading.services.cointegration_service import CointegrationService
from trading.services.jobs import JobService, LostLease, Report, handles, job_payload
from trading.services.jobs import leases as job_leases
from trading.services.jobs.parts import (
    Parts,
    Step,
    crew_size,
    gathering,
    leases,
    part_count,
    threads,
    works,
    worth_parts,
)
from trading.services.jobs.parts import sweeping as part_sweeping
from trading.services.jobs.parts.helping import help_next, help_with
from trading.services.jobs.parts.registry import worker_for
from trading.services.walk_forward_service import WalkForwardService
from users.models import User

SERVICE = JobService()
SEEN: list[int] = []


@works("test.square")
def square(job: Job, payload: Mapping[str, Any], step: Step) -> bytes:
    """The square of a number, said by whom."""
    SEEN.append(payload["n"])
    step(1, 2)
    if payload["n"] == 13:
        raise InvalidInput("Thirteen is refused: choose another.")
    return str(payload["n"] ** 2).encode()


@handles("test_squares")
def squares(job: Job, report: Report) -> None:
    """Squares of twelve numbers, gathered in order."""
    parts = Parts(report)
    numbers = job.checkpoint.get("numbers", list(range(12)))
    parts.cut("test.square", [{"n": n} for n in numbers], [1.0] * len(numbers))
    shares: list[float] = []
    found = [int(content) for content in parts.gather("test.square", shares.append)]
    report.complete(message=",".join(map(str, found)))


@pytest.fixture
def job(trader: User) -> Job:
    SEEN.clear()
    return SERVICE.enqueue_sync(kind="test_squares", owner=trader)


@pytest.fixture
def held(job: Job) -> tuple[Job, Report]:
    """The job, held by a worker that has cut four parts."""
    lease = job_leases.claim(job.pk, worker="holder", seconds=30)
    assert lease is not None
    report = Report(Job.objects.get(pk=job.pk), lease, stopping=None, inline=True)
    Parts(report).cut("test.square", [{"n": n} for n in range(4)], [1.0] * 4)
    return report.job, report


def claim(part: JobPart, worker: str = "helper", **options: Any) -> leases.PartLease:
    lease = leases.claim(part.pk, worker=worker, seconds=30, **options)
    assert lease is not None
    return lease


def expire(part: JobPart) -> None:
    JobPart.objects.filter(pk=part.pk).update(lease_until=timezone.now() - timedelta(seconds=1))


def appear(name: str, host: str, *, queue: str = "compute") -> None:
    """A worker is there."""
    now = timezone.now()
    Worker.objects.create(
        name=name, host=host, pid=1, queues=[queue], version="1", started_at=now, seen_at=now
    )


def first(job: Job) -> JobPart:
    return JobPart.objects.filter(job=job).order_by("number")[0]


def test_one_worker_does_all_parts_and_nothing_is_left(job: Job) -> None:
    assert SERVICE.run_sync(job.pk)
    job.refresh_from_db()
    assert (job.status, job.message) == (JobStatus.COMPLETED, ",".join(str(n * n) for n in range(12)))
    assert job.attempt == 1
    assert sorted(SEEN) == list(range(12))
    assert not JobPart.objects.filter(job=job).exists()
    assert str(job.pk) not in artefacts.folders("parts")


def test_only_one_claim_wins(held: tuple[Job, Report]) -> None:
    part = first(held[0])
    claim(part)
    assert leases.claim(part.pk, worker="late", seconds=30) is None
    part.refresh_from_db()
    assert (part.state, part.worker, part.attempt) == (PartState.WORKING, "helper", 1)


@pytest.mark.django_db(transaction=True)
def test_of_many_claims_at_once_one_wins(held: tuple[Job, Report]) -> None:
    part, won = first(held[0]), []
    barrier = threading.Barrier(6)

    def take(name: str) -> None:
        try:
            barrier.wait()
            if leases.claim(part.pk, worker=name, seconds=30) is not None:
                won.append(name)
        finally:
            connections.close_all()

    rivals = [threading.Thread(target=take, args=(str(i),)) for i in range(6)]
    for rival in rivals:
        rival.start()
    for rival in rivals:
        rival.join()
    assert len(won) == 1


def test_a_stale_worker_keeps_nothing(held: tuple[Job, Report]) -> None:
    part = first(held[0])
    stale = claim(part, "slow")
    expire(part)
    fresh = claim(part, "quick")
    assert not leases.renew(stale, 0.5)
    assert not leases.look(stale)
    assert leases.finish(fresh, b"right")
    assert not leases.finish(stale, b"wrong")
    leases.give_back(stale, death=True)
    part.refresh_from_db()
    assert (part.state, part.attempt, part.deaths) == (PartState.DONE, 2, 1)
    assert leases.result_of(part) == b"right"


def test_a_worker_that_wakes_between_file_and_row_keeps_nothing(
    held: tuple[Job, Report], monkeypatch: pytest.MonkeyPatch
) -> None:
    part = first(held[0])
    stale = claim(part, "slow")
    real = artefacts.put_named

    def overtaken(*args: Any) -> None:
        real(*args)
        JobPart.objects.filter(pk=part.pk).update(attempt=2)

    monkeypatch.setattr(artefacts, "put_named", overtaken)
    assert not leases.finish(stale, b"wrong")
    assert not artefacts.exists("parts", f"{part.job_id}/{part.pk}-1")


def test_a_part_whose_worker_is_silent_is_done_by_another(held: tuple[Job, Report]) -> None:
    claim(first(held[0]), "dead")
    assert leases.claim_next(worker="other", seconds=30) is not None  # the next one: the first is held
    JobPart.objects.filter(worker="other").update(state=PartState.DONE)
    expire(first(held[0]))
    assert help_next(worker="other")
    assert SEEN == [0]


def test_a_holder_that_waits_for_others_is_not_taken_for_hung(
    held: tuple[Job, Report], monkeypatch: pytest.MonkeyPatch
) -> None:
    job, report = held
    for part in JobPart.objects.filter(job=job):
        claim(part)
    told, report.moved_at = report.moved_at, 0.0

    def look_meanwhile(seconds: float) -> None:
        assert report.moved_at >= told
        for part in JobPart.objects.filter(job=job, state=PartState.WORKING):
            expire(part)

    monkeypatch.setattr(time, "sleep", look_meanwhile)
    assert list(Parts(report).gather("test.square", lambda share: None)) == [b"0", b"1", b"4", b"9"]
    assert report.moved_at >= told


def test_a_part_that_kills_workers_is_left_to_the_jobs_holder(held: tuple[Job, Report]) -> None:
    part = first(held[0])
    for name in ("one", "two"):
        claim(part, name)
        expire(part)
    assert leases.claim(part.pk, worker="three", seconds=30) is None
    part.refresh_from_db()
    assert (part.state, part.is_holders, part.deaths) == (PartState.WAITING, True, 2)
    assert leases.claim(part.pk, worker="four", seconds=30) is None
    claim(part, "holder", is_holder=True)


def test_what_fails_elsewhere_fails_as_the_jobs_own(job: Job) -> None:
    job.checkpoint = {"numbers": [13, 2]}
    job.save(update_fields=["checkpoint"])
    lease = job_leases.claim(job.pk, worker="holder", seconds=30)
    assert lease is not None
    report = Report(Job.objects.get(pk=job.pk), lease, stopping=None, inline=True)
    Parts(report).cut("test.square", [{"n": 13}, {"n": 2}], [1.0, 1.0])
    assert help_with(first(job).pk, worker="helper") == 2
    assert first(job).is_holders
    Job.objects.filter(pk=job.pk).update(lease_until=timezone.now() - timedelta(seconds=1))
    assert SERVICE.run_sync(job.pk)
    job.refresh_from_db()
    assert (job.status, job.message) == (JobStatus.FAILED, "Thirteen is refused: choose another.")
    assert SEEN == [13, 2, 13]  # what another worker had done is taken as it is


def test_a_cancelled_job_gives_out_no_parts_and_stops_those_at_work(held: tuple[Job, Report]) -> None:
    job, report = held
    lease = claim(first(job))
    assert leases.look(lease)
    SERVICE.cancel_sync(job.pk)
    assert not leases.look(lease)
    assert not help_next(worker="other")
    report.look()
    with pytest.raises(Exception, match="Cancelled"):
        list(Parts(report).gather("test.square", lambda _: None))


def test_parts_of_a_job_taken_over_are_kept_and_others_are_made_anew(held: tuple[Job, Report]) -> None:
    job, report = held
    assert help_next(worker="helper")
    parts = Parts(report)
    assert parts.exist
    parts.cut("test.square", [{"n": n} for n in range(6)], [1.0] * 6)  # longer: the first four stay
    assert [part.state for part in job.parts.order_by("number")] == [PartState.DONE] + [PartState.WAITING] * 5
    parts.cut("test.square", [{"n": n} for n in (5, 6)], [1.0] * 2)
    assert [part.payload["n"] for part in job.parts.order_by("number")] == [5, 6]
    assert not job.parts.filter(state=PartState.DONE).exists()


def test_a_stale_holder_cuts_nothing(held: tuple[Job, Report]) -> None:
    job, report = held
    Job.objects.filter(pk=job.pk).update(attempt=9)
    with pytest.raises(LostLease):
        Parts(report).cut("test.square", [{"n": 1}], [1.0])
    assert job.parts.count() == 4


def test_a_lost_result_is_made_again(held: tuple[Job, Report]) -> None:
    job, report = held
    assert help_next(worker="helper")
    artefacts.delete("parts", first(job).result_name)
    assert [int(c) for c in Parts(report).gather("test.square", lambda _: None)] == [0, 1, 4, 9]
    assert SEEN.count(0) == 2


def test_results_have_a_bound(held: tuple[Job, Report], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(leases, "MAX_RESULT_BYTES", 3)
    lease = claim(first(held[0]))
    with pytest.raises(ValueError, match="cut it smaller"):
        leases.finish(lease, b"four")


def test_the_job_says_how_far_its_parts_are(
    held: tuple[Job, Report], monkeypatch: pytest.MonkeyPatch
) -> None:
    job, report = held
    monkeypatch.setattr(gathering, "_TELL_SECONDS", 0.0)
    assert help_next(worker="helper")
    claim(JobPart.objects.get(job=job, number=1), "other")
    JobPart.objects.filter(job=job, number=1).update(progress=0.5)
    shares: list[float] = []
    results = Parts(report).gather("test.square", shares.append)
    next(results)
    assert shares == [0.375]
    report(0.5)
    report._flushed_at = -1e9
    report.flush()
    job.refresh_from_db()
    assert job_payload(job)["parts"] == {"done": 1, "total": 4, "workers": 1}


def test_a_helper_makes_way_for_a_job_that_waits(held: tuple[Job, Report], trader: User) -> None:
    SERVICE.enqueue_sync(kind="test_squares", owner=trader)
    assert help_with(first(held[0]).pk, worker="helper") == 1


def test_the_sweep_hints_at_free_parts_and_lets_go_of_ended_jobs(
    held: tuple[Job, Report], settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    job, _ = held
    hinted: list[int] = []
    monkeypatch.setattr(part_sweeping, "hint", lambda parts, queue: hinted.extend(parts))
    assert part_sweeping.sweep_parts(timezone.now()) == 0  # nobody could help
    for name in ("one", "two", "three"):
        appear(name, "far")
    assert crew_size("compute") == 3
    assert part_sweeping.sweep_parts(timezone.now()) == 2
    assert hinted == list(job.parts.order_by("pk").values_list("pk", flat=True)[:2])
    assert help_next(worker="helper")
    Job.objects.filter(pk=job.pk).update(status=JobStatus.CANCELLED)
    part_sweeping.sweep_parts(timezone.now())
    assert not JobPart.objects.filter(job=job).exists()
    assert str(job.pk) not in artefacts.folders("parts")


def test_results_of_a_deleted_job_are_swept(held: tuple[Job, Report]) -> None:
    job, _ = held
    assert help_next(worker="helper")
    pk = job.pk
    part_sweeping.sweep_left_results()
    assert str(pk) in artefacts.folders("parts")
    Job.objects.filter(pk=pk).delete()
    part_sweeping.sweep_left_results()
    assert str(pk) not in artefacts.folders("parts")


def test_a_dead_workers_parts_are_free_at_once(held: tuple[Job, Report]) -> None:
    claim(first(held[0]), "dead")
    SERVICE.abandon_sync("dead")
    assert leases.claim(first(held[0]).pk, worker="other", seconds=30) is not None


def test_how_many_parts_work_is_worth(settings: Settings) -> None:
    settings.TITAN_PART_SECONDS = 2.0
    assert not worth_parts(60.0, crew=1)
    assert not worth_parts(5.9, crew=8)
    assert worth_parts(6.0, crew=2)
    assert part_count(60.0) == 30
    assert part_count(3.1) == 2
    assert part_count(0.0) == 1
    assert part_count(1e9) == 400


@pytest.mark.django_db
def test_threads_are_shared_by_the_workers_of_a_machine(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("trading.services.jobs.parts.crew.os.sched_getaffinity", lambda _: set(range(8)))
    monkeypatch.setattr("trading.services.jobs.parts.crew.socket.gethostname", lambda: "here")
    assert threads() == 8
    appear("a", "here")
    appear("b", "here")
    appear("c", "here", queue="ingest")
    appear("d", "far")
    assert threads() == 4
    settings.TITAN_WORKER_THREADS = 3
    assert threads() == 3


def test_unknown_tasks_are_said() -> None:
    with pytest.raises(Exception, match="works"):
        worker_for("test.nothing")


# A scan and a walk-forward


@pytest.fixture
def many(prices: None) -> Universe:
    panel = synthetic_universe(seed=11, n_bars=700, n_cointegrated=6, n_breaking=2, n_random=24).panel
    return make_universe(panel, name="Many")


@pytest.fixture
def in_parts(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Small parts and small blocks, and word of each part that is worked on."""
    settings.TITAN_PART_SECONDS = 2.5e-4
    monkeypatch.setattr("titan_core.analysis.cointegration.scan.run._BLOCK", 8)
    monkeypatch.setattr("trading.services.scans.parts.crew_size", lambda _: 2)
    monkeypatch.setattr("trading.services.backtesting.walk_parts.crew_size", lambda _: 2)
    tasks: list[str] = []

    def noted(task: str) -> Any:
        tasks.append(task)
        return worker_for(task)

    monkeypatch.setattr("trading.services.jobs.parts.gathering.worker_for", noted)
    return tasks


def scanned(owner: User, universe: Universe, **options: Any) -> tuple[Scan, Job]:
    scan = CointegrationService().request_scan_sync(owner=owner, universe=universe, **options)
    job = Job.objects.about(scan).get()
    assert SERVICE.run_sync(job.pk)
    scan.refresh_from_db()
    job.refresh_from_db()
    assert job.status == JobStatus.COMPLETED, job.message
    return scan, job


FIGURES = [
    "n_tests",
    "n_skipped",
    "n_discoveries",
    "n_nominal",
    "null_discoveries",
    "null_nominal",
    "null_draws",
    "result_hash",
    "manifest",
]
ROWS = [
    "rank",
    "symbol_1",
    "symbol_2",
    "statistic",
    "qvalue",
    "outlier_pvalue",
    "outlier_driven",
    "fwer_pvalue",
    "sparkline",
]


@pytest.mark.parametrize("draws", [3, 0, 6])
def test_a_scan_in_parts_is_the_scan(
    trader: User, many: Universe, in_parts: list[str], monkeypatch: pytest.MonkeyPatch, draws: int
) -> None:
    monkeypatch.setattr("trading.services.scans.checks.FWER_DRAWS", 6)
    split, job = scanned(trader, many, null_draws=draws)
    assert set(in_parts) == {"scan.pairs", "scan.outliers"} | ({"scan.null"} if draws else set())
    assert in_parts.count("scan.pairs") > 3
    assert in_parts.count("scan.null") == draws * in_parts.count("scan.pairs")
    assert job_payload(job)["parts"] == {"done": len(in_parts), "total": len(in_parts), "workers": 0}
    in_parts.clear()
    monkeypatch.setattr("trading.services.scans.parts.crew_size", lambda _: 1)
    whole, job = scanned(trader, many, null_draws=draws)
    assert in_parts == []
    assert job.parts_total is None
    assert [getattr(split, name) for name in FIGURES] == [getattr(whole, name) for name in FIGURES]
    assert list(split.candidates.values_list(*ROWS)) == list(whole.candidates.values_list(*ROWS))


def test_a_scan_taken_over_goes_on_with_what_was_done(
    trader: User, many: Universe, in_parts: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    whole, _ = scanned(trader, many, null_draws=3)
    n_pairs, n_null = in_parts.count("scan.pairs"), in_parts.count("scan.null")
    in_parts.clear()
    scan = CointegrationService().request_scan_sync(owner=trader, universe=many, null_draws=3)
    job = Job.objects.about(scan).get()

    class Killed(BaseException):
        pass

    real, left = leases.finish, [n_pairs + n_null // 2]

    def dies(lease: leases.PartLease, content: bytes) -> bool:
        left[0] -= 1
        if left[0] < 0:
            raise Killed
        return real(lease, content)

    monkeypatch.setattr(leases, "finish", dies)
    with pytest.raises(Killed):
        SERVICE.run_sync(job.pk)
    monkeypatch.setattr(leases, "finish", real)
    monkeypatch.setattr(
        "trading.services.scans.parts.crew_size", lambda _: 1
    )  # parts there are, so it goes on in parts
    JobPart.objects.filter(state=PartState.WORKING).update(lease_until=timezone.now() - timedelta(seconds=1))
    assert SERVICE.run_sync(job.pk)
    scan.refresh_from_db()
    assert [getattr(scan, name) for name in FIGURES] == [getattr(whole, name) for name in FIGURES]
    assert in_parts.count("scan.pairs") == n_pairs
    assert in_parts.count("scan.null") == n_null + 1  # the one that was lost


def test_a_walk_forward_in_parts_is_the_walk_forward(
    trader: User, many: Universe, in_parts: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def walked() -> tuple[WalkForwardRun, list[Any]]:
        run = WalkForwardService().request_sync(
            owner=trader, universe=many, train_bars=300, test_bars=60, top=3, grid={"entry_z": [1.0, 2.0]}
        )
        job = Job.objects.about(run).get()
        assert SERVICE.run_sync(job.pk)
        job.refresh_from_db()
        assert job.status == JobStatus.COMPLETED, job.message
        run.refresh_from_db()
        names = ("number", "n_tests", "n_discoveries", "n_trials", "pairs", "in_sample", "out_of_sample")
        return run, list(run.windows.order_by("number").values_list(*names))

    split, windows = walked()
    assert in_parts == ["walk_forward.choice"] * len(windows)
    in_parts.clear()
    monkeypatch.setattr("trading.services.backtesting.walk_parts.crew_size", lambda _: 1)
    whole, again = walked()
    assert in_parts == []
    assert split.result_hash == whole.result_hash
    assert split.metrics == whole.metrics
    assert windows == again
    assert np.isfinite(split.metrics["total_return"]["value"])
