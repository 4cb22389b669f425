"""Artefacts as bytes: kept by hash, read verified, deleted by name."""

import errno
import hashlib
import math
import os
import re
import secrets
import shutil
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, TypeAlias, get_args

from django.conf import settings
from django.core.files.base import ContentFile
from django.core.files.storage import Storage, storages

from titan_core.errors import DataUnavailable, StoreError
from trading.services.artefacts.storage import DRAFTS, ArtefactFolder, Draft

__all__ = [
    "Kept",
    "Kind",
    "adopt",
    "delete",
    "drafts",
    "exists",
    "folders",
    "forget_folder",
    "get",
    "local",
    "names",
    "put",
    "put_chunks",
    "put_named",
    "read",
    "sweep_drafts",
]

Kind: TypeAlias = Literal["panels", "scans", "bars", "backtests", "windows", "uploads", "parts"]
_ENDING: dict[str, str] = dict.fromkeys(("panels", "scans", "bars", "backtests"), ".arrow")
_ENDING["windows"] = ".json"
_HASH = re.compile(r"[0-9a-f]{64}")
_OF_A_JOB = re.compile(r"[0-9]{1,19}/[0-9]{1,19}-[0-9]{1,9}")  # a part's result: job, part and attempt
_PIECE = 1 << 20


@dataclass(frozen=True, slots=True)
class Kept:
    """What a stream of bytes was kept as."""

    sha256: str
    size: int


def put(kind: Kind, content: bytes) -> str:
    """Keep bytes; the SHA-256 that names them. Raises `StoreError` where they can't be written."""
    name = hashlib.sha256(content).hexdigest()
    put_named(kind, name, content)
    return name


def put_named(kind: Kind, name: str, content: bytes) -> None:
    """Keep bytes under a name their writer alone uses."""
    with _in_words(f"{len(content):,} bytes of {kind}"):
        _save(_key(kind, name), ContentFile(content))


def put_chunks(kind: Kind, chunks: Iterable[bytes]) -> Kept:
    """Keep a stream without ever holding it whole."""
    digest, size = hashlib.sha256(), 0
    with _in_words("the upload" if kind == "uploads" else kind), drafts() as folder:
        draft = folder / "stream"
        with draft.open("xb") as file:
            for chunk in chunks:
                digest.update(chunk)
                size += len(chunk)
                file.write(chunk)
            file.flush()
            os.fsync(file.fileno())
        adopt(kind, digest.hexdigest(), draft)
    return Kept(digest.hexdigest(), size)


def get(kind: Kind, name: str) -> bytes:
    """The bytes of a name that `put` gave.

    Raises
    ------
    DataUnavailable
        There is no such file any more.
    StoreError
        It can't be read, or holds something else than its name says.
    """
    content = read(kind, name)
    if hashlib.sha256(content).hexdigest() != name:
        raise StoreError(
            f"{_key(kind, name)} holds something else than its name says: run again what made it"
        )
    return content


def read(kind: Kind, name: str) -> bytes:
    """The bytes under a name, unverified: whoever reads so knows their hash from elsewhere."""
    key = _key(kind, name)
    with _in_words(key, reading=True), _store().open(key) as file:
        content: bytes = file.read()
    return content


def exists(kind: Kind, name: str) -> bool:
    """Whether there is such a file."""
    try:
        return _store().exists(_key(kind, name))
    except DataUnavailable:
        return False


def delete(kind: Kind, name: str) -> None:
    """Delete a file; one that is gone already is no error."""
    _store().delete(_key(kind, name))


def names(kind: Kind, *, before: float = 0.0) -> list[str]:
    """Names of a kind; with `before`, those last kept before that time (seconds since 1970) alone."""
    store = _store()
    try:
        files = store.listdir(kind)[1]
    except FileNotFoundError:
        return []
    found = [file for file in files if not file.startswith(".")]
    if before:
        found = [file for file in found if _written(store, f"{kind}/{file}") < before]
    ending = _ENDING.get(kind, "")
    return [file.removesuffix(ending) for file in found]


def folders(kind: Kind) -> list[str]:
    """Folders below a kind: jobs, below parts."""
    try:
        return _store().listdir(kind)[0]
    except FileNotFoundError:
        return []


def forget_folder(kind: Kind, folder: str) -> None:
    """Delete everything kept below ``kind/folder/``."""
    store, below = _store(), f"{kind}/{folder}"
    try:
        files = store.listdir(below)[1]
    except FileNotFoundError:
        return
    for file in files:
        store.delete(f"{below}/{file}")
    if isinstance(store, ArtefactFolder):
        store.delete(below)


@contextmanager
def local(kind: Kind, name: str) -> Iterator[Path]:
    """A path on this machine for as long as the block lasts; a file kept elsewhere is fetched for it.

    Raises `DataUnavailable` where there is no such file. What is read from it is the caller's to verify.
    """
    store, key = _store(), _key(kind, name)
    if not store.exists(key):
        raise _gone(key)
    if isinstance(store, ArtefactFolder):
        yield Path(store.path(key))
        return
    with drafts() as folder:
        path = folder / Path(key).name
        with _in_words(key, reading=True), store.open(key) as source, path.open("xb") as file:
            shutil.copyfileobj(source, file, _PIECE)
        yield path


@contextmanager
def drafts() -> Iterator[Path]:
    """A folder for files not finished yet, on the store's own file system where it has one; gone afterwards."""
    store = _store()
    root = (
        Path(store.path(DRAFTS)) if isinstance(store, ArtefactFolder) else Path(settings.TITAN_HOME) / "work"
    )
    folder = root / secrets.token_hex(8)
    folder.mkdir(mode=0o700, parents=True)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def adopt(kind: Kind, name: str, path: Path) -> None:
    """Take a finished draft in under its name."""
    with Draft(path) as draft:
        _save(_key(kind, name), draft)


def sweep_drafts(before: float) -> None:
    """Delete drafts that killed processes left behind before this time (seconds since 1970)."""
    store = _store()
    if not isinstance(store, ArtefactFolder) or not (root := Path(store.path(DRAFTS))).is_dir():
        return
    for folder in root.iterdir():
        if folder.stat().st_mtime < before:
            shutil.rmtree(folder, ignore_errors=True)


def _store() -> Storage:
    return storages["artefacts"]


def _save(key: str, content: Any) -> None:
    """Where a store gives another name, the first one's file is there already, and is the same."""
    saved = _store().save(key, content)
    if saved != key:
        _store().delete(saved)


def _key(kind: Kind, name: str) -> str:
    pattern = _OF_A_JOB if kind == "parts" else _HASH
    if kind not in get_args(Kind) or not pattern.fullmatch(name):
        raise _gone(f"{kind}/{name[:80]}")
    return f"{kind}/{name}{_ENDING.get(kind, '')}"


def _gone(key: str) -> DataUnavailable:
    return DataUnavailable(f"no file {key} is kept: it was deleted or never written; run again what made it")


def _written(store: Storage, key: str) -> float:
    try:
        return store.get_modified_time(key).timestamp()
    except FileNotFoundError:
        return math.inf


@contextmanager
def _in_words(what: str, *, reading: bool = False) -> Iterator[None]:
    """Errors of the disk as `StoreError`; a missing file as `DataUnavailable`."""
    try:
        yield
    except FileNotFoundError as error:
        if reading:
            raise _gone(what) from error
        raise StoreError(f"{what} could not be kept: {error.strerror}") from error
    except OSError as error:
        full = error.errno in (errno.ENOSPC, errno.EDQUOT)
        cause = "the disk is full: free some space" if full else str(error.strerror or error)
        verb = "could not be read" if reading else "was not kept"
        raise StoreError(f"{what} {verb}: {cause}") from error
