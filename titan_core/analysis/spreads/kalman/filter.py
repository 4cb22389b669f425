"""The Kalman filter of a pair: y_t = α_t + β_t·x_t + ε_t, with α and β random walks.

Everything served is causal: the innovation of a bar is measured against the coefficients of the bar before, and the
noise is fitted on bars up to ``fit_end`` only.
"""

import math
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import ArrayLike

from titan_core.analysis.spreads.kalman import kernels
from titan_core.checks import as_count, as_number, one_dimension
from titan_core.errors import DegenerateSeries, InvalidInput, TooFewBars
from titan_core.types import Float1D

__all__ = [
    "KalmanNoise",
    "KalmanPath",
    "KalmanState",
    "diffuse_state",
    "fit_kalman_noise",
    "kalman_filter",
    "kalman_update",
]

_FEWEST = 20
# Ratios of coefficient to observation variance that are searched, as powers of e: from "fixed" to "wild".
_LOWEST, _HIGHEST = -32.0, 4.0
_VAGUE = 1e7  # prior variance of the coefficients, in observation variances


@dataclass(frozen=True, slots=True)
class KalmanNoise:
    """Variances of the model, a bar each.

    Attributes
    ----------
    observation, intercept, slope : float, >= 0, observation > 0
        Of ε, and of the steps of α and β. With ``intercept = slope = 0`` the filter is recursive least squares.
    fit_end : int or None
        Last bar (position) the fit has seen; None where the values were given.
    n_obs : int
        Bars the fit has used.
    log_likelihood : float
        Of those bars, the first two (which end the prior's vagueness) left out; NaN where values were given.

    Raises
    ------
    InvalidInput
        A variance is negative, not finite, or the observation's is zero.
    """

    observation: float
    intercept: float
    slope: float
    fit_end: int | None = None
    n_obs: int = 0
    log_likelihood: float = math.nan

    def __post_init__(self) -> None:
        """Check the three variances."""
        for name in ("observation", "intercept", "slope"):
            value = as_number(getattr(self, name), f"{name} variance")
            if value < 0.0 or (name == "observation" and value == 0.0):
                raise InvalidInput(f"{name} variance is {value}: it must be above zero")
            object.__setattr__(self, name, value)

    def as_array(self) -> Float1D:
        """(observation, intercept, slope), as kernels take them."""
        return np.array([self.observation, self.intercept, self.slope])


@dataclass(frozen=True, slots=True)
class KalmanState:
    """Estimates after a bar: α, β and their covariance (P00, P01, P11)."""

    intercept: float
    hedge_ratio: float
    covariance: tuple[float, float, float]

    def as_array(self) -> Float1D:
        """Shape (5,), as kernels take it."""
        return np.array([self.intercept, self.hedge_ratio, *self.covariance])

    @classmethod
    def of_array(cls, values: Float1D) -> "KalmanState":
        """The state a kernel left."""
        a, b, p00, p01, p11 = (float(v) for v in values)
        return cls(a, b, (p00, p01, p11))


@dataclass(frozen=True, slots=True, eq=False)
class KalmanPath:
    """What the filter said bar by bar; arrays have shape (n_bars,).

    Attributes
    ----------
    intercept, hedge_ratio : α_{t|t-1}, β_{t|t-1}: known before bar t.
    innovation : y_t - α_{t|t-1} - β_{t|t-1}·x_t; NaN where a leg has no bar.
    variance : F_t of the innovation.
    state : KalmanState after the last bar.
    """

    intercept: Float1D = field(repr=False)
    hedge_ratio: Float1D = field(repr=False)
    innovation: Float1D = field(repr=False)
    variance: Float1D = field(repr=False)
    state: KalmanState

    @property
    def z_score(self) -> Float1D:
        """Innovation / √F; NaN where a leg has no bar. Standard normal where the model is true."""
        return np.asarray(self.innovation / np.sqrt(self.variance))


def diffuse_state(noise: KalmanNoise) -> KalmanState:
    """Before any bar: zero coefficients of variance 10⁷ observation variances, so that two bars outweigh it."""
    vague = _VAGUE * noise.observation
    return KalmanState(0.0, 0.0, (vague, 0.0, vague))


def kalman_update(
    state: KalmanState, y: float, x: float, noise: KalmanNoise
) -> tuple[KalmanState, float, float]:
    """One bar: the state after it, its innovation against the state before, and the innovation's variance.

    A NaN leg means no bar: coefficients stay, their variance grows, innovation and variance are NaN.

    References
    ----------
    Harvey (1989), "Forecasting, structural time series models and the Kalman filter", section 3.2; covariance in the
    form of Bucy & Joseph (1968).
    """
    values = state.as_array()
    innovation, variance = kernels.kalman_update(
        values, float(y), float(x), noise.observation, noise.intercept, noise.slope
    )
    return KalmanState.of_array(values), float(innovation), float(variance)


def kalman_filter(
    y: ArrayLike, x: ArrayLike, *, noise: KalmanNoise, initial: KalmanState | None = None
) -> KalmanPath:
    """`kalman_update` over all bars, to the bit.

    Parameters
    ----------
    y, x : array-like of shape (n_bars,), oldest first; NaN = no bar.
    noise : fit it on earlier bars (`fit_kalman_noise`): the path is causal from ``noise.fit_end`` on, and in sample
        before.
    initial : state before the first bar; `diffuse_state` by default, whose first two innovations mean nothing.

    Raises
    ------
    InvalidInput
        Legs of different length, or not numbers.
    """
    first, second = _legs(y, x)
    state = (initial or diffuse_state(noise)).as_array()
    out = np.empty((4, first.size))
    kernels.kalman_path(state, first, second, noise.as_array(), out[0], out[1], out[2], out[3])
    return KalmanPath(out[0], out[1], out[2], out[3], KalmanState.of_array(state))


def fit_kalman_noise(y: ArrayLike, x: ArrayLike, *, fit_end: int) -> KalmanNoise:
    """Variances of largest likelihood on bars 0 … fit_end; later bars may be passed and are not looked at.

    The observation variance is concentrated out; the two ratios to it are searched by Nelder and Mead from a grid's
    best point, in logarithms between e⁻³² and e⁴.

    Parameters
    ----------
    y, x : array-like of shape (n_bars,), oldest first; NaN = no bar.
    fit_end : position of the last bar to use.

    Raises
    ------
    InvalidInput
        Legs of different length, or fit_end outside them.
    TooFewBars
        Fewer than 20 bars that both legs have.
    DegenerateSeries
        x does not move, or y is an exact line of x: no noise to fit.

    References
    ----------
    Harvey (1989), section 3.4 (prediction error decomposition).
    """
    first, second = _legs(y, x)
    last = as_count(fit_end, "fit_end")
    if last >= first.size:
        raise InvalidInput(f"fit_end is bar {last}, but there are bars 0 … {first.size - 1} only")
    first, second = first[: last + 1], second[: last + 1]
    both = np.isfinite(first) & np.isfinite(second)
    n = int(np.count_nonzero(both))
    if n < _FEWEST:
        raise TooFewBars(f"{n} bars up to fit_end have both legs; fitting noise takes {_FEWEST}")
    _check_movement(first[both], second[both])
    logs = _best_ratios(first, second)
    intercept_ratio, slope_ratio = (math.exp(v) if v > _LOWEST else 0.0 for v in logs)
    deviance, observation = _deviance(first, second, intercept_ratio, slope_ratio)
    likelihood = -0.5 * (deviance + (n - 2) * math.log(2.0 * math.pi))
    return KalmanNoise(
        observation, intercept_ratio * observation, slope_ratio * observation, last, n, likelihood
    )


def _best_ratios(y: Float1D, x: Float1D) -> tuple[float, float]:
    from scipy.optimize import minimize

    def objective(at: Float1D) -> float:
        a, b = np.clip(at, _LOWEST, _HIGHEST)
        return _deviance(y, x, math.exp(a), math.exp(b))[0]

    grid = [np.array([a, b]) for a in (-20.0, -12.0, -6.0, -2.0) for b in (-20.0, -12.0, -6.0, -2.0)]
    start = min(grid, key=objective)
    simplex = start + np.array([[0.0, 0.0], [2.0, 0.0], [0.0, 2.0]])
    found = minimize(
        objective,
        start,
        method="Nelder-Mead",
        options={"initial_simplex": simplex, "xatol": 1e-4, "fatol": 1e-7, "maxiter": 400},
    )
    a, b = np.clip(found.x, _LOWEST, _HIGHEST)
    return float(a), float(b)


def _deviance(y: Float1D, x: Float1D, intercept_ratio: float, slope_ratio: float) -> tuple[float, float]:
    vague = np.array([0.0, 0.0, _VAGUE, 0.0, _VAGUE])
    deviance, variance = kernels.concentrated_likelihood(y, x, intercept_ratio, slope_ratio, vague)
    return float(deviance), float(variance)


def _check_movement(y: Float1D, x: Float1D) -> None:
    spread = np.linalg.lstsq(np.column_stack([np.ones(x.size), x]), y, rcond=None)
    if np.ptp(x) <= 1e-12 * np.abs(x).max() or spread[2] < 2:
        raise DegenerateSeries("x does not move up to fit_end: it has no hedge ratio")
    if spread[1].size and spread[1][0] <= 1e-20 * float(y @ y):
        raise DegenerateSeries("y is a straight line of x up to fit_end: there is no noise to fit")


def _legs(y: ArrayLike, x: ArrayLike) -> tuple[Float1D, Float1D]:
    first, second = one_dimension(y, "y"), one_dimension(x, "x")
    if first.size != second.size:
        raise InvalidInput(f"y has {first.size} bars and x has {second.size}; a pair needs them bar for bar")
    return first, second
