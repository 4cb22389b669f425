"""A job's own parts, as its holder sees them: cut, worked on, waited for, gathered, let go."""

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import nullcontext
from typing import Any

from django.db import connection, transaction
from django.db.models import Count, F, Q, Sum

from common.commits import after_commit
from common.events import json_safe
from titan_core.errors import Cancelled
from trading.models.job_parts import JobPart, PartState
from trading.services import artefacts
from trading.services.jobs import conf
from trading.services.jobs.parts import leases
from trading.services.jobs.parts.crew import crew_size
from trading.services.jobs.parts.hints import hint
from trading.services.jobs.parts.registry import worker_for
from trading.services.jobs.parts.step import PartBeat, Step
from trading.services.jobs.queues import queue_of
from trading.services.jobs.report import Report

__all__ = ["Parts", "forget"]

_WAIT_SECONDS, _MOST_WAIT_SECONDS = 0.02, 0.2
_TELL_SECONDS = 0.5


class Parts:
    """The parts of the job that `report` belongs to.

    Cutting is written under the job's lease; results are kept by number. Whoever takes the job over finds what is done
    and what others are still doing.
    """

    def __init__(self, report: Report) -> None:
        self._report = report
        self._job = report.job
        self._tell: Callable[[float], None] | None = None
        self._task = ""
        self._told_at = 0.0

    @property
    def exist(self) -> bool:
        """Whether an earlier attempt cut this job."""
        return JobPart.objects.filter(job=self._job).exists()

    def cut(self, task: str, payloads: Sequence[Mapping[str, Any]], sizes: Sequence[float]) -> None:
        """Have these parts of `task` worked on from now on; those cut already, the same and in order, are kept."""
        wanted = [json_safe(payload) for payload in payloads]
        with transaction.atomic():
            self._report.fence()
            mine = JobPart.objects.filter(job=self._job, task=task)
            there = list(mine.order_by("number").values_list("payload", flat=True))
            if there != wanted[: len(there)]:
                mine.delete()
                there = []
            JobPart.objects.bulk_create(
                [
                    JobPart(job=self._job, task=task, number=number, payload=payload, size=size)
                    for number, (payload, size) in enumerate(zip(wanted, sizes, strict=True))
                    if number >= len(there)
                ],
                batch_size=500,
            )
            queue = queue_of(self._job.kind)
            free = mine.filter(state=PartState.WAITING).order_by("pk").values_list("pk", flat=True)
            parts = list(free[: max(0, crew_size(queue) - 1)])
            after_commit(hint, parts, queue)

    def gather(self, task: str, tell: Callable[[float], None], *, first: int = 0) -> Iterator[bytes]:
        """Results of `task` from number `first` on, each as soon as it is there; meanwhile this worker works as well.

        `tell` is called now and then with the share of the task that is done, by whomever. Stops as `Report` does.
        """
        self._task, self._tell = task, tell
        number, pause = first, _WAIT_SECONDS
        while True:
            self._say()
            if self._report.should_stop():
                self._report.raise_if_stopped()
            part = JobPart.objects.filter(job=self._job, task=task, number=number).first()
            if part is None:
                break
            if part.state == PartState.DONE:
                content = leases.result_of(part)
                if content is not None:
                    number, pause = number + 1, _WAIT_SECONDS
                    yield content
                continue
            if self._work_on_one():
                pause = _WAIT_SECONDS
            else:
                self._report.waits()
                time.sleep(pause)
                pause = min(_MOST_WAIT_SECONDS, 2 * pause)
        self._told_at = 0.0
        self._say()
        self._tell = None

    def let_go(self, task: str, *, first: int = 0, last: int | None = None) -> None:
        """Delete results of `task` once what was gathered of them is kept; the rows go when the job has ended."""
        parts = JobPart.objects.filter(job=self._job, task=task, state=PartState.DONE, number__gte=first)
        for part in parts if last is None else parts.filter(number__lt=last):
            artefacts.delete("parts", part.result_name)

    def _work_on_one(self) -> bool:
        """Do one free part of this job; False where others have them all."""
        lease = leases.claim_next(
            worker=self._job.worker, seconds=conf.lease_seconds(), job=self._job, task=self._task
        )
        if lease is None:
            return False
        part = JobPart.objects.get(pk=lease.part_id)
        step = Step(lease, asked=self._report.should_stop, told=self._say)
        beside = nullcontext() if connection.in_atomic_block else PartBeat(step)
        try:
            with beside:
                made = worker_for(part.task)(self._job, part.payload, step)
        except BaseException as error:
            leases.give_back(lease)
            if isinstance(error, Cancelled) and step.unwanted.is_set() and not self._report.should_stop():
                return True  # taken over while this process slept: the part is someone else's, the job is not
            raise
        leases.finish(lease, made)
        return True

    def _say(self) -> None:
        """Sum up what is done of the task and of the whole job, now and then."""
        if self._tell is None or time.monotonic() - self._told_at < _TELL_SECONDS:
            return
        self._told_at = time.monotonic()
        mine = JobPart.objects.filter(job=self._job)
        task = mine.filter(task=self._task).aggregate(done=Sum(F("size") * F("progress")), all=Sum("size"))
        parts = mine.aggregate(
            total=Count("pk"),
            done=Count("pk", filter=Q(state=PartState.DONE)),
            workers=Count("worker", filter=Q(state=PartState.WORKING), distinct=True),
        )
        self._report.parts(**parts)
        self._tell(float(task["done"] or 0.0) / float(task["all"] or 1.0))


def forget(job_id: int) -> None:
    """Delete every part of a job, and every result."""
    JobPart.objects.filter(job_id=job_id).delete()
    artefacts.forget_folder("parts", str(job_id))
