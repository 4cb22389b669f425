"""Spreads of a pair: hedge ratios, the spread itself, its reversion, its causal z-score."""

from titan_core.analysis.spreads.hedge_ratios import (
    HedgeRatio,
    RollingHedge,
    hedge_ols,
    hedge_tls,
    rolling_hedge,
)
from titan_core.analysis.spreads.kalman import (
    KalmanNoise,
    KalmanPath,
    KalmanState,
    diffuse_state,
    fit_kalman_noise,
    kalman_filter,
    kalman_update,
)
from titan_core.analysis.spreads.mean_reversion import half_life, rolling_z_score, spread
from titan_core.analysis.spreads.ornstein_uhlenbeck import OrnsteinUhlenbeck, fit_ornstein_uhlenbeck

__all__ = [
    "HedgeRatio",
    "KalmanNoise",
    "KalmanPath",
    "KalmanState",
    "OrnsteinUhlenbeck",
    "RollingHedge",
    "diffuse_state",
    "fit_kalman_noise",
    "fit_ornstein_uhlenbeck",
    "half_life",
    "hedge_ols",
    "hedge_tls",
    "kalman_filter",
    "kalman_update",
    "rolling_hedge",
    "rolling_z_score",
    "spread",
]
