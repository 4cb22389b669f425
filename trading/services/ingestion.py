"""Files of bars: taken in, read by a job, reported row by row."""

from collections.abc import Sequence
from typing import Any

from django.db import transaction
from django.db.models import QuerySet

from titan_core.data.files import FileOptions
from titan_core.errors import InvalidInput
from trading.models import Ingestion, Job, JobKind, QuarantinedBar, Universe
from trading.services.base_service import BaseService, async_form
from trading.services.ingestions import uploads
from trading.services.ingestions.describe import DescribedIngestion, describe
from trading.services.ingestions.quality import UniverseQuality, universe_quality
from trading.services.ingestions.run import run_ingestion
from trading.services.jobs import JobService, Report, handles
from trading.services.refusals import Refusal
from users.models import User

__all__ = ["IngestionService"]

SOURCE = "file"


class IngestionService(BaseService):
    """Everything about files of bars and the quality of what is stored."""

    def request_sync(
        self,
        *,
        owner: User,
        upload: uploads.Upload,
        universe: Universe | None = None,
        universe_name: str | None = None,
        source: str | None = None,
        **options: Any,
    ) -> Ingestion:
        """Keep a file and ask for its job. `options` are those of `FileOptions`; refused here when they clash."""
        chosen = {name: value for name, value in options.items() if value is not None}
        try:
            FileOptions(**chosen)
        except InvalidInput as error:
            raise Refusal(str(error), field=getattr(error, "field", None)) from error
        kept = uploads.keep(upload)
        with transaction.atomic():
            ingestion = Ingestion.objects.create(
                owner=owner,
                filename=kept.name,
                sha256=kept.sha256,
                size=kept.size,
                options=chosen | ({"universe_name": universe_name.strip()} if universe_name else {}),
                universe=universe,
                source=(source or SOURCE).strip()[:40],
            )
            JobService().enqueue_sync(kind=JobKind.INGEST, owner=owner, subject=ingestion)
        return ingestion

    request = async_form(request_sync)

    @handles(JobKind.INGEST)
    def run_sync(self, job: Job, report: Report) -> None:
        """Run a file's job."""
        run_ingestion(job, report)

    def described_sync(self, ingestions: Sequence[Ingestion]) -> list[DescribedIngestion]:
        """Uploads as they are shown, with their jobs."""
        return describe(ingestions)

    described = async_form(described_sync)

    def rows_sync(self, ingestion: Ingestion, /, **query: Any) -> QuerySet[QuarantinedBar]:
        """The rows set aside that a query asks for, in the order of the file."""
        rows = ingestion.rows.order_by("id")
        if query.get("reason"):
            rows = rows.filter(reason=query["reason"])
        if query.get("symbol"):
            rows = rows.filter(symbol=query["symbol"].strip().upper())
        if query.get("is_warning") is not None:
            rows = rows.filter(is_warning=query["is_warning"])
        return rows

    rows = async_form(rows_sync)

    def cell_names_sync(self, ingestion: Ingestion) -> list[str]:
        """What the cells of its rows are called, in order."""
        names: dict[str, None] = {}
        for values in ingestion.rows.order_by("id").values_list("values", flat=True)[:200]:
            names |= dict.fromkeys(values)
        return list(names)

    cell_names = async_form(cell_names_sync)

    def quality_sync(self, universe: Universe) -> UniverseQuality:
        """Which bars a universe has, by symbol and month, beside what its exchange had."""
        return universe_quality(universe)

    quality = async_form(quality_sync)
