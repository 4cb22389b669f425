"""Panels: aligned prices and bars of many symbols, immutable, with their adjustment and scale on them."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, get_args

import numpy as np

from titan_core.data import adjustments, conversion
from titan_core.data.actions import CorporateAction, sorted_actions
from titan_core.data.arrays import as_matrix, as_symbols, as_time_axis, columns_of, rows_between, same_values
from titan_core.data.instants import Instant, Instants, as_bounds
from titan_core.errors import InvalidInput
from titan_core.types import Adjustment, Float2D, Scale

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["BarPanel", "PricePanel"]

FIELDS = ("open", "high", "low", "close", "volume")


@dataclass(frozen=True, slots=True, eq=False)
class PricePanel:
    """Prices of many symbols on one time axis.

    Arrays become read-only; equality is by value, NaN equal to NaN. Making a panel checks everything once, so
    what takes a panel checks nothing again.

    Attributes
    ----------
    symbols : tuple of str, length n_symbols, each once
    timestamps : ndarray of shape (n_bars,), datetime64[us], UTC, strictly rising
        When each bar became known (its close).
    values : ndarray of shape (n_bars, n_symbols), float64, price units, or their logs where ``scale`` says so
        NaN = that symbol has no such bar. Infinity is refused.
    adjustment : "raw", "split" or "total_return"
    scale : "price" or "log"

    Raises
    ------
    InvalidInput
        A shape, order, name, kind of number or literal is not as said above; the message names the place.
    """

    symbols: tuple[str, ...]
    timestamps: Instants
    values: Float2D
    adjustment: Adjustment = "total_return"
    scale: Scale = "price"

    def __post_init__(self) -> None:
        """Convert and check every field, once."""
        symbols = as_symbols(self.symbols)
        timestamps = as_time_axis(self.timestamps)
        _check_literal("adjustment", self.adjustment, get_args(Adjustment))
        _check_literal("scale", self.scale, get_args(Scale))
        object.__setattr__(self, "symbols", symbols)
        object.__setattr__(self, "timestamps", timestamps)
        object.__setattr__(self, "values", as_matrix(self.values, "values", symbols, timestamps))

    @property
    def n_bars(self) -> int:
        """Length of the time axis."""
        return self.timestamps.size

    @property
    def n_symbols(self) -> int:
        """Number of columns."""
        return len(self.symbols)

    def log(self) -> "PricePanel":
        """Natural logs of the prices, NaN kept; a panel of logs is returned as it is.

        Raises
        ------
        InvalidInput
            A price is zero or negative; the message names the symbol and the bar.
        """
        if self.scale == "log":
            return self
        not_positive = self.values <= 0.0
        if not_positive.any():
            i, j = (int(k) for k in np.argwhere(not_positive)[0])
            raise InvalidInput(
                f"{self.symbols[j]} at {self.timestamps[i]} is {self.values[i, j]}: a price at or below zero "
                "has no log; correct the bar or leave the symbol out"
            )
        return replace(self, values=np.log(self.values), scale="log")

    def select(self, symbols: Iterable[str]) -> "PricePanel":
        """The same bars of these symbols only, in this order.

        Raises
        ------
        DataUnavailable
            The panel has no column for one of them.
        """
        wanted = as_symbols(symbols)
        return replace(self, symbols=wanted, values=self.values[:, columns_of(self.symbols, wanted)])

    def between(self, start: Instant | None = None, end: Instant | None = None) -> "PricePanel":
        """Bars with start <= timestamp <= end; a bare date as ``end`` takes in that whole day (UTC)."""
        rows = rows_between(self.timestamps, *as_bounds(start, end))
        return replace(self, timestamps=self.timestamps[rows], values=self.values[rows])

    @classmethod
    def from_pandas(
        cls, frame: "pd.DataFrame", *, adjustment: Adjustment = "total_return", scale: Scale = "price"
    ) -> "PricePanel":
        """Panel of a wide frame: a DatetimeIndex (naive means UTC) and one numeric column a symbol."""
        return cls(*conversion.parts_of_pandas(frame), adjustment, scale)

    @classmethod
    def from_arrow(
        cls,
        table: Any,
        *,
        time: str = "timestamp",
        adjustment: Adjustment | None = None,
        scale: Scale | None = None,
    ) -> "PricePanel":
        """Panel of a wide table: a time column and one numeric column a symbol, null or NaN = no bar.

        Takes a pyarrow Table and whatever speaks the Arrow C stream or the ``__dataframe__`` protocol:
        polars, DuckDB, pandas. The time column is the one called ``time``, or else the only temporal one.
        ``adjustment`` and ``scale`` default to what `to_arrow` noted in the table, else to "total_return"
        and "price".
        """
        symbols, timestamps, values, notes = conversion.parts_of_arrow(table, time)
        noted: Any = {"adjustment": "total_return", "scale": "price"} | notes
        return cls(symbols, timestamps, values, adjustment or noted["adjustment"], scale or noted["scale"])

    def to_pandas(self) -> "pd.DataFrame":
        """Wide frame: DatetimeIndex "timestamp" in UTC, one float column a symbol."""
        return conversion.as_pandas(self.symbols, self.timestamps, self.values)

    def to_arrow(self) -> Any:
        """Wide pyarrow Table: ``timestamp`` (µs, UTC), then a float64 column a symbol, null = no bar.

        Its metadata note the adjustment and the scale.
        """
        notes: dict[str, str] = {"adjustment": self.adjustment, "scale": self.scale}
        return conversion.as_arrow(self.symbols, self.timestamps, self.values, notes)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, PricePanel):
            return NotImplemented
        return (
            (self.symbols, self.adjustment, self.scale) == (other.symbols, other.adjustment, other.scale)
            and np.array_equal(self.timestamps, other.timestamps)
            and same_values(self.values, other.values)
        )

    __hash__ = None  # type: ignore[assignment]  # compared by value, so `manifest.panel_hash` is its hash

    def __reduce__(self) -> tuple[Any, ...]:
        # through the constructor, so that arrays are read-only in the other process too
        return PricePanel, (self.symbols, self.timestamps, self.values, self.adjustment, self.scale)


@dataclass(frozen=True, slots=True, eq=False)
class BarPanel:
    """Bars (open, high, low, close, volume) of many symbols on one time axis, and their corporate actions.

    Attributes
    ----------
    symbols, timestamps, adjustment
        As in `PricePanel`.
    open, high, low, volume : ndarray of shape (n_bars, n_symbols), float64, or None where the source has none
    close : ndarray of shape (n_bars, n_symbols), float64
    actions : tuple of CorporateAction, by time
        On raw bars all of them; on split-adjusted bars the splits are in the prices already and are ignored.

    Raises
    ------
    InvalidInput
        As `PricePanel`; also an action of a symbol that has no column.
    """

    symbols: tuple[str, ...]
    timestamps: Instants
    open: Float2D | None
    high: Float2D | None
    low: Float2D | None
    close: Float2D
    volume: Float2D | None = None
    actions: tuple[CorporateAction, ...] = ()
    adjustment: Adjustment = "raw"

    def __post_init__(self) -> None:
        """Convert and check every field, once."""
        symbols = as_symbols(self.symbols)
        timestamps = as_time_axis(self.timestamps)
        _check_literal("adjustment", self.adjustment, get_args(Adjustment))
        object.__setattr__(self, "symbols", symbols)
        object.__setattr__(self, "timestamps", timestamps)
        for name in FIELDS:
            values = getattr(self, name)
            if values is None and name == "close":
                raise InvalidInput("close is None: bars need at least closes")
            if values is not None:
                object.__setattr__(self, name, as_matrix(values, name, symbols, timestamps))
        object.__setattr__(self, "actions", sorted_actions(self.actions, symbols))

    @property
    def n_bars(self) -> int:
        """Length of the time axis."""
        return self.timestamps.size

    @property
    def n_symbols(self) -> int:
        """Number of columns."""
        return len(self.symbols)

    def prices(self, adjustment: Adjustment) -> PricePanel:
        """Closes as a `PricePanel` of the adjustment asked for, built forward: no later bar changes them.

        Raises
        ------
        InvalidInput
            The bars carry a stronger adjustment than the one asked for: it can't be undone.
        """
        _check_literal("adjustment", adjustment, get_args(Adjustment))
        return PricePanel(
            self.symbols, self.timestamps, adjustments.adjusted_closes(self, adjustment), adjustment
        )

    def select(self, symbols: Iterable[str]) -> "BarPanel":
        """The same bars of these symbols only, in this order, with their actions.

        Raises
        ------
        DataUnavailable
            The panel has no column for one of them.
        """
        wanted = as_symbols(symbols)
        columns = columns_of(self.symbols, wanted)
        kept = tuple(action for action in self.actions if action.symbol in set(wanted))
        fields: dict[str, Any] = {
            name: None if (v := getattr(self, name)) is None else v[:, columns] for name in FIELDS
        }
        return replace(self, symbols=wanted, actions=kept, **fields)

    def between(self, start: Instant | None = None, end: Instant | None = None) -> "BarPanel":
        """Bars and actions with start <= timestamp <= end; a bare date as ``end`` takes in the whole day."""
        first, last = as_bounds(start, end)
        rows = rows_between(self.timestamps, first, last)
        kept = tuple(
            action
            for action in self.actions
            if (first is None or action.timestamp >= first) and (last is None or action.timestamp <= last)
        )
        fields: dict[str, Any] = {
            name: None if (v := getattr(self, name)) is None else v[rows] for name in FIELDS
        }
        return replace(self, timestamps=self.timestamps[rows], actions=kept, **fields)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, BarPanel):
            return NotImplemented
        return (
            (self.symbols, self.adjustment, self.actions) == (other.symbols, other.adjustment, other.actions)
            and np.array_equal(self.timestamps, other.timestamps)
            and all(same_values(getattr(self, name), getattr(other, name)) for name in FIELDS)
        )

    __hash__ = None  # type: ignore[assignment]  # compared by value, as PricePanel

    def __reduce__(self) -> tuple[Any, ...]:
        fields = (getattr(self, name) for name in FIELDS)
        return BarPanel, (self.symbols, self.timestamps, *fields, self.actions, self.adjustment)


def _check_literal(name: str, value: object, allowed: tuple[str, ...]) -> None:
    if value not in allowed:
        raise InvalidInput(f"{name} {value!r} is none of {', '.join(allowed)}")
