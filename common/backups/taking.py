"""Taking a backup, and the fingerprint alone: every database at one instant, then what its rows name."""

import contextlib
import secrets
import shutil
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from django.core.files.storage import storages
from django.db import connections
from django.utils import timezone

from common import faults
from common.backups.digests import Digest, fingerprint_of_files, names_of_files
from common.backups.engines import Source, source
from common.backups.folder import ARTEFACTS, Backup, BackupRefused, key_mark, sha256_of, write
from titan_core import __version__

__all__ = ["fingerprint", "take"]

_TRIES = 20

Say = Callable[[str], None]


def take(parent: Path, *, say: Say = lambda words: None) -> Backup:
    """Write a backup into a new folder of `parent`, named by the instant; TITAN goes on meanwhile.

    Writers wait only while the instant is fixed in both databases, some milliseconds. Files of runs are copied after
    it: each is written once under the name of what it holds, before a row names it.

    Raises
    ------
    BackupRefused
        In words; what was begun is removed.
    """
    now = timezone.now()
    folder = parent / f"titan-{now.strftime('%Y%m%dT%H%M%SZ')}"
    draft = folder.with_name(f".{folder.name}.unfinished")
    try:
        parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        draft.mkdir(mode=0o700)
    except OSError as error:
        said = faults.words(error) or faults.first_line(error)
        raise BackupRefused(f"no backup can be written to {parent}: {said}") from error
    try:
        with _at_one_instant() as sources:
            dumps = {}
            for alias, database in sources.items():
                say(f"copying the database {alias}")
                dumps[alias] = database.dump(draft)
            say("reading it again for its fingerprint")
            prints = {alias: database.digests() for alias, database in sources.items()}
            engines = {alias: database.engine for alias, database in sources.items()}
        say("copying the files of runs")
        prints[ARTEFACTS] = {ARTEFACTS: _copy_files(draft / ARTEFACTS)}
        backup = Backup(
            folder=draft,
            created_at=now.isoformat(timespec="seconds"),
            version=__version__,
            key_mark=key_mark(),
            dumps=dumps,
            engines=engines,
            hashes={name: sha256_of(draft / name) for name in dumps.values()},
            fingerprint=prints,
        )
        write(backup)
        draft.rename(folder)
    except BaseException as error:
        shutil.rmtree(draft, ignore_errors=True)
        if not faults.is_of_others(error):
            raise
        said = faults.words(error) or faults.first_line(error)
        raise BackupRefused(
            f"the backup in {parent} could not be finished and was removed: {said}"
        ) from error
    return Backup(**{name: getattr(backup, name) for name in Backup.__slots__} | {"folder": folder})


def fingerprint() -> dict[str, dict[str, Digest]]:
    """Digest of every table of both databases at one instant, and of the files of runs."""
    with _at_one_instant(to_dump=False) as sources:
        prints = {alias: database.digests() for alias, database in sources.items()}
    return prints | {ARTEFACTS: {ARTEFACTS: fingerprint_of_files(storages["artefacts"])}}


@contextlib.contextmanager
def _at_one_instant(*, to_dump: bool = True) -> Iterator[dict[str, Source]]:
    """Every database, fixed at one instant.

    A job may hold rows of one database while it waits for the other: then neither is held, and it is tried again.
    """
    with contextlib.ExitStack() as stack:
        sources = {}
        for alias in connections:
            sources[alias] = source(alias, to_dump=to_dump)
            stack.callback(sources[alias].close)
        for _ in range(_TRIES):
            try:
                if all(database.hold() for database in sources.values()):
                    for database in sources.values():
                        database.begin()
                    break
            finally:
                for database in sources.values():
                    database.release()
            time.sleep(secrets.SystemRandom().uniform(0.1, 1.0))  # so that it does not keep step with a job
        else:
            raise BackupRefused(
                "writers left no moment to fix one instant of both databases: try again later"
            )
        yield sources


def _make_private(folder: Path) -> None:
    """Make a folder and those above it for their owner alone: `mkdir` gives the mode to the last one only."""
    if not folder.is_dir():
        _make_private(folder.parent)
        folder.mkdir(mode=0o700)


def _copy_files(folder: Path) -> Digest:
    store, copied = storages["artefacts"], []
    for name in names_of_files(store):
        path = folder / name
        _make_private(path.parent)
        with store.open(name) as source_file, path.open("wb") as copy:
            path.chmod(0o600)
            shutil.copyfileobj(source_file, copy, 1 << 20)
        copied.append(name)
    return fingerprint_of_files(store, copied)
