"""The stack itself: what `titan web`, `titan worker` and `titan beat` do together on TimescaleDB and Redis."""

from tests.production.stack import Stack
from tests.services.job_kinds import expected_result
from trading.services.jobs import JobService


def test_a_job_goes_round(stack: Stack) -> None:
    [web] = stack.web()
    stack.worker()
    with stack.client(web.url) as titan:
        job = JobService().enqueue_sync(kind="test_slow", owner=stack.user("olga"))
        assert titan.wait(job.pk, progress=False, timeout=60)["status"] == "COMPLETED"
    assert expected_result(job)
