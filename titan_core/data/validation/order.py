"""The order and uniqueness of one symbol's days."""

from bisect import bisect_right

import numpy as np

from titan_core.data.files.batches import Batch
from titan_core.types import BoolArray, Int1D

__all__ = ["SHUFFLED_SHARE", "disorder", "duplicates"]

SHUFFLED_SHARE = 0.2  # with more rows out of place than this, the order of a file says nothing


def disorder(code: Int1D, day: Int1D) -> tuple[BoolArray, Int1D]:
    """Rows out of place, and the codes of symbols in no order at all.

    A symbol's rows may run forwards or backwards, whichever more of its steps do. Those out of place are the fewest
    whose removal leaves the rest in order. Where that is more than `SHUFFLED_SHARE` of them none is, and the symbol
    is called shuffled.

    Parameters
    ----------
    code, day : ndarray of shape (n,), in the order of the file within each code, codes together

    Returns
    -------
    out : ndarray of shape (n,), bool
    shuffled : ndarray of codes
    """
    out = np.zeros(code.size, np.bool_)
    if code.size < 2:
        return out, np.empty(0, np.int64)
    same = code[1:] == code[:-1]
    step = np.diff(day)
    size = int(code.max()) + 1
    down = np.bincount(code[1:][same & (step < 0)], minlength=size)
    up = np.bincount(code[1:][same & (step > 0)], minlength=size)
    shuffled = []
    for one in np.flatnonzero((down > 0) & (up > 0)):
        rows = np.arange(*np.searchsorted(code, [one, one + 1]))
        days = day[rows] if up[one] >= down[one] else -day[rows]
        kept = _longest_rising(days)
        if rows.size - kept.size > SHUFFLED_SHARE * rows.size:
            shuffled.append(int(one))
        else:
            out[np.setdiff1d(rows, rows[kept], assume_unique=True)] = True
    return out, np.array(shuffled, np.int64)


def _longest_rising(days: Int1D) -> Int1D:
    """Positions of a longest subsequence that never falls (Fredman 1975), the last of the equally long."""
    tails: list[int] = []  # smallest last day of a rising run of each length
    tail_at: list[int] = []
    before = np.full(days.size, -1, np.int64)
    for i, value in enumerate(days.tolist()):
        length = bisect_right(tails, value)
        if length:
            before[i] = tail_at[length - 1]
        if length == len(tails):
            tails.append(value)
            tail_at.append(i)
        else:
            tails[length], tail_at[length] = value, i
    found = np.empty(len(tails), np.int64)
    at = tail_at[-1]
    for position in range(len(tails) - 1, -1, -1):
        found[position] = at
        at = int(before[at])
    return found


def duplicates(batch: Batch) -> tuple[BoolArray, BoolArray]:
    """Rows that repeat their symbol's day word for word, and rows of days that are told in two ways.

    Parameters
    ----------
    batch : sorted by code, day and row

    Returns
    -------
    repeated : the second and later of equal rows
    conflicting : every row of a day of which two rows differ
    """
    n = batch.n_rows
    repeated, conflicting = np.zeros(n, np.bool_), np.zeros(n, np.bool_)
    again = np.zeros(n, np.bool_)
    again[1:] = (batch.code[1:] == batch.code[:-1]) & (batch.day[1:] == batch.day[:-1])
    if not again.any():
        return repeated, conflicting
    first = np.maximum.accumulate(np.where(again, 0, np.arange(n)))
    equal = np.ones(n, np.bool_)
    for name in ("open", "high", "low", "close", "volume", "adjusted", "dividend", "split"):
        values = getattr(batch, name)
        equal &= (values == values[first]) | (np.isnan(values) & np.isnan(values[first]))
    differs = np.zeros(n, np.bool_)
    differs[first[again & ~equal]] = True
    conflicting = differs[first] & (again | differs)
    return again & ~conflicting, conflicting
