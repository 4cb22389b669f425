"""All metrics of one run."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from titan_core.backtesting.metrics import activity, downside, returns, sharpe, trades
from titan_core.backtesting.metrics.record import Metric
from titan_core.checks import as_series

__all__ = ["summary"]


def summary(
    equity: ArrayLike,
    *,
    periods_per_year: float,
    trade_columns: Mapping[str, ArrayLike] | Any = None,
    gross: ArrayLike | None = None,
    traded: ArrayLike | None = None,
    market: ArrayLike | None = None,
) -> dict[str, Metric]:
    """Every metric that what is given allows, named as in `DEFINITIONS`.

    Parameters
    ----------
    equity : array-like of shape (n_bars,), money, as in `simple_returns`, three bars or more.
    periods_per_year : bars a year, by calendar.
    trade_columns : mapping of, or object with, columns of shape (n_trades,): net_pnl, and if there are gross_pnl,
        impact, bars_held, mae, mfe. Trades whose exit_reason is "open" are left out. None leaves out what is said of
        trades.
    gross, traded : array-like of shape (n_bars,): gross exposure at each close, value traded in each bar.
    market : array-like of shape (n_bars - 1,): the market's simple returns between those bars.

    Raises
    ------
    InvalidInput
        As the metrics themselves.
    """
    steps = returns.simple_returns(equity)
    periods = periods_per_year
    found = {
        "total_return": returns.total_return(equity),
        "annual_return": returns.annual_return(equity, periods),
        "volatility": returns.volatility(steps, periods),
        "sharpe_ratio": sharpe.sharpe_ratio(steps, periods),
        "adjusted_sharpe_ratio": sharpe.adjusted_sharpe_ratio(steps, periods),
        "sortino_ratio": downside.sortino_ratio(steps, periods),
        "calmar_ratio": downside.calmar_ratio(equity, periods),
        "omega_ratio": downside.omega_ratio(steps),
        "maximum_drawdown": downside.maximum_drawdown(equity),
        "drawdown_length": downside.drawdown_length(equity),
        "value_at_risk": downside.value_at_risk(steps),
        "expected_shortfall": downside.expected_shortfall(steps),
    }
    if market is not None:
        found["market_beta"] = activity.market_beta(steps, market)
    if gross is not None:
        found["exposure"] = activity.exposure(gross)
        found["gross_leverage"] = activity.gross_leverage(gross, equity)
    if traded is not None:
        found["turnover"] = activity.turnover(traded, equity, periods)
    if trade_columns is not None:
        found |= _of_trades(trade_columns, float(as_series(equity, "equity")[0]))
    return found


def _of_trades(columns: Mapping[str, ArrayLike] | Any, capital: float) -> dict[str, Metric]:
    reasons = _get(columns, "exit_reason")
    closed = None if reasons is None else np.asarray(reasons) != "open"

    def column(name: str) -> Any:
        values = _get(columns, name)
        return values if values is None or closed is None else np.asarray(values)[closed]

    net = column("net_pnl")
    n = len(net)
    found = {
        "n_trades": Metric(float(n), n, 0.0),
        "win_rate": trades.win_rate(net),
        "profit_factor": trades.profit_factor(net),
        "expectancy": trades.expectancy(net),
    }
    gross, impact = column("gross_pnl"), column("impact")
    if gross is not None:
        found["cost_share"] = trades.cost_share(gross, net)
    if impact is not None:
        found["capacity"] = trades.capacity(net, impact, capital)
    names = {"holding_time": "bars_held", "adverse_excursion": "mae", "favourable_excursion": "mfe"}
    for metric, name in names.items():
        values = column(name)
        if values is not None:
            found[metric] = trades.mean_of(values)
    return found


def _get(columns: Mapping[str, ArrayLike] | Any, name: str) -> Any:
    """A column of a mapping or of a record of arrays; None where it has none."""
    return columns.get(name) if isinstance(columns, Mapping) else getattr(columns, name, None)
