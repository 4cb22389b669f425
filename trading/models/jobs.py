"""Jobs: work longer than a request, as rows that own its status, its progress and its lease."""

from datetime import datetime
from typing import ClassVar, Self

from django.db import models

from users.models import User

__all__ = ["Job", "JobKind", "JobQuerySet", "JobStatus", "JobTally"]


class JobKind(models.TextChoices):
    """What a job does; the handler is registered with ``@handles(JobKind.…)``."""

    SCAN = "scan", "Cointegration scan"
    INGEST = "ingest", "Price ingestion"
    DEMO = "demo", "Demo data"
    BACKTEST = "backtest", "Backtest"
    SWEEP = "sweep", "Parameter sweep"
    WALK_FORWARD = "walk_forward", "Walk-forward"
    CAUSALITY = "causality", "Proof against look-ahead"
    SIGNALS = "signals", "Signals"
    HOUSEKEEPING = "housekeeping", "Housekeeping"
    CHECK_DATA = "check_data", "Alert rules on data"
    DELIVER = "deliver", "Delivery of an alert"


class JobStatus(models.TextChoices):
    """PENDING → RUNNING → one of four ends."""

    PENDING = "PENDING", "Pending"
    RUNNING = "RUNNING", "Running"
    COMPLETED = "COMPLETED", "Completed"
    FAILED = "FAILED", "Failed"  # the user can mend it: `message` says how
    ERRORED = "ERRORED", "Errored"  # ours: logged under the id that `message` gives
    CANCELLED = "CANCELLED", "Cancelled"


class JobQuerySet(models.QuerySet["Job"]):
    """The questions asked of jobs."""

    def visible_to(self, user: User) -> Self:
        """Jobs this user may see: their own."""
        return self.filter(owner=user)

    def active(self) -> Self:
        """Jobs that have not ended."""
        return self.filter(status__in=Job.ACTIVE)

    def about(self, subject: models.Model) -> Self:
        """Jobs that work for this row."""
        return self.filter(subject_type=subject._meta.model_name, subject_id=subject.pk)

    def claimable(self, now: datetime) -> Self:
        """Pending jobs, and running ones whose worker stopped renewing its lease."""
        return self.filter(
            models.Q(status=JobStatus.PENDING) | models.Q(status=JobStatus.RUNNING, lease_until__lt=now)
        )


class Job(models.Model):
    """One piece of work. ``attempt`` counts claims and fences writes; ``lease_until`` says who may work on it."""

    ACTIVE: ClassVar[tuple[str, ...]] = (JobStatus.PENDING, JobStatus.RUNNING)

    kind = models.CharField(max_length=40, choices=JobKind.choices)
    # Null for what the schedule starts; everything a person starts is theirs.
    owner = models.ForeignKey(User, on_delete=models.CASCADE, related_name="jobs", null=True, blank=True)
    subject_type = models.CharField(max_length=40, blank=True, default="")
    subject_id = models.BigIntegerField(null=True, blank=True)
    status = models.CharField(max_length=10, choices=JobStatus.choices, default=JobStatus.PENDING)
    attempt = models.PositiveIntegerField(default=0)
    deaths = models.PositiveSmallIntegerField(default=0)  # workers lost on it; too many and it is ERRORED
    lease_until = models.DateTimeField(null=True, blank=True)
    worker = models.CharField(max_length=100, blank=True, default="")
    checkpoint = models.JSONField(default=dict, blank=True)
    progress = models.FloatField(default=0.0)  # 0..1
    stage = models.CharField(max_length=100, blank=True, default="")
    message = models.TextField(blank=True, default="")
    # Where it was cut for several workers: parts in all, done, and workers on them now. Null where one does it all.
    parts_total = models.PositiveIntegerField(null=True, blank=True)
    parts_done = models.PositiveIntegerField(null=True, blank=True)
    parts_workers = models.PositiveIntegerField(null=True, blank=True)
    error = models.TextField(blank=True, default="")  # why it failed, in words; empty where it did not
    cancel_requested = models.BooleanField(default=False)
    # "housekeeping:2026-01-31": unique, so one run a day however many servers look at the clock.
    schedule_key = models.CharField(max_length=64, null=True, blank=True, unique=True)
    # The request that asked for it, or for the job that did: one word finds both in the logs of all processes.
    # default in the database too: the release before inserts jobs while this one migrates
    request_id = models.CharField(max_length=64, blank=True, default="", db_default="")
    created_at = models.DateTimeField(auto_now_add=True)
    started_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)
    # Set in the transaction that ends the job; one whose rules could not be judged then is found by the sweep.
    alerted_at = models.DateTimeField(null=True, blank=True, editable=False)

    objects = JobQuerySet.as_manager()

    class Meta:
        ordering = ("-id",)
        permissions = (("cancel_job", "Can cancel own jobs"),)
        constraints = (
            models.CheckConstraint(condition=models.Q(progress__range=(0, 1)), name="job_progress_in_range"),
        )
        indexes = (
            models.Index(fields=("status", "lease_until"), name="job_by_state"),
            models.Index(fields=("owner", "-id"), name="job_by_owner"),
            models.Index(fields=("subject_type", "subject_id"), name="job_by_subject"),
            models.Index(
                fields=("finished_at",), condition=models.Q(alerted_at=None), name="job_not_yet_alerted"
            ),
        )

    def __str__(self) -> str:
        return f"job {self.pk} {self.kind} {self.status}"

    @property
    def is_active(self) -> bool:
        """Whether the job has not ended."""
        return self.status in self.ACTIVE

    @property
    def group(self) -> str:
        """The event stream, and socket group, of this job."""
        return f"job_{self.pk}"


class JobTally(models.Model):
    """How many jobs of a kind have ended in a way, ever: rows of jobs are pruned, and a count must never fall."""

    kind = models.CharField(max_length=40)
    status = models.CharField(max_length=10, choices=JobStatus.choices)
    ended = models.PositiveBigIntegerField(default=0)

    class Meta:
        constraints = (models.UniqueConstraint(fields=("kind", "status"), name="job_tally_once"),)
        default_permissions = ()

    def __str__(self) -> str:
        return f"{self.ended} {self.kind} {self.status}"
