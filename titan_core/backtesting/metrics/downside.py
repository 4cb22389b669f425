"""Ratios that look at losses: Sortino, Omega, Calmar; drawdowns; value at risk and expected shortfall."""

import math

import numpy as np
from numpy.typing import ArrayLike

from titan_core.backtesting.metrics.record import Metric
from titan_core.backtesting.metrics.returns import annual_return, as_equity, as_periods
from titan_core.checks import as_fraction, as_number, as_series
from titan_core.types import Float1D

__all__ = [
    "calmar_ratio",
    "drawdown_length",
    "drawdowns",
    "expected_shortfall",
    "maximum_drawdown",
    "omega_ratio",
    "sortino_ratio",
    "value_at_risk",
]


def sortino_ratio(returns: ArrayLike, periods_per_year: float, *, target: float = 0.0) -> Metric:
    """(mean - target) / √(mean of min(r - target, 0)²) · √periods_per_year; the mean is over all bars.

    Parameters
    ----------
    returns : array-like of shape (n_bars,), simple, finite.
    target : of one bar.

    Returns
    -------
    Metric
        inf where no bar is under the target and the mean above it, NaN where the mean is not either.
    """
    x, periods = as_series(returns, "returns"), as_periods(periods_per_year)
    x = x - as_number(target, "target")
    downside = math.sqrt(float((np.minimum(x, 0.0) ** 2).mean()))
    return Metric(_ratio(float(x.mean()) * math.sqrt(periods), downside), x.size)


def omega_ratio(returns: ArrayLike, *, target: float = 0.0) -> Metric:
    """Sum of max(r - target, 0) over sum of max(target - r, 0); 1 where gains equal losses.

    ``returns`` as in `sortino_ratio`; inf where there is no loss, NaN where there is no gain either.
    """
    x = as_series(returns, "returns") - as_number(target, "target")
    return Metric(_ratio(float(np.maximum(x, 0.0).sum()), float(np.maximum(-x, 0.0).sum())), x.size)


def calmar_ratio(equity: ArrayLike, periods_per_year: float) -> Metric:
    """Annual return over maximum drawdown, both over the whole of ``equity``; inf or NaN without drawdown."""
    growth = annual_return(equity, periods_per_year)
    return Metric(_ratio(growth.value, maximum_drawdown(equity).value), growth.n)


def drawdowns(equity: ArrayLike) -> Float1D:
    """1 - equity / highest equity so far, shape (n_bars,): 0 at a high, 1 where all is lost. Causal."""
    values = as_equity(equity)
    return np.asarray(1.0 - values / np.maximum.accumulate(values))


def maximum_drawdown(equity: ArrayLike) -> Metric:
    """Largest of `drawdowns`, a fraction of the high before it; ``n`` counts bars."""
    depths = drawdowns(equity)
    return Metric(float(depths.max()), depths.size)


def drawdown_length(equity: ArrayLike) -> Metric:
    """Most bars from a high to the bar that reaches it again, or to the last bar; 0 where equity never falls."""
    values = as_equity(equity)
    at_high = np.flatnonzero(values == np.maximum.accumulate(values))
    waits = np.diff(at_high, append=values.size - 1)
    waits[:-1][waits[:-1] == 1] = 0  # from one high to the next, equity did not fall
    return Metric(float(waits.max()), values.size)


def value_at_risk(returns: ArrayLike, *, level: float = 0.95) -> Metric:
    """Loss of one bar that a share 1 - level of bars reach or exceed, by history; positive is a loss.

    - the ⌈(1 - level)·n⌉-th lowest return. ``returns`` as in `sortino_ratio`. Few bars lie in the tail: 13 of a year's
    252 at 95 %.
    """
    ordered, tail = _tail(returns, level)
    return Metric(float(-ordered[math.ceil(tail) - 1]), ordered.size)


def expected_shortfall(returns: ArrayLike, *, level: float = 0.95) -> Metric:
    """Mean loss of the worst share 1 - level of bars, the bar at its edge by the part that belongs to it.

    At least `value_at_risk`. ``returns`` as in `sortino_ratio`.

    References
    ----------
    Acerbi & Tasche (2002), "On the coherence of expected shortfall", definition 2.6.
    """
    ordered, tail = _tail(returns, level)
    whole = min(math.floor(tail), ordered.size - 1)
    total = float(ordered[:whole].sum()) + (tail - whole) * float(ordered[whole])
    return Metric(-total / tail, ordered.size)


def _tail(returns: ArrayLike, level: float) -> tuple[Float1D, float]:
    """Returns in order, and how many (in fractions) are in the tail."""
    x = np.sort(as_series(returns, "returns"))
    # 0.05·n in decimals: binary 1 - 0.95 is a little over 0.05, and would take in one bar more
    return x, max(round((1.0 - as_fraction(level, "level")) * x.size, 9), 1e-9)


def _ratio(above: float, below: float) -> float:
    """Quotient, where nothing below is no bound."""
    if below > 0.0:
        return above / below
    return math.inf if above > 0.0 else math.nan
