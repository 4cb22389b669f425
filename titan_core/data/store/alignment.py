"""Series of unequal histories laid on one time axis."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np

from titan_core.data.arrays import frozen
from titan_core.data.instants import Instants
from titan_core.types import Float1D, Float2D, Int1D

__all__ = ["SeriesColumns", "Window", "aligned"]

Window: TypeAlias = tuple[np.datetime64 | None, np.datetime64 | None]


@dataclass(frozen=True, slots=True)
class SeriesColumns:
    """One series as read: rising times (microseconds since 1970 UTC) and one column a field, NaN where NULL."""

    times: Int1D
    fields: dict[str, Float1D]


def aligned(columns: Sequence[SeriesColumns], fields: Sequence[str]) -> tuple[Instants, dict[str, Float2D]]:
    """The union of the instants, and for each field a matrix (n_bars, n_series), NaN where a series has none."""
    axis = _union([column.times for column in columns])
    matrices = {name: np.empty((axis.size, len(columns)), order="F") for name in fields}
    for j, column in enumerate(columns):
        # the usual case, a bar at every instant, needs no search
        whole = column.times.size == axis.size
        rows = slice(None) if whole else np.searchsorted(axis, column.times)
        for name in fields:
            if not whole:
                matrices[name][:, j] = np.nan
            matrices[name][rows, j] = column.fields[name]
    return frozen(axis.view("datetime64[us]")), {name: frozen(m) for name, m in matrices.items()}


def _union(axes: list[Int1D]) -> Int1D:
    """Sorted union of sorted axes; cheap where most are the longest, or lie inside it."""
    union = max(axes, key=len, default=np.empty(0, np.int64))
    for axis in axes:
        if axis.size == union.size and np.array_equal(axis, union):
            continue
        at = np.searchsorted(union, axis)
        if at.size and (at[-1] >= union.size or (union[at] != axis).any()):
            union = np.union1d(union, axis)
    return np.ascontiguousarray(union)
