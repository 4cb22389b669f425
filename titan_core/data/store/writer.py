"""Writing bars and actions inside one transaction: upserts through staging that count what they did."""

import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import repeat

import numpy.typing as npt

from titan_core.data.store.rows import action_rows, as_bar_columns, as_microseconds
from titan_core.data.store.schema import FIELDS

__all__ = ["PriceWriter", "WriteResult"]

_COLUMNS = ", ".join(FIELDS)
_DIFFERS = " OR ".join(f"p.{name} IS NOT s.{name}" for name in FIELDS)  # IS NOT: NULL equals NULL

_ANY_BAR = "SELECT 1 FROM price WHERE series_id = ? AND timestamp BETWEEN ? AND ? LIMIT 1"
_INSERT = f"INSERT INTO price (series_id, timestamp, {_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?)"  # noqa: S608 - our own names
_MAKE_STAGING = (
    "CREATE TEMP TABLE IF NOT EXISTS staged_price "
    "(timestamp INTEGER PRIMARY KEY, open REAL, high REAL, low REAL, close REAL, volume REAL)"
)
_STAGE = f"INSERT INTO temp.staged_price (timestamp, {_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?)"  # noqa: S608 - our own names
_COUNT = (
    f"SELECT count(p.timestamp), coalesce(sum(p.timestamp IS NOT NULL AND ({_DIFFERS})), 0) "  # noqa: S608 - our own names
    "FROM temp.staged_price s LEFT JOIN price p ON p.series_id = ? AND p.timestamp = s.timestamp"
)
_MERGE = (
    f"INSERT INTO price AS p (series_id, timestamp, {_COLUMNS}) "  # noqa: S608 - our own names
    f"SELECT ?, timestamp, {_COLUMNS} FROM temp.staged_price WHERE true ORDER BY timestamp "
    f"ON CONFLICT (series_id, timestamp) DO UPDATE SET {', '.join(f'{n} = excluded.{n}' for n in FIELDS)} "
    f"WHERE {' OR '.join(f'p.{n} IS NOT excluded.{n}' for n in FIELDS)}"
)
_OLD_ACTION = "SELECT value FROM corporate_action WHERE series_id = ? AND timestamp = ? AND kind = ?"
_PUT_ACTION = (
    "INSERT OR REPLACE INTO corporate_action (series_id, timestamp, kind, value) VALUES (?, ?, ?, ?)"
)


@dataclass(frozen=True, slots=True)
class WriteResult:
    """What became of the rows of a write: each was new, replaced other values, or was there already."""

    inserted: int
    changed: int
    unchanged: int

    def __add__(self, other: "WriteResult") -> "WriteResult":
        return WriteResult(
            self.inserted + other.inserted, self.changed + other.changed, self.unchanged + other.unchanged
        )


class PriceWriter:
    """Writes within the transaction its maker opened; nothing is kept before that transaction ends well."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def write(
        self,
        series_id: int,
        timestamps: npt.ArrayLike,
        *,
        open: npt.ArrayLike | None = None,  # noqa: A002 - the field's own name
        high: npt.ArrayLike | None = None,
        low: npt.ArrayLike | None = None,
        close: npt.ArrayLike | None,
        volume: npt.ArrayLike | None = None,
    ) -> WriteResult:
        """As `SqlitePriceStore.write`, in this transaction."""
        given = {"open": open, "high": high, "low": low, "close": close, "volume": volume}
        instants, times = as_microseconds(timestamps)
        columns = as_bar_columns(instants, given)
        if not times:
            return WriteResult(0, 0, 0)
        execute, executemany = self._connection.execute, self._connection.executemany
        if execute(_ANY_BAR, (series_id, min(times), max(times))).fetchone() is None:
            # nothing to compare with, as in every first load: staging would only double the work
            executemany(_INSERT, zip(repeat(series_id), times, *columns, strict=False))
            return WriteResult(len(times), 0, 0)
        execute(_MAKE_STAGING)
        execute("DELETE FROM temp.staged_price")
        executemany(_STAGE, zip(times, *columns, strict=True))
        existing, changed = execute(_COUNT, (series_id,)).fetchone()
        if changed or existing < len(times):
            execute(_MERGE, (series_id,))
        execute("DELETE FROM temp.staged_price")
        return WriteResult(len(times) - existing, changed, existing - changed)

    def write_actions(
        self, series_id: int, timestamps: npt.ArrayLike, kinds: Sequence[str], values: npt.ArrayLike
    ) -> WriteResult:
        """As `SqlitePriceStore.write_actions`, in this transaction."""
        inserted = changed = unchanged = 0
        for row in action_rows(series_id, timestamps, kinds, values):
            old = self._connection.execute(_OLD_ACTION, row[:3]).fetchone()
            if old is None:
                inserted += 1
            elif old[0] == row[3]:
                unchanged += 1
                continue
            else:
                changed += 1
            self._connection.execute(_PUT_ACTION, row)
        return WriteResult(inserted, changed, unchanged)
