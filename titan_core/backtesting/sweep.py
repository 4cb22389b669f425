"""Many settings of one rule on one pair: each combination to the last bit what `backtest_pair` makes of it."""

import os
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, fields, replace
from typing import TYPE_CHECKING, Any, cast

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from titan_core.backtesting.engine import kernels as k
from titan_core.backtesting.engine.pair import Run, check_leverage, prepare_run, sizes_of
from titan_core.backtesting.engine.prepare import Terms, bars_manifest, first_bar, open_universe
from titan_core.backtesting.engine.totals import metrics_of
from titan_core.checks import as_count
from titan_core.data import BarPanel, PricePanel
from titan_core.data.instants import Instant
from titan_core.errors import Cancelled, InvalidInput
from titan_core.manifest import Manifest
from titan_core.risk.sizing import Sizing
from titan_core.simulation.costs import Costs, Delisting
from titan_core.strategy import kernels as s
from titan_core.strategy.parameters import Rule, TradedPair
from titan_core.strategy.signals import compute_signals
from titan_core.types import Float1D, Float2D, Int1D, Progress, ShouldStop

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["SweepResult", "check_grid", "check_setting", "sweep_pair"]

_BLOCK = 512  # combinations a thread takes at once
_GROUPS = 32  # signals held at a time
# Settings that change the signal; whatever is not among them shares one.
_SIGNAL = (
    "name",
    "window",
    "hedge_window",
    "half_life_window",
    "max_half_life",
    "beta_variance",
    "level_variance",
    "noise_variance",
)
_COLUMN = {
    "entry_z": s.P_ENTRY,
    "exit_z": s.P_EXIT,
    "stop_z": s.P_STOP_Z,
    "stop_loss": s.P_STOP_LOSS,
    "take_profit": s.P_TAKE_PROFIT,
    "time_stop": s.P_TIME_STOP,
    "cooldown": s.P_COOLDOWN,
    "rebalance_every": s.P_REBALANCE,
}


@dataclass(frozen=True, slots=True, eq=False)
class SweepResult:
    """One row a combination, in the order of the grid, the last name running fastest.

    Attributes
    ----------
    parameters : the grid's names, each with an array of shape (n_combinations,)
    metrics : as in `BacktestResult.metrics`, each an array of shape (n_combinations,)
    blocks : (2, n_blocks, n_combinations) sums and sums of squares of returns by block, for cross-validation
    n_left_out : combinations of the grid that contradict themselves (exit_z beyond entry_z, stop_z below it) and
        were not run, so are no trials
    rule : what the grid does not name
    manifest : what decides every bit of this
    notes : what should be known of the bars
    """

    parameters: dict[str, npt.NDArray[Any]]
    metrics: dict[str, Float1D]
    blocks: npt.NDArray[np.float64]
    n_left_out: int
    rule: Rule
    manifest: Manifest
    notes: tuple[str, ...]

    @property
    def n_combinations(self) -> int:
        """Combinations that were run: the number of trials."""
        return int(self.blocks.shape[2])

    def rule_at(self, row: int) -> Rule:
        """The rule of one row."""
        values = {name: column[row] for name, column in self.parameters.items()}
        return replace(self.rule, **{name: _python(value) for name, value in values.items()})

    def best(self, metric: str = "sharpe_ratio") -> int:
        """Row with the highest value; the first of equals, NaN never.

        Raises
        ------
        InvalidInput
            There is no such metric, or no row has a value of it.
        """
        if metric not in self.metrics:
            raise InvalidInput(f"there is no metric {metric}: choose of {', '.join(self.metrics)}")
        values = self.metrics[metric]
        if np.isnan(values).all():
            raise InvalidInput(f"no combination has a {metric}: none of them traded")
        return int(np.nanargmax(values))

    def to_arrow(self) -> Any:
        """A pyarrow Table: a column a parameter, then one a metric."""
        return pa.table({name: pa.array(column) for name, column in (self.parameters | self.metrics).items()})

    def to_pandas(self) -> "pd.DataFrame":
        """A frame with one row a combination."""
        return cast("pd.DataFrame", self.to_arrow().to_pandas())


def sweep_pair(
    bars: BarPanel | PricePanel,
    pair: TradedPair | tuple[str, str],
    *,
    grid: Mapping[str, Sequence[Any]],
    costs: Costs,
    capital: float,
    paired: bool = False,
    rule: Rule | None = None,
    sizing: Sizing | None = None,
    start: Instant | None = None,
    gate: npt.ArrayLike | None = None,
    delistings: Sequence[Delisting] = (),
    compounds: bool = True,
    max_leverage: float = 2.0,
    max_jump: float = 0.85,
    periods_per_year: float = 252.0,
    n_threads: int | None = None,
    progress: Progress | None = None,
    should_stop: ShouldStop | None = None,
) -> SweepResult:
    """Backtest every combination of a grid of settings; a signal is computed once for all that share it.

    Parameters
    ----------
    grid : names of `Rule` fields, each with the values to try.
    paired : try the first values together, then the second ones and so on, instead of each value with every other.
    rule : the settings that the grid does not name (by default `Rule`'s own).
    n_threads : by default two, or one on a machine with one; the result is the same with any number.
    progress, should_stop : called between blocks of combinations.
    bars, pair, costs, capital, sizing, start, gate, delistings, compounds, max_leverage, max_jump, periods_per_year
        As in `backtest_pair`; Kelly sizing, which looks at a rule's own past, is refused.

    Raises
    ------
    InvalidInput, TooFewBars
        As `backtest_pair`; also a name that no rule has, a value that no rule takes, a grid of contradictions only.
    Cancelled
        ``should_stop`` answered yes.
    """
    traded, base, size = TradedPair.of(pair), rule or Rule(), sizing or Sizing()
    check_leverage(size, max_leverage)
    if size.name == "kelly":
        raise InvalidInput(
            "kelly sizes by each rule's own past; sweep with another sizing, then backtest_pair with kelly"
        )
    axes = _axes(grid)
    places = _paired(axes, grid) if paired else None
    universe = open_universe(bars, (traded,), costs, delistings, max_jump)
    first = first_bar(universe.bars, start)
    run = prepare_run(universe, traded, costs, Terms(capital, compounds), gate, first)
    index, left_out = _combinations(axes, base, places)
    totals = np.empty((index.shape[1], k.N_TOTALS))
    blocks = np.empty((index.shape[1], 2, run.edges.size - 1))
    work = _Work(
        run, universe.series(traded), traded, base, size, axes, index, periods_per_year, totals, blocks
    )
    _run_all(work, n_threads, progress, should_stop)
    manifest = bars_manifest(
        universe,
        (traded,),
        {
            "kind": "sweep",
            "grid": {name: [_plain(value) for value in grid[name]] for name in axes},
            "rule": base.as_dict(),
            "costs": costs.as_dict(),
            "sizing": size.as_dict(),
            "capital": capital,
            "compounds": compounds,
            "start": None if start is None else str(universe.bars.timestamps[first]),
            "gate": None if gate is None else np.asarray(gate).astype(int).tolist(),
            "delistings": [[d.symbol, str(d.timestamp), d.value] for d in delistings],
            "periods_per_year": periods_per_year,
        }
        | ({"paired": True} if paired else {}),
    )
    return SweepResult(
        {name: np.array(values)[index[i]] for i, (name, values) in enumerate(axes.items())},
        metrics_of(totals, capital, periods_per_year),
        np.ascontiguousarray(blocks.transpose(1, 2, 0)),
        left_out,
        base,
        manifest,
        universe.notes,
    )


@dataclass(frozen=True, slots=True, eq=False)
class _Work:
    """All that the threads share; each writes to rows of its own."""

    run: Run
    series: tuple[Float1D, Float1D]
    pair: TradedPair
    rule: Rule
    sizing: Sizing
    axes: dict[str, list[Any]]
    index: Int1D
    periods_per_year: float
    totals: Float2D
    blocks: npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class _Group:
    """Combinations that share a signal."""

    rows: Int1D
    signal: Float2D
    sizes: Float1D
    vector: Float1D


def check_grid(grid: Mapping[str, Sequence[Any]], rule: Rule) -> int:
    """Combinations a sweep would run; the errors `sweep_pair` has for a grid, before any bar is read."""
    return int(_combinations(_axes(grid), rule)[0].shape[1])


def _axes(grid: Mapping[str, Sequence[Any]]) -> dict[str, list[Any]]:
    """The grid with every value checked alone."""
    known = {field.name for field in fields(Rule)}
    axes: dict[str, list[Any]] = {}
    if not grid:
        raise InvalidInput("the grid names nothing: give at least one setting and its values")
    for name, values in grid.items():
        if name not in known:
            raise InvalidInput(f"a rule has no {name}: choose of {', '.join(sorted(known))}")
        axes[name] = list(values)
        if not axes[name]:
            raise InvalidInput(f"the grid has no value of {name}: give at least one")
        for value in axes[name]:
            check_setting(name, value)
    return axes


def check_setting(name: str, value: Any) -> None:
    """Refuse a value that no rule could have, whatever its others are."""
    if name == "exit_z":
        Rule(entry_z=abs(float(value)) + 1.0, exit_z=value)
    elif name == "stop_z":
        Rule(entry_z=1e-9, exit_z=0.0, stop_z=value)
    elif name == "entry_z":
        Rule(entry_z=value, exit_z=0.0)
    else:
        Rule(**{name: value})


def _paired(axes: dict[str, list[Any]], grid: Mapping[str, Sequence[Any]]) -> Int1D:
    """Position of each row's value on every axis, (n_axes, n); the axes are left with their different values."""
    if len({len(values) for values in axes.values()}) > 1:
        raise InvalidInput("paired names need as many values each: row i takes the i-th of every name")
    for name, values in axes.items():
        axes[name] = list(dict.fromkeys(values))
    places = [{value: at for at, value in enumerate(values)} for values in axes.values()]
    return np.array(
        [[place[value] for value in grid[name]] for name, place in zip(axes, places, strict=True)], np.int64
    )


def _combinations(axes: dict[str, list[Any]], rule: Rule, index: Int1D | None = None) -> tuple[Int1D, int]:
    """Position on every axis of each combination that does not contradict itself, (n_axes, n), and how many do."""
    if index is None:
        shape = tuple(len(values) for values in axes.values())
        index = np.stack(np.unravel_index(np.arange(int(np.prod(shape))), shape)).astype(np.int64)
    names = list(axes)

    def column(name: str) -> npt.NDArray[Any]:
        if name not in axes:
            return np.array(getattr(rule, name))
        return np.asarray(np.array(axes[name])[index[names.index(name)]])

    entry, leave = column("entry_z"), column("exit_z")
    fits = (-entry < leave) & (leave < entry) & (column("stop_z") > entry)
    fits &= (column("name") != "kalman") | (column("hedge_window") == 0)
    fits = np.broadcast_to(fits, index.shape[1])
    if not fits.any():
        raise InvalidInput(
            "every combination contradicts itself: exit_z must lie between -entry_z and entry_z, stop_z above entry_z"
        )
    return index[:, fits], int((~fits).sum())


def _groups(work: _Work) -> Iterator[Int1D]:
    """Rows of each set of combinations that share a signal."""
    key = np.zeros(work.index.shape[1], np.int64)
    for i, (name, values) in enumerate(work.axes.items()):
        if name in _SIGNAL:
            key = key * len(values) + work.index[i]
    order = np.argsort(key, kind="stable")
    yield from np.split(order, np.flatnonzero(np.diff(key[order])) + 1)


def _open_group(work: _Work, rows: Int1D) -> _Group:
    """Compute the signal a group shares."""
    settings = {
        name: _python(values[work.index[i, rows[0]]])
        for i, (name, values) in enumerate(work.axes.items())
        if name in _SIGNAL
    }
    # the other settings do not reach the signal: any that do not contradict will do
    rule = replace(work.rule, **settings, entry_z=1.0, exit_z=0.0, stop_z=np.inf)
    signals = compute_signals(*work.series, rule, work.pair)
    vector = rule.vector(work.pair)
    for name, column in _COLUMN.items():
        vector[column] = getattr(work.rule, name)
    sizes = sizes_of(work.sizing, work.run, signals, vector, work.periods_per_year)
    return _Group(rows, signals.values, sizes, vector)


def _run_block(work: _Work, group: _Group, part: Int1D) -> int:
    """Run some combinations of a group."""
    parameters = np.tile(group.vector, (part.size, 1))
    for i, (name, values) in enumerate(work.axes.items()):
        if name in _COLUMN:
            parameters[:, _COLUMN[name]] = np.array(values, np.float64)[work.index[i, part]]
    run = work.run
    totals = np.empty((part.size, k.N_TOTALS))
    blocks = np.empty((part.size, 2, run.edges.size - 1))
    record = False
    k.run_grid(
        run.values, run.market.years, run.flags, group.signal, group.sizes, parameters, run.costs, run.terms,
        run.first, run.edges, record, np.empty((1, run.n_bars)), np.empty((0, k.N_BLOTTER)), totals, blocks,
        np.empty(k.N_STATE + k.N_SUMS),
    )  # fmt: skip
    work.totals[part], work.blocks[part] = totals, blocks
    return int(part.size)


def _run_all(
    work: _Work, n_threads: int | None, progress: Progress | None, should_stop: ShouldStop | None
) -> None:
    """Every group, a few signals at a time, on a pool of threads."""
    threads = (
        min(2, os.cpu_count() or 1) if n_threads is None else as_count(n_threads, "n_threads", minimum=1)
    )
    groups, total, done = list(_groups(work)), work.index.shape[1], 0
    with ThreadPoolExecutor(threads) as pool:
        for at in range(0, len(groups), _GROUPS):
            opened = list(pool.map(lambda rows: _open_group(work, rows), groups[at : at + _GROUPS]))
            parts = [(g, g.rows[i : i + _BLOCK]) for g in opened for i in range(0, g.rows.size, _BLOCK)]
            waiting = [pool.submit(_run_block, work, group, part) for group, part in parts]
            for future in waiting:
                if should_stop is not None and should_stop():
                    for other in waiting:
                        other.cancel()
                    raise Cancelled(f"stopped after {done} of {total} combinations")
                done += future.result()
                if progress is not None:
                    progress(done, total)


def _python(value: Any) -> Any:
    """A number as Python has it."""
    return value.item() if isinstance(value, np.generic) else value


def _plain(value: Any) -> Any:
    """What JSON can hold: infinity as None."""
    number = _python(value)
    return None if isinstance(number, float) and np.isinf(number) else number
