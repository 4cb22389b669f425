"""Parts of a job: pieces of its work that any worker may take while the job itself belongs to one."""

from datetime import datetime
from typing import Self

from django.db import models

from trading.models.jobs import Job

__all__ = ["JobPart", "JobPartQuerySet", "PartState"]


class PartState(models.TextChoices):
    """WAITING → WORKING → DONE; back to WAITING where a worker could not finish."""

    WAITING = "WAITING", "Waiting"
    WORKING = "WORKING", "Working"
    DONE = "DONE", "Done"


class JobPartQuerySet(models.QuerySet["JobPart"]):
    """The questions asked of parts."""

    def of_living_jobs(self) -> Self:
        """Parts of jobs that are still wanted."""
        return self.filter(job__status__in=Job.ACTIVE, job__cancel_requested=False)

    def claimable(self, now: datetime) -> Self:
        """Waiting parts, and those whose worker stopped renewing its lease."""
        return self.filter(
            models.Q(state=PartState.WAITING) | models.Q(state=PartState.WORKING, lease_until__lt=now)
        )


class JobPart(models.Model):
    """One piece of a job. ``attempt`` counts claims and fences the result; the job's holder cuts and gathers."""

    job = models.ForeignKey(Job, on_delete=models.CASCADE, related_name="parts")
    task = models.CharField(max_length=40)  # what is done: the function is registered with ``@works("…")``
    number = models.PositiveIntegerField()  # place among the parts of the task, in which they are gathered
    size = models.FloatField(default=1.0)  # how much work it is beside the others of its task
    payload = models.JSONField(default=dict)
    state = models.CharField(max_length=7, choices=PartState.choices, default=PartState.WAITING)
    attempt = models.PositiveIntegerField(default=0)
    deaths = models.PositiveSmallIntegerField(default=0)  # workers lost on it
    # It failed elsewhere, or killed too many: the job's holder does it, so that what it raises is the job's own.
    is_holders = models.BooleanField(default=False)
    lease_until = models.DateTimeField(null=True, blank=True)
    worker = models.CharField(max_length=100, blank=True, default="")
    progress = models.FloatField(default=0.0)  # 0..1
    sha256 = models.CharField(max_length=64, blank=True, default="")  # of the result, kept as an artefact

    objects = JobPartQuerySet.as_manager()

    class Meta:
        ordering = ("id",)
        default_permissions = ()
        constraints = (
            models.UniqueConstraint(fields=("job", "task", "number"), name="job_part_once"),
            models.CheckConstraint(
                condition=models.Q(progress__range=(0, 1)), name="job_part_progress_in_range"
            ),
        )
        indexes = (models.Index(fields=("state", "lease_until"), name="job_part_by_state"),)

    def __str__(self) -> str:
        return f"part {self.number} of {self.task} of job {self.job_id} {self.state}"

    @property
    def result_name(self) -> str:
        """Name of this attempt's result among the artefacts: a stale attempt's can't take its place."""
        return f"{self.job_id}/{self.pk}-{self.attempt}"
