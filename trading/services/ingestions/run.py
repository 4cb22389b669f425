"""An ingestion's job, stage by stage."""

from trading.models import Job
from trading.services.jobs import Report

__all__ = ["run_ingestion"]


def run_ingestion(job: Job, report: Report) -> None:
    """Read, check, store, report."""
    raise NotImplementedError
