"""What a sweep's best combination is worth: deflated Sharpe, effective trials, probability of overfitting."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from titan_core.backtesting.overfitting.cross_validation import (
    BlockSums,
    Overfitting,
    block_edges,
    probability_of_overfitting,
)
from titan_core.backtesting.overfitting.deflated_sharpe import DeflatedSharpe, deflated_sharpe
from titan_core.backtesting.overfitting.trials import TrialTally, average_correlation, effective_trials
from titan_core.errors import DegenerateSeries
from titan_core.statistics.moments import Moments
from titan_core.types import Float1D, ShouldStop

__all__ = ["SweepVerdict", "judge_sweep", "probabilistic_sharpes"]


@dataclass(frozen=True, slots=True)
class SweepVerdict:
    """The best combination by probabilistic Sharpe ratio, and what is left of it.

    Attributes
    ----------
    best : int
        Row of the sweep.
    deflated : DeflatedSharpe
        Against all trials of the family: those of this sweep and those told of.
    overfitting : Overfitting or None
        None with fewer than two combinations or 32 bars.
    tally : TrialTally
        Of this sweep alone, to be added to the family's ledger.
    correlation : float
        Mean correlation of the combinations' returns, from sums of blocks: 16 observations, so a rough figure.
    """

    best: int
    deflated: DeflatedSharpe
    overfitting: Overfitting | None = field(repr=False)
    tally: TrialTally
    correlation: float


def probabilistic_sharpes(metrics: Mapping[str, Float1D]) -> Float1D:
    """`probabilistic_sharpe` against zero of each row of a sweep's metrics, shape (n_combinations,); NaN = no movement.

    Parameters
    ----------
    metrics : n_returns, mean, deviation, skewness and kurtosis, each of shape (n_combinations,).
    """
    from scipy.special import ndtr

    n, mean, deviation = metrics["n_returns"], metrics["mean"], metrics["deviation"]
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = np.where(deviation > 0.0, mean / deviation, np.nan)
        spread = 1.0 - metrics["skewness"] * ratio + (metrics["kurtosis"] - 1.0) / 4.0 * ratio**2
        return np.asarray(ndtr(ratio * np.sqrt(n - 1.0) / np.sqrt(np.maximum(spread, 1e-12))))


def judge_sweep(
    metrics: Mapping[str, Float1D],
    blocks: npt.NDArray[np.float64],
    *,
    earlier: TrialTally | None = None,
    should_stop: ShouldStop | None = None,
) -> SweepVerdict:
    """Judge a sweep by its own metrics and block sums (`SweepResult.metrics`, `SweepResult.blocks`).

    Parameters
    ----------
    metrics : as in `probabilistic_sharpes`.
    blocks : ndarray of shape (2, n_blocks, n_combinations): sums and sums of squares of returns by block.
    earlier : trials of the same family (strategy, universe, period) made before this sweep.
    should_stop : as in `probability_of_overfitting`.

    Raises
    ------
    DegenerateSeries
        No combination ever moved.
    Cancelled
        ``should_stop`` returned True.
    """
    probabilities = probabilistic_sharpes(metrics)
    if np.isnan(probabilities).all():
        raise DegenerateSeries("no combination ever traded: there is nothing to judge")
    best = int(np.nanargmax(probabilities))
    with np.errstate(divide="ignore", invalid="ignore"):
        tally = TrialTally.of(
            np.where(metrics["deviation"] > 0.0, metrics["mean"] / metrics["deviation"], np.nan)
        )
    family = tally if earlier is None else tally + earlier
    moments = Moments(
        int(metrics["n_returns"][best]),
        *(float(metrics[name][best]) for name in ("mean", "deviation", "skewness", "kurtosis")),
    )
    correlation = average_correlation(blocks[0])
    effective = math.nan if math.isnan(correlation) else effective_trials(family.count, correlation)
    deflated = deflated_sharpe(
        moments, n_trials=family.count, trial_variance=family.variance, effective_trials=effective
    )
    n_blocks, n_trials = blocks.shape[1:]
    enough = n_trials >= 2 and n_blocks >= 2 and n_blocks % 2 == 0 and moments.n >= 2 * n_blocks
    found = None
    if enough:
        sums = BlockSums(blocks[0], blocks[1], np.diff(block_edges(moments.n, n_blocks)))
        found = probability_of_overfitting(sums, should_stop=should_stop)
    return SweepVerdict(best, deflated, found, tally, correlation)
