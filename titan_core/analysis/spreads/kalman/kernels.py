"""Compiled Kalman filter of a pair: one bar's update, and the loop over it."""

import math

import numpy as np

from titan_core.kernels import kernel
from titan_core.types import Float1D

# State of the filter: intercept, slope, and their covariance (P00, P01, P11).
STATE_SIZE = 5


@kernel
def kalman_update(
    state: Float1D,
    y: float,
    x: float,
    observation_variance: float,
    intercept_variance: float,
    slope_variance: float,
) -> tuple[float, float]:
    """Take one bar into ``state`` (5,), in place: the innovation y - α_{t|t-1} - β_{t|t-1}·x and its variance F_t.

    Coefficients walk at random, so the prediction is the last estimate and only its variance grows. Covariances are
    updated in Joseph's form, which stays positive where the short form cancels. A bar with a NaN leg grows the
    variance and returns (NaN, NaN).
    """
    p00 = state[2] + intercept_variance
    p01 = state[3]
    p11 = state[4] + slope_variance
    if not (math.isfinite(y) and math.isfinite(x)):
        state[2] = p00
        state[4] = p11
        return np.nan, np.nan
    innovation = y - state[0] - state[1] * x
    c0 = p00 + p01 * x  # covariance of each coefficient with what is observed
    c1 = p01 + p11 * x
    variance = c0 + c1 * x + observation_variance
    k0, k1 = c0 / variance, c1 / variance
    state[0] += k0 * innovation
    state[1] += k1 * innovation
    # (I - K H) P (I - K H)' + K R K', H = (1, x)
    a00, a01 = 1.0 - k0, -k0 * x
    a10, a11 = -k1, 1.0 - k1 * x
    b00, b01 = a00 * p00 + a01 * p01, a00 * p01 + a01 * p11
    b10, b11 = a10 * p00 + a11 * p01, a10 * p01 + a11 * p11
    state[2] = b00 * a00 + b01 * a01 + k0 * k0 * observation_variance
    state[3] = b00 * a10 + b01 * a11 + k0 * k1 * observation_variance
    state[4] = b10 * a10 + b11 * a11 + k1 * k1 * observation_variance
    return innovation, variance


@kernel
def kalman_path(
    state: Float1D,
    y: Float1D,
    x: Float1D,
    noise: Float1D,
    intercepts: Float1D,
    slopes: Float1D,
    innovations: Float1D,
    variances: Float1D,
) -> None:
    """Loop over `kalman_update`; out come the coefficients *before* each bar, its innovation and variance."""
    for t in range(y.size):
        intercepts[t] = state[0]
        slopes[t] = state[1]
        innovations[t], variances[t] = kalman_update(state, y[t], x[t], noise[0], noise[1], noise[2])


@kernel
def concentrated_likelihood(
    y: Float1D, x: Float1D, intercept_ratio: float, slope_ratio: float, diffuse: Float1D
) -> tuple[float, float]:
    """-2 log-likelihood (without its constant) with the observation variance concentrated out, and that variance.

    Variances are ratios to the observation's; ``diffuse`` is the state before the first bar, and the first two bars,
    which only end its vagueness, are not counted.
    """
    state = diffuse.copy()
    logs = squares = 0.0
    n = 0
    for t in range(y.size):
        innovation, variance = kalman_update(state, y[t], x[t], 1.0, intercept_ratio, slope_ratio)
        if t >= 2 and math.isfinite(innovation):
            logs += math.log(variance)
            squares += innovation * innovation / variance
            n += 1
    if n == 0 or not squares > 0.0:
        return np.nan, np.nan
    observation_variance = squares / n
    return n * math.log(observation_variance) + logs + n, observation_variance


def warm_up() -> None:
    """Compile the kernels of this module."""
    y, x = np.random.default_rng(0).normal(size=(2, 8))
    state = np.array([0.0, 0.0, 1e6, 0.0, 1e6])
    concentrated_likelihood(y, x, 1e-4, 1e-4, state)
    kalman_update(state, 1.0, 1.0, 1.0, 1e-4, 1e-4)
    out = np.empty((4, 8))
    kalman_path(state, y, x, np.array([1.0, 1e-4, 1e-4]), out[0], out[1], out[2], out[3])
