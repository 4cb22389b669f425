"""Comparing two runs: whether the difference of their Sharpe ratios is more than chance."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from titan_core.checks import as_count, as_fraction, as_number, as_series
from titan_core.errors import DegenerateSeries, InvalidInput
from titan_core.statistics.bootstrap import circular_indices, optimal_block_length
from titan_core.statistics.moments import long_run_variance, newey_west_lags
from titan_core.types import Float1D, Float2D

__all__ = ["SharpeDifference", "compare_sharpe_ratios"]

_DRAWS_AT_ONCE = 200


@dataclass(frozen=True, slots=True)
class SharpeDifference:
    """Sharpe ratio of the first run minus that of the second, per year.

    Attributes
    ----------
    difference, standard_error : float
        The error takes account of autocorrelation and of the runs' dependence (Newey–West).
    low, high : float
        Symmetric bootstrap interval at 1 - alpha.
    pvalue : float
        Two-sided, studentised bootstrap: the one to read.
    asymptotic_pvalue : float
        From the normal law; too small in short or heavy-tailed samples.
    block_length : int
        Bars.
    n_obs, n_draws : int
    """

    difference: float
    standard_error: float
    low: float
    high: float
    pvalue: float
    asymptotic_pvalue: float
    block_length: int
    n_obs: int
    n_draws: int


def compare_sharpe_ratios(
    first: ArrayLike,
    second: ArrayLike,
    *,
    periods_per_year: float,
    generator: np.random.Generator,
    n_draws: int = 4_999,
    block_length: int | None = None,
    alpha: float = 0.05,
) -> SharpeDifference:
    """Paired test of equal Sharpe ratios.

    d = |Δ|/s is compared with |Δ* - Δ|/s* on circular blocks of joint bars; s* is by blocks of the draw.

    Parameters
    ----------
    first, second : array-like of shape (n_bars,), simple returns of the same bars, finite, at least 30.
    periods_per_year : bars a year; scales what is reported, not the p-value.
    generator : source of randomness.
    n_draws : bootstrap samples.
    block_length : bars; None for the optimal length of the difference's own influence series.
    alpha : of the interval.

    Raises
    ------
    InvalidInput
        Returns of different bars, or not finite.
    DegenerateSeries
        A run does not move, or both are the same.

    References
    ----------
    Ledoit & Wolf (2008), "Robust performance hypothesis testing with the Sharpe ratio", Journal of Empirical Finance
    15(5), 850–859, sections 3.1 and 3.2.2.
    """
    from scipy.special import ndtr

    a, b = as_series(first, "first", min_size=30), as_series(second, "second", min_size=30)
    if a.size != b.size:
        raise InvalidInput(f"{a.size} and {b.size} returns: compare runs on the bars both have")
    level, periods = as_fraction(alpha, "alpha"), as_number(periods_per_year, "periods_per_year")
    if periods <= 0.0:
        raise InvalidInput(f"periods_per_year must be above 0; it is {periods}")
    draws = as_count(n_draws, "n_draws", minimum=1)
    for name, x in (("first", a), ("second", b)):
        if not float(((x - x.mean()) ** 2).sum()) > 1e-24 * float(x @ x):
            raise DegenerateSeries(f"the {name} run does not move: it has no Sharpe ratio")
    difference, influence = _difference(a[None], b[None])
    observed, psi = float(difference[0]), influence[0]
    # what two equal (or proportional) runs leave is rounding
    if not float(psi @ psi) > 1e-20 * psi.size:
        raise DegenerateSeries("both runs have the same returns up to scale: there is no difference to test")
    n = a.size
    error = math.sqrt(long_run_variance(psi, newey_west_lags(n)) / n)
    length = _length(psi) if block_length is None else as_count(block_length, "block_length", minimum=1)
    studentised = _bootstrap(a, b, observed, length, draws, generator)
    statistic = abs(observed) / error
    quantile = float(np.quantile(studentised, 1.0 - level))
    scale = math.sqrt(periods)
    return SharpeDifference(
        difference=observed * scale,
        standard_error=error * scale,
        low=(observed - quantile * error) * scale,
        high=(observed + quantile * error) * scale,
        pvalue=float((1.0 + np.count_nonzero(studentised >= statistic)) / (1.0 + draws)),
        asymptotic_pvalue=float(2.0 * ndtr(-statistic)),
        block_length=length,
        n_obs=n,
        n_draws=draws,
    )


def _length(psi: Float1D) -> int:
    return max(1, min(round(optimal_block_length(psi)), psi.size // 4))


def _difference(a: Float2D, b: Float2D) -> tuple[Float1D, Float2D]:
    """Of each row: the difference of one-bar ratios (divisor n), and what each bar adds to it."""
    ratios, influences = [], []
    for x in (a, b):
        d = x - x.mean(axis=1, keepdims=True)
        deviation = np.sqrt((d * d).mean(axis=1, keepdims=True))
        ratio = x.mean(axis=1, keepdims=True) / deviation
        d /= deviation
        ratios.append(ratio[:, 0])
        influences.append(d - 0.5 * ratio * (d * d - 1.0))
    return ratios[0] - ratios[1], influences[0] - influences[1]


def _bootstrap(
    a: Float1D, b: Float1D, observed: float, length: int, draws: int, generator: np.random.Generator
) -> Float1D:
    """|Δ* - Δ| / s* of each draw, shape (draws,); inf where a draw does not vary."""
    n = a.size
    n_blocks = n // length
    out = np.empty(draws)
    for at in range(0, draws, _DRAWS_AT_ONCE):
        part = out[at : at + _DRAWS_AT_ONCE]
        rows = np.stack([circular_indices(n, length, generator) for _ in range(part.size)])
        difference, psi = _difference(a[rows], b[rows])
        blocks = psi[:, : n_blocks * length].reshape(part.size, n_blocks, length).sum(axis=2)
        variance = (blocks * blocks).mean(axis=1) / length
        error = np.sqrt(variance / n)
        part[:] = np.divide(
            np.abs(difference - observed), error, out=np.full(part.size, np.inf), where=error > 0.0
        )
    return out
