"""How sure a Sharpe ratio is: against zero, against the best of many trials, and how long a record it takes.

All ratios here are of one bar, never annualised: the formulas count bars.
"""

import math
from dataclasses import dataclass

from numpy.typing import ArrayLike

from titan_core.checks import as_count, as_fraction, as_number
from titan_core.errors import DegenerateSeries, InvalidInput
from titan_core.statistics.moments import Moments

__all__ = [
    "DeflatedSharpe",
    "deflated_sharpe",
    "expected_maximum_sharpe",
    "minimum_track_record",
    "probabilistic_sharpe",
]

_EULER = 0.5772156649015329


@dataclass(frozen=True, slots=True)
class DeflatedSharpe:
    """Verdict on the best of many trials.

    Attributes
    ----------
    sharpe : float
        Of one bar, observed.
    threshold : float
        SR₀: what the best of ``n_trials`` without any skill is expected to reach.
    probability : float
        That the true ratio is above the threshold; 0.95 and more is called significant at 5 %.
    n_trials : int
        Distinct configurations tried.
    effective_trials : float
        As many independent trials they amount to (`effective_trials`); NaN where not known.
    effective_probability : float
        The probability were the threshold set by ``effective_trials``: shown beside, decides nothing.
    n_obs : int
        Bars.
    """

    sharpe: float
    threshold: float
    probability: float
    n_trials: int
    effective_trials: float
    effective_probability: float
    n_obs: int


def probabilistic_sharpe(moments: Moments, benchmark: float = 0.0) -> float:
    """Probability that the true Sharpe ratio of a bar exceeds ``benchmark``.

    Φ((S - S*)·√(n - 1) / √(1 - γ₃S + (γ₄ - 1)S²/4)) with raw kurtosis γ₄.

    Parameters
    ----------
    moments : of the returns, one a bar (`Moments.of`), or as streamed by a sweep.
    benchmark : S*, of one bar.

    Returns
    -------
    float
        NaN where returns do not move: there is no ratio to judge.

    References
    ----------
    Bailey & López de Prado (2012), "The Sharpe ratio efficient frontier", Journal of Risk 15(2), equation 11.
    """
    from scipy.special import ndtr

    ratio = moments.ratio
    if math.isnan(ratio):
        return math.nan
    against = as_number(benchmark, "benchmark")
    return float(ndtr((ratio - against) * math.sqrt(moments.n - 1) / math.sqrt(_spread(moments))))


def expected_maximum_sharpe(n_trials: float, variance: float) -> float:
    """SR₀ = √V·[(1 - γ)Φ⁻¹(1 - 1/N) + γΦ⁻¹(1 - 1/(N·e))]: the best of N trials without skill, as a rule.

    Parameters
    ----------
    n_trials : N, at least 1; 1 gives 0. An effective number need not be whole.
    variance : V, of the one-bar Sharpe ratios across trials.

    References
    ----------
    Bailey & López de Prado (2014), "The deflated Sharpe ratio", Journal of Portfolio Management 40(5), equation 1.
    """
    from scipy.special import ndtri

    n, v = as_number(n_trials, "n_trials"), as_number(variance, "variance")
    if n < 1.0 or v < 0.0:
        raise InvalidInput(f"n_trials is {n} and variance {v}: at least one trial, and no negative variance")
    if n == 1.0:
        return 0.0
    quantiles = (1.0 - _EULER) * ndtri(1.0 - 1.0 / n) + _EULER * ndtri(1.0 - 1.0 / (n * math.e))
    return math.sqrt(v) * max(0.0, float(quantiles))


def deflated_sharpe(
    returns: ArrayLike | Moments,
    *,
    n_trials: int,
    trial_variance: float,
    effective_trials: float = math.nan,
) -> DeflatedSharpe:
    """Probabilistic Sharpe ratio of the chosen trial against the best that chance would have found.

    Parameters
    ----------
    returns : array-like of shape (n_bars,), of the trial that was chosen, finite; or their `Moments`.
    n_trials : distinct configurations tried in the family (strategy, universe, period): grids, searches with their
        pruned trials, sliders.
    trial_variance : variance of one-bar Sharpe ratios across those trials (`TrialTally.variance`). With one trial it
        is not used.
    effective_trials : from `effective_trials`, to be shown beside.

    Raises
    ------
    InvalidInput
        No trial, or a negative variance.
    DegenerateSeries
        The returns do not move.

    References
    ----------
    Bailey & López de Prado (2014), equation 2.
    """
    moments = returns if isinstance(returns, Moments) else Moments.of(returns)
    if math.isnan(moments.ratio):
        raise DegenerateSeries("returns do not move: there is no Sharpe ratio to deflate")
    n = as_count(n_trials, "n_trials", minimum=1)
    variance = 0.0 if n == 1 else trial_variance
    threshold = expected_maximum_sharpe(n, variance)
    effective = math.nan
    if not math.isnan(effective_trials):
        effective = probabilistic_sharpe(moments, expected_maximum_sharpe(effective_trials, variance))
    return DeflatedSharpe(
        moments.ratio,
        threshold,
        probabilistic_sharpe(moments, threshold),
        n,
        float(effective_trials),
        effective,
        moments.n,
    )


def minimum_track_record(moments: Moments, benchmark: float = 0.0, *, alpha: float = 0.05) -> float:
    """Bars it takes to call the observed Sharpe ratio above ``benchmark`` at level ``alpha``.

    1 + (1 - γ₃S + (γ₄ - 1)S²/4)·(Φ⁻¹(1 - α) / (S - S*))²; inf where S is not above S*.

    Parameters
    ----------
    moments : of the returns, one a bar.
    benchmark : S*, of one bar: 0, or the threshold of `deflated_sharpe`.
    alpha : level.

    References
    ----------
    Bailey & López de Prado (2012), equation 13.
    """
    from scipy.special import ndtri

    gap = moments.ratio - as_number(benchmark, "benchmark")
    if math.isnan(gap):
        return math.nan
    if gap <= 0.0:
        return math.inf
    return 1.0 + _spread(moments) * (float(ndtri(1.0 - as_fraction(alpha, "alpha"))) / gap) ** 2


def _spread(moments: Moments) -> float:
    """1 - γ₃S + (γ₄ - 1)S²/4: never negative, for γ₄ ≥ 1 + γ₃²; rounding must not make it so."""
    s = moments.ratio
    return max(1.0 - moments.skewness * s + (moments.kurtosis - 1.0) / 4.0 * s * s, 1e-12)
