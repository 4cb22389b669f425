"""What tests of faults ask about jobs that `tests.services.job_kinds` does: their results, once and right."""

from common import events
from tests.services.job_kinds import expected_result
from trading.models import Job

__all__ = ["the_result_of"]


def the_result_of(job: Job) -> str:
    """The result of a `test_slow` job, which must have happened exactly once and be what it is without faults."""
    results = events.latest(f"result_{job.pk}")
    assert len(results) == 1, f"{job} has {len(results)} results"
    state = str(results[0].payload["state"])
    assert state == expected_result(job)
    return state
