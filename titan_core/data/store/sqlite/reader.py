"""Reading series from SQLite straight into numpy."""

import sqlite3
from collections.abc import Iterable, Mapping, Sequence

import numpy as np

from titan_core.data.actions import CorporateAction
from titan_core.data.store.alignment import SeriesColumns, Window
from titan_core.data.store.reader import PriceReader
from titan_core.data.store.records import FIELDS, Coverage, Revisions

__all__ = ["SqliteReader"]

_FOREVER = (-(2**63), 2**63 - 1)
_IDS_A_QUERY = 500  # well below SQLite's smallest limit on parameters
_COVERAGE = (
    "SELECT series_id, count(*), min(timestamp), max(timestamp) FROM price "
    "WHERE series_id IN (?) GROUP BY series_id"
)
_ACTIONS = (
    "SELECT timestamp, kind, value FROM corporate_action "
    "WHERE series_id = ? AND timestamp BETWEEN ? AND ? ORDER BY timestamp, kind"
)
_REVISIONS = (
    f"SELECT timestamp, revised_at, {', '.join(FIELDS)} FROM price_revision "  # noqa: S608 - our own names
    "WHERE series_id = ? ORDER BY timestamp, revised_at"
)


class SqliteReader(PriceReader):
    """Queries of one snapshot of a file."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def columns(
        self, series_ids: Sequence[int], fields: Sequence[str], window: Window
    ) -> list[SeriesColumns]:
        """Each series' bars inside the window; one query a series, for the key is the table."""
        query = (
            f"SELECT timestamp, {', '.join(fields)} FROM price "  # noqa: S608 - the caller's names are the schema's
            "WHERE series_id = ? AND timestamp BETWEEN ? AND ? ORDER BY timestamp"
        )
        bounds = _microseconds(window)
        return [self._series(query, (key, *bounds), fields) for key in series_ids]

    def latest(self, series_ids: Sequence[int], fields: Sequence[str], n_bars: int) -> list[SeriesColumns]:
        """Each series' last bars, read from the end of its key."""
        names = f"timestamp, {', '.join(fields)}"
        query = (
            f"SELECT * FROM (SELECT {names} FROM price WHERE series_id = ? "  # noqa: S608 - the caller's names are the schema's
            "ORDER BY timestamp DESC LIMIT ?) ORDER BY timestamp"
        )
        return [self._series(query, (key, n_bars), fields) for key in series_ids]

    def _series(self, query: str, values: tuple[int, ...], fields: Sequence[str]) -> SeriesColumns:
        """One series' rows as columns."""
        kind = np.dtype([("timestamp", np.int64), *((name, np.float64) for name in fields)])
        rows = np.fromiter(self._connection.execute(query, values), kind)
        return SeriesColumns(np.ascontiguousarray(rows["timestamp"]), {name: rows[name] for name in fields})

    def actions(self, series: Mapping[str, int], window: Window) -> tuple[CorporateAction, ...]:
        """Corporate actions of the series inside the window."""
        bounds = _microseconds(window)
        return tuple(
            CorporateAction(symbol, np.datetime64(time, "us"), kind, value)
            for symbol, key in series.items()
            for time, kind, value in self._connection.execute(_ACTIONS, (key, *bounds))
        )

    def coverage(self, series_ids: Iterable[int]) -> dict[int, Coverage]:
        """Coverage of every series asked for, known or not."""
        found = {int(key): Coverage(0, None, None) for key in series_ids}
        keys = list(found)
        for at in range(0, len(keys), _IDS_A_QUERY):
            chunk = keys[at : at + _IDS_A_QUERY]
            query = _COVERAGE.replace("?", ", ".join("?" * len(chunk)))
            for key, n_bars, first, last in self._connection.execute(query, chunk):
                found[key] = Coverage(n_bars, np.datetime64(first, "us"), np.datetime64(last, "us"))
        return found

    def revisions(self, series_id: int) -> Revisions:
        """Superseded values of a series."""
        kind = np.dtype([("at", np.int64), ("until", np.int64), *((name, np.float64) for name in FIELDS)])
        rows = np.fromiter(self._connection.execute(_REVISIONS, (series_id,)), kind)
        bars, changes = (np.ascontiguousarray(rows[name]).view("datetime64[us]") for name in ("at", "until"))
        return Revisions(bars, changes, *(np.ascontiguousarray(rows[name]) for name in FIELDS))

    def n_writes(self) -> int:
        """The count, 0 before the first."""
        row = self._connection.execute("SELECT count FROM price_writes WHERE id = 1").fetchone()
        return int(row[0]) if row else 0


def _microseconds(window: Window) -> tuple[int, int]:
    first, last = window
    return (
        _FOREVER[0] if first is None else int(first.astype(np.int64)),
        _FOREVER[1] if last is None else int(last.astype(np.int64)),
    )
