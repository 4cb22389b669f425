"""Rows on their way into a store: columns checked and put in the order of the key; every refusal names the row."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from titan_core.data.actions import CorporateAction
from titan_core.data.instants import Instants, as_instants
from titan_core.data.store.records import FIELDS
from titan_core.errors import InvalidInput
from titan_core.types import BoolArray, Float1D, Int1D

__all__ = ["ActionRow", "BarRows", "action_rows", "as_bar_rows"]

ActionRow = tuple[int, int, str, float]  # series, microseconds, kind, value

_PRICES = FIELDS[:-1]
_FIRST, _LAST = np.datetime64("0001-01-01", "us"), np.datetime64("9999-12-31T23:59:59.999999", "us")


@dataclass(frozen=True, slots=True)
class BarRows:
    """Checked bars of any number of series, sorted by series and time.

    Attributes
    ----------
    series : ndarray of shape (n_series,), int64, rising
    starts : ndarray of shape (n_series + 1,), int64
        Where each series' rows begin, and the number of rows.
    times : ndarray of shape (n_rows,), int64, microseconds since 1970 UTC
    columns : mapping of field to ndarray of shape (n_rows,); absent ones are left out, NaN = no such number
    """

    series: Int1D
    starts: Int1D
    times: Int1D
    columns: Mapping[str, Float1D]

    @property
    def n_rows(self) -> int:
        """Number of bars."""
        return int(self.times.size)

    @property
    def counts(self) -> Int1D:
        """Number of bars of each series."""
        return np.diff(self.starts)

    @property
    def series_ids(self) -> Int1D:
        """The series of each row."""
        return np.repeat(self.series, self.counts)

    @property
    def spans(self) -> list[tuple[int, int, int]]:
        """Each series with its first and last time."""
        firsts, lasts = self.times[self.starts[:-1]], self.times[self.starts[1:] - 1]
        return list(zip(self.series.tolist(), firsts.tolist(), lasts.tolist(), strict=True))

    def of(self, chosen: BoolArray) -> "BarRows":
        """The rows of some of the series."""
        if chosen.all():
            return self
        rows = np.repeat(chosen, self.counts)
        starts = np.concatenate(([0], np.cumsum(self.counts[chosen])))
        return BarRows(
            self.series[chosen],
            starts,
            self.times[rows],
            {name: column[rows] for name, column in self.columns.items()},
        )


def as_bar_rows(
    series_ids: int | npt.ArrayLike, timestamps: npt.ArrayLike, given: Mapping[str, npt.ArrayLike | None]
) -> BarRows:
    """Rows of one series, or of the series beside each row.

    Raises
    ------
    InvalidInput
        Lengths differ, a value is infinite, a row has no price, or a series has two bars at an instant.
    """
    instants = _checked_instants(timestamps)
    columns = {name: _as_column(name, given[name], instants) for name in FIELDS if given[name] is not None}
    _check_priced(columns, instants)
    ids = _as_ids(series_ids, instants)
    times = instants.astype(np.int64)
    same = ids[1:] == ids[:-1]
    if not ((ids[1:] > ids[:-1]) | (same & (times[1:] > times[:-1]))).all():
        order = np.lexsort((times, ids))
        _check_distinct(ids, instants, order)
        ids, times = ids[order], times[order]
        columns = {name: column[order] for name, column in columns.items()}
    begins = np.flatnonzero(np.concatenate(([True], ids[1:] != ids[:-1]))) if ids.size else np.empty(0, int)
    return BarRows(ids[begins], np.append(begins, ids.size), times, columns)


def action_rows(
    series_id: int, timestamps: npt.ArrayLike, kinds: Sequence[str], values: npt.ArrayLike
) -> list[ActionRow]:
    """Rows of the corporate-action table; each passes through `CorporateAction`, which checks it."""
    instants = _checked_instants(timestamps)
    amounts = np.asarray(values, np.float64)
    if not instants.shape == (len(kinds),) == amounts.shape:
        raise InvalidInput(
            f"{instants.size} timestamps, {len(kinds)} kinds and {amounts.size} values: they must match"
        )
    rows: dict[tuple[int, str], ActionRow] = {}
    for i, (instant, kind, value) in enumerate(zip(instants, kinds, amounts.tolist(), strict=True)):
        try:
            CorporateAction(f"series {series_id}", instant, kind, value)  # type: ignore[arg-type]  # it checks the kind
        except InvalidInput as error:
            raise InvalidInput(f"row {i}: {error}") from error
        time = int(instant.astype(np.int64))
        if (time, kind) in rows:
            raise InvalidInput(f"row {i} repeats the {kind} at {instant}: add the two up, or keep one")
        rows[time, kind] = (series_id, time, kind, value)
    return list(rows.values())


def _checked_instants(timestamps: npt.ArrayLike) -> Instants:
    """Instants that every database and Python's own datetimes can hold."""
    instants = as_instants(timestamps, "timestamps")
    outside = (instants < _FIRST) | (instants > _LAST)
    if outside.any():
        row = int(np.argmax(outside))
        raise InvalidInput(f"row {row} is at {instants[row]}: bars lie between the years 1 and 9999")
    return instants


def _as_ids(series_ids: int | npt.ArrayLike, instants: Instants) -> Int1D:
    ids = np.asarray(series_ids)
    if ids.size and ids.dtype.kind not in "iu":
        raise InvalidInput(f"series numbers must be whole numbers, got {ids.dtype}")
    if ids.ndim == 0:
        return np.full(instants.size, int(ids), np.int64)
    if ids.shape != instants.shape:
        raise InvalidInput(f"series_ids has shape {ids.shape}, but there are {instants.size} timestamps")
    return ids.astype(np.int64, copy=False)


def _check_priced(columns: Mapping[str, Float1D], instants: Instants) -> None:
    """A bar without any price is no bar."""
    priced = np.zeros(instants.size, np.bool_)
    for name in _PRICES:
        if name in columns:
            priced |= ~np.isnan(columns[name])
    if not priced.all():
        row = int(np.argmin(priced))
        raise InvalidInput(f"row {row} ({instants[row]}) has no price: leave out bars that did not happen")


def _check_distinct(ids: Int1D, instants: Instants, order: npt.NDArray[np.intp]) -> None:
    """No series has two bars at one instant."""
    ids_, times = ids[order], instants[order]
    again = np.flatnonzero((ids_[1:] == ids_[:-1]) & (times[1:] == times[:-1]))
    if again.size:
        first, second = int(order[again[0]]), int(order[again[0] + 1])
        of = "" if ids_[0] == ids_[-1] else f" of series {ids[first]}"
        raise InvalidInput(
            f"rows {first} and {second}{of} are both at {instants[first]}: keep one bar per instant"
        )


def _as_column(name: str, values: npt.ArrayLike | None, instants: Instants) -> Float1D:
    """One column as float64 of the right length, infinity refused."""
    try:
        column = np.asarray(values, np.float64)
    except (TypeError, ValueError) as error:
        raise InvalidInput(f"{name} must be numbers: {error}") from error
    if column.shape != instants.shape:
        raise InvalidInput(f"{name} has shape {column.shape}, but there are {instants.size} timestamps")
    infinite = np.isinf(column)
    if infinite.any():
        row = int(np.argmax(infinite))
        raise InvalidInput(
            f"row {row} ({instants[row]}): {name} is {column[row]}; write NaN where it is not known"
        )
    return column
