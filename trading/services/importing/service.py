"""Importing an existing table: pieces of it go the way of uploads, then every bar is held against its source."""

import hashlib
import json
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

from django.conf import settings
from django.utils import timezone

from titan_core.data.files import BarFile, FileOptions, RowReport, Spool
from titan_core.data.validation import check_bars
from titan_core.errors import InvalidInput
from titan_core.types import Adjustment
from trading.models import Ingestion, Job, JobStatus
from trading.services.base_service import BaseService, async_form
from trading.services.importing.pieces import Piece, pieces
from trading.services.importing.sources import SourceTable
from trading.services.importing.verify import Comparison, compare
from trading.services.ingestion import IngestionService
from trading.services.jobs import JobService
from users.models import User

__all__ = ["ImportOutcome", "ImportRequest", "ImportService"]

_POLL_SECONDS = 0.2
Say = Callable[[str], object]


@dataclass(frozen=True, slots=True)
class ImportRequest:
    """What to import, and as what; the same request resumes what an earlier one began."""

    source: SourceTable
    provenance: str = "import"
    adjustment: Adjustment = "raw"
    calendar: str = "XNYS"
    timezone: str | None = None
    universe_name: str | None = None
    piece_rows: int = 1_000_000

    @property
    def key(self) -> str:
        """Names this import among others."""
        told = (
            self.source.name,
            self.source.columns.symbol,
            self.source.columns.time,
            dict(self.source.columns.fields),
            *(self.provenance, self.adjustment, self.calendar, self.timezone),
        )
        return hashlib.sha256(json.dumps(told).encode()).hexdigest()[:24]

    @property
    def options(self) -> FileOptions:
        """How its rows are read; bars of days to come are refused."""
        latest = timezone.now().date() + timedelta(days=1)
        return FileOptions(**self.file_options, latest=latest)

    @property
    def file_options(self) -> dict[str, Any]:
        """What an upload of its rows is told."""
        told = {
            "format": "parquet",
            "layout": "long",
            "calendar": self.calendar,
            "adjustment": self.adjustment,
        }
        return told | ({"timezone": self.timezone} if self.timezone else {})


@dataclass(slots=True)
class ImportOutcome:
    """What became of the rows, piece by piece; kept on disk so that an import goes on where it was cut."""

    through: str | None = None  # the last symbol that is done
    is_complete: bool = False
    n_rows: int = 0
    stored: int = 0
    changed: int = 0
    unchanged: int = 0
    quarantined: int = 0
    reasons: dict[str, int] = field(default_factory=dict)
    ingestions: list[int] = field(default_factory=list)

    def add(self, piece: Piece, report: dict[str, Any]) -> None:
        """Count a piece's report."""
        self.through, self.n_rows = piece.last, self.n_rows + piece.n_rows
        for name in ("stored", "changed", "unchanged", "quarantined"):
            setattr(self, name, getattr(self, name) + report[name])
        for row in report["reasons"]:
            self.reasons[row["reason"]] = self.reasons.get(row["reason"], 0) + row["count"]


class ImportService(BaseService):
    """Bars from a table that another program owns; it is read, and nothing else is done to it."""

    def import_sync(
        self, request: ImportRequest, *, owner: User, say: Say, restart: bool = False
    ) -> ImportOutcome:
        """Store what is good and report the rest, as uploads are; resumes after the last piece that was done.

        Raises
        ------
        InvalidInput
            The table or a column is not there, or its rows are no daily bars.
        StoreError
            A database can't be reached.
        """
        state = _State(request.key)
        outcome = ImportOutcome() if restart else state.load()
        if outcome.is_complete:
            say("imported before (--restart reads it anew)")
            return outcome
        if outcome.through is not None:
            say(f"going on after {outcome.through}")
        with tempfile.TemporaryDirectory(prefix="titan-import-") as folder:
            for piece in pieces(
                request.source, Path(folder), after=outcome.through, n_rows=request.piece_rows
            ):
                ingestion = _ingest(request, piece, owner)
                outcome.ingestions.append(ingestion.pk)
                outcome.add(piece, ingestion.report or {})
                state.save(outcome)
                say(
                    f"{piece.first} to {piece.last}: {outcome.n_rows:,} rows read, {outcome.quarantined:,} set aside"
                )
        outcome.is_complete = True
        state.save(outcome)
        return outcome

    import_table = async_form(import_sync)

    def look_sync(self, request: ImportRequest, *, say: Say) -> ImportOutcome:
        """Read and check every row, and store nothing."""
        outcome = ImportOutcome()
        with tempfile.TemporaryDirectory(prefix="titan-import-") as folder:
            for piece in pieces(request.source, Path(folder), after=None, n_rows=request.piece_rows):
                outcome.add(piece, _checked(request, piece, Path(folder)))
                say(
                    f"{piece.first} to {piece.last}: {outcome.n_rows:,} rows read, {outcome.quarantined:,} set aside"
                )
        return outcome

    look = async_form(look_sync)

    def verify_sync(self, request: ImportRequest) -> Comparison:
        """Hold the store against the source, bar by bar."""
        return compare(
            request.source,
            series_source=request.provenance,
            adjustment=request.adjustment,
            options=request.options,
        )

    verify = async_form(verify_sync)


def _ingest(request: ImportRequest, piece: Piece, owner: User) -> Ingestion:
    """Store a piece as an upload, here or by a worker that is quicker."""
    service = IngestionService()
    ingestion = service.request_sync(
        owner=owner,
        upload=_PieceUpload(piece, request.source.name),
        universe_name=request.universe_name,
        source=request.provenance,
        **request.file_options,
    )
    [described] = service.described_sync([ingestion])
    job = described.job
    assert job is not None, "an ingestion is asked for with its job"  # noqa: S101 - narrows the type
    JobService().run_sync(job.pk)
    job.refresh_from_db()
    while job.is_active:
        time.sleep(_POLL_SECONDS)
        job.refresh_from_db()
    ingestion.refresh_from_db()
    if job.status != JobStatus.COMPLETED or ingestion.report is None:
        raise InvalidInput(f"{piece.first} to {piece.last}: {_words(job)}")
    return ingestion


def _words(job: Job) -> str:
    return job.error or job.message or f"the job ended as {job.status}"


def _checked(request: ImportRequest, piece: Piece, folder: Path) -> dict[str, Any]:
    """What an ingestion would report of a piece."""
    rows = RowReport()
    file = BarFile(piece.path, name="piece.parquet", options=request.options, report=rows)
    spool = Spool.for_file(folder / "spool", file)
    stored = 0
    try:
        spool.fill(file)
        for _, batch in spool.buckets():
            checked = check_bars(
                batch,
                file.symbols,
                rows,
                calendar=request.calendar,
                adjustment=request.adjustment,
                fields=file.recognised.fields,
            )
            stored += checked.bars.n_rows
    finally:
        spool.clear()
    reasons = [{"reason": reason, "count": n} for reason, n in rows.reasons.items()]
    return {
        "stored": stored,
        "changed": 0,
        "unchanged": 0,
        "quarantined": rows.n_rejected,
        "reasons": reasons,
    }


class _PieceUpload:
    """A piece as an upload, named after its table."""

    def __init__(self, piece: Piece, table: str) -> None:
        self._path = piece.path
        self.name: str | None = f"{table}, {piece.first} to {piece.last}.parquet".replace("/", "-")

    def chunks(self) -> Any:
        """Its bytes, in pieces."""
        with self._path.open("rb") as file:
            while chunk := file.read(2**20):
                yield chunk


class _State:
    """How far an import has come, in a file under TITAN_HOME."""

    def __init__(self, key: str) -> None:
        self._path = Path(settings.TITAN_HOME) / "imports" / f"{key}.json"

    def load(self) -> ImportOutcome:
        if not self._path.exists():
            return ImportOutcome()
        return ImportOutcome(**json.loads(self._path.read_text(encoding="utf-8")))

    def save(self, outcome: ImportOutcome) -> None:
        self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        draft = self._path.with_suffix(".tmp")
        told = {name: getattr(outcome, name) for name in ImportOutcome.__slots__}
        draft.write_text(json.dumps(told), encoding="utf-8")
        draft.replace(self._path)
