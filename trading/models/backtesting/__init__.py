"""Backtests: what was asked, what came of it, and every configuration that was ever looked at."""

from trading.models.backtesting.asked import BacktestKind, Strategy
from trading.models.backtesting.runs import BacktestResult, BacktestRun, BacktestTrade, EquityPoint
from trading.models.backtesting.sweeps import Sweep
from trading.models.backtesting.trials import Trial, TrialSource
from trading.models.backtesting.walk_forwards import WalkForwardRun, WalkForwardWindow

__all__ = [
    "BacktestKind",
    "BacktestResult",
    "BacktestRun",
    "BacktestTrade",
    "EquityPoint",
    "Strategy",
    "Sweep",
    "Trial",
    "TrialSource",
    "WalkForwardRun",
    "WalkForwardWindow",
]
