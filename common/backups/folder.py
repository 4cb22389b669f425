"""A backup on disk: a folder with a dump of each database, the files of runs, and what is true of them."""

import hashlib
import json
import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from common.backups.digests import Digest, total
from common.sealing import digest, digests
from titan_core.errors import TitanError

__all__ = ["ARTEFACTS", "Backup", "BackupRefused", "key_mark", "key_marks", "read", "sha256_of", "write"]

ARTEFACTS = "artefacts"
_FORMAT = 1
_ABOUT = "backup.json"
_CHUNK = 1 << 20


class BackupRefused(TitanError):
    """A backup can't be taken, read or put back; the message says why and what to do."""

    code = "backup_refused"


@dataclass(frozen=True, slots=True)
class Backup:
    """What is written beside the dumps; `key_mark` tells which TITAN_SECRET_KEY sealed what is sealed in them."""

    folder: Path
    created_at: str
    version: str
    key_mark: str
    dumps: Mapping[str, str]  # alias: file
    engines: Mapping[str, str]  # alias: sqlite, postgresql
    hashes: Mapping[str, str]  # file: SHA-256
    fingerprint: Mapping[str, Mapping[str, Digest]] = field(default_factory=dict)

    @property
    def total(self) -> str:
        """One SHA-256 over everything."""
        return total(self.fingerprint)


def key_mark() -> str:
    """What tells keys apart and gives nothing of one away."""
    return digest("titan", "backup-key")


def key_marks() -> list[str]:
    """The marks of today's key and of those it replaced."""
    return digests("titan", "backup-key")


def sha256_of(path: Path) -> str:
    """SHA-256 of a file."""
    found = hashlib.sha256()
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK):
            found.update(chunk)
    return found.hexdigest()


def write(backup: Backup) -> None:
    """Write what is true of the dumps: the last file of a backup, so that one without it is none."""
    plain = asdict(backup) | {"format": _FORMAT, "total": backup.total}
    del plain["folder"]
    path = backup.folder / _ABOUT
    path.write_text(json.dumps(plain, indent=1, sort_keys=True) + "\n")
    path.chmod(0o600)
    with path.open("rb") as file:
        os.fsync(file.fileno())


def read(folder: Path) -> Backup:
    """The backup in `folder`, each dump's hash compared with what was noted.

    Raises
    ------
    BackupRefused
        It is none, is not whole, or was changed.
    """
    about = folder / _ABOUT
    if not folder.is_dir():
        raise BackupRefused(f"there is no folder {folder.absolute()}: name the backup by its whole path")
    if not about.is_file():
        raise BackupRefused(
            f"{folder} is no finished backup: there is no {_ABOUT} in it (`titan backup` writes it last)"
        )
    try:
        backup = _parsed(folder, json.loads(about.read_text()))
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise BackupRefused(f"{about} can't be read as a backup of this version of TITAN") from error
    for name, noted in backup.hashes.items():
        if not (folder / name).is_file() or sha256_of(folder / name) != noted:
            raise BackupRefused(f"{folder / name} is missing or not what was written: use another backup")
    return backup


def _parsed(folder: Path, plain: dict[str, Any]) -> Backup:
    if plain.pop("format") != _FORMAT:
        raise ValueError("another format")
    noted = plain.pop("total")
    prints = {
        group: {name: Digest(**found) for name, found in named.items()}
        for group, named in plain.pop("fingerprint").items()
    }
    backup = Backup(folder=folder, fingerprint=prints, **plain)
    if backup.total != noted or any(Path(name).name != name for name in backup.hashes):
        raise ValueError("changed")
    return backup
