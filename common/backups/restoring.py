"""Putting a backup back: into fresh databases, or in place of what is there when that was asked for; then comparing."""

from collections.abc import Callable
from pathlib import Path

from django.core.files import File
from django.core.files.storage import FileSystemStorage, Storage, storages
from django.db import connections
from django.utils import timezone

from common.backups.digests import Digest, fingerprint_of_files, names_of_files
from common.backups.engines import target
from common.backups.folder import ARTEFACTS, Backup, BackupRefused, key_marks

__all__ = ["restore"]

Say = Callable[[str], None]


def restore(
    backup: Backup, *, replace: bool = False, other_key: bool = False, say: Say = lambda words: None
) -> dict[str, dict[str, Digest]]:
    """Put everything back and prove it: the fingerprint of what is there now equals the backup's.

    Nothing is touched before every check has passed. What is replaced of SQLite and of a folder of runs is put aside
    under another name; of PostgreSQL it is dropped.

    Raises
    ------
    BackupRefused
        Something is there already, TITAN runs, the engine is another, the key is another, or the result differs.
    """
    if set(backup.dumps) != set(connections):
        raise BackupRefused(f"{backup.folder} holds other databases than this TITAN has")
    if not other_key and backup.key_mark not in key_marks():
        raise BackupRefused(
            "this backup was made under another TITAN_SECRET_KEY: authenticators and secrets of channels would not "
            "open, and the audit trail would not verify. Set that key, or add it to TITAN_SECRET_KEY_FALLBACKS; "
            "without it, --other-key restores the rest"
        )
    store = storages["artefacts"]
    targets = {alias: target(alias) for alias in backup.dumps}
    connections.close_all()
    for alias, database in targets.items():
        if database.engine != backup.engines[alias]:
            raise BackupRefused(
                f"the backup of {alias} is of {backup.engines[alias]}, this TITAN's database is {database.engine}"
            )
        database.check(backup.folder / backup.dumps[alias], replace=replace)
    if not replace and next(names_of_files(store), None) is not None:
        raise BackupRefused("there are files of runs already: name an empty place, or say --replace")
    for alias, database in targets.items():
        say(f"putting back the database {alias}")
        database.load(backup.folder / backup.dumps[alias])
    say("putting back the files of runs")
    names = _put_files(store, backup.folder / ARTEFACTS)
    say("comparing with the backup's fingerprint")
    found = {alias: database.digests() for alias, database in targets.items()}
    found[ARTEFACTS] = {ARTEFACTS: fingerprint_of_files(store, names)}
    _compare(backup, found)
    return found


def _put_files(store: Storage, folder: Path) -> list[str]:
    """The files into their store; a folder's former contents are put aside, a bucket's stay beside them."""
    if isinstance(store, FileSystemStorage) and next(names_of_files(store), None) is not None:
        stamp = timezone.now().strftime("%Y%m%dT%H%M%S%fZ")
        place = Path(store.location)
        place.rename(place.with_name(f"{place.name}.before-{stamp}"))
    names = []
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            name = path.relative_to(folder).as_posix()
            with path.open("rb") as file:
                store.save(name, File(file, name=name))
            names.append(name)
    return names


def _compare(backup: Backup, found: dict[str, dict[str, Digest]]) -> None:
    different = [
        f"{group}.{name}"
        for group in backup.fingerprint.keys() | found.keys()
        for name in backup.fingerprint.get(group, {}).keys() | found.get(group, {}).keys()
        if backup.fingerprint.get(group, {}).get(name) != found.get(group, {}).get(name)
    ]
    if different:
        raise BackupRefused(
            f"what was put back is not what was backed up: {', '.join(sorted(different))} differ. Do not start TITAN "
            "on it; restore again, from another backup if need be"
        )
