"""How much is traded: time in the market, leverage, turnover; and how the result moves with the market."""

import math

import numpy as np
from numpy.typing import ArrayLike

from titan_core.backtesting.metrics.record import Metric
from titan_core.backtesting.metrics.returns import as_equity, as_periods
from titan_core.checks import as_series
from titan_core.errors import InvalidInput
from titan_core.statistics.moments import long_run_variance, newey_west_lags
from titan_core.types import Float1D

__all__ = ["exposure", "gross_leverage", "market_beta", "turnover"]


def exposure(gross: ArrayLike) -> Metric:
    """Share of bars at whose close there is a position.

    Parameters
    ----------
    gross : array-like of shape (n_bars,), Σ |shares · price| at each close, money, >= 0.
    """
    held = _not_negative(gross, "gross") > 0.0
    return Metric(float(held.mean()), held.size)


def gross_leverage(gross: ArrayLike, equity: ArrayLike) -> Metric:
    """Mean of gross exposure / equity over all bars; both of shape (n_bars,), money at each close."""
    values, capital = _alike(_not_negative(gross, "gross"), "gross", equity)
    return Metric(float((values / capital).mean()), values.size)


def turnover(traded: ArrayLike, equity: ArrayLike, periods_per_year: float) -> Metric:
    """Value traded a year over mean equity; a position opened and closed counts twice.

    Parameters
    ----------
    traded : array-like of shape (n_bars,), Σ |shares filled · price| of each bar, money.
    equity : array-like of shape (n_bars,), money.
    """
    values, capital = _alike(_not_negative(traded, "traded"), "traded", equity)
    yearly = float(values.sum()) * as_periods(periods_per_year) / values.size
    return Metric(yearly / float(capital.mean()), values.size)


def market_beta(returns: ArrayLike, market: ArrayLike, *, lags: int | None = None) -> Metric:
    """Slope of the strategy's returns on the market's, with a Newey–West standard error.

    Parameters
    ----------
    returns, market : array-like of shape (n_bars,), simple returns of the same bars, finite, at least 3.
    lags : autocovariances in the error; None for ⌊4(n/100)^(2/9)⌋, 0 for White's.

    Returns
    -------
    Metric
        NaN where the market does not move.

    References
    ----------
    Newey & West (1987), Econometrica 55(3), 703–708.
    """
    y, x = as_series(returns, "returns", min_size=3), as_series(market, "market", min_size=3)
    if y.size != x.size:
        raise InvalidInput(f"{y.size} returns and {x.size} of the market: give those of the same bars")
    dx = x - x.mean()
    sxx = float(dx @ dx)
    if not sxx > 1e-24 * float(x @ x):
        return Metric(math.nan, y.size)
    beta = float(dx @ y) / sxx
    score = dx * (y - y.mean() - beta * dx)
    last = newey_west_lags(y.size) if lags is None else lags
    return Metric(beta, y.size, math.sqrt(y.size * long_run_variance(score, last)) / sxx)


def _alike(values: Float1D, name: str, equity: ArrayLike) -> tuple[Float1D, Float1D]:
    capital = as_equity(equity)
    if capital.size != values.size:
        raise InvalidInput(
            f"{name} has {values.size} bars and equity {capital.size}: give those of the same bars"
        )
    return values, capital


def _not_negative(values: ArrayLike, name: str) -> Float1D:
    array = as_series(values, name)
    if (array < 0.0).any():
        raise InvalidInput(f"{name} is negative at bar {int(np.argmax(array < 0.0))}: it is a sum of sizes")
    return array
