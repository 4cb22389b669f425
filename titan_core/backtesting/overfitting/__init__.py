"""The price of overfitting: what is left of a result once every configuration tried is counted."""

from titan_core.backtesting.overfitting.cross_validation import (
    BlockSums,
    Overfitting,
    block_edges,
    probability_of_overfitting,
)
from titan_core.backtesting.overfitting.deflated_sharpe import (
    DeflatedSharpe,
    deflated_sharpe,
    expected_maximum_sharpe,
    minimum_track_record,
    probabilistic_sharpe,
)
from titan_core.backtesting.overfitting.splits import (
    Split,
    non_causal_cpcv_paths,
    non_causal_cpcv_splits,
    purged_training,
)
from titan_core.backtesting.overfitting.superior_ability import SuperiorAbility, superior_ability
from titan_core.backtesting.overfitting.sweeps import SweepVerdict, judge_sweep, probabilistic_sharpes
from titan_core.backtesting.overfitting.trials import TrialTally, average_correlation, effective_trials

__all__ = [
    "BlockSums",
    "DeflatedSharpe",
    "Overfitting",
    "Split",
    "SuperiorAbility",
    "SweepVerdict",
    "TrialTally",
    "average_correlation",
    "block_edges",
    "deflated_sharpe",
    "effective_trials",
    "expected_maximum_sharpe",
    "judge_sweep",
    "minimum_track_record",
    "non_causal_cpcv_paths",
    "non_causal_cpcv_splits",
    "probabilistic_sharpe",
    "probabilistic_sharpes",
    "probability_of_overfitting",
    "purged_training",
    "superior_ability",
]
