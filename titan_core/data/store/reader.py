"""Reading series straight into numpy and laying them on one time axis."""

import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from titan_core.data.actions import CorporateAction
from titan_core.data.arrays import frozen
from titan_core.data.instants import Instants
from titan_core.types import Float2D, Int1D

__all__ = ["Coverage", "Window", "read_actions", "read_aligned", "read_coverage"]

Window = tuple[np.datetime64 | None, np.datetime64 | None]

_FOREVER = (-(2**63), 2**63 - 1)
_IDS_A_QUERY = 500  # well below SQLite's smallest limit on parameters
_COVERAGE = (
    "SELECT series_id, count(*), min(timestamp), max(timestamp) FROM price "
    "WHERE series_id IN (?) GROUP BY series_id"
)


@dataclass(frozen=True, slots=True)
class Coverage:
    """How many bars a series has, and from when to when (UTC; None where it has none)."""

    n_bars: int
    first: np.datetime64 | None
    last: np.datetime64 | None


def read_aligned(
    connection: sqlite3.Connection, series: Mapping[str, int], fields: Sequence[str], window: Window
) -> tuple[Instants, dict[str, Float2D]]:
    """All bars of the series inside the window on the union of their instants, NaN where one has none."""
    query = (
        f"SELECT timestamp, {', '.join(fields)} FROM price "  # noqa: S608 - the caller's names are the schema's
        "WHERE series_id = ? AND timestamp BETWEEN ? AND ? ORDER BY timestamp"
    )
    kind = np.dtype([("timestamp", np.int64), *((name, np.float64) for name in fields)])
    bounds = _microseconds(window)
    columns = [np.fromiter(connection.execute(query, (key, *bounds)), kind) for key in series.values()]
    axis = _union([column["timestamp"] for column in columns])
    matrices = {name: np.full((axis.size, len(columns)), np.nan, order="F") for name in fields}
    for j, column in enumerate(columns):
        # the usual case, a bar at every instant, needs no search
        rows = slice(None) if column.size == axis.size else np.searchsorted(axis, column["timestamp"])
        for name in fields:
            matrices[name][rows, j] = column[name]
    return frozen(axis.view("datetime64[us]")), {name: frozen(m) for name, m in matrices.items()}


def read_actions(
    connection: sqlite3.Connection, series: Mapping[str, int], window: Window
) -> tuple[CorporateAction, ...]:
    """Corporate actions of the series inside the window."""
    query = (
        "SELECT timestamp, kind, value FROM corporate_action "
        "WHERE series_id = ? AND timestamp BETWEEN ? AND ? ORDER BY timestamp, kind"
    )
    bounds = _microseconds(window)
    return tuple(
        CorporateAction(symbol, np.datetime64(time, "us"), kind, value)
        for symbol, key in series.items()
        for time, kind, value in connection.execute(query, (key, *bounds))
    )


def read_coverage(connection: sqlite3.Connection, series_ids: Iterable[int]) -> dict[int, Coverage]:
    """Coverage of every series asked for, known or not."""
    found = {key: Coverage(0, None, None) for key in series_ids}
    keys = list(found)
    for at in range(0, len(keys), _IDS_A_QUERY):
        chunk = keys[at : at + _IDS_A_QUERY]
        query = _COVERAGE.replace("?", ", ".join("?" * len(chunk)))
        for key, n_bars, first, last in connection.execute(query, chunk):
            found[key] = Coverage(n_bars, np.datetime64(first, "us"), np.datetime64(last, "us"))
    return found


def _microseconds(window: Window) -> tuple[int, int]:
    first, last = window
    return (
        _FOREVER[0] if first is None else int(first.astype(np.int64)),
        _FOREVER[1] if last is None else int(last.astype(np.int64)),
    )


def _union(axes: list[Int1D]) -> Int1D:
    """Sorted union of sorted axes; cheap where most lie inside the longest."""
    union = max(axes, key=len, default=np.empty(0, np.int64))
    for axis in axes:
        at = np.searchsorted(union, axis)
        if at.size and (at[-1] >= union.size or (union[at] != axis).any()):
            union = np.union1d(union, axis)
    return np.ascontiguousarray(union)
