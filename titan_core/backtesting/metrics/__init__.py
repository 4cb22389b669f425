"""Metrics of a backtest: one function each, with formula and sample size. All look back on a finished run."""

from titan_core.backtesting.metrics.activity import exposure, gross_leverage, market_beta, turnover
from titan_core.backtesting.metrics.definitions import DEFINITIONS, Definition
from titan_core.backtesting.metrics.downside import (
    calmar_ratio,
    drawdown_length,
    drawdowns,
    expected_shortfall,
    maximum_drawdown,
    omega_ratio,
    sortino_ratio,
    value_at_risk,
)
from titan_core.backtesting.metrics.record import Metric
from titan_core.backtesting.metrics.returns import annual_return, simple_returns, total_return, volatility
from titan_core.backtesting.metrics.sharpe import adjusted_sharpe_ratio, annualisation, sharpe_ratio
from titan_core.backtesting.metrics.summary import summary
from titan_core.backtesting.metrics.trades import (
    capacity,
    cost_share,
    expectancy,
    mean_of,
    profit_factor,
    win_rate,
)

__all__ = [
    "DEFINITIONS",
    "Definition",
    "Metric",
    "adjusted_sharpe_ratio",
    "annual_return",
    "annualisation",
    "calmar_ratio",
    "capacity",
    "cost_share",
    "drawdown_length",
    "drawdowns",
    "expectancy",
    "expected_shortfall",
    "exposure",
    "gross_leverage",
    "market_beta",
    "maximum_drawdown",
    "mean_of",
    "omega_ratio",
    "profit_factor",
    "sharpe_ratio",
    "simple_returns",
    "sortino_ratio",
    "summary",
    "total_return",
    "turnover",
    "value_at_risk",
    "volatility",
    "win_rate",
]
