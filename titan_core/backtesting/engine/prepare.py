"""Everything a run checks and lays out before its first bar."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from titan_core.checks import as_number
from titan_core.data import BarPanel, PricePanel
from titan_core.data.instants import Instant, as_instant
from titan_core.errors import InvalidInput, TooFewBars
from titan_core.manifest import Manifest, panel_hash
from titan_core.simulation import kernels as m
from titan_core.simulation.costs import Costs, Delisting
from titan_core.simulation.market import Market, build_market, market_notes
from titan_core.simulation.trades import ExitReason
from titan_core.strategy import kernels as s
from titan_core.strategy.parameters import TradedPair
from titan_core.types import BoolArray, Float1D, Float2D, Int1D

__all__ = [
    "BLOCKS",
    "Terms",
    "Universe",
    "account_terms",
    "as_bars",
    "bars_manifest",
    "block_edges",
    "first_bar",
    "open_universe",
    "pair_flags",
    "pair_returns",
]

BLOCKS = 16  # of returns, for the combinatorially symmetric cross-validation of a sweep


@dataclass(frozen=True, slots=True)
class Terms:
    """The account: money, and what is done with gains.

    Attributes
    ----------
    capital : at the first bar; compounds : whether entries are sized on equity, or on capital for ever
    """

    capital: float
    compounds: bool = True

    def __post_init__(self) -> None:
        """There must be money."""
        if as_number(self.capital, "capital") <= 0.0:
            raise InvalidInput(f"capital is {self.capital}: a backtest needs money above 0")


@dataclass(frozen=True, slots=True, eq=False)
class Universe:
    """A market ready to trade, the prices its signals read, and what should be known of both."""

    market: Market
    levels: Float2D
    notes: tuple[str, ...]
    bars: BarPanel

    def legs(self, pair: TradedPair) -> Int1D:
        """Positions of both symbols, shape (2,)."""
        at = []
        for symbol in (pair.symbol_1, pair.symbol_2):
            if symbol not in self.market.symbols:
                raise InvalidInput(f"{pair.name}: there are no bars of {symbol}")
            at.append(self.market.symbols.index(symbol))
        return np.array(at, np.int64)

    def series(self, pair: TradedPair) -> tuple[Float1D, Float1D]:
        """Both legs as the rule sees them: total-return levels, in logs where the pair is on logs."""
        first, second = (self.levels[:, j] for j in self.legs(pair))
        if not (~np.isnan(first) & ~np.isnan(second)).any():
            raise InvalidInput(
                f"{pair.name}: the legs have no bar in common; load a period both were traded in"
            )
        return (np.log(first), np.log(second)) if pair.scale == "log" else (first.copy(), second.copy())


def as_bars(bars: BarPanel | PricePanel) -> BarPanel:
    """Bars; of prices alone, bars that have closes only."""
    if isinstance(bars, BarPanel):
        return bars
    if bars.scale == "log":
        raise InvalidInput("these are log prices: money is made in prices; pass the panel before .log()")
    return BarPanel(bars.symbols, bars.timestamps, None, None, None, bars.values, None, (), bars.adjustment)


def open_universe(
    bars: BarPanel | PricePanel,
    pairs: Sequence[TradedPair],
    costs: Costs,
    delistings: Sequence[Delisting],
    max_jump: float,
) -> Universe:
    """Check the bars of all pairs' symbols, and lay the market out."""
    whole = as_bars(bars)
    if whole.n_bars < 2:
        raise TooFewBars(f"there are {whole.n_bars} bars: a backtest needs 2 at least")
    symbols = tuple(sorted({symbol for pair in pairs for symbol in (pair.symbol_1, pair.symbol_2)}))
    missing = [symbol for symbol in symbols if symbol not in whole.symbols]
    if missing:
        raise InvalidInput(f"there are no bars of {', '.join(missing)}: load them, or leave out their pairs")
    chosen = whole.select(symbols)
    told = tuple(d for d in delistings if d.symbol in symbols)
    market = build_market(chosen, costs, told)
    notes = market_notes(chosen, told, max_jump=max_jump)
    return Universe(market, chosen.prices("total_return").values, notes, chosen)


def first_bar(bars: BarPanel, start: Instant | None) -> int:
    """Bar the account is opened at: the first at or after ``start``; earlier ones only warm the signal."""
    if start is None:
        return 0
    at = int(np.searchsorted(bars.timestamps, as_instant(start, "start"), side="left"))
    if at > bars.n_bars - 2:
        raise TooFewBars(f"start {start} leaves {bars.n_bars - at} bars: a backtest needs 2 at least")
    return at


def account_terms(terms: Terms, costs: Costs) -> Float1D:
    """The account as the kernels read it."""
    row = np.zeros(m.N_TERMS)
    row[m.K_CAPITAL], row[m.K_COMPOUNDS] = terms.capital, float(terms.compounds)
    row[m.K_DEBIT], row[m.K_CREDIT] = costs.financing.debit_rate_annual, costs.financing.credit_rate_annual
    row[m.K_LEGGING], row[m.K_LIMIT] = costs.legging_bps / 1e4, costs.limit_bps / 1e4
    row[m.K_EXPIRES] = costs.expires_after
    return row


def block_edges(first: int, last: int) -> Int1D:
    """Last bars of `BLOCKS` blocks of the returns of bars first + 1 .. last, as numpy.array_split cuts them."""
    n, blocks = last - first, min(BLOCKS, last - first)
    sizes = np.full(blocks, n // blocks)
    sizes[: n % blocks] += 1
    return np.concatenate([[first], first + np.cumsum(sizes)]).astype(np.int64)


def pair_flags(
    market: Market, legs: Int1D, gate: npt.ArrayLike | None
) -> tuple[npt.NDArray[np.int32], dict[int, ExitReason]]:
    """What is possible and what is forced on each bar of a pair, and why it is forced.

    Parameters
    ----------
    gate : array-like of shape (n_bars,), 0 = trade, 1 = no new entries, 2 = leave; known at each close. The hook of
        regimes and of a pair's health.
    """
    a, b = int(legs[0]), int(legs[1])
    n = market.timestamps.size
    gates = _as_gate(gate, n)
    end = int(min(market.delisted_at[a], market.delisted_at[b]))
    gone = np.arange(n) >= end
    decides = market.has_bar[a] & market.has_bar[b]
    decides |= gone & (market.has_bar[a] | market.has_bar[b])
    lends_a, lends_b = market.lends[a], market.lends[b]
    recall_a, recall_b = _carried(market.recalled[a], decides), _carried(market.recalled[b], decides)
    opens = (gates == 0) & ~gone
    leaves = (gates == 2) | gone
    flags = np.zeros(n, np.int32)
    for bit, where in (
        (s.DECIDES, decides),
        (s.FILLS_1, market.fills[a]),
        (s.FILLS_2, market.fills[b]),
        (s.MAY_BUY, opens & lends_b & ~recall_b),
        (s.MAY_SELL, opens & lends_a & ~recall_a),
        (s.MUST_SELL, leaves | recall_b),
        (s.MUST_COVER, leaves | recall_a),
        (s.LENDS_2, lends_b),
        (s.LENDS_1, lends_a),
    ):
        flags[where] |= bit
    for symbol, bit in ((a, s.SETTLES_1), (b, s.SETTLES_2)):
        if market.delisted_at[symbol] < n:
            flags[market.delisted_at[symbol]] |= bit
    causes: dict[int, ExitReason] = {int(t): "gate" for t in np.flatnonzero(gates == 2)}
    causes |= {int(t): "recall" for t in np.flatnonzero(recall_a | recall_b)}
    causes |= dict.fromkeys(range(end, n), "delisted")
    return flags, causes


def pair_returns(market: Market, legs: Int1D, ratio: Float1D) -> Float1D:
    """Return on gross value of holding the spread long over each bar, hedged as of the bar before; NaN if unknown."""
    moves = []
    for symbol in legs:
        close = market.values[symbol, m.M_CLOSE]
        before = np.concatenate([[np.nan], close[:-1]])
        moves.append(market.values[symbol, m.M_LONG] / before)
    known = np.concatenate([[np.nan], ratio[:-1]])
    returns = (moves[0] - known * moves[1]) / (1.0 + known)
    return np.where(known > 0.0, returns, np.nan)


def bars_manifest(universe: Universe, pairs: Sequence[TradedPair], parameters: dict[str, Any]) -> Manifest:
    """What decides a run: its closes by hash, the other fields and actions beside the parameters."""
    bars = universe.bars
    others = {
        name: panel_hash(PricePanel(bars.symbols, bars.timestamps, field, bars.adjustment))
        for name in ("open", "high", "low", "volume")
        if (field := getattr(bars, name)) is not None
    }
    actions = [[a.symbol, str(a.timestamp), a.kind, a.value] for a in bars.actions]
    closes = PricePanel(bars.symbols, bars.timestamps, bars.close, bars.adjustment)
    traded = [
        {
            "symbol_1": pair.symbol_1,
            "symbol_2": pair.symbol_2,
            "hedge_ratio": pair.hedge_ratio,
            "intercept": pair.intercept,
            "scale": pair.scale,
        }
        for pair in pairs
    ]
    return Manifest(
        panel_hash(closes), parameters | {"pairs": traded, "other_fields": others, "actions": actions}
    )


def _as_gate(gate: npt.ArrayLike | None, n: int) -> npt.NDArray[np.int64]:
    """The gate, or one that is open."""
    if gate is None:
        return np.zeros(n, np.int64)
    array = np.asarray(gate)
    if array.shape != (n,) or not np.isin(array, (0, 1, 2)).all():
        raise InvalidInput(
            f"gate needs one value of 0, 1 or 2 for each of {n} bars; it has shape {array.shape}"
        )
    return array.astype(np.int64)


def _carried(events: BoolArray, decides: BoolArray) -> BoolArray:
    """Events moved to the next bar on which the pair decides."""
    moved = np.zeros(events.size, np.bool_)
    bars = np.flatnonzero(decides)
    for t in np.flatnonzero(events):
        at = int(np.searchsorted(bars, t))
        if at < bars.size:
            moved[bars[at]] = True
    return moved
