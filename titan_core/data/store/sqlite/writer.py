"""Upserts through staging on SQLite."""

import sqlite3
from collections.abc import Iterator, Sequence
from itertools import repeat
from typing import Any

import numpy as np

from titan_core.data.store.pool import now_microseconds
from titan_core.data.store.records import FIELDS, WriteResult
from titan_core.data.store.rows import ActionRow, BarRows
from titan_core.data.store.writer import PriceWriter

__all__ = ["SqliteWriter"]

_CHUNK = 20_000  # rows turned into Python numbers at a time: memory stays small, and near
_COLUMNS = ", ".join(FIELDS)
_DIFFERS = " OR ".join(f"p.{name} IS NOT s.{name}" for name in FIELDS)  # IS NOT: NULL equals NULL

_ANY_BAR = "SELECT 1 FROM price WHERE series_id = ? AND timestamp BETWEEN ? AND ? LIMIT 1"
_INSERT = f"INSERT INTO price (series_id, timestamp, {_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?)"  # noqa: S608 - our own names
_MAKE_STAGING = (
    "CREATE TEMP TABLE IF NOT EXISTS staged_price (series_id INTEGER, timestamp INTEGER, "
    "open REAL, high REAL, low REAL, close REAL, volume REAL, PRIMARY KEY (series_id, timestamp)) WITHOUT ROWID"
)
_STAGE = f"INSERT INTO temp.staged_price (series_id, timestamp, {_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?)"  # noqa: S608 - our own names
_COUNT = (
    f"SELECT s.series_id, count(*), count(p.timestamp), "  # noqa: S608 - our own names
    f"coalesce(sum(p.timestamp IS NOT NULL AND ({_DIFFERS})), 0) "
    "FROM temp.staged_price s LEFT JOIN price p ON p.series_id = s.series_id AND p.timestamp = s.timestamp "
    "GROUP BY s.series_id"
)
# a clock that stands still or goes back must not lose a value: the next revision of a bar is later than the last
_KEEP = (
    f"INSERT INTO price_revision (series_id, timestamp, revised_at, {_COLUMNS}) "  # noqa: S608 - our own names
    "SELECT p.series_id, p.timestamp, max(?1, coalesce((SELECT max(r.revised_at) + 1 FROM price_revision r "
    "WHERE r.series_id = p.series_id AND r.timestamp = p.timestamp), ?1)), "
    f"{', '.join(f'p.{name}' for name in FIELDS)} FROM temp.staged_price s "
    f"JOIN price p ON p.series_id = s.series_id AND p.timestamp = s.timestamp WHERE {_DIFFERS}"
)
_MERGE = (
    f"INSERT INTO price AS p (series_id, timestamp, {_COLUMNS}) "  # noqa: S608 - our own names
    f"SELECT series_id, timestamp, {_COLUMNS} FROM temp.staged_price WHERE true ORDER BY series_id, timestamp "
    f"ON CONFLICT (series_id, timestamp) DO UPDATE SET {', '.join(f'{n} = excluded.{n}' for n in FIELDS)} "
    f"WHERE {' OR '.join(f'p.{n} IS NOT excluded.{n}' for n in FIELDS)}"
)
_ACTIONS = "SELECT timestamp, kind, value FROM corporate_action WHERE series_id = ?"
_PUT_ACTION = (
    "INSERT OR REPLACE INTO corporate_action (series_id, timestamp, kind, value) VALUES (?, ?, ?, ?)"
)


class SqliteWriter(PriceWriter):
    """Writes within one transaction of a file."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def _put_bars(self, rows: BarRows) -> dict[int, WriteResult]:
        execute = self._connection.execute
        taken = np.array([execute(_ANY_BAR, span).fetchone() is not None for span in rows.spans], np.bool_)
        # where the window is still empty, as in every first load, there is nothing to compare with: staging
        # would only double the work
        fresh = rows.of(~taken)
        self._connection.executemany(_INSERT, _as_tuples(fresh))
        done = {
            key: WriteResult(count, 0, 0)
            for key, count in zip(fresh.series.tolist(), fresh.counts.tolist(), strict=True)
        }
        return done | (self._merge(rows.of(taken)) if taken.any() else {})

    def _merge(self, rows: BarRows) -> dict[int, WriteResult]:
        """Stage the rows, count what they would do, keep what they replace, and put them in."""
        execute = self._connection.execute
        execute(_MAKE_STAGING)
        execute("DELETE FROM temp.staged_price")
        self._connection.executemany(_STAGE, _as_tuples(rows))
        results = {
            key: WriteResult(n_rows - existing, changed, existing - changed)
            for key, n_rows, existing, changed in execute(_COUNT)
        }
        if any(result.changed for result in results.values()):
            execute(_KEEP, (now_microseconds(),))
        if any(result.inserted or result.changed for result in results.values()):
            execute(_MERGE)
        execute("DELETE FROM temp.staged_price")
        return results

    def _stored_actions(self, series_id: int) -> dict[tuple[int, str], float]:
        found = self._connection.execute(_ACTIONS, (series_id,))
        return {(time, kind): value for time, kind, value in found}

    def _put_actions(self, rows: Sequence[ActionRow]) -> None:
        self._connection.executemany(_PUT_ACTION, rows)


def _as_tuples(rows: BarRows) -> Iterator[tuple[Any, ...]]:
    """Rows as Python numbers; SQLite stores a NaN as NULL."""
    ids = rows.series_ids
    arrays = [rows.columns.get(name) for name in FIELDS]
    for at in range(0, rows.n_rows, _CHUNK):
        part = slice(at, at + _CHUNK)
        lists = [repeat(None) if array is None else array[part].tolist() for array in arrays]
        yield from zip(ids[part].tolist(), rows.times[part].tolist(), *lists, strict=False)
