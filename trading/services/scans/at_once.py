"""A scan answered at once, without rows or a job: what the command line shows."""

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass

from titan_core.analysis import scan_pairs
from trading.models import PlantedPair, Universe
from trading.services.market_data import MarketDataService
from trading.services.refusals import Refusal
from trading.services.scans.table import ScanTable
from trading.services.windows import resolve_window

__all__ = ["ScanAnswer", "scan_at_once"]


@dataclass(frozen=True, slots=True)
class ScanAnswer:
    """The result table, what it was asked of, and which pairs are known to be cointegrated (none: nobody knows)."""

    table: ScanTable
    start: dt.date
    end: dt.date
    n_bars: int
    planted: frozenset[frozenset[str]]


def scan_at_once(
    universe: Universe,
    *,
    alpha: float,
    start: dt.date | None = None,
    end: dt.date | None = None,
    timeframe: str = "1d",
    progress: Callable[[int, int], None] | None = None,
) -> ScanAnswer:
    """Test every pair of a universe with the usual settings, on log total-return prices.

    The window defaults to the last ten years of data. Raises `Refusal` on a universe of fewer than two symbols, an
    empty window or one that ends before it starts.
    """
    symbols = list(universe.symbols.active().order_by("ticker"))
    if len(symbols) < 2:
        raise Refusal(f"{universe.name} has {len(symbols)} active symbols: a scan needs two at least.")
    first, last = resolve_window(symbols, timeframe=timeframe, start=start, end=end)
    panel = MarketDataService().load_panel_sync(
        [symbol.ticker for symbol in symbols], timeframe=timeframe, start=first, end=last
    )
    found = scan_pairs(panel.log(), alpha=alpha, progress=progress)
    truth = universe.planted_pairs.filter(kind=PlantedPair.Kind.COINTEGRATED)
    planted = frozenset(frozenset(pair) for pair in truth.values_list("symbol_1__ticker", "symbol_2__ticker"))
    return ScanAnswer(ScanTable(found.to_arrow()), first, last, panel.n_bars, planted)
