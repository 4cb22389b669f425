"""What every line of a log carries that is written while a job, or a part of one, is worked on."""

from trading.models.jobs import Job

__all__ = ["words_of"]


def words_of(job: Job) -> dict[str, object]:
    """The job and who asked for it: the request it began with finds its lines in any process's log."""
    words: dict[str, object] = {"job_id": job.pk, "job_kind": job.kind, "user_id": job.owner_id}
    return words | ({"request_id": job.request_id} if job.request_id else {})
