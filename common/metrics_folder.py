"""The folder in which the server processes of one machine keep what they measure, so that any of them tells the sum.

Counts must never fall while a server runs, for a fall is read as a restart and everything as new. So what a process
that ended has counted is kept, merged into one file; only when no process is left does the count begin anew.
"""

import contextlib
import fcntl
import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

__all__ = ["forget_the_dead", "locked", "share", "shared"]

_VARIABLE = "PROMETHEUS_MULTIPROC_DIR"  # read by prometheus_client while it is imported
_NOBODY = 0  # stands where a file's name holds its process: what the dead have counted


def share(folder: Path) -> None:
    """Keep this process's measurements in `folder`; call it before anything imports prometheus_client."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    os.environ[_VARIABLE] = str(folder)  # first of all: merging imports it
    with locked(folder, exclusive=True):
        files = list(folder.glob("*.db"))
        if any(_is_alive(_process_of(file)) for file in files):
            forget_the_dead(folder)
            _merge_the_dead(folder)
        else:
            for file in files:
                file.unlink()


def shared() -> Path | None:
    """The folder in use; None where this process measures for itself."""
    name = os.environ.get(_VARIABLE)
    return Path(name) if name else None


@contextlib.contextmanager
def locked(folder: Path, *, exclusive: bool) -> Iterator[None]:
    """Hold the folder's lock, so that nobody reads while files are merged."""
    with (folder / "lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX if exclusive else fcntl.LOCK_SH)
        yield


def forget_the_dead(folder: Path) -> None:
    """Delete what ended processes said of their present state: open sockets, requests that wait."""
    for file in folder.glob("gauge_live*.db"):
        if not _is_alive(_process_of(file)):
            file.unlink(missing_ok=True)


def _merge_the_dead(folder: Path) -> None:
    """Move the counts of ended processes into one file a kind, or files would grow with every restart."""
    from prometheus_client.mmap_dict import MmapedDict

    for kind in ("counter", "histogram"):
        dead = [
            file
            for file in folder.glob(f"{kind}_*.db")
            if _process_of(file) != _NOBODY and not _is_alive(_process_of(file))
        ]
        if not dead:
            continue
        kept: Any = MmapedDict(str(folder / f"{kind}_{_NOBODY}.db"))  # type: ignore[no-untyped-call]  # untyped there
        for file in dead:
            for key, value, _, _ in MmapedDict.read_all_values_from_file(str(file)):  # type: ignore[no-untyped-call]  # as above
                json.loads(key)  # a file cut off in the middle must not spoil the sum
                kept.write_value(key, kept.read_value(key)[0] + value, 0.0)
            file.unlink()
        kept.close()


def _process_of(file: Path) -> int:
    number = file.stem.rpartition("_")[2]
    return int(number) if number.isdigit() else _NOBODY


def _is_alive(process: int) -> bool:
    if process == _NOBODY:
        return False
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True  # somebody else's: it took a number we knew
    return True
