"""The Ornstein–Uhlenbeck process fitted to a spread, with standard errors."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from titan_core.checks import as_series
from titan_core.errors import DegenerateSeries

__all__ = ["OrnsteinUhlenbeck", "fit_ornstein_uhlenbeck"]


@dataclass(frozen=True, slots=True)
class OrnsteinUhlenbeck:
    """ds = κ(μ - s)dt + σ dW seen once a bar, so s_{t+1} = μ + φ(s_t - μ) + ε_t with φ = e^{-κ}; time in bars.

    Standard errors are asymptotic, for φ well below 1; near 1 φ is biased downwards and its law is not normal.

    Attributes
    ----------
    slope, slope_error : φ by least squares (the conditional maximum likelihood), and its standard error.
    speed, speed_error : κ = -ln φ a bar; 0 where φ ≥ 1, inf where φ ≤ 0.
    mean, mean_error : μ, in units of the spread; NaN where φ ≥ 1.
    volatility, volatility_error : σ per √bar. Where φ ≥ 1 that of a random walk, where φ ≤ 0 NaN.
    stationary_deviation : σ/√(2κ), how far out the spread is as a rule; inf where φ ≥ 1.
    half_life, half_life_error : ln 2 / κ, in bars; inf where φ ≥ 1, 0 where φ ≤ 0.
    n_obs : bars.
    """

    slope: float
    slope_error: float
    speed: float
    speed_error: float
    mean: float
    mean_error: float
    volatility: float
    volatility_error: float
    stationary_deviation: float
    half_life: float
    half_life_error: float
    n_obs: int

    @property
    def reverts(self) -> bool:
        """Whether φ < 1."""
        return self.slope < 1.0


def fit_ornstein_uhlenbeck(spread: ArrayLike) -> OrnsteinUhlenbeck:
    """Fit by exact discretisation: least squares of s_{t+1} on s_t, errors by the delta method.

    Parameters
    ----------
    spread : array-like of shape (n_bars,), oldest first, finite, n_bars >= 10. All bars are used: a rule that trades on
        the fit passes the bars before.

    Raises
    ------
    InvalidInput
        Not one series of finite numbers.
    TooFewBars
        Fewer than ten bars.
    DegenerateSeries
        The spread is constant, or follows its own recursion exactly.

    References
    ----------
    Brigo, Dalessandro, Neugebauer & Triki (2007), "A stochastic processes toolkit for risk management", section 5.
    """
    s = as_series(spread, "spread", min_size=10)
    before, after = s[:-1], s[1:]
    n = before.size
    centre = float(before.mean())
    d = before - centre
    sxx = float(d @ d)
    if not sxx > 1e-24 * float(before @ before):
        raise DegenerateSeries("spread is constant: it has no speed of reversion")
    phi = float(d @ (after - after.mean())) / sxx
    level = float(after.mean())  # fitted value at s_t = centre; uncorrelated with φ
    residual = after - level - phi * d
    variance = float(residual @ residual) / (n - 2)
    if not variance > 1e-24 * float(after @ after) / n:
        raise DegenerateSeries("spread follows its own recursion exactly: there is no noise to fit")
    phi_error = math.sqrt(variance / sxx)
    deviation = math.sqrt(variance)
    if not 0.0 < phi < 1.0:
        reverts = phi < 1.0
        mean = (level - phi * centre) / (1.0 - phi) if reverts else math.nan
        return OrnsteinUhlenbeck(
            slope=phi,
            slope_error=phi_error,
            speed=math.inf if reverts else 0.0,
            speed_error=math.nan,
            mean=mean,
            mean_error=_mean_error(phi, level - centre, variance, sxx, n) if reverts else math.nan,
            volatility=math.nan if reverts else deviation,
            volatility_error=math.nan,
            stationary_deviation=deviation / math.sqrt(1.0 - phi**2) if -1.0 < phi < 1.0 else math.inf,
            half_life=0.0 if reverts else math.inf,
            half_life_error=math.nan,
            n_obs=s.size,
        )
    kappa = -math.log(phi)
    volatility, volatility_error = _volatility(phi, phi_error, variance, n)
    half_life = math.log(2.0) / kappa
    return OrnsteinUhlenbeck(
        slope=phi,
        slope_error=phi_error,
        speed=kappa,
        speed_error=phi_error / phi,
        mean=(level - phi * centre) / (1.0 - phi),
        mean_error=_mean_error(phi, level - centre, variance, sxx, n),
        volatility=volatility,
        volatility_error=volatility_error,
        stationary_deviation=volatility / math.sqrt(2.0 * kappa),
        half_life=half_life,
        half_life_error=half_life * phi_error / (phi * kappa),
        n_obs=s.size,
    )


def _mean_error(phi: float, step: float, variance: float, sxx: float, n: int) -> float:
    """Of μ = centre + step / (1 - φ): step has variance s²/n and is uncorrelated with φ."""
    by_step, by_slope = 1.0 / (1.0 - phi), step / (1.0 - phi) ** 2
    return math.sqrt(variance * (by_step**2 / n + by_slope**2 / sxx))


def _volatility(phi: float, phi_error: float, variance: float, n: int) -> tuple[float, float]:
    """σ² = s²·2κ/(1 - φ²), and σ's error: s² has relative variance 2/(n - 2), independent of φ."""
    kappa = -math.log(phi)
    sigma = math.sqrt(variance * 2.0 * kappa / (1.0 - phi**2))
    by_slope = -1.0 / (phi * kappa) + 2.0 * phi / (1.0 - phi**2)  # d ln σ² / dφ
    relative = math.sqrt(2.0 / (n - 2) + (by_slope * phi_error) ** 2)
    return sigma, float(np.abs(sigma * 0.5 * relative))
