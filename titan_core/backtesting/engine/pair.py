"""The backtest of one pair."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from titan_core.backtesting.engine import kernels as k
from titan_core.backtesting.engine.prepare import (
    Terms,
    Universe,
    account_terms,
    bars_manifest,
    block_edges,
    first_bar,
    open_universe,
    pair_flags,
    pair_returns,
)
from titan_core.backtesting.engine.result import BacktestResult
from titan_core.backtesting.engine.totals import metrics_of
from titan_core.data import BarPanel, PricePanel
from titan_core.data.instants import Instant
from titan_core.errors import InvalidInput
from titan_core.risk.sizing import Sizing
from titan_core.simulation import kernels as m
from titan_core.simulation.costs import Costs, Delisting
from titan_core.simulation.ledger import Fills, check_balance, keep_ledger
from titan_core.simulation.market import Market
from titan_core.simulation.round_trips import PairRecord, build_trades
from titan_core.simulation.trades import ExitReason
from titan_core.strategy.parameters import Rule, TradedPair
from titan_core.strategy.signals import Signals, compute_signals
from titan_core.types import Float1D, Float2D, Int1D

__all__ = ["Run", "backtest_pair", "check_leverage", "fills_of", "prepare_run", "sizes_of"]


@dataclass(frozen=True, slots=True, eq=False)
class Run:
    """One pair, laid out for the kernels; what does not depend on the rule's thresholds."""

    market: Market
    legs: Int1D
    values: npt.NDArray[np.float64]
    costs: Float2D
    terms: Float1D
    flags: npt.NDArray[np.int32]
    causes: dict[int, ExitReason]
    first: int
    edges: Int1D

    @property
    def n_bars(self) -> int:
        """Bars of the panel."""
        return self.flags.size


def backtest_pair(
    bars: BarPanel | PricePanel,
    pair: TradedPair | tuple[str, str],
    *,
    rule: Rule,
    costs: Costs,
    capital: float,
    sizing: Sizing | None = None,
    start: Instant | None = None,
    gate: npt.ArrayLike | None = None,
    delistings: Sequence[Delisting] = (),
    compounds: bool = True,
    max_leverage: float = 2.0,
    max_jump: float = 0.85,
    periods_per_year: float = 252.0,
) -> BacktestResult:
    """Trade one pair through its history as it would have been: decided at a close, filled later, paid for.

    Parameters
    ----------
    bars : BarPanel or PricePanel with both symbols. Signals read the total-return index; fills, costs and the
        ledger raw prices where there are any.
    pair : TradedPair, or two symbols where the rule estimates the hedge ratio.
    rule, costs, sizing : what is done, what it costs, how large it is (by default all of equity, both legs together).
    capital : money at the first bar.
    start : the account is opened at the first bar at or after it; earlier bars only warm the signal.
    gate : array-like of shape (n_bars,), 0 = trade, 1 = no new entries, 2 = leave, known at each close.
    delistings : symbols that cease to trade for good.
    compounds : size entries on equity; else on the capital for ever.
    max_leverage : largest gross value of a position as a multiple of equity.
    max_jump : largest move of a close in one bar that no split explains.
    periods_per_year : by calendar (XNYS 252, crypto 365).

    Returns
    -------
    BacktestResult

    Raises
    ------
    InvalidInput, TooFewBars
        Before anything runs: costs that need a series the bars lack, no money, leverage over its limit, a window
        longer than the history, legs without a common bar, an untold split.
    LedgerOutOfBalance
        The engine is at fault.
    """
    traded = TradedPair.of(pair)
    size = sizing or Sizing()
    check_leverage(size, max_leverage)
    rule.check_pair(traded)
    universe = open_universe(bars, (traded,), costs, delistings, max_jump)
    first = first_bar(universe.bars, start)
    run = prepare_run(universe, traded, costs, Terms(capital, compounds), gate, first)
    signals = compute_signals(*universe.series(traded), rule, traded)
    vector = rule.vector(traded)
    sizes = sizes_of(size, run, signals, vector, periods_per_year)
    path, rows, totals, blocks = _record(run, signals.values, sizes, vector)
    manifest = bars_manifest(
        universe,
        (traded,),
        {
            "kind": "pair",
            "rule": rule.as_dict(),
            "costs": costs.as_dict(),
            "sizing": size.as_dict(),
            "capital": capital,
            "compounds": compounds,
            "start": None if start is None else str(universe.bars.timestamps[first]),
            "gate": None if gate is None else np.asarray(gate).astype(int).tolist(),
            "delistings": [[d.symbol, str(d.timestamp), d.value] for d in delistings],
            "periods_per_year": periods_per_year,
        },
    )
    found = metrics_of(totals[None], capital, periods_per_year)
    fills = fills_of(rows)
    interest = path[k.PATH_CREDIT] - path[k.PATH_DEBIT]
    ledger = keep_ledger(run.market, run.legs[None], fills, interest, capital)
    imbalance = check_balance(ledger, path[k.PATH_EQUITY], fills, first)
    record = PairRecord(traded.name, run.legs, signals.z_score, signals.hedge_ratio, run.causes)
    lent = np.ones((len(run.market.symbols), run.n_bars))
    trades = build_trades(run.market, [record], fills, path[k.PATH_DEBIT], lent)
    held = path[[k.PATH_FIRST, k.PATH_SECOND]]
    values = run.market.values[run.legs]
    notional = np.bincount(fills.bar, fills.notional, run.n_bars).astype(np.float64)
    closes = np.nan_to_num(values[:, m.M_CLOSE])
    return BacktestResult(
        timestamps=universe.bars.timestamps[first:],
        equity=path[k.PATH_EQUITY, first:],
        trades=trades,
        metrics={name: float(value[0]) for name, value in found.items()},
        manifest=manifest,
        signals=signals,
        positions=(held * values[:, m.M_FACTOR]).T[first:],
        targets=(path[[k.PATH_TARGET_1, k.PATH_TARGET_2]] * values[:, m.M_FACTOR]).T[first:],
        gross=(np.abs(held) * closes).sum(axis=0)[first:],
        traded=notional[first:],
        fills=fills,
        ledger=ledger,
        imbalance=imbalance,
        blocks=blocks,
        notes=universe.notes,
    )


def prepare_run(
    universe: Universe, pair: TradedPair, costs: Costs, terms: Terms, gate: npt.ArrayLike | None, first: int
) -> Run:
    """Lay one pair out for the kernels."""
    legs = universe.legs(pair)
    flags, causes = pair_flags(universe.market, legs, gate)
    return Run(
        universe.market,
        legs,
        np.ascontiguousarray(universe.market.values[legs]),
        np.ascontiguousarray(universe.market.costs[legs]),
        account_terms(terms, costs),
        flags,
        causes,
        first,
        block_edges(first, flags.size - 1),
    )


def sizes_of(sizing: Sizing, run: Run, signals: Signals, vector: Float1D, periods_per_year: float) -> Float1D:
    """Fraction of equity of an entry at each close."""
    if sizing.name == "fraction":
        return np.full(run.n_bars, sizing.fraction)
    returns = pair_returns(run.market, run.legs, signals.dollar_ratio)
    sides = np.zeros(run.n_bars)
    if sizing.name == "kelly":
        # the rule's own past at no cost tells when it would have stood in the pair
        free = np.zeros_like(run.costs)
        free[:, m.C_PARTICIPATION] = np.inf
        shadow = Run(run.market, run.legs, run.values, free, run.terms, run.flags, {}, run.first, run.edges)
        path = _record(shadow, signals.values, np.ones(run.n_bars), vector)[0]
        sides[run.first + 1 :] = np.sign(path[k.PATH_FIRST, run.first : -1])
    return sizing.sizes(returns, sides, periods_per_year)


def check_leverage(sizing: Sizing, max_leverage: float) -> None:
    """Refuse a size that may exceed the limit."""
    largest = sizing.fraction if sizing.name == "fraction" else sizing.most
    if largest > max_leverage:
        raise InvalidInput(
            f"a position may be {largest} times equity and max_leverage is {max_leverage}: "
            "take less, or raise the limit"
        )


def fills_of(rows: Float2D) -> Fills:
    """Rows of the blotter by name."""
    whole = rows[:, [k.F_BAR, k.F_DECIDED, k.F_PAIR, k.F_TRADE, k.F_REASON]].astype(np.int64)
    return Fills(
        bar=whole[:, 0],
        decided=whole[:, 1],
        pair=whole[:, 2],
        trade=whole[:, 3],
        reason=whole[:, 4],
        shares=rows[:, [k.F_SHARES_1, k.F_SHARES_2]],
        prices=rows[:, [k.F_PRICE_1, k.F_PRICE_2]],
        spread=rows[:, k.F_SPREAD],
        commission=rows[:, k.F_COMMISSION],
        impact=rows[:, k.F_IMPACT],
        legging=rows[:, k.F_LEGGING],
    )


def _record(
    run: Run, signal: Float2D, sizes: Float1D, vector: Float1D
) -> tuple[Float2D, Float2D, Float1D, Float2D]:
    """Run the kernel with everything written down: path, blotter, totals, blocks."""
    n = run.n_bars
    path = np.zeros((k.N_PATH, n))
    path[k.PATH_EQUITY] = run.terms[m.K_CAPITAL]
    blotter = np.empty((n + 2, k.N_BLOTTER))
    totals, blocks = np.empty(k.N_TOTALS), np.empty((2, run.edges.size - 1))
    record = True
    rows = k.run_grid(
        run.values, run.market.years, run.flags, signal, sizes, vector[None], run.costs, run.terms, run.first,
        run.edges, record, path, blotter, totals[None], blocks[None], np.empty(k.N_STATE + k.N_SUMS),
    )  # fmt: skip
    return path, blotter[:rows].copy(), totals, blocks
