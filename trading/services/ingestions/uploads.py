"""Uploaded files, kept by the hash of their bytes until the jobs that read them have ended."""

import shutil
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path, PurePath
from typing import Protocol

from django.conf import settings
from django.db.models import QuerySet
from django.utils import timezone

from trading.models import Ingestion, Job
from trading.services import artefacts

__all__ = ["KeptFile", "Upload", "discard", "is_kept", "keep", "sweep", "work_folder"]

_LEFT_SECONDS = 86_400


class Upload(Protocol):
    """What is asked of an uploaded file."""

    name: str | None

    def chunks(self) -> Iterable[bytes]:
        """Its bytes, in pieces."""


@dataclass(frozen=True, slots=True)
class KeptFile:
    """A file among the uploads."""

    name: str
    sha256: str
    size: int


def is_kept(sha256: str) -> bool:
    """Whether the file of this hash is still there."""
    return artefacts.exists("uploads", sha256)


def work_folder(ingestion: Ingestion) -> Path:
    """Where the job of this ingestion puts down, on its machine, what does not fit in memory; deleted with its end."""
    folder = Path(settings.TITAN_HOME) / "work"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return folder / f"ingestion-{ingestion.pk}"


def keep(upload: Upload) -> KeptFile:
    """Stream a file to where every worker reads it, named by its hash. Raises `StoreError` when the disk is full."""
    kept = artefacts.put_chunks("uploads", upload.chunks())
    name = PurePath((upload.name or "upload").replace("\\", "/")).name
    return KeptFile("".join(c for c in name if c.isprintable())[-255:] or "upload", kept.sha256, kept.size)


def discard(sha256: str, *, besides: Job) -> None:
    """Delete a file unless a job other than `besides` still has to read it."""
    if not _active(sha256).exclude(pk=besides.pk).exists():
        artefacts.delete("uploads", sha256)


def sweep() -> None:
    """Delete what cancelled and killed jobs have left behind for a day."""
    before = timezone.now().timestamp() - _LEFT_SECONDS
    for sha256 in artefacts.names("uploads", before=before):
        if not _active(sha256).exists():
            artefacts.delete("uploads", sha256)
    artefacts.sweep_drafts(before)
    work = Path(settings.TITAN_HOME) / "work"
    for path in work.iterdir() if work.is_dir() else ():
        if path.stat().st_mtime < before:
            shutil.rmtree(path, ignore_errors=True)


def _active(sha256: str) -> QuerySet[Job]:
    """Jobs that still need the file."""
    waiting = Ingestion.objects.filter(sha256=sha256).values("pk")
    return Job.objects.active().filter(subject_type="ingestion", subject_id__in=waiting)
