"""Walk-forward: the past chooses, the future is traded, window after window."""

from titan_core.backtesting.walk_forward.choice import Candidate, Choice, Chosen, candidates_of
from titan_core.backtesting.walk_forward.plan import Plan
from titan_core.backtesting.walk_forward.records import ChosenPair, WalkForward, WindowResult
from titan_core.backtesting.walk_forward.run import choose_window, walk_forward
from titan_core.backtesting.walk_forward.windows import Schedule, Window

__all__ = [
    "Candidate",
    "Choice",
    "Chosen",
    "ChosenPair",
    "Plan",
    "Schedule",
    "WalkForward",
    "Window",
    "WindowResult",
    "candidates_of",
    "choose_window",
    "walk_forward",
]
