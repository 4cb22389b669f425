"""The Sharpe ratio, its standard error, and what autocorrelation makes of both."""

import math

import numpy as np
from numpy.typing import ArrayLike

from titan_core.backtesting.metrics.record import Metric
from titan_core.backtesting.metrics.returns import as_periods
from titan_core.checks import as_count, as_number, as_series
from titan_core.statistics.moments import Moments, long_run_variance, newey_west_lags
from titan_core.types import Float1D

__all__ = ["adjusted_sharpe_ratio", "annualisation", "sharpe_ratio"]


def sharpe_ratio(
    returns: ArrayLike, periods_per_year: float, *, risk_free: float = 0.0, lags: int = 0
) -> Metric:
    """Mean excess return over its deviation, times √periods_per_year.

    The standard error of the ratio of one bar, S, is √(Var(ψ)/n) with ψ_t = z_t - S(z_t² - 1)/2, z the standardised
    return. Without lags that is √((1 - γ₃S + (γ₄ - 1)S²/4)/n), and √((1 + S²/2)/n) for normal returns; with lags
    ψ's long-run variance is used.

    Parameters
    ----------
    returns : array-like of shape (n_bars,), simple, of one bar each, flat bars included; finite, at least two.
    periods_per_year : bars a year.
    risk_free : simple annual rate; spreads financed by their short leg need none.
    lags : autocovariances in the error (Newey–West).

    Returns
    -------
    Metric
        NaN where returns do not move.

    Raises
    ------
    InvalidInput
        Returns that are not finite, or periods_per_year <= 0.

    References
    ----------
    Lo (2002), "The statistics of Sharpe ratios", FAJ 58(4), 36–52. Mertens (2002), "Comments on variance of the IID
    estimator in Lo". Christie (2005) for ψ under dependence.
    """
    x, periods = as_series(returns, "returns", min_size=2), as_periods(periods_per_year)
    x = x - as_number(risk_free, "risk_free") / periods
    ratio, error = _ratio_and_error(x, as_count(lags, "lags"))
    return Metric(ratio * math.sqrt(periods), x.size, error * math.sqrt(periods))


def adjusted_sharpe_ratio(
    returns: ArrayLike, periods_per_year: float, *, risk_free: float = 0.0, lags: int | None = None
) -> Metric:
    """Sharpe ratio of a year from that of a bar, by returns' own autocorrelation instead of √periods_per_year.

    Trending (positively autocorrelated) returns have a lower annual ratio than √q promises, reverting ones a higher.
    Estimated autocorrelations are tapered, (1 - k/(lags + 1))·ρ_k, or the variance of a year could come out negative.

    Parameters
    ----------
    returns, periods_per_year, risk_free : as in `sharpe_ratio`; periods_per_year is rounded to a whole number.
    lags : autocorrelations counted, later ones being taken as zero; None for ⌊4(n/100)^(2/9)⌋.

    Returns
    -------
    Metric
        NaN where returns do not move.

    References
    ----------
    Lo (2002), equation 20.
    """
    x, periods = as_series(returns, "returns", min_size=2), as_periods(periods_per_year)
    x = x - as_number(risk_free, "risk_free") / periods
    last = newey_west_lags(x.size) if lags is None else as_count(lags, "lags")
    ratio, error = _ratio_and_error(x, last)
    rho = _autocorrelations(x, min(last, x.size - 1))
    factor = annualisation((1.0 - np.arange(1, rho.size + 1) / (last + 1.0)) * rho, periods)
    return Metric(ratio * factor, x.size, error * factor)


def annualisation(autocorrelations: ArrayLike, periods_per_year: float) -> float:
    """η(q) = q / √(q + 2 Σ_{k<q} (q - k) ρ_k): what a one-bar Sharpe ratio is multiplied by to be one of q bars.

    ``autocorrelations`` are ρ_1, ρ_2, …; those left out are zero. NaN where the sum under the root is not positive.
    """
    rho = np.asarray(autocorrelations, dtype=np.float64)
    q = max(1, round(as_periods(periods_per_year)))
    lags = np.arange(1, min(rho.size, q - 1) + 1)
    variance = q + 2.0 * float((q - lags) @ rho[: lags.size])
    return q / math.sqrt(variance) if variance > 0.0 else math.nan


def _ratio_and_error(x: Float1D, lags: int) -> tuple[float, float]:
    moments = Moments.of(x)
    if moments.deviation == 0.0:
        return math.nan, math.nan
    ratio = moments.ratio
    z = (x - moments.mean) / (moments.deviation * math.sqrt((x.size - 1) / x.size))
    influence = z - 0.5 * ratio * (z * z - 1.0)
    return ratio, math.sqrt(long_run_variance(influence, lags) / x.size)


def _autocorrelations(x: Float1D, lags: int) -> Float1D:
    d = x - x.mean()
    total = float(d @ d)
    return np.array([float(d[k:] @ d[:-k]) / total if total > 0.0 else 0.0 for k in range(1, lags + 1)])
