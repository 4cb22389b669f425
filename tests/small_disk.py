"""A disk of a few megabytes, where mounting one is allowed."""

import os
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

__all__ = ["CAN_MOUNT", "small_disk"]


@contextmanager
def small_disk(megabytes: int, *, owner: os.stat_result | None = None) -> Iterator[Path]:
    """A tmpfs of this size, owned by whoever owns something else."""
    folder = Path(tempfile.mkdtemp(prefix="titan-small-disk-"))
    subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={megabytes}m", "tmpfs", folder], check=True, capture_output=True
    )
    try:
        if owner is not None:
            os.chown(folder, owner.st_uid, owner.st_gid)
        yield folder
    finally:
        subprocess.run(["umount", "-l", folder], check=True, capture_output=True)
        folder.rmdir()


def _can_mount() -> bool:
    if os.geteuid() != 0:
        return False
    try:
        with small_disk(1):
            return True
    except (OSError, subprocess.CalledProcessError):
        return False


CAN_MOUNT = _can_mount()
