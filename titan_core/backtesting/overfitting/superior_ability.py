"""Hansen's test for superior predictive ability: whether any of many strategies beats the benchmark beyond chance."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from titan_core.checks import as_count
from titan_core.errors import Cancelled, DegenerateSeries, InvalidInput, TooFewBars
from titan_core.statistics.bootstrap import as_block_length, optimal_block_length, stationary_counts
from titan_core.types import Float1D, Float2D, ShouldStop

__all__ = ["SuperiorAbility", "superior_ability"]

_COLUMNS_AT_ONCE = 512
_SAMPLED = 100


@dataclass(frozen=True, slots=True)
class SuperiorAbility:
    """Outcome of the test.

    Attributes
    ----------
    statistic : float
        max(0, largest √n·mean/ω over strategies).
    pvalue_lower, pvalue, pvalue_upper : float
        Hansen's three recentrings; the middle one is consistent and is the one to read. The upper treats every poor
        strategy as if it were as good as the benchmark (White's reality check, studentised).
    best : int
        Column of the largest statistic.
    n_strategies : int
        Those that move; the others have no statistic.
    n_obs, n_draws : int
    """

    statistic: float
    pvalue_lower: float
    pvalue: float
    pvalue_upper: float
    best: int
    n_strategies: int
    n_obs: int
    n_draws: int


def superior_ability(
    returns: ArrayLike,
    benchmark: ArrayLike | float = 0.0,
    *,
    generator: np.random.Generator,
    n_draws: int = 1_000,
    block_length: float | None = None,
    should_stop: ShouldStop | None = None,
) -> SuperiorAbility:
    """Test that no strategy has a larger mean return than the benchmark.

    Parameters
    ----------
    returns : array-like of shape (n_bars, n_strategies), finite.
    benchmark : array-like of shape (n_bars,), or one number; 0 is cash.
    generator : source of randomness.
    n_draws : bootstrap samples.
    block_length : mean block of the stationary bootstrap, bars; None for the median of `optimal_block_length` over (at
        most 100) strategies. Long blocks reject too often: at 250 bars and nominal 5 %, blocks of 16 bars reject 15 %.
    should_stop : asked between parts of the work.

    Raises
    ------
    InvalidInput
        Not finite, or of other shapes.
    TooFewBars
        Fewer than 20 bars.
    DegenerateSeries
        No strategy moves against the benchmark.
    Cancelled
        ``should_stop`` returned True.

    References
    ----------
    Hansen (2005), "A test for superior predictive ability", JBES 23(4), 365–380.
    """
    excess = _excess(returns, benchmark)
    n = excess.shape[0]
    length = _usual_length(excess) if block_length is None else as_block_length(block_length)
    deviation = _deviations(excess, length)
    moves = np.flatnonzero(deviation > 0.0)
    if not moves.size:
        raise DegenerateSeries("no strategy moves against the benchmark: there is nothing to test")
    counts = stationary_counts(n, length, as_count(n_draws, "n_draws", minimum=1), generator)
    means = excess.mean(axis=0)
    limit = -math.sqrt(2.0 * math.log(math.log(n)))
    largest = np.zeros((3, counts.shape[0]))  # max(0, …) is Hansen's
    for at in range(0, moves.size, _COLUMNS_AT_ONCE):
        if should_stop is not None and should_stop():
            raise Cancelled("the test for superior ability was stopped")
        columns = moves[at : at + _COLUMNS_AT_ONCE]
        scale = math.sqrt(n) / deviation[columns]
        drawn = counts @ excess[:, columns] / n
        mean = means[columns]
        poor = mean * scale < limit
        for row, shift in enumerate((np.maximum(mean, 0.0), np.where(poor, 0.0, mean), mean)):
            np.maximum(largest[row], ((drawn - shift) * scale).max(axis=1), out=largest[row])
    statistics = math.sqrt(n) * means[moves] / deviation[moves]
    statistic = max(0.0, float(statistics.max()))
    lower, consistent, upper = ((largest > statistic) if statistic > 0.0 else (largest >= 0.0)).mean(axis=1)
    return SuperiorAbility(
        statistic,
        float(lower),
        float(consistent),
        float(upper),
        int(moves[statistics.argmax()]),
        moves.size,
        n,
        counts.shape[0],
    )


def _excess(returns: ArrayLike, benchmark: ArrayLike | float) -> Float2D:
    values = np.asarray(returns, dtype=np.float64)
    against = np.asarray(benchmark, dtype=np.float64)
    if values.ndim != 2 or against.ndim > 1 or (against.ndim == 1 and against.size != values.shape[0]):
        raise InvalidInput(
            f"returns {values.shape} against a benchmark {against.shape}: wanted (n_bars, n_strategies) and (n_bars,)"
        )
    if values.shape[0] < 20:
        raise TooFewBars(f"{values.shape[0]} bars; the test needs at least 20")
    excess = values - (against[:, None] if against.ndim else against)
    if not np.isfinite(excess).all():
        raise InvalidInput("returns or benchmark hold missing or infinite values: drop those bars")
    return np.asarray(excess)


def _usual_length(excess: Float2D) -> float:
    """Median of the strategies' own optimal lengths; 1 where none moves."""
    lengths = [1.0]
    for column in np.unique(np.linspace(0, excess.shape[1] - 1, _SAMPLED).astype(int)):
        try:
            lengths.append(optimal_block_length(excess[:, column]))
        except DegenerateSeries:
            continue
    return float(np.median(lengths[1:])) if len(lengths) > 1 else 1.0


def _deviations(excess: Float2D, block_length: float) -> Float1D:
    """ω of each column: the deviation of √n·mean under the stationary bootstrap (Politis & Romano 1994, lemma 1)."""
    n = excess.shape[0]
    centred = excess - excess.mean(axis=0)
    # all autocovariances at once: the kernel weighs every lag
    size = 1 << (2 * n - 1).bit_length()
    k = np.arange(1, n)
    keep = 1.0 - 1.0 / block_length
    weights = (1.0 - k / n) * keep**k + k / n * keep ** (n - k)
    variance = np.empty(excess.shape[1])
    for at in range(0, excess.shape[1], _COLUMNS_AT_ONCE):
        part = centred[:, at : at + _COLUMNS_AT_ONCE]
        spectrum = np.fft.rfft(part, size, axis=0)
        covariance = np.fft.irfft(np.abs(spectrum) ** 2, size, axis=0)[:n] / n
        variance[at : at + _COLUMNS_AT_ONCE] = covariance[0] + 2.0 * weights @ covariance[1:]
    moves = (centred**2).sum(axis=0) > 1e-24 * (excess**2).sum(axis=0)
    return np.sqrt(np.where(moves, np.maximum(variance, 0.0), 0.0))
