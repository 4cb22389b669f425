"""Bytes of a text file as UTF-8, whatever they were: byte-order marks, UTF-16, Windows letters, stray NULs."""

import codecs
from typing import IO

from titan_core.errors import InvalidInput

__all__ = ["HEAD", "LONGEST_LINE", "Utf8Stream"]

HEAD = 64 * 1024  # bytes by which a file is recognised
LONGEST_LINE = 4 * 2**20
_FIRST_LINES = 3  # that the look holds whole: an instruction, a heading of ten thousand tickers, a row
_CHUNK = 2**20


class Utf8Stream:
    """A readable stream of UTF-8 bytes over any text file, of which the beginning can be looked at.

    NULs become U+FFFD, so that the cell they stand in is no number and its row is told, not the file lost.

    Raises
    ------
    InvalidInput
        The file is no text, or a web page or JSON rather than a table.
    """

    def __init__(self, stream: IO[bytes], name: str) -> None:
        self._stream = stream
        first = _read(stream, HEAD)
        encoding = _encoding(first, name)
        self._plain = encoding == "utf-8"
        self._decoder = codecs.getincrementaldecoder(encoding)(errors="replace")
        self._buffer = self._convert(first, final=len(first) < HEAD)
        self._ended = len(first) < HEAD
        self.bytes_read = len(first)
        while not self._ended and len(self._buffer) <= LONGEST_LINE and _breaks(self._buffer) < _FIRST_LINES:
            self._buffer += self._next()
        self.head = self._buffer.decode("utf-8", errors="replace")
        self.closed = False
        _refuse_other_texts(self.head, name)

    def read(self, n: int = -1) -> bytes:
        """The next n bytes, fewer only at the end."""
        parts, have = [self._buffer], len(self._buffer)
        while not self._ended and (n < 0 or have < n):
            parts.append(self._next())
            have += len(parts[-1])
        whole = b"".join(parts)
        cut = len(whole) if n < 0 else n
        self._buffer = whole[cut:]
        return whole[:cut]

    def readable(self) -> bool:
        """Always."""
        return True

    def seekable(self) -> bool:
        """Never."""
        return False

    def close(self) -> None:
        """The owner of the underlying stream closes it."""
        self.closed = True

    def _next(self) -> bytes:
        raw = self._stream.read(_CHUNK)
        self.bytes_read += len(raw)
        self._ended = not raw
        return self._convert(raw, final=self._ended)

    def _convert(self, raw: bytes, *, final: bool) -> bytes:
        text = self._decoder.decode(raw, final=final)
        return text.replace("\0", "\ufffd").encode("utf-8", errors="replace")


def _breaks(text: bytes) -> int:
    """Lines that end in it, however they end."""
    return max(text.count(b"\n"), text.count(b"\r"))


def _read(stream: IO[bytes], n: int) -> bytes:
    """That many bytes, or all there are."""
    parts, have = [], 0
    while have < n and (chunk := stream.read(n - have)):
        parts.append(chunk)
        have += len(chunk)
    return b"".join(parts)


def _encoding(head: bytes, name: str) -> str:
    """By byte-order mark; else by where NULs stand; else UTF-8 if it is that, else Windows-1252."""
    if head.startswith(codecs.BOM_UTF8):
        return "utf-8-sig"
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    even, odd = head[0::2].count(0), head[1::2].count(0)
    half = max(len(head) // 2, 1)
    if odd > 0.4 * half and even < 0.05 * half:
        return "utf-16-le"
    if even > 0.4 * half and odd < 0.05 * half:
        return "utf-16-be"
    control = sum(head.count(byte) for byte in (*range(9), *range(14, 32)))
    if control > max(0.02 * len(head), 8):
        raise InvalidInput(f"{name} is no text and no format known here: upload CSV, gzip, zip or Parquet")
    try:
        codecs.getincrementaldecoder("utf-8")().decode(head, final=len(head) < HEAD)
    except UnicodeDecodeError:
        return "cp1252"
    return "utf-8"


def _refuse_other_texts(head: str, name: str) -> None:
    start = head.lstrip("\ufeff \t\r\n").lower()
    if start.startswith(("<!doctype", "<html", "<head", "<?xml", "<body", "<table", "<script")):
        raise InvalidInput(
            f"{name} is a web page, not a table: the link probably asked to sign in; download the file itself"
        )
    if start.startswith(("{", "[{", "[[")):
        raise InvalidInput(f"{name} is JSON: upload CSV or Parquet")
    if not start:
        raise InvalidInput(f"{name} is blank: it has no rows")
