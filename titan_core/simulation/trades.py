"""One record of a trade, for backtest, paper, broker and post-mortem alike; and many of them in columns."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any, Literal, TypeAlias, cast

import numpy as np
import numpy.typing as npt
import pyarrow as pa

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["ExitReason", "Side", "Trade", "TradeTable"]

Side: TypeAlias = Literal["LONG", "SHORT"]
ExitReason: TypeAlias = Literal[
    "exit", "stop_z", "stop_loss", "take_profit", "time_stop", "recall", "gate", "delisted", "ruin", "open"
]
_TEXT = ("pair", "side", "exit_reason")
_TIMES = ("entry_decided_at", "entry_filled_at", "exit_decided_at", "exit_filled_at")


@dataclass(frozen=True, slots=True)
class Trade:
    """One position in a pair, from its first fill to the fill that leaves nothing.

    Attributes
    ----------
    pair : "symbol_1/symbol_2"
    side : LONG = long symbol_1 and short symbol_2 (the spread is bought), SHORT the other way
    entry_decided_at, entry_filled_at, exit_decided_at, exit_filled_at : UTC; exits are NaT while the trade is open. Of
        an order filled on several bars, entries tell the first and exits the last.
    entry_price_1, entry_price_2, exit_price_1, exit_price_2 : prices of the day, averaged over partial fills, before
        costs; NaN while open
    shares_1, shares_2 : signed, as entered, in shares of the day of entry
    hedge_ratio, entry_z, exit_z : at the decisions
    exit_reason : "open" while it is
    gross_pnl : price changes of the hedged position, money
    commission, spread_cost, impact, borrow, financing : costs, positive is paid
    dividends : received on the long leg less paid on the short one
    legging : charge for the time between two legs, less what a leg left alone by a delisting earned; positive is paid
    net_pnl : gross_pnl + dividends - commission - spread_cost - impact - borrow - financing - legging
    bars_held : bars from the first fill to the last
    mae, mfe : worst and best net P&L at any close, money; mae <= 0 <= mfe
    """

    pair: str
    side: Side
    entry_decided_at: np.datetime64
    entry_filled_at: np.datetime64
    exit_decided_at: np.datetime64
    exit_filled_at: np.datetime64
    entry_price_1: float
    entry_price_2: float
    exit_price_1: float
    exit_price_2: float
    shares_1: float
    shares_2: float
    hedge_ratio: float
    entry_z: float
    exit_z: float
    exit_reason: ExitReason
    gross_pnl: float
    commission: float
    spread_cost: float
    impact: float
    borrow: float
    financing: float
    dividends: float
    legging: float
    net_pnl: float
    bars_held: int
    mae: float
    mfe: float


_COLUMNS = tuple(field.name for field in fields(Trade))


class TradeTable(Mapping[str, npt.NDArray[Any]]):
    """Trades in columns: a mapping from the fields of `Trade` to arrays of shape (n_trades,), oldest entry first."""

    __slots__ = ("_columns",)

    def __init__(self, trades: list[Trade]) -> None:
        self._columns: dict[str, npt.NDArray[Any]] = {}
        for name in _COLUMNS:
            values = [getattr(trade, name) for trade in trades]
            kind: Any = np.float64
            if name in _TEXT:
                kind = object
            elif name in _TIMES:
                kind = "datetime64[us]"
            elif name == "bars_held":
                kind = np.int64
            column = np.array(values, dtype=kind)
            column.flags.writeable = False
            self._columns[name] = column

    def __getitem__(self, name: str) -> npt.NDArray[Any]:
        return self._columns[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._columns)

    def __len__(self) -> int:
        return len(self._columns)

    @property
    def n_trades(self) -> int:
        """Number of trades, open ones too."""
        return int(self._columns["net_pnl"].size)

    def rows(self) -> list[Trade]:
        """One record a trade."""
        trades = []
        for row in range(self.n_trades):
            values: dict[str, Any] = {}
            for name, column in self._columns.items():
                kept = name in _TEXT or name in _TIMES
                values[name] = column[row] if kept else column[row].item()
            trades.append(Trade(**values))
        return trades

    def to_arrow(self) -> Any:
        """A pyarrow Table; times in UTC, null while a trade is open."""
        arrays = []
        for name, column in self._columns.items():
            if name in _TIMES:
                arrays.append(
                    pa.array(column, type=pa.timestamp("us"), from_pandas=True).cast(
                        pa.timestamp("us", "UTC")
                    )
                )
            elif name in _TEXT:
                arrays.append(pa.array(column.tolist(), type=pa.string()))
            else:
                arrays.append(pa.array(column))
        return pa.table(arrays, names=list(self._columns))

    def to_pandas(self) -> "pd.DataFrame":
        """A frame with one row a trade."""
        return cast("pd.DataFrame", self.to_arrow().to_pandas())
