"""Handlers of the tests: loaded into the worker through TITAN_JOB_MODULES, deterministic, slow on purpose."""

import ctypes
import hashlib
import os
import signal
import time

from django.db import transaction

from common import events
from titan_core.errors import InvalidInput
from trading.models import Job
from trading.services.jobs import Progress, handles

STEPS = 40
STEP_SECONDS = 0.05
CHECKPOINT_EVERY = 5
LASTING_SECONDS = 90.0  # longer than any test looks away


def expected_result(job: Job) -> str:
    """What `slow` publishes for `job`, however often it was interrupted."""
    state = str(job.pk)
    for step in range(STEPS):
        state = advance(state, step)
    return state


def advance(state: str, step: int) -> str:
    return hashlib.sha256(f"{state}:{step}".encode()).hexdigest()


@handles("test_slow")
def slow(job: Job, report: Progress) -> None:
    """Forty steps of work that can resume at every fifth; one result event, written with the end of the job."""
    _work(job, report, halt_at=None)


@handles("test_halts")
def halts(job: Job, report: Progress) -> None:
    """As `slow`; the first to have it gets half of the way and waits there for what is to happen to it."""
    _work(job, report, halt_at=STEPS // 2 if job.attempt == 1 else None)


@handles("test_lasting")
def lasting(job: Job, report: Progress) -> None:
    """Works for longer than it can take anybody to stop it, and publishes a result if nobody does."""
    until = time.monotonic() + LASTING_SECONDS
    while (left := until - time.monotonic()) > 0:
        time.sleep(STEP_SECONDS)
        report(1 - left / LASTING_SECONDS)
    with transaction.atomic():
        events.publish(f"result_{job.pk}", "result", {"attempt": job.attempt})
        report.complete("Done.")


def _work(job: Job, report: Progress, *, halt_at: int | None) -> None:
    state = job.checkpoint.get("state", str(job.pk))
    for step in range(job.checkpoint.get("step", 0), STEPS):
        if step % CHECKPOINT_EVERY == 0:
            report.checkpoint({"step": step, "state": state})
        until = time.monotonic() + LASTING_SECONDS
        while step == halt_at and time.monotonic() < until:
            report(step / STEPS, stage="Waits")
            time.sleep(STEP_SECONDS)
        state = advance(state, step)
        time.sleep(STEP_SECONDS)
        report((step + 1) / STEPS, stage=f"Step {step + 1}")
    with transaction.atomic():
        events.publish(f"result_{job.pk}", "result", {"state": state, "attempt": job.attempt})
        report.complete("Done.")


@handles("test_deaf")
def deaf(job: Job, report: Progress) -> None:
    """Never looks whether it should stop."""
    time.sleep(60)


@handles("test_stuck")
def stuck(job: Job, report: Progress) -> None:
    """Lives, renews its lease, asks whether to stop, and gets nowhere."""
    while not report.should_stop():
        report(0.5, stage="Thinking")
        time.sleep(0.05)


@handles("test_hog")
def hog(job: Job, report: Progress) -> None:
    """The first time it holds Python's lock, so that no other thread of its process runs."""
    if job.attempt == 1:
        ctypes.PyDLL(None).sleep(120)
    report(1.0, message=f"Done by attempt {job.attempt}.")


@handles("test_polite")
def polite(job: Job, report: Progress) -> None:
    """Stops by returning."""
    report(0.5)
    deadline = time.monotonic() + 30
    while not report.should_stop() and time.monotonic() < deadline:
        time.sleep(0.02)


@handles("test_fails")
def fails(job: Job, report: Progress) -> None:
    raise InvalidInput("Choose an end date after the start date.")


@handles("test_errors")
def errors(job: Job, report: Progress) -> None:
    raise ValueError("internal detail 4711")


@handles("test_kills")
def kills(job: Job, report: Progress) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


class TestService:
    """A service whose method is a handler."""

    __test__ = False

    @handles("test_method")
    def run_sync(self, job: Job, report: Progress) -> None:
        report(1.0, stage="Ran", message=type(self).__name__)
