"""Rows put down on disk by symbol, so that a file of any size and order is checked in bounded memory."""

import errno
import shutil
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import fields
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from titan_core.data.files.batches import Batch
from titan_core.data.files.reader import BarFile
from titan_core.errors import InvalidInput, StoreError

__all__ = ["BUCKET_ROWS", "MAX_ROWS_A_SYMBOL", "Spool"]

BUCKET_ROWS = 2_000_000  # about 190 MB of numbers, and as much again while they are sorted
MAX_ROWS_A_SYMBOL = 100_000  # days since the first exchange
_NAMES = tuple(field.name for field in fields(Batch))
_INTEGERS = {"row", "code", "day", "time"}
_SCHEMA = pa.schema([(name, pa.int64() if name in _INTEGERS else pa.float64()) for name in _NAMES])


class Spool:
    """Buckets of rows in a folder; all rows of a symbol are in one bucket, in the order of the file.

    Parameters
    ----------
    folder : made where it is missing, emptied first
    n_buckets : how many; the same number and file give the same buckets
    """

    def __init__(self, folder: Path, n_buckets: int) -> None:
        self._folder, self.n_buckets = folder, n_buckets
        shutil.rmtree(folder, ignore_errors=True)

    @classmethod
    def for_file(cls, folder: Path, file: BarFile) -> "Spool":
        """A spool with room for all rows of a file."""
        return cls(folder, 1 + file.estimated_rows() // BUCKET_ROWS)

    def fill(self, file: BarFile) -> None:
        """Put down every row of a file.

        Raises
        ------
        InvalidInput
            As the file does; also a symbol with more rows than there have been days.
        StoreError
            The disk is full.
        """
        counts = np.zeros(1, np.int64)
        try:
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            with ExitStack() as stack:
                writers = [
                    stack.enter_context(pa.ipc.new_stream(str(self._path(i)), _SCHEMA))
                    for i in range(self.n_buckets)
                ]
                for batch in file:
                    counts = _counted(counts, batch, file.symbols)
                    self._put(batch, writers)
        except OSError as error:
            full = error.errno in (errno.ENOSPC, errno.EDQUOT)
            cause = "the disk is full: free some space" if full else str(error.strerror or error)
            raise StoreError(f"{file.name} was not read: {cause}") from error

    def buckets(self, skip: frozenset[int] = frozenset()) -> Iterator[tuple[int, Batch]]:
        """Number and rows of each bucket that has any."""
        for i in range(self.n_buckets):
            if i in skip:
                continue
            with pa.OSFile(str(self._path(i))) as source:
                table = pa.ipc.open_stream(source).read_all()
            if table.num_rows:
                yield i, Batch(*(np.asarray(table.column(name).to_numpy()) for name in _NAMES))

    def clear(self) -> None:
        """Delete it all."""
        shutil.rmtree(self._folder, ignore_errors=True)

    def _put(self, batch: Batch, writers: list[Any]) -> None:
        if self.n_buckets == 1:
            writers[0].write_batch(_arrow(batch))
            return
        bucket = batch.code % self.n_buckets
        for i in np.unique(bucket).tolist():
            writers[i].write_batch(_arrow(batch.take(bucket == i)))

    def _path(self, i: int) -> Path:
        return self._folder / f"bucket-{i}.arrows"


def _arrow(batch: Batch) -> Any:
    return pa.record_batch([pa.array(getattr(batch, name)) for name in _NAMES], schema=_SCHEMA)


def _counted(counts: Any, batch: Batch, symbols: list[str]) -> Any:
    """Rows by symbol so far; refuses a symbol that has too many before the disk is full of them."""
    if not batch.n_rows:
        return counts
    here = np.bincount(batch.code, minlength=counts.size)
    here[: counts.size] += counts
    if here.max() > MAX_ROWS_A_SYMBOL:
        code = int(np.argmax(here))
        raise InvalidInput(
            f"{symbols[code]} has more than {MAX_ROWS_A_SYMBOL:,} rows, more than there have been trading days: this "
            "release stores daily bars; bring intraday bars down to one a day first"
        )
    return here
