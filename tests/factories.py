"""Data for tests, made from a seed: prices with known relations, universes that hold them."""

import numpy as np

from titan_core.data import PricePanel
from trading.models import AssetClass, Symbol, Universe
from trading.services.market_data import MarketDataService

__all__ = ["SMALL_TICKERS", "make_universe", "small_panel"]

SMALL_TICKERS = ("AAA", "AAB", "BBA", "BBB", "CCC", "DDD")
SECTORS = {"A": "Alpha", "B": "Beta", "C": "Gamma", "D": "Gamma"}


def small_panel(*, n_bars: int = 600, seed: int = 7) -> PricePanel:
    """Six series: AAA/AAB and BBA/BBB share a random walk (log scale, hedge ratios 0.8 and 1.3), two wander alone."""
    rng = np.random.default_rng(seed)
    walks = 4.0 + 0.01 * rng.standard_normal((n_bars, 4)).cumsum(axis=0)
    noise = np.zeros((n_bars, 2))
    shocks = 0.01 * rng.standard_normal((n_bars, 2))
    for t in range(1, n_bars):
        noise[t] = 0.8 * noise[t - 1] + shocks[t]
    logs = np.column_stack(
        [
            0.3 + 0.8 * walks[:, 0] + noise[:, 0],
            walks[:, 0],
            1.3 * walks[:, 1] + noise[:, 1],
            walks[:, 1],
            walks[:, 2],
            walks[:, 3],
        ]
    )
    days = np.busday_offset("2019-01-02", np.arange(n_bars), roll="forward").astype("datetime64[us]")
    return PricePanel(SMALL_TICKERS, days + np.timedelta64(21, "h"), np.exp(logs), "total_return")


def make_universe(panel: PricePanel, *, name: str = "Small", source: str = "test") -> Universe:
    """A universe of the panel's symbols, with their prices stored."""
    service = MarketDataService()
    for ticker in panel.symbols:
        if not Symbol.objects.filter(ticker=ticker).exists():
            service.create_symbol_sync(
                ticker=ticker,
                name=f"{ticker} Company",
                sector=SECTORS.get(ticker[0], ""),
                asset_class=AssetClass.SYNTHETIC,
            )
    universe = Universe.objects.create(
        name=name, slug=name.lower().replace(" ", "-"), source=Universe.Source.USER
    )
    service.ingest_panel_sync(panel, source=source, universe=universe)
    return universe
