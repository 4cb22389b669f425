"""Rows on their way: columns of one batch, every cell a number, a day or a symbol's code."""

from dataclasses import dataclass, fields, replace

import numpy as np

from titan_core.types import BoolArray, Float1D, Int1D

__all__ = ["NUMBERS", "Batch"]

NUMBERS = ("open", "high", "low", "close", "volume", "adjusted", "dividend", "split")


@dataclass(frozen=True, slots=True)
class Batch:
    """Rows of a file, in its order.

    Attributes
    ----------
    row : ndarray of shape (n,), int64, line of the file
    code : ndarray of shape (n,), int64, position of the symbol in the reader's ``symbols``
    day : ndarray of shape (n,), int64, exchange day, days since 1970
    time : ndarray of shape (n,), int64, microseconds after midnight where the file gives a time of day, else 0
    open, high, low, close, volume, adjusted, dividend, split : ndarray of shape (n,), float64
        NaN = the cell is empty, or the file has no such column.
    """

    row: Int1D
    code: Int1D
    day: Int1D
    time: Int1D
    open: Float1D
    high: Float1D
    low: Float1D
    close: Float1D
    volume: Float1D
    adjusted: Float1D
    dividend: Float1D
    split: Float1D

    @property
    def n_rows(self) -> int:
        """Number of rows."""
        return self.row.size

    def take(self, rows: Int1D | BoolArray) -> "Batch":
        """These rows only."""
        return Batch(*(getattr(self, field.name)[rows] for field in fields(self)))

    def with_prices(self, **columns: Float1D) -> "Batch":
        """The same rows with other numbers."""
        return replace(self, **columns)  # type: ignore[arg-type]  # numbers only; mypy sees all fields

    @classmethod
    def join(cls, batches: "list[Batch]") -> "Batch":
        """One after the other."""
        return cls(*(np.concatenate([getattr(b, field.name) for b in batches]) for field in fields(cls)))
