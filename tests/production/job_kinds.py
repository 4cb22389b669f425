"""More handlers for tests here."""

import os
import signal
import time
from collections.abc import Mapping
from itertools import count
from typing import Any

from django.db import transaction

from common import events
from trading.models import Job, JobPart
from trading.services.jobs import Progress, Report, handles, leases
from trading.services.jobs.parts import Parts, Step, works

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


@handles("test_crew")
def crew(job: Job, report: Report) -> None:
    """Two parts, and a holder that is never still; ends with how many workers were lost on them."""
    parts, looks = Parts(report), count()
    parts.cut("test.sticks", [{"n": n} for n in range(2)], [1.0, 1.0])
    gathered = parts.gather("test.sticks", lambda share: report(share, message=f"Look {next(looks)}"))
    made = sorted(content.decode() for content in gathered)
    deaths = sum(JobPart.objects.filter(job=job).values_list("deaths", flat=True))
    with transaction.atomic():
        report.complete(f"{made}, {deaths} lost")


@works("test.sticks")
def sticks(job: Job, payload: Mapping[str, Any], step: Step) -> bytes:
    """The first to help with it says half and gets nowhere; the holder is at its own part until then."""
    part = JobPart.objects.get(pk=step.lease.part_id)
    others = JobPart.objects.filter(job=job).exclude(pk=part.pk)
    helps = part.worker != Job.objects.get(pk=job.pk).worker
    for n in count(1):
        if step.should_stop() or not (helps or others.filter(deaths=0, attempt=0).exists()):
            break
        if helps and (part.deaths or others.filter(deaths__gt=0).exists()):
            break
        step(1 if helps else n % 2, 2)
        time.sleep(0.05)
    return str(payload["n"]).encode()
