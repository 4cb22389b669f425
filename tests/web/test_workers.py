"""Workers and queues: rows workers write, what is told to those who wait, the watchdog, what is sent and when."""

import os
import subprocess
import sys
import threading
import time
from datetime import timedelta
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from common import events
from common.models import Event
from common.redis import tls_options
from tests.services import job_kinds  # noqa: F401 - registers the handlers of the tests
from titan.outbox import Outbox
from titan_core.errors import InvalidInput
from trading.models import Job, JobKind, JobStatus, Worker
from trading.runtime.board import Board, Pulse
from trading.runtime.watchdog import Watchdog, kill_all
from trading.services.jobs import JobService, leases, workers
from trading.services.jobs.queues import (
    COMPUTE,
    INGEST,
    QUEUES,
    TRADE,
    chosen_queues,
    queue_of,
    unserved_words,
)
from users.models import User

SERVICE = JobService()


def test_every_kind_has_a_queue_and_what_is_new_computes() -> None:
    assert {queue_of(kind) for kind in JobKind.values} <= set(QUEUES)
    assert queue_of(JobKind.INGEST) == INGEST
    assert queue_of(JobKind.DELIVER) == TRADE
    assert queue_of("something_new") == COMPUTE


@pytest.mark.parametrize(
    ("text", "found"), [("trade, ingest", (INGEST, TRADE)), ("compute,compute", (COMPUTE,))]
)
def test_queues_are_chosen_by_name(text: str, found: tuple[str, ...]) -> None:
    assert chosen_queues(text) == found


@pytest.mark.parametrize(
    ("text", "words"), [("ingest,fast", "no queue 'fast'"), (" , ", "no queue is named")]
)
def test_a_queue_that_is_none_is_refused(text: str, words: str) -> None:
    with pytest.raises(InvalidInput, match=words):
        chosen_queues(text)


@pytest.mark.parametrize("command", ["web", "worker", "beat"])
def test_production_s_commands_refuse_the_embedded_form(command: str) -> None:
    with pytest.raises(CommandError, match=r"titan up.*production|production.*titan up"):
        call_command(command)


@pytest.mark.django_db
def test_the_state_of_a_worker_follows_from_when_it_was_heard_of(client_of: Any, trader: User) -> None:
    moment = leases.now()
    for name, seconds, stopping in (("a:1:x", 0, False), ("a:2:x", 0, True), ("a:3:x", 30, False)):
        workers.register(name, [COMPUTE])
        Worker.objects.filter(name=name).update(
            seen_at=moment - timedelta(seconds=seconds), stopping=stopping, pid=int(name[2])
        )
    Job.objects.create(kind="scan", owner=trader, status=JobStatus.RUNNING, worker="a:1:x", progress=0.5)
    answer = client_of(trader).get("/api/v1/workers/", {"ordering": "pid"}).json()
    assert [(row["state"], row["job"] and row["job"]["progress"]) for row in answer["results"]] == [
        ("up", 0.5),
        ("stopping", None),
        ("silent", None),
    ]
    assert workers.serving(moment) == {INGEST: 0, COMPUTE: 1, TRADE: 0}
    assert workers.forget_silent(moment) == 0
    assert workers.forget_silent(moment + timedelta(minutes=11)) == 3
    assert not workers.seen("a:1:x")  # forgotten: it must register again


@pytest.mark.django_db
def test_queues_say_what_waits_what_runs_and_who_takes_from_them(client_of: Any, trader: User) -> None:
    workers.register("a:1:x", [INGEST])
    old = Job.objects.create(kind="scan", owner=trader)
    Job.objects.filter(pk=old.pk).update(created_at=leases.now() - timedelta(seconds=90))
    Job.objects.create(kind="backtest", owner=trader)
    Job.objects.create(kind="ingest", status=JobStatus.RUNNING)
    Job.objects.create(kind="ingest", status=JobStatus.COMPLETED)
    ingest, compute, trade = client_of(trader).get("/api/v1/queues/").json()
    assert ingest == {
        "name": "ingest",
        "pending": 0,
        "running": 1,
        "oldest_pending_seconds": None,
        "workers": 1,
    }
    assert (compute["pending"], compute["running"], compute["workers"]) == (2, 0, 0)
    assert 90 <= compute["oldest_pending_seconds"] < 120
    assert trade["workers"] == 0


@pytest.mark.django_db
def test_viewers_do_not_see_the_machines(client_of: Any, viewer: User) -> None:
    for path in ("workers", "queues"):
        assert client_of(viewer).get(f"/api/v1/{path}/").status_code == 403


@pytest.mark.django_db
def test_who_waits_for_nobody_is_told_once_and_no_longer_when_it_starts(trader: User) -> None:
    job = SERVICE.enqueue_sync(kind="test_method", owner=trader)
    assert workers.tell_unserved(leases.now()) == 0  # not yet: workers may just be starting
    later = leases.now() + timedelta(seconds=11)
    assert workers.tell_unserved(later) == 1
    assert workers.tell_unserved(later) == 0
    job.refresh_from_db()
    assert job.message == unserved_words("test_method")
    told = Event.objects.filter(stream=f"user_{trader.pk}").order_by("-seq").first()
    assert told is not None
    assert told.payload["message"] == job.message
    assert (told.payload["queue"], told.payload["worker"]) == ("compute", "")
    assert SERVICE.run_sync(job.pk)
    job.refresh_from_db()
    assert job.message == "TestService"


@pytest.mark.django_db
def test_a_queue_that_is_served_tells_nobody(trader: User) -> None:
    SERVICE.enqueue_sync(kind="test_method", owner=trader)
    workers.register("a:1:x", [COMPUTE])
    assert workers.tell_unserved(leases.now() + timedelta(seconds=11)) == 0


@pytest.mark.django_db
def test_hints_do_not_pile_up_where_all_workers_are_busy(
    trader: User, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent: list[tuple[int, str]] = []
    monkeypatch.setattr(
        "trading.services.jobs.dispatch.wake_local", lambda job_id, queue: sent.append((job_id, queue))
    )
    for kind in ("scan", "scan", "ingest"):
        Job.objects.create(kind=kind, owner=trader)
    Job.objects.update(created_at=leases.now() - timedelta(minutes=1))
    assert SERVICE.sweep_sync() == 3
    assert sorted(queue for _, queue in sent) == ["compute", "compute", "ingest"]
    settings.TITAN_JOB_BACKLOG = f"{__name__}.two_wait_in_compute"
    assert SERVICE.sweep_sync() == 1  # ingest's alone: as many hints as jobs wait in the other


def two_wait_in_compute(queue: str) -> int:
    return 2 if queue == COMPUTE else 0


@pytest.mark.django_db
def test_a_broker_that_can_t_be_asked_is_sent_nothing(trader: User, settings: Any) -> None:
    Job.objects.create(kind="scan", owner=trader)
    Job.objects.update(created_at=leases.now() - timedelta(minutes=1))
    settings.TITAN_JOB_BACKLOG = f"{__name__}.no_broker"
    assert SERVICE.sweep_sync() == 0


def no_broker(queue: str) -> int:
    raise ConnectionError("refused")


@pytest.mark.django_db
def test_a_job_that_hangs_is_given_back_once_and_then_fails_in_words(trader: User) -> None:
    job = SERVICE.enqueue_sync(kind="test_slow", owner=trader)
    first = leases.claim(job.pk, worker="a:1:x", seconds=10)
    assert first is not None
    assert leases.give_up(first, "It hung.")
    job.refresh_from_db()
    assert (job.status, job.deaths, job.message) == (JobStatus.PENDING, 1, "")
    second = leases.claim(job.pk, worker="a:2:x", seconds=10)
    assert second is not None
    assert not leases.give_up(first, "It hung.")  # stale: it changes nothing
    assert leases.give_up(second, "It hung.")
    job.refresh_from_db()
    assert (job.status, job.error) == (JobStatus.FAILED, "It hung.")


@pytest.mark.parametrize(
    ("url", "found"),
    [
        (None, None),
        ("redis://h:6379/0", None),
        ("rediss://u:p@h:6379/0", {"ssl_cert_reqs": "required", "ssl_check_hostname": True}),
        (
            "rediss://h/0?ssl_cert_reqs=CERT_NONE&ssl_ca_certs=/a",
            {"ssl_cert_reqs": "none", "ssl_check_hostname": False, "ssl_ca_certs": "/a"},
        ),
    ],
)
def test_certificates_are_checked_unless_said_otherwise(
    url: str | None, found: dict[str, Any] | None
) -> None:
    assert tls_options(url) == found


def test_a_check_of_certificates_that_is_none_is_refused() -> None:
    with pytest.raises(InvalidInput, match="ssl_cert_reqs=maybe"):
        tls_options("rediss://h/0?ssl_cert_reqs=maybe")


class Broker:
    """A Celery application that notes what is sent, waits while `closed`, and fails while `down`."""

    def __init__(self) -> None:
        self.sent: list[int] = []
        self.open = threading.Event()
        self.open.set()
        self.down = False

    def send_task(self, name: str, *, args: list[int], **_: Any) -> None:
        self.open.wait(10)
        if self.down:
            raise ConnectionError("refused")
        self.sent += args


def test_messages_leave_in_order_and_nobody_waits_for_them() -> None:
    broker = Broker()
    outbox = Outbox(broker)
    broker.open.clear()
    for number in range(100):
        outbox.put("trading.run_job", number, "compute")
    assert not outbox.flush(0.05)
    broker.open.set()
    assert outbox.flush(10)
    assert broker.sent == list(range(100))


def test_one_failure_gives_up_what_waits_behind_it(caplog: pytest.LogCaptureFixture) -> None:
    broker = Broker()
    outbox = Outbox(broker)
    broker.down = True
    broker.open.clear()
    for number in range(50):
        outbox.put("trading.run_job", number, "compute")
    broker.open.set()
    assert outbox.flush(10)
    assert broker.sent == []
    assert caplog.text.count("the broker does not answer") == 1
    broker.down = False
    outbox.put("trading.run_job", 99, "compute")
    assert outbox.flush(10)
    assert broker.sent == [99]


def test_the_board_tells_of_processes_and_the_stop() -> None:
    board = Board(2)
    pulse = Pulse(board, 1, "a:1:x")
    pulse.start()
    slot = board.read(1)
    assert slot is not None
    assert (slot.pid, slot.name, board.read(0), board.is_set()) == (os.getpid(), "a:1:x", None, False)
    board.stop()
    pulse.stop()
    assert (board.read(1), board.is_set()) == (None, True)


def test_a_process_is_hung_after_so_long_awake_and_not_when_the_machine_slept() -> None:
    board = Board(2)
    board.write(0, "a:1:x")
    watchdog = Watchdog(board, 3.0)
    assert [watchdog.look(1.0) for _ in range(4)] == [[]] * 4  # the first look starts the count
    [hung] = watchdog.look(1.0)
    assert hung.name == "a:1:x"
    board.write(0, "a:1:x")  # it beats again
    assert watchdog.look(1.0) == []


def test_only_children_are_killed() -> None:
    board = Board(1)
    board.write(0, "a:1:x")  # this very process, which is no child of its own
    assert kill_all(board) == 0
    code = "from trading.runtime.watchdog import _kill; import sys; sys.exit(_kill(int(sys.argv[1])))"
    stranger = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(30)"])
    try:
        environment = os.environ | {"DJANGO_SETTINGS_MODULE": "tests.settings"}
        done = subprocess.run([sys.executable, "-c", code, str(stranger.pid)], env=environment, check=False)
        assert done.returncode == 0
        assert stranger.poll() is None
    finally:
        stranger.kill()
        stranger.wait()


@pytest.mark.django_db
def test_a_hint_a_stream_is_enough_however_many_events_come(monkeypatch: pytest.MonkeyPatch) -> None:
    from channels_app import hints

    sent: list[str] = []
    gate = threading.Event()

    class Layer:
        async def group_send(self, group: str, message: dict[str, Any]) -> None:
            gate.wait(10)
            sent.append(group)

    monkeypatch.setattr(hints, "get_channel_layer", Layer)
    for _ in range(200):
        hints.send("job_1")
    gate.set()
    hints.send("job_2")
    deadline = time.monotonic() + 10
    while "job_2" not in sent and time.monotonic() < deadline:
        time.sleep(0.01)
    assert "job_2" in sent
    assert sent.count("job_1") < 20
    assert events.last_seq("job_1") == 0
