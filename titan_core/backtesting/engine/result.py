"""What a backtest leaves behind."""

from dataclasses import dataclass

from titan_core.data.instants import Instants
from titan_core.manifest import Manifest
from titan_core.simulation.ledger import Fills, Ledger
from titan_core.simulation.trades import TradeTable
from titan_core.strategy.signals import Signals
from titan_core.types import Float1D, Float2D

__all__ = ["BacktestResult", "PortfolioResult"]


@dataclass(frozen=True, slots=True, eq=False)
class BacktestResult:
    """One pair on an account of its own.

    Attributes
    ----------
    timestamps : (n,) bars from the opening of the account on
    equity : (n,) money at each close; the first is the capital
    trades : one row a trade, the open one too
    metrics : by name, see `totals.metrics_of`; more of them in `backtesting.metrics`
    manifest : what decides every bit of this
    signals : over all bars of the panel, those before the account was opened too
    positions : (n, 2) signed shares of both legs after each bar, in shares of that day
    targets : (n, 2) the position aimed at after each close's decision; differs from ``positions`` while an order lives
    gross : (n,) sum of both legs' sizes at each close, money
    traded : (n,) value traded in each bar, money
    fills : every fill, bars counted on the panel
    ledger : cash and positions, kept from the fills; balances with ``equity``
    imbalance : largest difference between the two, money
    blocks : (2, n_blocks) sums and sums of squares of returns, block by block
    notes : what should be known of the bars
    """

    timestamps: Instants
    equity: Float1D
    trades: TradeTable
    metrics: dict[str, float]
    manifest: Manifest
    signals: Signals
    positions: Float2D
    targets: Float2D
    gross: Float1D
    traded: Float1D
    fills: Fills
    ledger: Ledger
    imbalance: float
    blocks: Float2D
    notes: tuple[str, ...]


@dataclass(frozen=True, slots=True, eq=False)
class PortfolioResult:
    """Many pairs on one account; as `BacktestResult`, and by pair.

    Attributes
    ----------
    pairs : names, in the order of all arrays by pair
    pair_pnl : (n_pairs,) net P&L of each pair's trades, open ones at the last close; interest is the account's
    gross, net : (n,) Σ of sizes and of signed values at each close, pair by pair, money
    aimed : (n,) Σ of the sizes aimed at after each close's decisions; differs from ``gross`` while orders live
    n_open : (n,) pairs with a position
    """

    timestamps: Instants
    equity: Float1D
    trades: TradeTable
    metrics: dict[str, float]
    manifest: Manifest
    pairs: tuple[str, ...]
    pair_pnl: Float1D
    gross: Float1D
    net: Float1D
    aimed: Float1D
    n_open: Float1D
    traded: Float1D
    fills: Fills
    ledger: Ledger
    imbalance: float
    blocks: Float2D
    notes: tuple[str, ...]
