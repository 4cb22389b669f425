"""When signals are read besides the nightly job: once bars have come, and when a pair is put under watch."""

from trading.models import Ingestion, Job, JobKind, JobStatus, TradingPair
from trading.services.jobs import JobService

__all__ = ["job_ended", "pair_watched"]


def job_ended(job: Job) -> None:
    """After an ingestion that brought or changed bars: one job for all watched pairs, however often this is told."""
    if job.kind != JobKind.INGEST or job.status != JobStatus.COMPLETED:
        return
    ingestion = Ingestion.objects.filter(pk=job.subject_id or 0).first()
    report = ingestion.report if ingestion is not None else None
    if report and (report["stored"] or report["changed"] or report["actions"]):
        JobService().enqueue_once_sync(kind=JobKind.SIGNALS, schedule_key=f"signals:after:{job.pk}")


def pair_watched(pair: TradingPair) -> None:
    """A pair nobody has looked at yet is read at once; on a pair that is read each night nothing needs doing."""
    if not hasattr(pair, "signal_state"):
        JobService().enqueue_once_sync(
            kind=JobKind.SIGNALS, schedule_key=f"signals:first:{pair.pk}", subject=pair
        )
