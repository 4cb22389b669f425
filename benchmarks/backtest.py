"""Backtests: a sweep against vectorbt, a portfolio against its pairs one by one, a walk-forward, and how cost grows."""

import time
from collections.abc import Iterator
from importlib.util import find_spec

import numpy as np

from benchmarks import walk_forward
from benchmarks.measure import Options, Row, in_a_fresh_process, interleaved, require_close
from benchmarks.vectorbt_peer import PAIR, orders_of, pair_prices, vectorbt_portfolio
from titan_core.backtesting import SweepResult, backtest_pair, backtest_portfolio, sweep_pair
from titan_core.backtesting.engine import kernels as k
from titan_core.backtesting.engine.pair import prepare_run, sizes_of
from titan_core.backtesting.engine.prepare import Terms, Universe, open_universe
from titan_core.data import PricePanel
from titan_core.risk import Sizing
from titan_core.simulation import Borrow, Commission, Costs
from titan_core.strategy import Rule, TradedPair, compute_signals

__all__ = ["rows"]

N_BARS, N_PAIRS = 2_520, 100
COSTS = Costs(half_spread_bps=2.0, commission=Commission(bps=1.0), borrow=Borrow(0.01))
GRID = {
    "window": [20, 40, 60, 120],
    "entry_z": np.linspace(1.5, 3.0, 25).tolist(),
    "exit_z": np.linspace(-0.5, 0.9, 20).tolist(),
    "stop_z": [3.5, 4.0, np.inf],
}

_MANY = """
import json, sys
import numpy as np
from benchmarks.backtest import COSTS, N_BARS
from benchmarks.vectorbt_peer import PAIR, pair_prices
from titan_core.backtesting import sweep_pair
n = int(sys.argv[1])
grid = {"window": list(range(20, 120, 5)), "entry_z": np.linspace(1.5, 3.0, n // 400).tolist(),
        "exit_z": np.linspace(-0.5, 0.9, 20).tolist()}
sweep = sweep_pair(pair_prices(N_BARS), PAIR, grid=grid, costs=COSTS, capital=1e5, n_threads=int(sys.argv[2]))
print(json.dumps({"n": sweep.n_combinations}))
"""


def rows(options: Options) -> Iterator[Row]:
    """Sweep on one thread and on several, memory of a large one, a portfolio, a walk-forward, and how cost grows."""
    yield from _sweep(options)
    yield _large(options)
    yield from _portfolio(options)
    yield from walk_forward.rows(options)
    yield from _growth()


def _swept(n_bars: int, threads: int, grid: dict[str, list[float]] | None = None) -> SweepResult:
    return sweep_pair(
        pair_prices(n_bars), PAIR, grid=grid or GRID, costs=COSTS, capital=1e5, n_threads=threads
    )


def _sweep(options: Options) -> Iterator[Row]:
    """Seconds of one combination, costs and metrics in it, signals shared as the grid allows."""
    n = _swept(N_BARS, 1).n_combinations
    peer: str | None = None
    peer_s: float | None = None
    if find_spec("vectorbt"):
        _same_as_vectorbt()
        panel = pair_prices(N_BARS)
        result = backtest_pair(panel, PAIR, rule=Rule(), costs=Costs(), capital=1e5, compounds=False)
        size, fee = orders_of(result), 3e-4
        one_s, vectorbt_s = interleaved(
            options.repeats,
            lambda: _swept(N_BARS, 1),
            lambda: vectorbt_portfolio(panel.values, size, fees=fee, slippage=0.0),
        )
        peer, peer_s = "vectorbt from_orders, signals and metrics not in it", vectorbt_s
    else:
        (one_s,) = interleaved(options.repeats, lambda: _swept(N_BARS, 1))
    yield Row(
        f"sweep, one of {n} combinations, {N_BARS} bars, costs and metrics, 1 thread", one_s / n, peer, peer_s
    )
    (many_s,) = interleaved(options.repeats, lambda: _swept(N_BARS, options.threads))
    yield Row(f"the same on {options.threads} threads", many_s / n, peer, peer_s)


def _same_as_vectorbt() -> None:
    """Answers first: the same orders, a fee in bps, the same equity."""
    panel = pair_prices(N_BARS)
    costs = Costs(commission=Commission(bps=3.0))
    ours = backtest_pair(panel, PAIR, rule=Rule(), costs=costs, capital=1e5, compounds=False)
    theirs = vectorbt_portfolio(panel.values, orders_of(ours), fees=3e-4, slippage=0.0).value()
    require_close("equity against vectorbt", ours.equity / 1e5, np.asarray(theirs) / 1e5, 1e-9)


def _large(options: Options) -> Row:
    """A hundred thousand combinations in a fresh process."""
    start = time.perf_counter()
    found = in_a_fresh_process(_MANY, 100_000, options.threads)
    seconds = time.perf_counter() - start
    return Row(
        f"{found['n']} combinations in a fresh process, start included", seconds, peak_mb=found["peak_mb"]
    )


def market_of(n_pairs: int, n_bars: int) -> tuple[PricePanel, list[TradedPair]]:
    """Pairs that share no symbol."""
    panels = [pair_prices(n_bars, seed=seed) for seed in range(n_pairs)]
    symbols = tuple(f"{leg}{i:03d}" for i in range(n_pairs) for leg in "AB")
    values = np.hstack([panel.values for panel in panels])
    pairs = [TradedPair(f"A{i:03d}", f"B{i:03d}", 1.0) for i in range(n_pairs)]
    return PricePanel(symbols, panels[0].timestamps, values), pairs


def _bare(universe: Universe, pairs: list[TradedPair], rule: Rule, sizing: Sizing) -> float:
    """Every pair's kernels alone, one after the other: signals, then the market; nothing recorded."""
    equity, record = 0.0, False
    for pair in pairs:
        run = prepare_run(universe, pair, COSTS, Terms(1e5), None, 0)
        signals = compute_signals(*universe.series(pair), rule, pair)
        vector = rule.vector(pair)
        totals, blocks = np.empty((1, k.N_TOTALS)), np.empty((1, 2, run.edges.size - 1))
        k.run_grid(
            run.values, run.market.years, run.flags, signals.values, sizes_of(sizing, run, signals, vector, 252.0),
            vector[None], run.costs, run.terms, 0, run.edges, record, np.empty((1, run.n_bars)),
            np.empty((0, k.N_BLOTTER)), totals, blocks, np.empty(k.N_STATE + k.N_SUMS),
        )  # fmt: skip
        equity += totals[0, k.T_EQUITY]
    return equity


def _portfolio(options: Options) -> Iterator[Row]:
    """A hundred pairs on one account against the same pairs on accounts of their own."""
    from titan_core.backtesting.engine.portfolio import face
    from titan_core.risk import Limits

    panel, pairs = market_of(N_PAIRS, N_BARS)
    rule, sizing = Rule(window=60), Sizing(fraction=0.02)
    universe = open_universe(panel, pairs, COSTS, (), 0.9)
    sectors = np.full(panel.n_symbols, -1, np.int64)
    alone = backtest_pair(panel, pairs[0], rule=rule, costs=COSTS, capital=1e5)
    book = backtest_portfolio(panel, pairs[:1], rule=rule, costs=COSTS, capital=1e5)
    require_close("portfolio of one pair", book.equity, alone.equity, 0.0)

    def together() -> object:
        rules = [rule] * len(pairs)
        laid = face.lay_out(universe, tuple(pairs), rules, COSTS, Terms(1e5), sizing, {}, 0, 252.0)
        return face.run_book(universe, laid, Limits(), sectors, 0)

    ours_s, bare_s = interleaved(options.repeats, together, lambda: _bare(universe, pairs, rule, sizing))
    yield Row(
        f"portfolio of {N_PAIRS} pairs, {N_BARS} bars, shared capital and limits, all recorded",
        ours_s,
        floor=f"{N_PAIRS} bare pair kernels, signals and market",
        floor_s=bare_s,
    )
    whole_s, bare_s = interleaved(
        options.repeats,
        lambda: backtest_portfolio(panel, pairs, rule=rule, costs=COSTS, capital=1e5, sizing=sizing),
        lambda: _bare(universe, pairs, rule, sizing),
    )
    yield Row(
        "the same from prices to trades, ledger, manifest",
        whole_s,
        floor=f"{N_PAIRS} bare pair kernels, signals and market",
        floor_s=bare_s,
    )


def _growth() -> Iterator[Row]:
    """Ten times the bars and ten times the combinations, against ten times the seconds."""
    narrow = {"entry_z": np.linspace(1.5, 3.0, 500).tolist(), "window": [60]}
    wide = {"entry_z": np.linspace(1.5, 3.0, 5_000).tolist(), "window": [60]}
    short_s, long_s = interleaved(
        3, lambda: _swept(N_BARS, 1, narrow), lambda: _swept(10 * N_BARS, 1, narrow)
    )
    yield Row("500 combinations, 25,200 bars", long_s, floor="ten times 2,520 bars", floor_s=10 * short_s)
    few_s, many_s = interleaved(3, lambda: _swept(N_BARS, 1, narrow), lambda: _swept(N_BARS, 1, wide))
    yield Row(
        "5,000 combinations, 2,520 bars", many_s, floor="ten times 500 combinations", floor_s=10 * few_s
    )
    panel, pairs = market_of(80, N_BARS)
    few_s, many_s = interleaved(
        3,
        lambda: backtest_portfolio(
            panel, pairs[:8], rule=Rule(), costs=COSTS, capital=1e5, sizing=Sizing(fraction=0.1)
        ),
        lambda: backtest_portfolio(
            panel, pairs, rule=Rule(), costs=COSTS, capital=1e5, sizing=Sizing(fraction=0.1)
        ),
    )
    yield Row("portfolio of 80 pairs", many_s, floor="ten times 8 pairs", floor_s=10 * few_s)
