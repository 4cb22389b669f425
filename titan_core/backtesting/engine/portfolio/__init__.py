"""Many pairs on one account."""

from titan_core.backtesting.engine.portfolio.face import backtest_portfolio

__all__ = ["backtest_portfolio"]
