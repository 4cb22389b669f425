"""Upserts through staging on PostgreSQL: COPY in, one INSERT … ON CONFLICT over."""

from collections.abc import Sequence

import numpy as np
import pyarrow as pa

from titan_core.data.store.pool import now_microseconds
from titan_core.data.store.postgres.connections import Session
from titan_core.data.store.postgres.literals import ids_literal, instants_literal
from titan_core.data.store.records import FIELDS, WriteResult
from titan_core.data.store.rows import ActionRow, BarRows
from titan_core.data.store.writer import PriceWriter

__all__ = ["PostgresWriter"]

_INSTANT = pa.timestamp("us", "UTC")
_ANALYZE_FROM = 10_000  # rows; below, the planner's guess does
_COLUMNS = ", ".join(FIELDS)
_DIFFERS = f"({', '.join(f'p.{n}' for n in FIELDS)}) IS DISTINCT FROM ({', '.join(f's.{n}' for n in FIELDS)})"

_MAKE_STAGING = "CREATE TEMP TABLE IF NOT EXISTS staged_price (LIKE price) ON COMMIT DELETE ROWS"
_COUNT = (
    f"SELECT s.series_id, count(*), count(p.timestamp), "  # noqa: S608 - our own names
    f"count(*) FILTER (WHERE p.timestamp IS NOT NULL AND {_DIFFERS}) FROM pg_temp.staged_price s "
    "LEFT JOIN price p ON p.series_id = s.series_id AND p.timestamp = s.timestamp GROUP BY s.series_id"
)
# a clock that stands still or goes back must not lose a value: the next revision of a bar is later than the last
_KEEP = (
    f"INSERT INTO price_revision (series_id, timestamp, revised_at, {_COLUMNS}) "  # noqa: S608 - our own names
    "SELECT p.series_id, p.timestamp, greatest({now}, (SELECT max(r.revised_at) + interval '1 microsecond' "
    "FROM price_revision r WHERE r.series_id = p.series_id AND r.timestamp = p.timestamp)), "
    f"{', '.join(f'p.{name}' for name in FIELDS)} FROM pg_temp.staged_price s "
    f"JOIN price p ON p.series_id = s.series_id AND p.timestamp = s.timestamp WHERE {_DIFFERS}"
)
_MERGE = (
    f"INSERT INTO price AS p (series_id, timestamp, {_COLUMNS}) "  # noqa: S608 - our own names
    f"SELECT series_id, timestamp, {_COLUMNS} FROM pg_temp.staged_price ORDER BY series_id, timestamp "
    f"ON CONFLICT (series_id, timestamp) DO UPDATE SET {', '.join(f'{n} = excluded.{n}' for n in FIELDS)} "
    f"WHERE {_DIFFERS.replace('s.', 'excluded.')}"
)


class PostgresWriter(PriceWriter):
    """Writes within one transaction, in which no other store writes."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def _put_bars(self, rows: BarRows) -> dict[int, WriteResult]:
        taken = self._taken(rows)
        # where the window is still empty, as in every first load, there is nothing to compare with: staging
        # would only double the work
        fresh = rows.of(~taken)
        if fresh.n_rows:
            self._session.copy("price", _as_arrow(fresh))
        done = {
            key: WriteResult(count, 0, 0)
            for key, count in zip(fresh.series.tolist(), fresh.counts.tolist(), strict=True)
        }
        return done | (self._merge(rows.of(taken)) if taken.any() else {})

    def _taken(self, rows: BarRows) -> "np.ndarray[tuple[int], np.dtype[np.bool_]]":
        """Which series have a bar between the first and last of their rows."""
        ids, firsts, lasts = zip(*rows.spans, strict=True)
        # a limit inside: one look at the key a series, however the planner thinks of the table
        found = self._session.rows(
            f"SELECT w.id FROM unnest({ids_literal(ids)}, {instants_literal(firsts)}, "  # noqa: S608 - whole numbers, instants
            f"{instants_literal(lasts)}) AS w (id, first, last) CROSS JOIN LATERAL (SELECT 1 FROM price p "
            "WHERE p.series_id = w.id AND p.timestamp BETWEEN w.first AND w.last LIMIT 1) AS there"
        )
        return np.isin(rows.series, np.array([key for (key,) in found], np.int64))

    def _merge(self, rows: BarRows) -> dict[int, WriteResult]:
        """Stage the rows, count what they would do, keep what they replace, and put them in."""
        session = self._session
        session.run(_MAKE_STAGING)
        session.run("TRUNCATE pg_temp.staged_price")
        session.copy("staged_price", _as_arrow(rows), temporary=True)
        if rows.n_rows >= _ANALYZE_FROM:
            session.run("ANALYZE pg_temp.staged_price")
        results = {
            key: WriteResult(n_rows - existing, changed, existing - changed)
            for key, n_rows, existing, changed in session.rows(_COUNT)
        }
        if any(result.changed for result in results.values()):
            now = np.datetime64(now_microseconds(), "us")
            session.run(_KEEP.format(now=f"'{now}Z'::timestamptz"))
        if any(result.inserted or result.changed for result in results.values()):
            session.run(_MERGE)
        return results

    def _stored_actions(self, series_id: int) -> dict[tuple[int, str], float]:
        table = self._session.table(
            f"SELECT timestamp, kind, value FROM corporate_action WHERE series_id = {series_id}"  # noqa: S608 - a whole number
        )
        columns = (table.column(0).cast(pa.int64()), table.column(1), table.column(2))
        rows = zip(*(column.to_pylist() for column in columns), strict=True)
        return {(time, kind): value for time, kind, value in rows}

    def _put_actions(self, rows: Sequence[ActionRow]) -> None:
        session = self._session
        session.run(
            "CREATE TEMP TABLE IF NOT EXISTS staged_action (LIKE corporate_action) ON COMMIT DELETE ROWS"
        )
        session.run("TRUNCATE pg_temp.staged_action")
        series, times, kinds, values = zip(*rows, strict=True)
        staged = pa.table(
            {
                "series_id": pa.array(series, pa.int64()),
                "timestamp": pa.array(times, pa.int64()).cast(_INSTANT),
                "kind": pa.array(kinds, pa.string()),
                "value": pa.array(values, pa.float64()),
            }
        )
        session.copy("staged_action", staged, temporary=True)
        session.run(
            "INSERT INTO corporate_action SELECT series_id, timestamp, kind, value FROM pg_temp.staged_action "
            "ON CONFLICT (series_id, timestamp, kind) DO UPDATE SET value = excluded.value"
        )


def _as_arrow(rows: BarRows) -> pa.Table:
    """Rows as COPY takes them: NaN as NULL, absent columns left out."""
    columns = {
        "series_id": pa.array(rows.series_ids, pa.int64()),
        "timestamp": pa.array(rows.times, pa.int64()).cast(_INSTANT),
    }
    for name, values in rows.columns.items():
        columns[name] = pa.array(values, pa.float64(), from_pandas=True)
    return pa.table(columns)
