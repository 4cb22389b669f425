"""More handlers for tests here."""

import time

from django.db import transaction

from common import events
from trading.models import Job
from trading.services.jobs import Progress, handles

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
