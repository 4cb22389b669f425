"""The backtest of many pairs on one account."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
import numpy.typing as npt

from titan_core.backtesting.engine.kernels import N_BLOTTER, N_STATE, N_SUMS, N_TOTALS, X_PNL
from titan_core.backtesting.engine.pair import check_leverage, fills_of, prepare_run, sizes_of
from titan_core.backtesting.engine.portfolio import kernels as q
from titan_core.backtesting.engine.prepare import (
    Terms,
    Universe,
    account_terms,
    bars_manifest,
    block_edges,
    first_bar,
    open_universe,
)
from titan_core.backtesting.engine.result import PortfolioResult
from titan_core.backtesting.engine.totals import metrics_of
from titan_core.data import BarPanel, PricePanel
from titan_core.data.instants import Instant
from titan_core.errors import InvalidInput
from titan_core.risk.limits import Limits
from titan_core.risk.sizing import Sizing
from titan_core.simulation import kernels as m
from titan_core.simulation.costs import Costs, Delisting
from titan_core.simulation.ledger import check_balance, keep_ledger
from titan_core.simulation.round_trips import PairRecord, build_trades
from titan_core.strategy import kernels as s
from titan_core.strategy.parameters import Rule, TradedPair
from titan_core.strategy.signals import compute_signals
from titan_core.types import Float1D, Float2D, Int1D

__all__ = ["backtest_portfolio", "lay_out", "run_book"]


def backtest_portfolio(
    bars: BarPanel | PricePanel,
    pairs: Sequence[TradedPair | tuple[str, str]],
    *,
    rule: Rule | Mapping[str, Rule],
    costs: Costs,
    capital: float,
    sizing: Sizing | None = None,
    limits: Limits | None = None,
    sectors: Mapping[str, str] | None = None,
    start: Instant | None = None,
    gates: Mapping[str, npt.ArrayLike] | None = None,
    delistings: Sequence[Delisting] = (),
    compounds: bool = True,
    max_leverage: float = 2.0,
    max_jump: float = 0.85,
    periods_per_year: float = 252.0,
) -> PortfolioResult:
    """Trade many pairs on one account, as `backtest_pair` trades one; the order of ``pairs`` never matters.

    Entries of one close share what the limits leave. Orders of one symbol are netted before they go to the market,
    longs lend to shorts of the same symbol, and interest is of the whole account (a pair's stop-loss does not see it).

    Parameters
    ----------
    pairs : each once, in either spelling of `backtest_pair`.
    rule : one for all, or one by pair name ("symbol_1/symbol_2").
    sizing : of one pair's entry, as a fraction of the whole equity (by default all of it, cut to the limits).
    limits : by default two times equity in all.
    sectors : sector by symbol; symbols without one have no sector limit.
    gates : by pair name, as ``gate`` of `backtest_pair`.
    bars, costs, capital, start, delistings, compounds, max_leverage, max_jump, periods_per_year
        As in `backtest_pair`; max_leverage bounds one pair's size.

    Raises
    ------
    InvalidInput, TooFewBars
        As `backtest_pair`; also no pair, a pair named twice, a rule or gate of a pair that is not there.
    """
    traded = _sorted_pairs(pairs)
    names = tuple(pair.name for pair in traded)
    rules = _by_pair(rule, names)
    size, bounds = sizing or Sizing(), limits or Limits()
    check_leverage(size, max_leverage)
    unknown = sorted(set(gates or {}) - set(names))
    if unknown:
        raise InvalidInput(f"there is a gate of {', '.join(unknown)}, which is no pair of this portfolio")
    for pair, chosen in zip(traded, rules, strict=True):
        chosen.check_pair(pair)
    universe = open_universe(bars, traded, costs, delistings, max_jump)
    first = first_bar(universe.bars, start)
    book = lay_out(
        universe, traded, rules, costs, Terms(capital, compounds), size, gates or {}, first, periods_per_year
    )
    outcome = run_book(universe, book, bounds, _sector_codes(universe, sectors or {}), first)
    manifest = bars_manifest(
        universe,
        traded,
        {
            "kind": "portfolio",
            "rules": [chosen.as_dict() for chosen in rules],
            "costs": costs.as_dict(),
            "sizing": size.as_dict(),
            "limits": bounds.as_dict(),
            "sectors": dict(sectors or {}),
            "capital": capital,
            "compounds": compounds,
            "start": None if start is None else str(universe.bars.timestamps[first]),
            "gates": {name: np.asarray(gate).astype(int).tolist() for name, gate in (gates or {}).items()},
            "delistings": [[d.symbol, str(d.timestamp), d.value] for d in delistings],
            "periods_per_year": periods_per_year,
        },
    )
    return _result(universe, book, outcome, names, first, capital, periods_per_year, manifest)


@dataclass(frozen=True, slots=True, eq=False)
class _Book:
    """All pairs, laid out for the kernel."""

    legs: Int1D
    flags: npt.NDArray[np.int32]
    signals: npt.NDArray[np.float64]
    sizes: Float2D
    parameters: Float2D
    terms: Float1D
    records: list[PairRecord]


@dataclass(frozen=True, slots=True, eq=False)
class _Outcome:
    """What the kernel wrote."""

    path: Float2D
    blotter: Float2D
    totals: Float1D
    blocks: Float2D
    lent: Float2D
    pair_pnl: Float1D


def _sorted_pairs(pairs: Sequence[TradedPair | tuple[str, str]]) -> tuple[TradedPair, ...]:
    """Pairs by name, so that sums run in one order whatever order they came in."""
    if not pairs:
        raise InvalidInput("there is no pair: a portfolio needs at least one")
    traded = sorted((TradedPair.of(pair) for pair in pairs), key=lambda pair: pair.name)
    for one, other in pairwise(traded):
        if one.name == other.name:
            raise InvalidInput(f"{one.name} is there twice: name every pair once")
    return tuple(traded)


def _by_pair(rule: Rule | Mapping[str, Rule], names: tuple[str, ...]) -> list[Rule]:
    """The rule of each pair."""
    if isinstance(rule, Rule):
        return [rule] * len(names)
    if set(rule) != set(names):
        wrong = sorted(set(rule) ^ set(names))
        raise InvalidInput(
            f"rules and pairs differ in {', '.join(wrong)}: give every pair its rule, and no other"
        )
    return [rule[name] for name in names]


def _sector_codes(universe: Universe, sectors: Mapping[str, str]) -> Int1D:
    """A number for each symbol's sector, -1 where none is known."""
    known = sorted({sectors[symbol] for symbol in universe.market.symbols if symbol in sectors})
    return np.array(
        [known.index(sectors[x]) if x in sectors else -1 for x in universe.market.symbols], np.int64
    )


def lay_out(
    universe: Universe,
    pairs: tuple[TradedPair, ...],
    rules: list[Rule],
    costs: Costs,
    terms: Terms,
    sizing: Sizing,
    gates: Mapping[str, npt.ArrayLike],
    first: int,
    periods_per_year: float,
) -> _Book:
    """Signals, sizes, flags and parameters of every pair."""
    n, count = universe.bars.n_bars, len(pairs)
    book = _Book(
        np.empty((count, 2), np.int64),
        np.empty((count, n), np.int32),
        np.empty((count, s.N_SIGNAL, n)),
        np.empty((count, n)),
        np.empty((count, s.N_PARAMETERS)),
        account_terms(terms, costs),
        [],
    )
    for j, (pair, rule) in enumerate(zip(pairs, rules, strict=True)):
        run = prepare_run(universe, pair, costs, terms, gates.get(pair.name), first)
        signals = compute_signals(*universe.series(pair), rule, pair)
        book.legs[j], book.flags[j], book.signals[j] = run.legs, run.flags, signals.values
        book.parameters[j] = rule.vector(pair)
        book.sizes[j] = sizes_of(sizing, run, signals, book.parameters[j], periods_per_year)
        signal = book.signals[j]
        book.records.append(PairRecord(pair.name, run.legs, signal[s.Z], signal[s.BETA], run.causes))
    return book


def run_book(universe: Universe, book: _Book, limits: Limits, sectors: Int1D, first: int) -> _Outcome:
    """Run the kernel with everything written down."""
    market, (pairs, n), symbols = universe.market, book.flags.shape, len(universe.market.symbols)
    edges = block_edges(first, n - 1)
    states, lent = np.empty((pairs, N_STATE)), np.ones((n + 1, symbols))
    path = np.zeros((q.N_BOOK, n))
    path[q.BOOK_EQUITY] = book.terms[m.K_CAPITAL]
    # a pair can be filled once a bar, and settled beside
    blotter = np.empty((pairs * (n - first + 2), N_BLOTTER))
    totals, blocks = np.empty(N_TOTALS), np.empty((2, edges.size - 1))
    record = True
    rows = q.run_portfolio(
        market.values, market.years, book.legs.ravel(), sectors, book.flags, book.signals, book.sizes,
        book.parameters, market.costs, book.terms, limits.vector(), first, edges, record, states,
        np.zeros((q.N_PAIR_WORK, pairs)), np.zeros((q.N_SYMBOL_WORK, symbols)), lent, np.zeros((2, 2 * pairs)),
        np.zeros(3 * symbols), np.zeros(2 * max(1, int(sectors.max()) + 1)), np.empty(N_SUMS), path, blotter, totals,
        blocks,
    )  # fmt: skip
    # a row of ``lent`` is in force from the bar after; rows before the first bar say nothing
    shares = np.ones((symbols, n))
    shares[:, first + 1 :] = lent[first + 1 : n].T
    return _Outcome(path, blotter[:rows].copy(), totals, blocks, shares, states[:, X_PNL].copy())


def _result(
    universe: Universe,
    book: _Book,
    outcome: _Outcome,
    names: tuple[str, ...],
    first: int,
    capital: float,
    periods_per_year: float,
    manifest: Any,
) -> PortfolioResult:
    """Balance the ledger, put trades together, name the metrics."""
    path, fills, n = outcome.path, fills_of(outcome.blotter), universe.bars.n_bars
    interest = path[q.BOOK_CREDIT] - path[q.BOOK_DEBIT]
    ledger = keep_ledger(universe.market, book.legs, fills, interest, capital)
    imbalance = check_balance(ledger, path[q.BOOK_EQUITY], fills, first)
    found = metrics_of(outcome.totals[None], capital, periods_per_year)
    # many pairs can be open on one bar: the share of bars with a position is that of the book
    found["exposure"] = np.array([(path[q.BOOK_OPEN, first:] > 0.0).mean()])
    notional = np.bincount(fills.bar, fills.notional, n).astype(np.float64)
    return PortfolioResult(
        timestamps=universe.bars.timestamps[first:],
        equity=path[q.BOOK_EQUITY, first:],
        trades=build_trades(universe.market, book.records, fills, np.zeros(n), outcome.lent),
        metrics={name: float(value[0]) for name, value in found.items()},
        manifest=manifest,
        pairs=names,
        pair_pnl=outcome.pair_pnl,
        gross=path[q.BOOK_GROSS, first:],
        net=path[q.BOOK_NET, first:],
        aimed=path[q.BOOK_AIMED, first:],
        n_open=path[q.BOOK_OPEN, first:],
        traded=notional[first:],
        fills=fills,
        ledger=ledger,
        imbalance=imbalance,
        blocks=outcome.blocks,
        notes=universe.notes,
    )
