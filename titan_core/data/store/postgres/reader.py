"""Reading series from PostgreSQL as Arrow columns, binary all the way."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
import pyarrow as pa

from titan_core.data.actions import CorporateAction
from titan_core.data.store.alignment import SeriesColumns, Window
from titan_core.data.store.postgres.connections import Session
from titan_core.data.store.postgres.literals import ids_literal, instant_literal
from titan_core.data.store.reader import PriceReader
from titan_core.data.store.records import FIELDS, Coverage, Revisions
from titan_core.types import Float1D, Int1D

__all__ = ["PostgresReader"]


class PostgresReader(PriceReader):
    """Queries of one snapshot of a database."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def columns(
        self, series_ids: Sequence[int], fields: Sequence[str], window: Window
    ) -> list[SeriesColumns]:
        """Each series' bars inside the window, all in one query."""
        table = self._session.table(
            f"SELECT series_id, timestamp, {', '.join(fields)} FROM price "  # noqa: S608 - names of the schema, whole numbers
            f"WHERE {_where(series_ids, window)} ORDER BY series_id, timestamp"
        )
        return _by_series(table, series_ids, fields)

    def latest(self, series_ids: Sequence[int], fields: Sequence[str], n_bars: int) -> list[SeriesColumns]:
        """Each series' last bars: one look at the end of its key, in one query."""
        table = self._session.table(
            f"SELECT w.id, p.timestamp, {', '.join(f'p.{name}' for name in fields)} "  # noqa: S608 - names of the schema, whole numbers
            f"FROM unnest({ids_literal(sorted(set(series_ids)))}) AS w (id) CROSS JOIN LATERAL (SELECT * FROM price "
            f"WHERE series_id = w.id ORDER BY timestamp DESC LIMIT {int(n_bars)}) AS p ORDER BY w.id, p.timestamp"
        )
        return _by_series(table, series_ids, fields)

    def actions(self, series: Mapping[str, int], window: Window) -> tuple[CorporateAction, ...]:
        """Corporate actions of the series inside the window."""
        symbols: dict[int, list[str]] = {}
        for symbol, key in series.items():
            symbols.setdefault(key, []).append(symbol)
        table = self._session.table(
            "SELECT series_id, timestamp, kind, value FROM corporate_action "  # noqa: S608 - whole numbers
            f"WHERE {_where(symbols, window)} ORDER BY series_id, timestamp, kind"
        )
        columns = (
            _integers(table.column(0)).tolist(),
            _integers(table.column(1)).view("datetime64[us]"),
            table.column(2).to_pylist(),
            _floats(table.column(3)).tolist(),
        )
        return tuple(
            CorporateAction(symbol, time, kind, value)
            for key, time, kind, value in zip(*columns, strict=True)
            for symbol in symbols[key]
        )

    def coverage(self, series_ids: Iterable[int]) -> dict[int, Coverage]:
        """Coverage of every series asked for, known or not."""
        found = {int(key): Coverage(0, None, None) for key in series_ids}
        table = self._session.table(
            "SELECT series_id, count(*), min(timestamp), max(timestamp) FROM price "  # noqa: S608 - whole numbers
            f"WHERE {_where(found, (None, None))} GROUP BY series_id"
        )
        ids, counts = _integers(table.column(0)).tolist(), _integers(table.column(1)).tolist()
        firsts, lasts = (_integers(table.column(i)).view("datetime64[us]") for i in (2, 3))
        for key, n_bars, first, last in zip(ids, counts, firsts, lasts, strict=True):
            found[key] = Coverage(n_bars, first, last)
        return found

    def revisions(self, series_id: int) -> Revisions:
        """Superseded values of a series."""
        table = self._session.table(
            f"SELECT timestamp, revised_at, {', '.join(FIELDS)} FROM price_revision "  # noqa: S608 - a whole number
            f"WHERE series_id = {int(series_id)} ORDER BY timestamp, revised_at"
        )
        bars, changes = (_integers(table.column(i)).view("datetime64[us]") for i in (0, 1))
        return Revisions(bars, changes, *(_floats(table.column(name)) for name in FIELDS))

    def n_writes(self) -> int:
        """The count, 0 before the first."""
        rows = self._session.rows("SELECT count FROM price_writes WHERE id = 1")
        return int(rows[0][0]) if rows else 0


def _by_series(table: Any, series_ids: Sequence[int], fields: Sequence[str]) -> list[SeriesColumns]:
    """Rows sorted by series and time, cut into the series asked for."""
    ids, times = _integers(table.column(0)), _integers(table.column(1))
    values = [_floats(table.column(i + 2)) for i in range(len(fields))]
    keys = np.asarray(series_ids, np.int64)
    begins, ends = np.searchsorted(ids, keys, "left"), np.searchsorted(ids, keys, "right")
    return [
        SeriesColumns(
            times[begin:end],
            {name: column[begin:end] for name, column in zip(fields, values, strict=True)},
        )
        for begin, end in zip(begins.tolist(), ends.tolist(), strict=True)
    ]


def _where(series_ids: Iterable[int], window: Window) -> str:
    first, last = window
    conditions = [f"series_id = ANY({ids_literal(series_ids)})"]
    if first is not None:
        conditions.append(f"timestamp >= {instant_literal(first)}")
    if last is not None:
        conditions.append(f"timestamp <= {instant_literal(last)}")
    return " AND ".join(conditions)


def _integers(column: Any) -> Int1D:
    """Whole numbers, or instants as microseconds since 1970 UTC."""
    found: Int1D = (column if pa.types.is_int64(column.type) else column.cast(pa.int64())).to_numpy()
    return found


def _floats(column: Any) -> Float1D:
    """Doubles as stored, to the last bit; NULL becomes NaN."""
    found: Float1D = column.to_numpy()
    return found
