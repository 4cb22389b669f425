"""The market: what an order costs, when it is filled, and what became of it; backtest and paper trading share it."""

from titan_core.simulation.costs import (
    Borrow,
    BorrowRate,
    Commission,
    Costs,
    Delisting,
    Fill,
    Financing,
    Impact,
    Recall,
)
from titan_core.simulation.ledger import Fills, Ledger, LedgerOutOfBalance
from titan_core.simulation.market import Market, build_market
from titan_core.simulation.trades import ExitReason, Side, Trade, TradeTable

__all__ = [
    "Borrow",
    "BorrowRate",
    "Commission",
    "Costs",
    "Delisting",
    "ExitReason",
    "Fill",
    "Fills",
    "Financing",
    "Impact",
    "Ledger",
    "LedgerOutOfBalance",
    "Market",
    "Recall",
    "Side",
    "Trade",
    "TradeTable",
    "build_market",
]
