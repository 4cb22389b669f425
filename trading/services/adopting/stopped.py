"""That nobody works in an embedded TITAN's folder: what it wrote after the copy would be lost without a word."""

import fcntl
import sqlite3
import struct
import sys
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, closing, contextmanager
from datetime import timedelta
from pathlib import Path

from django.utils import timezone

from titan_core.errors import InvalidInput
from trading.models import Job, Worker

__all__ = ["held_still", "refuse_at_work", "refuse_open"]

_SEEN = timedelta(seconds=20)
_WAIT_SECONDS = 2.0
# The byte of `…-shm` that every connection of SQLite's WAL keeps a lock on as long as it is open, and Linux's flock.
_OPEN_AT = 128
_FLOCK = struct.Struct("hhqqi")


def refuse_open(files: Iterable[Path]) -> None:
    """Raise `InvalidInput` where another process has one of these databases open.

    To be called before this process opens them: closing a file gives up every lock one has on it.
    """
    for path in files:
        pid = _opened_by(path.with_name(f"{path.name}-shm"))
        if pid:
            raise InvalidInput(
                f"process {pid} has {path} open: stop the TITAN that runs there (Ctrl-C, or `kill {pid}`), then run "
                "this again"
            )


def refuse_at_work(home: Path, alias: str) -> None:
    """Raise `InvalidInput` where that TITAN's rows say that it lives, on this machine or another."""
    now = timezone.now()
    worker = Worker.objects.using(alias).filter(seen_at__gt=now - _SEEN).first()
    if worker is not None:
        raise InvalidInput(
            f"the TITAN in {home} runs, or did until just now (process {worker.pid} on {worker.host}): stop it, then "
            "wait half a minute"
        )
    if Job.objects.using(alias).filter(lease_until__gt=now).exists():
        raise InvalidInput(f"a job runs in {home}: stop that TITAN first, then wait half a minute")


@contextmanager
def held_still(files: Iterable[Path]) -> Iterator[None]:
    """Nobody writes to these databases meanwhile; a TITAN that is started there finds them locked."""
    with ExitStack() as stack:
        for path in files:
            connection = stack.enter_context(
                closing(sqlite3.connect(f"{path.as_uri()}?mode=rw", uri=True, timeout=_WAIT_SECONDS))
            )
            try:
                connection.execute("BEGIN IMMEDIATE")
            except sqlite3.DatabaseError as error:
                code = getattr(error, "sqlite_errorcode", 0) & 0xFF
                if code == sqlite3.SQLITE_BUSY:
                    raise InvalidInput(
                        f"something writes to {path}: stop the TITAN that runs there first"
                    ) from error
                # where nothing can be written nobody need be kept from it
                if code != sqlite3.SQLITE_READONLY:
                    raise InvalidInput(
                        f"{path} can't be read as a database ({error}): is it the TITAN_HOME of an embedded TITAN?"
                    ) from error
        yield


def _opened_by(path: Path) -> int:
    """The process that has a database open, by the lock it holds; 0 where none has, or that can't be told."""
    if sys.platform != "linux" or not path.exists():
        return 0
    with path.open("rb") as file:
        asked = _FLOCK.pack(fcntl.F_WRLCK, 0, _OPEN_AT, 1, 0)
        kind, _, _, _, pid = _FLOCK.unpack(fcntl.fcntl(file, fcntl.F_GETLK, asked))
    return 0 if kind == fcntl.F_UNLCK else int(pid)
