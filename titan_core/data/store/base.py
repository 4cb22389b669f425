"""The price store: one interface over the databases bars may lie in."""

from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from types import TracebackType
from typing import Self

import numpy as np
import numpy.typing as npt

from titan_core.data.actions import CorporateAction
from titan_core.data.instants import Instant, as_bounds
from titan_core.data.panels import BarPanel, PricePanel
from titan_core.data.store.alignment import SeriesColumns, aligned
from titan_core.data.store.reader import PriceReader
from titan_core.data.store.records import FIELDS, Coverage, Revisions, WriteResult
from titan_core.data.store.writer import PriceWriter
from titan_core.errors import DataUnavailable, InvalidInput
from titan_core.types import Adjustment, Float2D

__all__ = ["PriceStore"]


class PriceStore(ABC):
    """Bars and corporate actions by series number, safe from any thread and process.

    Every database answers with the same numbers, to the last bit, and refuses the same rows in the same words.
    """

    @property
    @abstractmethod
    def name(self) -> str:
        """The database in words for people: never a password."""

    @abstractmethod
    def writing(self) -> AbstractContextManager[PriceWriter]:
        """Many writes as one transaction, kept when the block ends and dropped whole if it raises."""

    @abstractmethod
    def _reading(self) -> AbstractContextManager[PriceReader]:
        """One snapshot to read from."""

    @abstractmethod
    def close(self) -> None:
        """Close idle connections now; the store stays usable."""

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
        """Insert or update bars of one series, all of them or none; writing the same twice changes nothing.

        Parameters
        ----------
        series_id : int
        timestamps : array-like of shape (n_rows,), datetimes, UTC, any order, each once
        open, high, low, close, volume : array-like of shape (n_rows,), or None where the source has none
            NaN = the source does not have this number on that bar; each row needs one price at least. A row
            that exists is replaced whole, absent columns included, and its old values become a revision.

        Raises
        ------
        InvalidInput
            A value is infinite, a row has no price or repeats an instant (the message names the row), or
            lengths differ.
        StoreError
            The disk is full, another writer took too long, the database is gone, damaged or without tables.
            Nothing was kept.
        """
        with self.writing() as batch:
            return batch.write(
                series_id, timestamps, open=open, high=high, low=low, close=close, volume=volume
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
        """Insert or update bars of many series in one transaction; what became of each series' rows.

        Parameters
        ----------
        series_ids : array-like of int of shape (n_rows,)
        timestamps, open, high, low, close, volume
            As in `write`, in any order of rows; a series has one row an instant.

        Raises
        ------
        InvalidInput, StoreError
            As `write`. Nothing of any series was kept.
        """
        with self.writing() as batch:
            return batch.write_many(
                series_ids, timestamps, open=open, high=high, low=low, close=close, volume=volume
            )

    def write_actions(
        self, series_id: int, timestamps: npt.ArrayLike, kinds: Sequence[str], values: npt.ArrayLike
    ) -> WriteResult:
        """Insert or update corporate actions of one series, all or none; see `CorporateAction`.

        Raises
        ------
        InvalidInput
            A kind or value is none, or an instant has two of a kind; the message names the row.
        StoreError
            As in `write`.
        """
        with self.writing() as batch:
            return batch.write_actions(series_id, timestamps, kinds, values)

    def read_bars(
        self,
        series: Mapping[str, int],
        *,
        start: Instant | None = None,
        end: Instant | None = None,
        adjustment: Adjustment,
        fields: Sequence[str] = FIELDS,
    ) -> BarPanel:
        """Bars with start <= timestamp <= end of several series on the union of their instants, with actions.

        Parameters
        ----------
        series : mapping of symbol to series number, in the order of the columns
        start, end : date, datetime or ISO string, both inclusive; a bare date is a whole day (UTC)
        adjustment : what the stored bars are; the store keeps numbers and does not adjust them
        fields : which of open, high, low, volume to read beside the close; less is faster

        Returns
        -------
        BarPanel
            A series without bars in the window is a column of NaN; a field no series has, or not read, is None.

        Raises
        ------
        DataUnavailable
            None of the series has any bar in the window.
        StoreError
            The database can't be read.
        """
        window = as_bounds(start, end)
        wanted = tuple(name for name in FIELDS if name in {"close", *fields})
        with self._reading() as reader:
            columns = reader.columns(list(series.values()), wanted, window)
            actions = reader.actions(series, window)
        return self._panel(series, columns, wanted, adjustment, start, end, actions=actions)

    def read_prices(
        self,
        series: Mapping[str, int],
        *,
        start: Instant | None = None,
        end: Instant | None = None,
        adjustment: Adjustment,
    ) -> PricePanel:
        """Closes only, as stored: faster than `read_bars`, with the same parameters and errors."""
        window = as_bounds(start, end)
        with self._reading() as reader:
            columns = reader.columns(list(series.values()), ("close",), window)
        axis, fields = aligned(columns, ("close",))
        if not axis.size:
            raise self._nothing(series, start, end)
        return PricePanel(tuple(series), axis, fields["close"], adjustment)

    def read_latest(
        self,
        series: Mapping[str, int],
        *,
        n_bars: int = 1,
        adjustment: Adjustment,
        fields: Sequence[str] = FIELDS,
    ) -> BarPanel:
        """Each series' last `n_bars` bars, on the union of their instants, without actions.

        Cost grows with the series and not with their histories. Otherwise as `read_bars`; `InvalidInput` where
        `n_bars` is less than 1.
        """
        if n_bars < 1:
            raise InvalidInput(f"n_bars is {n_bars}: ask for one bar at least")
        wanted = tuple(name for name in FIELDS if name in {"close", *fields})
        with self._reading() as reader:
            columns = reader.latest(list(series.values()), wanted, n_bars)
        return self._panel(series, columns, wanted, adjustment, None, None)

    def coverage(self, series_ids: Iterable[int]) -> dict[int, Coverage]:
        """Number of bars, first and last instant of each series; zero and None for one that has none."""
        with self._reading() as reader:
            return reader.coverage(series_ids)

    def revisions(self, series_id: int) -> Revisions:
        """Values this series' bars had before they were changed."""
        with self._reading() as reader:
            return reader.revisions(series_id)

    def n_writes(self) -> int:
        """A number that every transaction that writes moves on, with what it wrote: equal numbers, equal bars."""
        with self._reading() as reader:
            return reader.n_writes()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _panel(
        self,
        series: Mapping[str, int],
        columns: Sequence[SeriesColumns],
        fields: Sequence[str],
        adjustment: Adjustment,
        start: Instant | None,
        end: Instant | None,
        *,
        actions: tuple[CorporateAction, ...] = (),
    ) -> BarPanel:
        """Series as read, on one axis; a field that none of them has is None."""
        axis, read = aligned(columns, fields)
        if not axis.size:
            raise self._nothing(series, start, end)
        close = read.pop("close")
        others: dict[str, Float2D | None] = dict.fromkeys(("open", "high", "low", "volume"))
        others |= {name: None if np.isnan(v).all() else v for name, v in read.items()}
        return BarPanel(tuple(series), axis, close=close, **others, actions=actions, adjustment=adjustment)

    def _nothing(
        self, series: Mapping[str, int], start: Instant | None, end: Instant | None
    ) -> DataUnavailable:
        names = ", ".join(list(series)[:5]) + (f" and {len(series) - 5} more" if len(series) > 5 else "")
        window = f"between {start or 'the beginning'} and {end or 'now'}"
        return DataUnavailable(
            f"no bars of {names or 'no symbols'} {window} in {self.name}: widen the window"
        )
