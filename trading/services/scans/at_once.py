"""A scan answered at once, without rows or a job: what the command line shows."""

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass

from titan_core.analysis import scan_pairs
from titan_core.manifest import panel_hash
from trading.models import PlantedPair, Universe
from trading.services.market_data import MarketDataService
from trading.services.refusals import Refusal
from trading.services.scans.checks import (
    USUAL,
    Checks,
    draw_null,
    draws_of,
    retest,
    scan_options,
    seed_of,
)
from trading.services.scans.table import ScanTable
from trading.services.windows import resolve_window

__all__ = ["ScanAnswer", "scan_at_once"]


@dataclass(frozen=True, slots=True)
class ScanAnswer:
    """The result table and its checks, what it was asked of, and which pairs are known to be cointegrated."""

    table: ScanTable
    checks: Checks
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
    null_draws: int | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> ScanAnswer:
    """Test every pair of a universe with the usual settings, on log total-return prices, and check the findings.

    Progress counts the pairs of the scan and of every draw of its null. The window defaults to the last ten years of
    data. Raises `Refusal` on a universe of fewer than two symbols, an empty window or one that ends before it starts.
    """
    symbols = list(universe.symbols.active().order_by("ticker"))
    if len(symbols) < 2:
        raise Refusal(f"{universe.name} has {len(symbols)} active symbols: a scan needs two at least.")
    first, last = resolve_window(symbols, timeframe=timeframe, start=start, end=end)
    panel = MarketDataService().load_panel_sync(
        [symbol.ticker for symbol in symbols], timeframe=timeframe, start=first, end=last
    )
    parameters = USUAL | {"alpha": alpha, "null_draws": null_draws}
    draws = draws_of(parameters, panel.n_symbols * (panel.n_symbols - 1) // 2)

    def whole(done: int, pairs: int) -> None:
        if progress is not None:
            progress(done, pairs * (1 + draws))

    def drawing(done: int, pairs: int) -> None:
        if progress is not None:
            progress(pairs // draws + done, pairs // draws * (1 + draws))

    found = scan_pairs(panel, take_logs=True, progress=whole, **scan_options(parameters, None))
    table = ScanTable(found.to_arrow())
    null = None
    if draws and table.n_tests:
        seed = seed_of(panel_hash(panel))
        null = draw_null(panel, table, parameters, None, seed=seed, draws=draws, progress=drawing)
    checks = Checks(null, retest(panel, table, parameters))
    truth = universe.planted_pairs.filter(kind=PlantedPair.Kind.COINTEGRATED)
    planted = frozenset(frozenset(pair) for pair in truth.values_list("symbol_1__ticker", "symbol_2__ticker"))
    return ScanAnswer(table, checks, first, last, panel.n_bars, planted)
