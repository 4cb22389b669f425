"""Uploaded files, kept by the hash of their bytes until the jobs that read them have ended."""

import errno
import hashlib
import os
import secrets
import shutil
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path, PurePath
from typing import Protocol

from django.conf import settings
from django.db.models import QuerySet
from django.utils import timezone

from titan_core.errors import StoreError
from trading.models import Ingestion, Job

__all__ = ["KeptFile", "Upload", "discard", "keep", "kept_path", "sweep", "work_folder"]

_LEFT_SECONDS = 86_400


class Upload(Protocol):
    """What is asked of an uploaded file."""

    name: str | None

    def chunks(self) -> Iterable[bytes]:
        """Its bytes, in pieces."""


@dataclass(frozen=True, slots=True)
class KeptFile:
    """A file in the uploads folder."""

    name: str
    sha256: str
    size: int


def kept_path(sha256: str) -> Path:
    """Where the file of this hash is kept."""
    return _folder() / sha256


def work_folder(ingestion: Ingestion) -> Path:
    """Where the job of this ingestion puts down what does not fit in memory; deleted with its end."""
    return _folder() / f"work-{ingestion.pk}"


def keep(upload: Upload) -> KeptFile:
    """Stream a file to disk and name it by its hash. Raises `StoreError` when the disk is full."""
    digest, size = hashlib.sha256(), 0
    draft = _folder() / f".{secrets.token_hex(8)}.tmp"
    try:
        with draft.open("xb") as file:
            for chunk in upload.chunks():
                digest.update(chunk)
                size += len(chunk)
                file.write(chunk)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(kept_path(digest.hexdigest()))
    except OSError as error:
        draft.unlink(missing_ok=True)
        full = error.errno in (errno.ENOSPC, errno.EDQUOT)
        cause = "the disk is full: free some space" if full else str(error.strerror or error)
        raise StoreError(f"the upload was not kept: {cause}") from error
    except BaseException:
        draft.unlink(missing_ok=True)
        raise
    name = PurePath((upload.name or "upload").replace("\\", "/")).name
    return KeptFile("".join(c for c in name if c.isprintable())[-255:] or "upload", digest.hexdigest(), size)


def discard(sha256: str, *, besides: Job) -> None:
    """Delete a file unless a job other than `besides` still has to read it."""
    if not _active(sha256).exclude(pk=besides.pk).exists():
        kept_path(sha256).unlink(missing_ok=True)


def sweep() -> None:
    """Delete what cancelled and killed jobs have left behind for a day."""
    before = timezone.now().timestamp() - _LEFT_SECONDS
    for path in _folder().iterdir():
        if path.stat().st_mtime > before:
            continue
        if path.is_dir():
            shutil.rmtree(path, ignore_errors=True)
        elif path.name.startswith(".") or not _active(path.name).exists():
            path.unlink(missing_ok=True)


def _active(sha256: str) -> QuerySet[Job]:
    """Jobs that still need the file."""
    waiting = Ingestion.objects.filter(sha256=sha256).values("pk")
    return Job.objects.active().filter(subject_type="ingestion", subject_id__in=waiting)


def _folder() -> Path:
    folder = Path(settings.TITAN_HOME) / "uploads"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return folder
