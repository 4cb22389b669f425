"""The nightly tidying: old events and scheduled jobs, expired sessions and tokens, what runs left behind."""

from datetime import timedelta

from django.apps import apps
from django.core.management import call_command
from django.utils import timezone

from common import events
from trading.models.jobs import Job, JobKind
from trading.services.jobs import conf
from trading.services.jobs.parts.sweeping import sweep_left_results
from trading.services.jobs.registry import handles
from trading.services.jobs.report import Report

__all__ = ["tidy"]

_BATCH = 1000  # rows a transaction, so that nobody waits long for the write lock


@handles(JobKind.HOUSEKEEPING)
def tidy(job: Job, report: Report) -> None:
    """Prune what nobody will ask for again, a short transaction at a time; doing it twice does nothing more."""
    now = timezone.now()
    n_events = 0
    report(0.0, stage="Old events")
    while pruned := events.prune(before=now - timedelta(days=conf.event_keep_days()), batch=_BATCH):
        n_events += pruned
        report(0.3)
    report(0.6, stage="Old scheduled jobs")
    before = now - timedelta(days=conf.job_keep_days())
    old = Job.objects.filter(owner=None, finished_at__lt=before).exclude(schedule_key=None)
    n_jobs = 0
    while ids := list(old.values_list("pk", flat=True)[:_BATCH]):
        Job.objects.filter(pk__in=ids).delete()
        events.forget(f"job_{pk}" for pk in ids)
        n_jobs += len(ids)
        report(0.7)
    sweep_left_results()
    report(0.8, stage="Expired sessions and tokens")
    if apps.is_installed("django.contrib.sessions"):
        call_command("clearsessions", verbosity=0)
    if apps.is_installed("rest_framework_simplejwt.token_blacklist"):
        call_command("flushexpiredtokens", verbosity=0)
    report(0.9, stage="Curves and files of runs")
    n_filled, n_files = _tidy_runs()
    message = (
        f"Removed {n_events:,} old events, {n_jobs:,} old scheduled jobs and {n_files:,} files of deleted runs; "
        f"filled {n_filled:,} lost curves."
    )
    report(1.0, stage="", message=message)


def _tidy_runs() -> tuple[int, int]:
    """Curves filled, files removed."""
    from trading.services.backtesting import tidying  # the engine, which queueing a job does without

    filled, _ = tidying.mend_points()
    return filled, tidying.remove_files()
