"""Uploads as they are shown: with their job."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from trading.models import Ingestion, Job, Universe

__all__ = ["DescribedIngestion", "describe"]


@dataclass(frozen=True, slots=True)
class DescribedIngestion:
    """An upload with all that is shown of it; field names are the API's."""

    id: int
    filename: str
    size: int
    sha256: str
    options: dict[str, Any]
    universe: Universe | None
    source: str
    report: dict[str, Any] | None
    created_at: datetime
    completed_at: datetime | None
    job: Job | None


def describe(ingestions: Sequence[Ingestion]) -> list[DescribedIngestion]:
    """Everything about these uploads, in one query more whatever their number."""
    ids = [ingestion.pk for ingestion in ingestions]
    newest = Job.objects.filter(subject_type="ingestion", subject_id__in=ids).order_by("id")
    jobs = {job.subject_id: job for job in newest}
    return [
        DescribedIngestion(
            id=ingestion.pk,
            filename=ingestion.filename,
            size=ingestion.size,
            sha256=ingestion.sha256,
            options=ingestion.options,
            universe=ingestion.universe,
            source=ingestion.source,
            report=ingestion.report,
            created_at=ingestion.created_at,
            completed_at=ingestion.completed_at,
            job=jobs.get(ingestion.pk),
        )
        for ingestion in ingestions
    ]
