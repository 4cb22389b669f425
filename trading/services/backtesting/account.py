"""The engine's run of what was asked, the same whatever asks: a job, a rerun, the command line."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa

from titan_core.backtesting import backtest_pair, backtest_portfolio
from titan_core.data import BarPanel
from titan_core.manifest import Manifest, table_hash
from titan_core.risk import Limits, Sizing
from titan_core.simulation import Costs, Delisting, TradeTable
from titan_core.strategy import Rule, TradedPair
from titan_core.types import Float1D
from trading.models import BacktestKind

__all__ = ["Account", "Terms", "result_hash", "run_account"]

MAX_LEVERAGE = 2.0


@dataclass(frozen=True, slots=True)
class Terms:
    """Everything a run is asked with, as the engine takes it."""

    rule: Rule
    costs: Costs
    sizing: Sizing
    limits: Limits
    capital: float
    periods_per_year: float
    delistings: tuple[Delisting, ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class Account:
    """What a run leaves behind: arrays from the opening of the account on."""

    timestamps: Any
    equity: Float1D
    cash: Float1D
    gross: Float1D
    traded: Float1D
    trades: TradeTable
    manifest: Manifest
    notes: tuple[str, ...]

    @property
    def net(self) -> Float1D:
        """Longs less shorts at each close."""
        return np.asarray(self.equity - self.cash)

    @property
    def result_hash(self) -> str:
        """SHA-256 of equity and trades."""
        return result_hash(self.timestamps, self.equity, self.trades)


def result_hash(timestamps: Any, equity: Float1D, trades: TradeTable) -> str:
    """SHA-256 of a curve and its trades: equal exactly where every bit is."""
    curve = pa.table({"timestamp": pa.array(timestamps, pa.timestamp("us")), "equity": pa.array(equity)})
    both = [table_hash(curve), table_hash(trades.to_arrow())]
    return hashlib.sha256(json.dumps(both).encode()).hexdigest()


def run_account(
    kind: str,
    bars: BarPanel,
    pairs: Sequence[TradedPair],
    terms: Terms,
    *,
    start: Any,
    sectors: Mapping[str, str] | None = None,
) -> Account:
    """One pair on an account of its own, or pairs together on one."""
    shared: dict[str, Any] = {
        "rule": terms.rule,
        "costs": terms.costs,
        "capital": terms.capital,
        "sizing": terms.sizing,
        "start": start,
        "max_leverage": MAX_LEVERAGE,
        "periods_per_year": terms.periods_per_year,
        "delistings": terms.delistings,
    }
    if kind == BacktestKind.PAIR:
        result: Any = backtest_pair(bars, pairs[0], **shared)
    else:
        result = backtest_portfolio(bars, pairs, limits=terms.limits, sectors=sectors, **shared)
    first = result.ledger.cash.size - result.equity.size
    return Account(
        result.timestamps,
        result.equity,
        result.ledger.cash[first:],
        result.gross,
        result.traded,
        result.trades,
        result.manifest,
        result.notes,
    )
