"""The Kalman filter of a pair: hedge ratio and intercept as random walks."""

from titan_core.analysis.spreads.kalman.filter import (
    KalmanNoise,
    KalmanPath,
    KalmanState,
    diffuse_state,
    fit_kalman_noise,
    kalman_filter,
    kalman_update,
)

__all__ = [
    "KalmanNoise",
    "KalmanPath",
    "KalmanState",
    "diffuse_state",
    "fit_kalman_noise",
    "kalman_filter",
    "kalman_update",
]
