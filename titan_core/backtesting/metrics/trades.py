"""What the trades were worth, one by one. Columns are arrays of shape (n_trades,), money in the account's currency."""

import math

import numpy as np
from numpy.typing import ArrayLike

from titan_core.backtesting.metrics.record import Metric
from titan_core.checks import as_number, as_series, one_dimension
from titan_core.errors import InvalidInput
from titan_core.types import Float1D

__all__ = ["capacity", "cost_share", "expectancy", "mean_of", "profit_factor", "win_rate"]


def win_rate(net_pnl: ArrayLike) -> Metric:
    """Share of trades with net P&L above zero; NaN without trades. Error √(p(1 - p)/n)."""
    pnl = _column(net_pnl, "net_pnl")
    if not pnl.size:
        return Metric(math.nan, 0)
    share = float((pnl > 0.0).mean())
    return Metric(share, pnl.size, math.sqrt(share * (1.0 - share) / pnl.size))


def profit_factor(net_pnl: ArrayLike) -> Metric:
    """Sum of gains over sum of losses, net; inf without a loss, NaN without a gain either."""
    pnl = _column(net_pnl, "net_pnl")
    gains, losses = float(pnl[pnl > 0.0].sum()), float(-pnl[pnl < 0.0].sum())
    if losses == 0.0:
        return Metric(math.inf if gains > 0.0 else math.nan, pnl.size)
    return Metric(gains / losses, pnl.size)


def expectancy(net_pnl: ArrayLike) -> Metric:
    """Mean net P&L of a trade, money; error deviation / √n, as if trades were independent."""
    return mean_of(net_pnl)


def mean_of(column: ArrayLike) -> Metric:
    """Mean of a trade column (bars held, excursions) and its error; NaN without trades. NaN entries are left out."""
    values = one_dimension(column, "column")
    values = values[~np.isnan(values)]
    if not values.size:
        return Metric(math.nan, 0)
    error = float(values.std(ddof=1)) / math.sqrt(values.size) if values.size > 1 else math.nan
    return Metric(float(values.mean()), values.size, error)


def cost_share(gross_pnl: ArrayLike, net_pnl: ArrayLike) -> Metric:
    """(Σ gross - Σ net) / Σ gross: what costs and flows leave of the profit; over 1 they eat it all.

    NaN where gross P&L is not above zero: there is no profit to take a share of.
    """
    gross, net = _column(gross_pnl, "gross_pnl"), _column(net_pnl, "net_pnl")
    _same_size(gross, net)
    total = float(gross.sum())
    return Metric((total - float(net.sum())) / total if total > 0.0 else math.nan, gross.size)


def capacity(net_pnl: ArrayLike, impact: ArrayLike, capital: float) -> Metric:
    """Capital beyond which one dollar more earns no more dollars, impact growing with the square root of size.

    With P&L before impact a·m and impact b·m^{3/2} at m times the capital, a·m - b·m^{3/2} is largest at
    m = (2a/3b)². It extrapolates: the rule's fills at that size are not simulated, nor is any cap on participation.

    Parameters
    ----------
    net_pnl : array-like of shape (n_trades,), after everything.
    impact : array-like of shape (n_trades,), cost of impact in it, >= 0.
    capital : with which the trades were made, money, above zero.

    Returns
    -------
    Metric
        NaN where impact was not charged; 0 where there is no profit even without it.

    References
    ----------
    Almgren, Thum, Hauptmann & Li (2005), "Direct estimation of equity market impact", for the exponent near one half.
    """
    net, cost = _column(net_pnl, "net_pnl"), _column(impact, "impact")
    _same_size(net, cost)
    base = as_number(capital, "capital")
    if base <= 0.0:
        raise InvalidInput(f"capital must be above 0; it is {base}")
    charged = float(cost.sum())
    before = float(net.sum()) + charged
    if charged <= 0.0:
        return Metric(math.nan, net.size)
    return Metric(base * (2.0 * max(before, 0.0) / (3.0 * charged)) ** 2, net.size)


def _column(values: ArrayLike, name: str) -> Float1D:
    array = one_dimension(values, name)
    return as_series(array, name) if array.size else array


def _same_size(first: Float1D, second: Float1D) -> None:
    if first.size != second.size:
        raise InvalidInput(f"columns of {first.size} and {second.size} trades: give those of the same trades")
