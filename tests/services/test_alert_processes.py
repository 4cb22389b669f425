"""Alerts survive what happens to processes: the worker killed during the job, and again during the delivery."""

import json
import os
import signal
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from tests.services.processes import wait_for, wait_for_status
from trading.models import Alert, AlertChannel, AlertDelivery, DeliveryStatus, Job, JobStatus
from trading.runtime.supervisor import EmbeddedRuntime
from trading.services.alerts.rules import AlertRuleService
from trading.services.jobs import JobService
from users.models import User

pytestmark = pytest.mark.django_db(transaction=True)


class Receiver:
    """Takes webhooks on a port of this machine; does not answer the first before it is told to."""

    def __init__(self) -> None:
        received: list[dict[str, object]] = []
        came, answer = threading.Event(), threading.Event()

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                received.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
                came.set()
                answer.wait(20)
                self.send_response(204)
                self.end_headers()

            def log_message(self, *_: object) -> None: ...

        self.received, self.came, self.answer = received, came, answer
        self.server = HTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/titan"
        self.thread = threading.Thread(target=self.server.serve_forever, daemon=True)
        self.thread.start()

    def end(self) -> None:
        self.answer.set()
        self.server.shutdown()
        self.server.server_close()
        self.thread.join()


@pytest.fixture
def receiver(monkeypatch: pytest.MonkeyPatch) -> Iterator[Receiver]:
    monkeypatch.setenv("TITAN_TEST_WEBHOOK_ALLOW", "127.0.0.1")
    made = Receiver()
    yield made
    made.end()


def kill_worker(runtime: EmbeddedRuntime) -> None:
    pid = wait_for(lambda: runtime.child_pid, what="the job child")
    os.kill(pid, signal.SIGKILL)


def test_one_alert_arrives_whatever_dies(receiver: Receiver, runtime: EmbeddedRuntime, owner: User) -> None:
    # a row of its own: the check of an address knows the settings of this process, which allows none inside
    channel = AlertChannel.objects.create(owner=owner, kind="webhook", name="here", url=receiver.url)
    AlertRuleService().create_sync(owner=owner, kind="job_completed", channels=[channel.pk])
    job = JobService().enqueue_sync(kind="test_slow", owner=owner)
    wait_for(lambda: Job.objects.filter(pk=job.pk, progress__gt=0.1).exists(), what="progress")
    kill_worker(runtime)
    wait_for_status(job, JobStatus.COMPLETED)
    alert = Alert.objects.get()
    assert (alert.count, alert.subject_id) == (1, job.pk)
    wait_for(receiver.came.is_set, what="the webhook")
    kill_worker(runtime)  # it has sent, and could not note so
    receiver.answer.set()
    delivery = wait_for(
        lambda: AlertDelivery.objects.filter(status=DeliveryStatus.DELIVERED).first(), what="the delivery"
    )
    assert len(receiver.received) == 2
    assert {one["delivery"] for one in receiver.received} == {delivery.pk}
    assert (Alert.objects.get().count, delivery.attempts) == (1, 1)
