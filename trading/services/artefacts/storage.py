"""A folder as Django's storage, for files that several processes and machines read while others write them."""

import contextlib
import os
import secrets
from pathlib import Path
from typing import TYPE_CHECKING, Any

from django.core.files.base import File
from django.core.files.storage import FileSystemStorage

if TYPE_CHECKING:
    BytesFile = File[bytes]
else:
    BytesFile = File  # generic for type checkers only

__all__ = ["DRAFTS", "ArtefactFolder", "Draft"]

DRAFTS = ".drafts"  # beside the kinds, so on their file system: a finished draft is moved, not copied


class ArtefactFolder(FileSystemStorage):
    """Files appear whole under their names or not at all, and saving a name again replaces its file.

    Django's own storage writes into the file it names, so that a reader elsewhere would find half of it.
    """

    def __init__(self, location: str | None = None, **options: Any) -> None:
        private = {"file_permissions_mode": 0o600, "directory_permissions_mode": 0o700}
        super().__init__(location=location, **(private | options))

    def get_available_name(self, name: str, max_length: int | None = None) -> str:
        """The name itself: what has one name is one thing."""
        return name

    def _save(self, name: str, content: BytesFile) -> str:
        target = Path(self.path(name))
        target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        draft = target.with_name(f".{secrets.token_hex(8)}.tmp")
        try:
            if isinstance(content, Draft):
                content.path.replace(draft)
            else:
                _write(draft, content)
            draft.replace(target)
        except BaseException:
            with contextlib.suppress(FileNotFoundError):
                draft.unlink()
            raise
        _sync(target.parent)
        return name


class Draft(BytesFile):
    """A finished file that a folder may take instead of copying it; its bytes have reached the disk."""

    def __init__(self, path: Path) -> None:
        self.path = path
        super().__init__(path.open("rb"), name=path.name)


def _write(path: Path, content: BytesFile) -> None:
    with path.open("xb") as file:
        path.chmod(0o600)
        for chunk in content.chunks():
            file.write(chunk)
        file.flush()
        os.fsync(file.fileno())


def _sync(folder: Path) -> None:
    """Make the new name itself survive a power cut."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
