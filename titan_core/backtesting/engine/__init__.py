"""The engine: one pair, or many on one account, through their history."""

from titan_core.backtesting.engine.pair import backtest_pair
from titan_core.backtesting.engine.result import BacktestResult, PortfolioResult
from titan_core.backtesting.engine.totals import METRICS

__all__ = ["METRICS", "BacktestResult", "PortfolioResult", "backtest_pair"]
