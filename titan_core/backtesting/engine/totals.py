"""Metrics from the sums a run leaves behind: the same arithmetic for one run and for each row of a sweep."""

import numpy as np
import numpy.typing as npt

from titan_core.backtesting.engine import kernels as k
from titan_core.types import Float1D, Float2D

__all__ = ["METRICS", "metrics_of"]

METRICS = (
    "total_return",
    "annual_return",
    "volatility",
    "sharpe_ratio",
    "sortino_ratio",
    "calmar_ratio",
    "maximum_drawdown",
    "drawdown_length",
    "n_trades",
    "win_rate",
    "profit_factor",
    "expectancy",
    "holding_time",
    "exposure",
    "traded",
    "costs",
    "n_returns",
    "mean",
    "deviation",
    "skewness",
    "kurtosis",
    "final_equity",
    "n_open",
)


def metrics_of(totals: Float2D, capital: float, periods_per_year: float) -> dict[str, Float1D]:
    """Every metric of `METRICS` for each row of sums, shape (n_runs,).

    Sharpe, Sortino, volatility are a year's; mean, deviation (n - 1), skewness and kurtosis (raw, divisors n) are
    of one bar, flat bars included; n_trades, win_rate and so on count trades that are closed; costs are spread,
    commission, impact and legging; exposure is the share of closes in a position. Where a metric also exists in
    `backtesting.metrics`, both agree to 1e-9.
    """
    equity, n = totals[:, k.T_EQUITY], totals[:, k.T_RETURNS]
    closed = totals[:, k.T_TRADES] - totals[:, k.T_OPEN]
    with np.errstate(divide="ignore", invalid="ignore"):
        mean = totals[:, k.T_SUM] / n
        raw = totals[:, [k.T_SQUARES, k.T_CUBES, k.T_FOURTHS]].T / n
        variance = np.maximum(raw[0] - mean**2, 0.0)
        variance = np.where(variance > 1e-24 * raw[0], variance, 0.0)
        deviation = np.sqrt(variance * n / (n - 1.0))
        third = raw[1] - 3.0 * mean * raw[0] + 2.0 * mean**3
        fourth = raw[2] - 4.0 * mean * raw[1] + 6.0 * mean**2 * raw[0] - 3.0 * mean**4
        annual = np.where(equity > 0.0, np.expm1(np.log(equity / capital) * periods_per_year / n), -1.0)
        drawdown = totals[:, k.T_DRAWDOWN]
        return {
            "total_return": equity / capital - 1.0,
            "annual_return": annual,
            "volatility": deviation * np.sqrt(periods_per_year),
            "sharpe_ratio": np.where(deviation > 0.0, mean / deviation * np.sqrt(periods_per_year), np.nan),
            "sortino_ratio": _ratio(mean * np.sqrt(periods_per_year), np.sqrt(totals[:, k.T_DOWNSIDE] / n)),
            "calmar_ratio": _ratio(annual, drawdown),
            "maximum_drawdown": drawdown,
            "drawdown_length": totals[:, k.T_UNDERWATER],
            "n_trades": closed,
            "win_rate": np.where(closed > 0.0, totals[:, k.T_WINS] / closed, np.nan),
            "profit_factor": _ratio(totals[:, k.T_WON], totals[:, k.T_LOST]),
            "expectancy": np.where(closed > 0.0, (totals[:, k.T_WON] - totals[:, k.T_LOST]) / closed, np.nan),
            "holding_time": np.where(closed > 0.0, totals[:, k.T_HELD] / closed, np.nan),
            # nights in a position, and the last close: closes in a position
            "exposure": (totals[:, k.T_EXPOSED] + totals[:, k.T_OPEN]) / (n + 1.0),
            "traded": totals[:, k.T_TRADED],
            "costs": totals[:, k.T_COSTS],
            "n_returns": n,
            "mean": mean,
            "deviation": deviation,
            "skewness": np.where(variance > 0.0, third / variance**1.5, np.nan),
            "kurtosis": np.where(variance > 0.0, fourth / variance**2, np.nan),
            "final_equity": equity,
            "n_open": totals[:, k.T_OPEN],
        }


def _ratio(above: npt.NDArray[np.float64], below: npt.NDArray[np.float64]) -> Float1D:
    """Quotient; without anything below inf, NaN where there is nothing above either."""
    return np.where(below > 0.0, above / below, np.where(above > 0.0, np.inf, np.nan))
