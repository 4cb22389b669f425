"""Leased jobs: rows that own status and progress, worked on by whoever holds the lease."""

from trading.models.jobs import JobKind, JobStatus
from trading.services.jobs.errors import Interrupted, LostLease, NoHandler
from trading.services.jobs.payload import JobPayload, job_payload
from trading.services.jobs.registry import handles
from trading.services.jobs.report import Report
from trading.services.jobs.service import JobService

# What a handler calls its second argument.
Progress = Report

__all__ = [
    "Interrupted",
    "JobKind",
    "JobPayload",
    "JobService",
    "JobStatus",
    "LostLease",
    "NoHandler",
    "Progress",
    "Report",
    "handles",
    "job_payload",
]
