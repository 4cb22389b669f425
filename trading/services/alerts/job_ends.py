"""Rules about jobs, judged in the transaction that ends one: whoever sees the end sees its alerts."""

from collections.abc import Callable
from datetime import timedelta

from django.utils import timezone

from trading.models import AlertKind, AlertRule, Ingestion, Job, JobStatus, Scan
from trading.services.alerts.raising import Finding, raise_alert, window_of
from trading.services.alerts.rules import ensure_defaults

__all__ = ["job_ended"]

_AGAIN = timedelta(hours=1)  # the same failure within an hour is the same alert
_KINDS = (
    AlertKind.JOB_FAILED,
    AlertKind.JOB_COMPLETED,
    AlertKind.SCAN_DISCOVERIES,
    AlertKind.ROWS_SET_ASIDE,
)


def job_ended(job: Job) -> None:
    """Judge the owner's rules on a job that has just ended; what the schedule started has no owner to tell."""
    if job.owner is None or not job.owner.is_active or job.status == JobStatus.CANCELLED:
        return
    ensure_defaults(job.owner)
    now = timezone.now()
    for rule in AlertRule.objects.filter(owner=job.owner, is_active=True, kind__in=_KINDS).order_by("pk"):
        finding = _JUDGES[AlertKind(rule.kind)](rule, job)
        if finding is not None:
            raise_alert(rule, finding, now=now)


def _failed(rule: AlertRule, job: Job) -> Finding | None:
    if job.status not in {JobStatus.FAILED, JobStatus.ERRORED} or not _is_meant(rule, job):
        return None
    what = f"{job.kind}:{job.status}:{window_of(job.finished_at or timezone.now(), _AGAIN)}"
    return _about_job(job, what, f"{job.get_kind_display()} failed")


def _completed(rule: AlertRule, job: Job) -> Finding | None:
    if job.status != JobStatus.COMPLETED or not _is_meant(rule, job):
        return None
    took = (job.finished_at - job.started_at).total_seconds() if job.finished_at and job.started_at else 0.0
    if took < rule.parameters["min_seconds"]:
        return None
    return _about_job(job, f"job:{job.pk}", f"{job.get_kind_display()} completed")


def _discovered(rule: AlertRule, job: Job) -> Finding | None:
    if job.status != JobStatus.COMPLETED or job.subject_type != "scan":
        return None
    scan = Scan.objects.select_related("universe").filter(pk=job.subject_id or 0).first()
    if scan is None or scan.n_discoveries < rule.parameters["min_discoveries"]:
        return None
    if rule.parameters["universe"] not in {None, scan.universe_id}:
        return None
    of = scan.universe or f"{scan.n_symbols:,} symbols"
    pairs = "1 pair survives" if scan.n_discoveries == 1 else f"{scan.n_discoveries:,} pairs survive"
    chance = ""
    if scan.null_discoveries is not None:
        chance = f" Where nothing is cointegrated the same scan finds {scan.null_discoveries:.2g} on average."
    return Finding(
        what=f"scan:{scan.pk}",
        title=f"{pairs} the correction in the scan of {of}",
        message=f"{scan.n_tests:,} pairs were tested.{chance} Look at them before you promote any.",
        subject_type="scan",
        subject_id=scan.pk,
    )


def _set_aside(rule: AlertRule, job: Job) -> Finding | None:
    if job.status != JobStatus.COMPLETED or job.subject_type != "ingestion":
        return None
    ingestion = Ingestion.objects.filter(pk=job.subject_id or 0).first()
    report = ingestion.report if ingestion is not None else None
    if ingestion is None or report is None or report["quarantined"] < rule.parameters["min_rows"]:
        return None
    reasons = [one for one in report["reasons"] if not one["is_warning"]]
    most = f" Most often: {reasons[0]['message']}" if reasons else ""
    n = report["quarantined"]
    return Finding(
        what=f"ingestion:{ingestion.pk}",
        title=f"{n:,} row{'s' if n != 1 else ''} of {ingestion.filename} set aside",
        message=f"They were not stored.{most} Correct them in the file and bring it again; rows that are there "
        "already change nothing.",
        subject_type="ingestion",
        subject_id=ingestion.pk,
    )


_JUDGES: dict[AlertKind, Callable[[AlertRule, Job], Finding | None]] = {
    AlertKind.JOB_FAILED: _failed,
    AlertKind.JOB_COMPLETED: _completed,
    AlertKind.SCAN_DISCOVERIES: _discovered,
    AlertKind.ROWS_SET_ASIDE: _set_aside,
}


def _is_meant(rule: AlertRule, job: Job) -> bool:
    kinds = rule.parameters["job_kinds"]
    return not kinds or job.kind in kinds


def _about_job(job: Job, what: str, title: str) -> Finding:
    """About the row the job works for, where there is one: that is what its owner would open."""
    has_subject = job.subject_id is not None
    return Finding(
        what=what,
        title=title,
        message=job.message,
        subject_type=job.subject_type if has_subject else "job",
        subject_id=job.subject_id if has_subject else job.pk,
    )
