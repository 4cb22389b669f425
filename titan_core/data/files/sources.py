"""From a file on disk to the streams of bars in it: unpacked within bounds, recognised by their first bytes."""

import gzip
import io
import tempfile
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

from titan_core.errors import DataUnavailable, InvalidInput

__all__ = ["MAX_RATIO", "MAX_UNPACKED", "Member", "members_of"]

MAX_UNPACKED = 8 * 2**30  # bytes of one upload, all members together
MAX_RATIO = 200  # bars as text pack 4 to 20 times; a bomb packs a thousand
RATIO_FROM = 32 * 2**20  # below this much, a high ratio does no harm
MAX_MEMBERS = 20_000

_GZIP, _ZIP, _PARQUET = b"\x1f\x8b", b"PK\x03\x04", b"PAR1"
_OTHERS = {
    b"\xd0\xcf\x11\xe0": "an old Excel workbook: save it as CSV",
    b"%PDF": "a PDF: save its table as CSV",
    b"BZh": "a bzip2 archive: unpack it, or pack it with gzip or zip",
    b"7z\xbc\xaf": "a 7z archive: unpack it, or pack it with gzip or zip",
    b"\xfd7zXZ": "an xz archive: unpack it, or pack it with gzip or zip",
    b"Rar!": "a rar archive: unpack it, or pack it with gzip or zip",
    b"\x28\xb5\x2f\xfd": "a zstd archive: unpack it, or pack it with gzip or zip",
    b"SQLite format 3": "a SQLite database: export its table as CSV",
    b"ARROW1": "an Arrow file: write it as Parquet or CSV",
    b"\x89PNG": "a picture",
    b"\xff\xd8\xff": "a picture",
}


@dataclass(frozen=True, slots=True)
class Member:
    """One table in a file: its name, whether it is Parquet, how to open it, and how large it may be in bytes."""

    name: str
    is_parquet: bool
    size_hint: int
    opened: Callable[[], Any]


class _Budget:
    """Bytes that may still be unpacked from one file."""

    def __init__(self, packed: int) -> None:
        self.packed = max(packed, 1)
        self.unpacked = 0

    def spend(self, n: int) -> None:
        self.unpacked += n
        if self.unpacked > MAX_UNPACKED:
            raise InvalidInput(
                f"the file unpacks to more than {MAX_UNPACKED / 2**30:g} GiB: split it into smaller ones"
            )
        if self.unpacked > RATIO_FROM and self.unpacked > MAX_RATIO * self.packed:
            raise InvalidInput(
                f"the file unpacks to more than {MAX_RATIO} times its size, as no table of prices does: "
                "it looks like a zip bomb and was not read"
            )


class _Counted(io.RawIOBase):
    """A stream that spends from a budget as it is read."""

    def __init__(self, stream: Any, budget: _Budget, name: str) -> None:
        super().__init__()
        self._stream, self._budget, self._name = stream, budget, name

    def readable(self) -> bool:
        """Always."""
        return True

    def readinto(self, buffer: Any) -> int:
        """Fill a buffer; a damaged archive is refused in words."""
        try:
            data = self._stream.read(len(buffer))
        except (zlib.error, EOFError, zipfile.BadZipFile, gzip.BadGzipFile) as error:
            raise InvalidInput(f"{self._name} is cut off or damaged ({error}): upload it again") from error
        self._budget.spend(len(data))
        buffer[: len(data)] = data
        return len(data)

    def close(self) -> None:
        """Close what is underneath too."""
        if not self.closed:
            self._stream.close()
        super().close()


def members_of(path: Path, name: str) -> list[Member]:
    """The tables in a file: itself, or what a gzip or zip archive holds.

    Raises
    ------
    DataUnavailable
        There is no such file.
    InvalidInput
        It is empty, packed in a way that can't be read, a bomb, or holds nothing that looks like a table.
    """
    try:
        size = path.stat().st_size
        with path.open("rb") as file:
            head = file.read(64)
    except OSError as error:
        raise DataUnavailable(f"{name} can't be read: {error.strerror}") from error
    if not size:
        raise InvalidInput(f"{name} is empty: it has no rows")
    if head.startswith(_ZIP):
        return _zip_members(path, name, size)
    if head.startswith(_GZIP):
        inner = PurePosixPath(name).name.removesuffix(".gz")
        budget = _Budget(size)

        @contextmanager
        def unpacked() -> Iterator[Any]:
            with gzip.open(path, "rb") as stream, _Counted(stream, budget, name) as counted:
                yield counted

        return [_member(inner, unpacked, 6 * size)]
    _refuse_others(head, name)

    @contextmanager
    def plain() -> Iterator[Any]:
        with path.open("rb") as stream:
            yield stream

    return [Member(name, head.startswith(_PARQUET), size, plain)]


def _zip_members(path: Path, name: str, size: int) -> list[Member]:
    try:
        with zipfile.ZipFile(path) as archive:
            entries = [info for info in archive.infolist() if _is_table(info)]
            names = {info.filename for info in archive.infolist()}
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError) as error:
        raise InvalidInput(f"{name} is no whole zip archive ({error}): upload it again") from error
    if "[Content_Types].xml" in names:
        raise InvalidInput(f"{name} is an Excel workbook: save its sheet as CSV and upload that")
    if not entries:
        raise InvalidInput(f"{name} holds no file: pack CSV or Parquet files into it")
    if len(entries) > MAX_MEMBERS:
        raise InvalidInput(f"{name} holds {len(entries):,} files, more than {MAX_MEMBERS:,}: split it")
    for info in entries:
        if info.flag_bits & 1:
            raise InvalidInput(f"{name} is locked with a password: pack it without one")
    budget = _Budget(size)
    # what it declares is checked first, what really comes out is counted while it is read
    _Budget(size).spend(sum(info.file_size for info in entries))
    return [
        _member(PurePosixPath(i.filename).name, _zip_opener(path, i, budget), i.file_size) for i in entries
    ]


def _is_table(info: zipfile.ZipInfo) -> bool:
    """Neither a folder nor what a Mac adds."""
    name = PurePosixPath(info.filename)
    return not (info.is_dir() or "__MACOSX" in name.parts or name.name.startswith("."))


def _zip_opener(path: Path, info: zipfile.ZipInfo, budget: _Budget) -> Callable[[], Any]:
    @contextmanager
    def opened() -> Iterator[Any]:
        try:
            with (
                zipfile.ZipFile(path) as archive,
                archive.open(info) as stream,
                _Counted(stream, budget, info.filename) as counted,
            ):
                yield counted
        except (zipfile.BadZipFile, NotImplementedError, RuntimeError) as error:
            raise InvalidInput(f"{info.filename} can't be unpacked ({error}): pack it again") from error

    return opened


def _member(name: str, opened: Callable[[], Any], size_hint: int) -> Member:
    """An unpacked table; Parquet must be read from its end, so it is unpacked to a temporary file."""
    with opened() as stream:
        head = stream.read(64)
    if head.startswith((_ZIP, _GZIP)):
        raise InvalidInput(f"{name} is an archive inside an archive: unpack it once")
    _refuse_others(head, name)
    if not head.startswith(_PARQUET):
        return Member(name, False, size_hint, opened)  # noqa: FBT003 - named in the record

    @contextmanager
    def on_disk() -> Iterator[Any]:
        with tempfile.TemporaryFile() as file, opened() as stream:
            while chunk := stream.read(2**20):
                file.write(chunk)
            file.seek(0)
            yield file

    return Member(name, True, size_hint, on_disk)  # noqa: FBT003 - named in the record


def _refuse_others(head: bytes, name: str) -> None:
    for magic, words in _OTHERS.items():
        if head.startswith(magic):
            raise InvalidInput(f"{name} is {words}")
