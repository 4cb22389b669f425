"""More handlers for tests here."""

import os
import signal
import time

from django.db import transaction

from common import events
from trading.models import Job
from trading.services.jobs import Progress, handles, leases

LONG_SECONDS = 12.0


@handles("test_long")
def long(job: Job, report: Progress) -> None:
    """Takes its time, and says that it is done as often as it is."""
    until = time.monotonic() + LONG_SECONDS
    while (left := until - time.monotonic()) > 0:
        time.sleep(0.1)
        report(1 - left / LONG_SECONDS)
    with transaction.atomic():
        events.publish(f"result_{job.pk}", "result", {"attempt": job.attempt})
        report.complete("Done.")


@handles("test_freezes")
def freezes(job: Job, report: Progress) -> None:
    """The first time its worker stands still, whole, in the midst of a write of the job's row."""
    with transaction.atomic():
        leases.write(report.lease, stage="Half written")
        if job.attempt == 1:
            os.killpg(0, signal.SIGSTOP)
    with transaction.atomic():
        events.publish(f"result_{job.pk}", "result", {"attempt": job.attempt})
        report.complete("Done.")
