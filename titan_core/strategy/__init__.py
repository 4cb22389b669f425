"""The brain: rules, their parameters, and one step from a bar to a target; backtest and live engine share it."""

from titan_core.strategy.parameters import RULES, Rule, RuleName, TradedPair
from titan_core.strategy.signals import Signals, compute_signals, new_state

__all__ = ["RULES", "Rule", "RuleName", "Signals", "TradedPair", "compute_signals", "new_state"]
