"""Growth and its fluctuation."""

import math

import numpy as np
from numpy.typing import ArrayLike

from titan_core.backtesting.metrics.record import Metric
from titan_core.checks import as_number, as_series
from titan_core.errors import InvalidInput
from titan_core.statistics.moments import Moments
from titan_core.types import Float1D

__all__ = ["annual_return", "as_equity", "as_periods", "simple_returns", "total_return", "volatility"]


def simple_returns(equity: ArrayLike) -> Float1D:
    """equity_t / equity_{t-1} - 1, shape (n_bars - 1,).

    Parameters
    ----------
    equity : array-like of shape (n_bars,), money, oldest first, finite, at least two bars; above zero but for the last.

    Raises
    ------
    InvalidInput
        Not finite, or nothing left before the end: no return is defined on it.
    """
    values = as_equity(equity)
    return np.asarray(values[1:] / values[:-1] - 1.0)


def total_return(equity: ArrayLike) -> Metric:
    """Last / first - 1; ``n`` counts returns. ``equity`` as in `simple_returns`."""
    values = as_equity(equity)
    return Metric(float(values[-1] / values[0] - 1.0), values.size - 1)


def annual_return(equity: ArrayLike, periods_per_year: float) -> Metric:
    """Compound growth a year: (last / first)^(periods_per_year / n) - 1; -1 where nothing is left.

    ``equity`` as in `simple_returns`; ``periods_per_year`` by calendar (XNYS 252, crypto 365), flat days included.
    """
    values, periods = as_equity(equity), as_periods(periods_per_year)
    n = values.size - 1
    if values[-1] <= 0.0:
        return Metric(-1.0, n)
    return Metric(float(np.expm1(math.log(values[-1] / values[0]) * periods / n)), n)


def volatility(returns: ArrayLike, periods_per_year: float) -> Metric:
    """Deviation of returns (n - 1) times √periods_per_year; error by kurtosis, for independent returns.

    Parameters
    ----------
    returns : array-like of shape (n_bars,), simple, finite, at least two.
    """
    moments, periods = Moments.of(returns), as_periods(periods_per_year)
    value = moments.deviation * math.sqrt(periods)
    error = value * math.sqrt(max(moments.kurtosis - 1.0, 0.0) / (4.0 * moments.n)) if value > 0.0 else 0.0
    return Metric(value, moments.n, error)


def as_equity(equity: ArrayLike) -> Float1D:
    """Equity that has returns: finite, and above zero until the last bar."""
    values = as_series(equity, "equity", min_size=2)
    broke = np.flatnonzero(values[:-1] <= 0.0)
    if broke.size:
        raise InvalidInput(
            f"equity is {values[broke[0]]} at bar {broke[0]}: nothing is left to earn a return on; end the run there"
        )
    return values


def as_periods(periods_per_year: float) -> float:
    """Bars a year: a finite number above zero."""
    periods = as_number(periods_per_year, "periods_per_year")
    if periods <= 0.0:
        raise InvalidInput(f"periods_per_year must be above 0; it is {periods}")
    return periods
