"""vectorbt as a peer: the same orders through its market, and the golden answers the tests compare with.

Both define the same model where shares are told, fills are at a close, and costs are a fee in bps or a slippage in bps.
They differ where both are asked for: vectorbt charges its fee on the slipped price, and TITAN on the price itself.

Run ``python -m benchmarks.vectorbt_peer`` (with the extra ``bench`` installed) to write the golden file anew.
"""

from pathlib import Path
from typing import Any

import numpy as np

from titan_core.backtesting import BacktestResult, backtest_pair
from titan_core.data import PricePanel
from titan_core.simulation import Commission, Costs
from titan_core.strategy import Rule, TradedPair
from titan_core.types import Float1D, Float2D

__all__ = ["GOLDEN", "PAIR", "RULE", "main", "orders_of", "pair_prices", "vectorbt_equity"]

GOLDEN = Path(__file__).resolve().parent.parent / "tests" / "core" / "golden" / "vectorbt.csv"
PAIR = TradedPair("A", "B", 1.0)
RULE = Rule(window=20, entry_z=1.2, exit_z=0.2, stop_z=3.0, time_stop=15)
CAPITAL, BPS = 100_000.0, 5.0
MODELS = {
    "free": Costs(),
    "fee": Costs(commission=Commission(bps=BPS)),
    "slippage": Costs(half_spread_bps=BPS),
}


def pair_prices(n_bars: int, *, seed: int = 4) -> PricePanel:
    """A cointegrated pair, half-life ten bars."""
    rng = np.random.default_rng(seed)
    x = 4.0 + np.cumsum(0.01 * rng.normal(size=n_bars))
    spread = np.zeros(n_bars)
    for t in range(1, n_bars):
        spread[t] = 0.93 * spread[t - 1] + 0.01 * rng.normal()
    stamps = np.datetime64("2012-01-03T21:00", "us") + np.arange(n_bars) * np.timedelta64(1, "D")
    return PricePanel(("A", "B"), stamps, np.exp(np.column_stack([x + spread, x])))


def orders_of(result: BacktestResult) -> Float2D:
    """Shares to hold after each fill, NaN on bars without one, shape (n_bars, 2)."""
    size = np.full(result.positions.shape, np.nan)
    size[result.fills.bar] = result.positions[result.fills.bar]
    return size


def vectorbt_portfolio(close: Float2D, size: Float2D, *, fees: float, slippage: float) -> Any:
    """Both legs on one account, orders filled at the close."""
    import pandas as pd
    import vectorbt

    return vectorbt.Portfolio.from_orders(
        pd.DataFrame(close, columns=["A", "B"]),
        size=size,
        size_type="targetamount",
        fees=fees,
        slippage=slippage,
        init_cash=CAPITAL,
        cash_sharing=True,
        group_by=True,
        freq="1D",
    )


def vectorbt_equity(close: Float2D, size: Float2D, *, fees: float = 0.0, slippage: float = 0.0) -> Float1D:
    """Equity at each close, shape (n_bars,)."""
    return np.asarray(vectorbt_portfolio(close, size, fees=fees, slippage=slippage).value(), dtype=np.float64)


def main() -> None:
    """Write the golden file: prices, shares after each fill, vectorbt's equity under each model."""
    panel = pair_prices(400)
    columns: dict[str, Float1D] = {"close_a": panel.values[:, 0], "close_b": panel.values[:, 1]}
    for name, costs in MODELS.items():
        result = backtest_pair(panel, PAIR, rule=RULE, costs=costs, capital=CAPITAL, compounds=False)
        size = orders_of(result)
        charged = {"fees" if name == "fee" else "slippage": 0.0 if name == "free" else BPS / 1e4}
        columns |= {"size_a": size[:, 0], "size_b": size[:, 1]}
        columns[f"equity_{name}"] = vectorbt_equity(panel.values, size, **charged)
    rows = zip(*columns.values(), strict=True)
    text = "\n".join([",".join(columns), *(",".join(repr(float(v)) for v in row) for row in rows)])
    GOLDEN.parent.mkdir(exist_ok=True)
    GOLDEN.write_text(text + "\n")


if __name__ == "__main__":
    main()
