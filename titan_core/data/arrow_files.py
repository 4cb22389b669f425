"""Arrow files on disk that are either whole or not there."""

import errno
import os
import secrets
from pathlib import Path
from typing import Any

import pyarrow as pa

from titan_core.errors import DataUnavailable, StoreError

__all__ = ["read_arrow", "write_arrow"]


def write_arrow(table: Any, path: Path) -> Path:
    """Write a pyarrow Table as an Arrow IPC file, making its folder; a reader sees the old file or the new one.

    The bytes go to a hidden ``.tmp`` neighbour and reach the disk before that takes the name. A kill leaves the
    neighbour behind at worst.

    Raises
    ------
    StoreError
        The disk is full, or the folder can't be written.
    """
    draft = path.with_name(f".{path.name}.{secrets.token_hex(8)}.tmp")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            with draft.open("xb") as file:
                with pa.ipc.new_file(file, table.schema) as writer:
                    writer.write_table(table)
                file.flush()
                os.fsync(file.fileno())
            draft.replace(path)
        except BaseException:
            draft.unlink(missing_ok=True)
            raise
        _sync_folder(path.parent)
    except OSError as error:
        full = error.errno in (errno.ENOSPC, errno.EDQUOT)
        cause = (
            "the disk is full: free some space"
            if full
            else f"{error.strerror or error}: check the folder's permissions"
        )
        raise StoreError(f"{path.name} was not written to {path.parent}: {cause}") from error
    return path


def read_arrow(path: Path) -> Any:
    """The pyarrow Table of an Arrow IPC file.

    Raises
    ------
    DataUnavailable
        There is no such file.
    StoreError
        It can't be read, or is no whole Arrow file.
    """
    try:
        with pa.OSFile(str(path)) as file:
            return pa.ipc.open_file(file).read_all()
    except FileNotFoundError as error:
        raise DataUnavailable(
            f"no file {path}: it was moved or never written; run again what made it"
        ) from error
    except (OSError, pa.ArrowException) as error:
        raise StoreError(
            f"{path} is damaged or no Arrow file ({error}): restore it, or run again what made it"
        ) from error


def _sync_folder(folder: Path) -> None:
    """Make the rename itself survive a power cut."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
