"""Walk-forward: the past chooses, the future is traded, window after window."""

from titan_core.backtesting.walk_forward.choice import Candidate, Choice, candidates_of
from titan_core.backtesting.walk_forward.plan import Plan
from titan_core.backtesting.walk_forward.records import ChosenPair, WalkForward, WindowResult
from titan_core.backtesting.walk_forward.run import walk_forward
from titan_core.backtesting.walk_forward.windows import Schedule, Window

__all__ = [
    "Candidate",
    "Choice",
    "ChosenPair",
    "Plan",
    "Schedule",
    "WalkForward",
    "Window",
    "WindowResult",
    "candidates_of",
    "walk_forward",
]
