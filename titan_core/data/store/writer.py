"""Writing bars and actions inside one transaction: what every database shares."""

from abc import ABC, abstractmethod
from collections.abc import Sequence

import numpy.typing as npt

from titan_core.data.store.records import WriteResult
from titan_core.data.store.rows import ActionRow, BarRows, action_rows, as_bar_rows

__all__ = ["PriceWriter"]


class PriceWriter(ABC):
    """Writes within the transaction its maker opened; nothing is kept before that transaction ends well."""

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
        """As `PriceStore.write`, in this transaction."""
        given = {"open": open, "high": high, "low": low, "close": close, "volume": volume}
        rows = as_bar_rows(int(series_id), timestamps, given)
        return (
            self._put_bars(rows).get(series_id, WriteResult(0, 0, 0)) if rows.n_rows else WriteResult(0, 0, 0)
        )

    def write_many(
        self,
        series_ids: npt.ArrayLike,
        timestamps: npt.ArrayLike,
        *,
        open: npt.ArrayLike | None = None,  # noqa: A002 - the field's own name
        high: npt.ArrayLike | None = None,
        low: npt.ArrayLike | None = None,
        close: npt.ArrayLike | None,
        volume: npt.ArrayLike | None = None,
    ) -> dict[int, WriteResult]:
        """As `PriceStore.write_many`, in this transaction."""
        given = {"open": open, "high": high, "low": low, "close": close, "volume": volume}
        rows = as_bar_rows(series_ids, timestamps, given)
        return self._put_bars(rows) if rows.n_rows else {}

    def write_actions(
        self, series_id: int, timestamps: npt.ArrayLike, kinds: Sequence[str], values: npt.ArrayLike
    ) -> WriteResult:
        """As `PriceStore.write_actions`, in this transaction."""
        rows = action_rows(int(series_id), timestamps, kinds, values)
        if not rows:
            return WriteResult(0, 0, 0)
        stored = self._stored_actions(int(series_id))
        new = [row for row in rows if row[1:3] not in stored]
        changed = [row for row in rows if stored.get(row[1:3], row[3]) != row[3]]
        if new or changed:
            self._put_actions([*new, *changed])
        return WriteResult(len(new), len(changed), len(rows) - len(new) - len(changed))

    @abstractmethod
    def _put_bars(self, rows: BarRows) -> dict[int, WriteResult]:
        """Upsert at least one row; what was different before becomes a revision."""

    @abstractmethod
    def _stored_actions(self, series_id: int) -> dict[tuple[int, str], float]:
        """Values of a series' actions by microseconds and kind."""

    @abstractmethod
    def _put_actions(self, rows: Sequence[ActionRow]) -> None:
        """Insert actions, or replace their values."""
