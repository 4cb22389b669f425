"""A walk-forward that chooses its pairs anew in every window, against the same scans and sweeps called bare."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from benchmarks.measure import Options, Row, WrongAnswer, interleaved, require_close
from titan_core.analysis.cointegration import PairScan, scan_pairs
from titan_core.backtesting import Plan, Schedule, SweepResult, sweep_pair, walk_forward
from titan_core.backtesting.engine.prepare import as_bars
from titan_core.backtesting.overfitting import probabilistic_sharpes
from titan_core.backtesting.walk_forward import Choice, WindowResult
from titan_core.data import BarPanel, PricePanel
from titan_core.data.synthetic import synthetic_universe
from titan_core.simulation import Commission, Costs
from titan_core.strategy import Rule, TradedPair

__all__ = ["rows"]

N_SYMBOLS, N_BARS, N_WINDOWS, N_CHOSEN = 500, 2_520, 8, 20
TRAIN_BARS, TEST_BARS = 756, 205
GRID = {
    "window": [20, 40, 60, 120],
    "entry_z": np.linspace(1.5, 3.0, 25).tolist(),
    "exit_z": [-0.5, 0.0, 0.3, 0.6, 0.9],
}
N_SETTINGS = 500
PLAN = Plan(
    Schedule(TRAIN_BARS, TEST_BARS, purge=30, embargo=120),
    grid=GRID,
    costs=Costs(half_spread_bps=2.0, commission=Commission(bps=1.0)),
    capital=1e6,
    choice=Choice(n_pairs=N_CHOSEN),
    rule=Rule(time_stop=30),
)


@dataclass(frozen=True, slots=True)
class _Bare:
    """What a window scans and sweeps, laid out beforehand."""

    logs: PricePanel
    pairs: tuple[tuple[BarPanel, TradedPair], ...]
    capital: float

    def scan(self, threads: int) -> PairScan:
        """The window's scan."""
        return scan_pairs(self.logs, take_logs=True, min_overlap=PLAN.choice.min_overlap, n_threads=threads)

    def sweeps(self, threads: int) -> list[SweepResult]:
        """The window's sweeps."""
        return [
            sweep_pair(
                bars,
                pair,
                grid=GRID,
                costs=PLAN.costs,
                capital=self.capital,
                rule=PLAN.rule,
                n_threads=threads,
            )
            for bars, pair in self.pairs
        ]


def rows(options: Options) -> Iterator[Row]:
    """One row: what choosing, trading the tests and joining the windows add."""
    bars, threads = _market(), options.threads
    ours = walk_forward(bars, PLAN, n_threads=threads)
    if len(ours.windows) != N_WINDOWS:
        raise WrongAnswer(f"walk-forward: {len(ours.windows)} windows instead of {N_WINDOWS}")
    bare = [_laid_out(bars, window) for window in ours.windows]
    for window, alone in zip(ours.windows, bare, strict=True):
        _same(window, alone, threads)

    ours_s, bare_s = interleaved(
        options.repeats,
        lambda: walk_forward(bars, PLAN, n_threads=threads),
        lambda: [(alone.scan(threads), alone.sweeps(threads)) for alone in bare],
    )
    yield Row(
        f"walk-forward, {N_SYMBOLS} symbols, {N_BARS} bars, {N_WINDOWS} windows, {N_CHOSEN} pairs chosen anew in each, "
        f"{N_SETTINGS} settings, {threads} threads",
        ours_s,
        floor="the same scans and sweeps called bare",
        floor_s=bare_s,
    )


def _market() -> BarPanel:
    """Forty planted pairs among strangers."""
    made = synthetic_universe(
        seed=9, n_bars=N_BARS, n_cointegrated=30, n_breaking=10, n_random=N_SYMBOLS - 80
    )
    return as_bars(made.panel)


def _laid_out(bars: BarPanel, result: WindowResult) -> _Bare:
    window, stamps = result.window, bars.timestamps
    training = bars.between(stamps[window.train_first], stamps[window.train_end - 1])
    legs = [(chosen.pair.symbol_1, chosen.pair.symbol_2) for chosen in result.pairs]
    pairs = tuple(
        (training.select(list(two)), chosen.pair) for two, chosen in zip(legs, result.pairs, strict=True)
    )
    return _Bare(training.prices("total_return"), pairs, float(result.equity[0]) / N_CHOSEN)


def _same(window: WindowResult, bare: _Bare, threads: int) -> None:
    """Answers first: pairs, hedge ratios, rules and their Sharpe ratios in training."""
    name = f"walk-forward, window {window.window.index + 1}"
    table = bare.scan(threads).better_directions().to_pylist()
    strongest = [row for row in table if row["hedge_ratio"] > 0.0][:N_CHOSEN]
    pairs = [chosen.pair for chosen in window.pairs]
    if [(p.symbol_1, p.symbol_2) for p in pairs] != [(r["symbol_1"], r["symbol_2"]) for r in strongest]:
        raise WrongAnswer(f"{name}: pairs are not the strongest of the bare scan")
    require_close(
        f"{name}, hedge ratios",
        [p.hedge_ratio or np.nan for p in pairs],
        [r["hedge_ratio"] for r in strongest],
        0.0,
    )
    for chosen, sweep in zip(window.pairs, bare.sweeps(threads), strict=True):
        if sweep.n_combinations != N_SETTINGS:
            raise WrongAnswer(f"{name}: {sweep.n_combinations} settings were swept instead of {N_SETTINGS}")
        best = int(np.nanargmax(probabilistic_sharpes(sweep.metrics)))
        if sweep.rule_at(best) != chosen.rule:
            raise WrongAnswer(f"{name}, {chosen.pair.name}: the rule is not the best of the bare sweep")
        require_close(f"{name}, Sharpe", chosen.in_sample_sharpe, sweep.metrics["sharpe_ratio"][best], 0.0)
