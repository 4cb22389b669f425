"""Fills put together to trades: what each earned, what it paid, and how far it went both ways."""

from dataclasses import dataclass

import numpy as np

from titan_core.simulation import kernels as k
from titan_core.simulation.ledger import Fills
from titan_core.simulation.market import Market
from titan_core.simulation.trades import ExitReason, Trade, TradeTable
from titan_core.types import Float1D, Float2D, Int1D

__all__ = ["ENTRY", "REASONS", "SETTLED", "PairRecord", "build_trades"]

SETTLED, ENTRY, FORCED, ADJUSTED = -1, 1, 7, 8
REASONS: dict[int, ExitReason] = {
    SETTLED: "delisted",
    2: "exit",
    3: "stop_z",
    4: "stop_loss",
    5: "take_profit",
    6: "time_stop",
    FORCED: "gate",
}
_NOT_YET = np.datetime64("NaT", "us")


@dataclass(frozen=True, slots=True, eq=False)
class PairRecord:
    """What is known of a pair beside its fills.

    Attributes
    ----------
    name : "symbol_1/symbol_2"
    legs : (2,) its symbols in the market
    z_score, hedge_ratio : (n_bars,)
    causes : bar -> why a forced exit was decided there
    """

    name: str
    legs: Int1D
    z_score: Float1D
    hedge_ratio: Float1D
    causes: dict[int, ExitReason]


def build_trades(
    market: Market, pairs: list[PairRecord], fills: Fills, debit: Float1D, lent: Float2D
) -> TradeTable:
    """All trades of a run, by entry, then by pair.

    Parameters
    ----------
    debit : (n_bars,) interest paid to date, where one pair has the account alone; else zeros
    lent : (n_symbols, n_bars) part of the short shares that had to be borrowed over the night that ends with the bar
    """
    trades: list[tuple[tuple[int, int], Trade]] = []
    if fills.bar.size:
        order = np.lexsort((np.arange(fills.bar.size), fills.trade, fills.pair))
        edge = np.flatnonzero((np.diff(fills.pair[order]) != 0) | (np.diff(fills.trade[order]) != 0)) + 1
        for rows in np.split(order, edge):
            pair = pairs[int(fills.pair[rows[0]])]
            entry = (int(fills.bar[rows[0]]), int(fills.pair[rows[0]]))
            trades.append((entry, _trade(market, pair, fills, rows, debit, lent)))
    trades.sort(key=lambda item: item[0])
    return TradeTable([trade for _, trade in trades])


def _trade(
    market: Market, pair: PairRecord, fills: Fills, rows: Int1D, debit: Float1D, lent: Float2D
) -> Trade:
    """One trade from its fills."""
    first = int(fills.bar[rows[0]])
    left = np.cumsum(fills.shares[rows], axis=0)
    scale = np.abs(left).max(axis=0)
    is_closed = bool((np.abs(left[-1]) <= 1e-9 * np.maximum(scale, 1e-300)).all())
    last = int(fills.bar[rows[-1]]) if is_closed else market.timestamps.size - 1
    entries = rows[fills.reason[rows] == ENTRY]
    closing = rows[(fills.reason[rows] != ENTRY) & (fills.reason[rows] != ADJUSTED)]
    flows = _flows(market, pair, fills, rows, first, last, lent)
    parts = {name: getattr(fills, name)[rows] for name in ("spread", "commission", "impact", "legging")}
    costs = {name: float(part.sum()) for name, part in parts.items()}
    financing = float(debit[last] - debit[first])
    running = np.cumsum(flows.price + flows.unhedged + flows.dividends - flows.borrow - flows.costs)
    running -= debit[first : last + 1] - debit[first]
    decided = int(fills.decided[rows[0]])
    entry_shares = fills.shares[entries].sum(axis=0)
    unhedged = float(flows.unhedged.sum())
    net = float(running[-1])
    exit_decided = int(fills.decided[closing[0]]) if is_closed else -1
    stamps = market.timestamps
    return Trade(
        pair=pair.name,
        side="LONG" if entry_shares[0] > 0.0 else "SHORT",
        entry_decided_at=stamps[decided],
        entry_filled_at=stamps[first],
        exit_decided_at=stamps[exit_decided] if is_closed else _NOT_YET,
        exit_filled_at=stamps[last] if is_closed else _NOT_YET,
        entry_price_1=_mean_price(market, pair, fills, entries, 0),
        entry_price_2=_mean_price(market, pair, fills, entries, 1),
        exit_price_1=_mean_price(market, pair, fills, closing, 0) if is_closed else np.nan,
        exit_price_2=_mean_price(market, pair, fills, closing, 1) if is_closed else np.nan,
        shares_1=float(entry_shares[0] * market.values[pair.legs[0], k.M_FACTOR, first]),
        shares_2=float(entry_shares[1] * market.values[pair.legs[1], k.M_FACTOR, first]),
        hedge_ratio=float(pair.hedge_ratio[decided]),
        entry_z=float(pair.z_score[decided]),
        exit_z=float(pair.z_score[exit_decided]) if is_closed else np.nan,
        exit_reason=_reason(pair, fills, closing, exit_decided) if is_closed else "open",
        gross_pnl=float(flows.price.sum()),
        commission=costs["commission"],
        spread_cost=costs["spread"],
        impact=costs["impact"],
        borrow=float(flows.borrow.sum()),
        financing=financing,
        dividends=float(flows.dividends.sum()),
        legging=costs["legging"] - unhedged,
        net_pnl=net,
        bars_held=last - first,
        mae=min(0.0, float(running.min())),
        mfe=max(0.0, float(running.max())),
    )


@dataclass(frozen=True, slots=True, eq=False)
class _Flows:
    """Money of one trade, bar by bar from its first fill to its last: (n,) each."""

    price: Float1D
    unhedged: Float1D
    dividends: Float1D
    borrow: Float1D
    costs: Float1D


def _flows(
    market: Market, pair: PairRecord, fills: Fills, rows: Int1D, first: int, last: int, lent: Float2D
) -> _Flows:
    """What both legs earned and paid on each bar."""
    n = last - first + 1
    span = slice(first, last + 1)
    bars = fills.bar[rows] - first
    price, unhedged, dividends, borrow, costs = (np.zeros(n) for _ in range(5))
    paid = fills.spread[rows] + fills.commission[rows] + fills.impact[rows] + fills.legging[rows]
    np.add.at(costs, bars, paid)
    overnight = np.zeros((2, n))
    for leg in range(2):
        traded = np.zeros(n)
        np.add.at(traded, bars, fills.shares[rows, leg])
        held = np.cumsum(traded)
        held[np.abs(held) < 1e-9 * np.abs(held).max()] = 0.0
        overnight[leg, 1:] = held[:-1]
    alone = (overnight[0] == 0.0) != (overnight[1] == 0.0)
    for leg in range(2):
        symbol, shares = pair.legs[leg], overnight[leg]
        values = market.values[symbol]
        received = market.dividends[symbol, span]
        moved = shares * (values[k.M_LONG, span] - received)
        quantity, at = fills.shares[rows, leg], fills.prices[rows, leg]
        marked = values[k.M_CLOSE, fills.bar[rows]]
        np.add.at(moved, bars, np.where(quantity == 0.0, 0.0, quantity * (marked - at)))
        unhedged += np.where(alone, moved, 0.0)
        price += np.where(alone, 0.0, moved)
        dividends += shares * received
        borrow += np.maximum(-shares, 0.0) * values[k.M_BORROW, span] * lent[symbol, span]
    return _Flows(price, unhedged, dividends, borrow, costs)


def _mean_price(market: Market, pair: PairRecord, fills: Fills, rows: Int1D, leg: int) -> float:
    """Average price of a leg over these fills, in prices of their first day; NaN where it was not traded."""
    size = np.abs(fills.shares[rows, leg])
    traded = size > 0.0
    if not traded.any():
        return float("nan")
    mean = float((size[traded] * fills.prices[rows, leg][traded]).sum() / size.sum())
    return mean / float(market.values[pair.legs[leg], k.M_FACTOR, fills.bar[rows[traded][0]]])


def _reason(pair: PairRecord, fills: Fills, closing: Int1D, decided: int) -> ExitReason:
    """Why a trade was left; a forced exit is explained by what forced it."""
    code = int(fills.reason[closing[0]])
    return pair.causes.get(decided, "ruin") if code == FORCED else REASONS[code]
