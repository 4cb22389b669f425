"""What every metric means, in one table that code, screens and documents share."""

from dataclasses import dataclass
from typing import Literal, TypeAlias

__all__ = ["DEFINITIONS", "Definition", "Unit"]

Unit: TypeAlias = Literal["fraction", "ratio", "money", "bars"]


@dataclass(frozen=True, slots=True)
class Definition:
    """Title, formula, unit, what its sample counts, and where it comes from ("" where it is elementary)."""

    title: str
    formula: str
    unit: Unit
    counts: Literal["bars", "trades"]
    source: str = ""


DEFINITIONS: dict[str, Definition] = {
    "total_return": Definition("Total return", "last equity / first equity − 1", "fraction", "bars"),
    "annual_return": Definition(
        "Annual return", "(last equity / first equity)^(bars a year / bars) − 1", "fraction", "bars"
    ),
    "volatility": Definition(
        "Volatility", "deviation of returns (n − 1) · √(bars a year)", "fraction", "bars"
    ),
    "sharpe_ratio": Definition(
        "Sharpe ratio",
        "mean of excess returns / their deviation · √(bars a year); error: √((1 − γ₃S + (γ₄ − 1)S²/4) / n) a bar",
        "ratio",
        "bars",
        "Lo (2002); Mertens (2002)",
    ),
    "adjusted_sharpe_ratio": Definition(
        "Sharpe ratio, autocorrelation taken into account",
        "Sharpe ratio of a bar · q / √(q + 2 Σ (q − k)ρ_k), q bars a year, ρ tapered, lags up to ⌊4(n/100)^(2/9)⌋",
        "ratio",
        "bars",
        "Lo (2002), equation 20",
    ),
    "sortino_ratio": Definition(
        "Sortino ratio",
        "mean return / √(mean of min(return, 0)²) · √(bars a year)",
        "ratio",
        "bars",
        "Sortino & van der Meer (1991)",
    ),
    "calmar_ratio": Definition(
        "Calmar ratio", "annual return / maximum drawdown", "ratio", "bars", "Young (1991)"
    ),
    "omega_ratio": Definition(
        "Omega",
        "sum of gains / sum of losses of all bars",
        "ratio",
        "bars",
        "Keating & Shadwick (2002)",
    ),
    "maximum_drawdown": Definition(
        "Maximum drawdown", "largest 1 − equity / highest equity so far", "fraction", "bars"
    ),
    "drawdown_length": Definition(
        "Longest drawdown",
        "most bars from a high until it is reached again, or to the end",
        "bars",
        "bars",
    ),
    "value_at_risk": Definition(
        "Value at risk, 95 %",
        "loss of a bar that 5 % of bars reach or exceed: − the ⌈0.05 n⌉-th lowest return",
        "fraction",
        "bars",
    ),
    "expected_shortfall": Definition(
        "Expected shortfall, 95 %",
        "mean loss of the worst 5 % of bars",
        "fraction",
        "bars",
        "Acerbi & Tasche (2002)",
    ),
    "market_beta": Definition(
        "Market beta",
        "slope of returns on the market's; error by Newey & West",
        "ratio",
        "bars",
        "Newey & West (1987)",
    ),
    "exposure": Definition("Time in the market", "bars with a position / bars", "fraction", "bars"),
    "gross_leverage": Definition("Mean gross leverage", "mean of gross exposure / equity", "ratio", "bars"),
    "turnover": Definition(
        "Turnover a year", "value traded (both ways) / mean equity · bars a year / bars", "ratio", "bars"
    ),
    "n_trades": Definition("Trades", "round trips closed", "ratio", "trades"),
    "win_rate": Definition(
        "Win rate", "trades with net P&L > 0 / trades; error √(p(1 − p)/n)", "fraction", "trades"
    ),
    "profit_factor": Definition(
        "Profit factor", "sum of net gains / sum of net losses of trades", "ratio", "trades"
    ),
    "expectancy": Definition(
        "Expectancy", "mean net P&L of a trade; error: deviation / √n", "money", "trades"
    ),
    "cost_share": Definition(
        "Costs' share of gross profit", "(gross P&L − net P&L) / gross P&L", "fraction", "trades"
    ),
    "capacity": Definition(
        "Capacity",
        "capital · (2a / 3b)², a = P&L before impact, b = impact: where one dollar more earns no more dollars, impact "
        "growing with the square root of size",
        "money",
        "trades",
        "Almgren et al. (2005) for the square root",
    ),
    "holding_time": Definition("Mean holding time", "mean bars held of a trade", "bars", "trades"),
    "adverse_excursion": Definition(
        "Mean adverse excursion",
        "mean of the worst open P&L of each trade",
        "money",
        "trades",
        "Sweeney (1997)",
    ),
    "favourable_excursion": Definition(
        "Mean favourable excursion",
        "mean of the best open P&L of each trade",
        "money",
        "trades",
        "Sweeney (1997)",
    ),
}
