"""The market, compiled: what an order costs, and how much of it is filled."""

import math

import numpy as np

from titan_core.kernels import inlined, kernel
from titan_core.types import Float1D

# Rows of a symbol's market, one float64 a bar. Shares and prices are those of the first bar, before later splits:
# a split multiplies the shares and divides the price, so in these units it leaves no trace but FACTOR.
M_CLOSE, M_FILL, M_LONG, M_SHORT, M_FACTOR, M_VOLUME, M_SIGMA, M_BORROW = 0, 1, 2, 3, 4, 5, 6, 7
N_MARKET = 8

# Costs of a symbol.
C_HALF_SPREAD, C_COMMISSION, C_PER_SHARE, C_MINIMUM, C_PER_ORDER, C_IMPACT, C_PARTICIPATION = (
    0,
    1,
    2,
    3,
    4,
    5,
    6,
)
C_LOT, C_DELISTED_LONG, C_DELISTED_SHORT = 7, 8, 9
N_COSTS = 10

# Terms of the account.
K_CAPITAL, K_COMPOUNDS, K_DEBIT, K_CREDIT, K_LEGGING, K_LIMIT, K_EXPIRES = 0, 1, 2, 3, 4, 5, 6
N_TERMS = 7


@inlined
def commission_of(shares: float, notional: float, factor: float, costs: Float1D) -> float:
    """Commission of one leg's fill: the larger of bps plus per-share fees and the minimum, and a fee an order."""
    fee = float(costs[C_COMMISSION] * notional + costs[C_PER_SHARE] * abs(shares) * factor)
    if fee < costs[C_MINIMUM]:
        fee = float(costs[C_MINIMUM])
    return fee + float(costs[C_PER_ORDER])


@inlined
def impact_of(shares: float, notional: float, volume: float, sigma: float, costs: Float1D) -> float:
    """Square-root impact: coefficient · σ · √(shares / volume) of the notional; both from earlier bars."""
    if costs[C_IMPACT] == 0.0:
        return 0.0
    return float(costs[C_IMPACT]) * sigma * math.sqrt(abs(shares) / volume) * notional


@inlined
def share_filled(shares: float, volume: float, part: float, costs: Float1D) -> float:
    """The share of an order the participation cap lets through, at most ``part``."""
    if costs[C_PARTICIPATION] < np.inf and shares != 0.0:
        allowed = float(costs[C_PARTICIPATION]) * volume / abs(shares)
        if allowed < part:
            return allowed
    return part


@kernel
def trailing_volume(volume: Float1D, window: int, least: int, out: Float1D) -> None:
    """Mean volume of up to ``window`` earlier bars, this one left out; NaN with fewer than ``least``, or all zero."""
    for t in range(volume.size):
        total, count = 0.0, 0
        for i in range(max(0, t - window), t):
            if not math.isnan(volume[i]):
                total += volume[i]
                count += 1
        out[t] = total / count if count >= least and total > 0.0 else np.nan


@kernel
def trailing_sigma(returns: Float1D, window: int, least: int, out: Float1D) -> None:
    """Sample deviation of up to ``window`` earlier returns, this bar's left out; NaN with fewer than ``least``."""
    for t in range(returns.size):
        total, count = 0.0, 0
        start = max(0, t - window)
        for i in range(start, t):
            if not math.isnan(returns[i]):
                total += returns[i]
                count += 1
        if count < least:
            out[t] = np.nan
            continue
        mean, square = total / count, 0.0
        for i in range(start, t):
            if not math.isnan(returns[i]):
                square += (returns[i] - mean) * (returns[i] - mean)
        out[t] = math.sqrt(square / (count - 1.0))


def warm_up() -> None:
    """Compile the kernels of this module."""
    values = np.arange(6.0)
    trailing_volume(values, 3, 2, np.empty(6))
    trailing_sigma(values, 3, 2, np.empty(6))
