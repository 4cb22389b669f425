"""Backtesting: the past replayed as it would have been traded, and what its result is worth."""

from titan_core.backtesting.engine import METRICS, BacktestResult, PortfolioResult, backtest_pair
from titan_core.backtesting.engine.portfolio import backtest_portfolio
from titan_core.backtesting.search import SearchResult, search_pair
from titan_core.backtesting.search_space import Range
from titan_core.backtesting.sweep import SweepResult, sweep_pair
from titan_core.backtesting.walk_forward import Plan, Schedule, WalkForward, walk_forward

__all__ = [
    "METRICS",
    "BacktestResult",
    "Plan",
    "PortfolioResult",
    "Range",
    "Schedule",
    "SearchResult",
    "SweepResult",
    "WalkForward",
    "backtest_pair",
    "backtest_portfolio",
    "search_pair",
    "sweep_pair",
    "walk_forward",
]
