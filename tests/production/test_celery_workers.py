"""Real Celery workers on real queues: what they take, how they stop, what happens to those that hang."""

from tests.production.stack import Stack
from tests.services.processes import wait_for, wait_for_status
from trading.models import JobStatus, Worker
from trading.services.jobs import JobService
from users.models import User

SERVICE = JobService()


def test_a_worker_says_who_it_is_and_does_jobs(stack: Stack, owner: User) -> None:
    stack.worker(processes=2)
    wait_for(lambda: Worker.objects.count() == 2, what="two rows")
    rows = Worker.objects.all()
    assert all(row.queues == ["ingest", "compute", "trade"] for row in rows)
    job = wait_for_status(SERVICE.enqueue_sync(kind="test_slow", owner=owner), JobStatus.COMPLETED)
    assert job.worker in {row.name for row in rows}
