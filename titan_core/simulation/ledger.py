"""The account, kept a second way: cash and positions from the fills alone, against which every run is balanced."""

from dataclasses import dataclass

import numpy as np

from titan_core.errors import TitanError
from titan_core.simulation import kernels as k
from titan_core.simulation.market import Market
from titan_core.types import Float1D, Float2D, Int1D

__all__ = ["Fills", "Ledger", "LedgerOutOfBalance", "check_balance", "keep_ledger"]

_TOLERANCE = 1e-9  # of the gross notional traded


class LedgerOutOfBalance(TitanError):
    """Cash and positions do not add up to capital and P&L: a fault of the engine, never of its input."""

    code = "ledger_out_of_balance"


@dataclass(frozen=True, slots=True, eq=False)
class Fills:
    """What was traded, one row a fill of a pair's two legs, oldest first; shape (n_fills,) each.

    Attributes
    ----------
    bar, decided : position of the bar filled on, and of the close it was decided at
    pair, trade : which pair, and which of its trades
    reason : why (strategy.kernels), -1 for the settlement of a delisted leg
    shares : (n_fills, 2) signed, in shares of the first bar; prices : (n_fills, 2) likewise
    spread, commission, impact, legging : cost of both legs, money
    """

    bar: Int1D
    decided: Int1D
    pair: Int1D
    trade: Int1D
    reason: Int1D
    shares: Float2D
    prices: Float2D
    spread: Float1D
    commission: Float1D
    impact: Float1D
    legging: Float1D

    @property
    def cost(self) -> Float1D:
        """All costs of each fill."""
        return self.spread + self.commission + self.impact + self.legging

    @property
    def notional(self) -> Float1D:
        """Value traded in each fill, both legs; one that is not traded may have no price."""
        value = np.where(self.shares == 0.0, 0.0, np.abs(self.shares) * self.prices)
        return np.asarray(value.sum(axis=1))


@dataclass(frozen=True, slots=True, eq=False)
class Ledger:
    """Where the money is at each close; arrays of shape (n_bars,), money.

    Attributes
    ----------
    cash : with the proceeds of shorts
    positions : shares times closes, shorts negative
    dividends, borrow, costs, interest : sums to date; dividends of shorts and debit interest are negative
    holdings : (n_symbols, n_bars) shares of the first bar, netted over pairs
    """

    cash: Float1D
    positions: Float1D
    dividends: Float1D
    borrow: Float1D
    costs: Float1D
    interest: Float1D
    holdings: Float2D

    @property
    def equity(self) -> Float1D:
        """Cash and positions."""
        return self.cash + self.positions


def keep_ledger(market: Market, legs: Int1D, fills: Fills, interest: Float1D, capital: float) -> Ledger:
    """Cash and positions of a run, from its fills.

    Parameters
    ----------
    legs : (n_pairs, 2) symbols of each pair
    interest : (n_bars,) credited less paid, to date
    """
    n = market.timestamps.size
    traded = np.zeros((len(market.symbols), n))
    flows, costs = np.zeros(n), np.zeros(n)
    for leg in range(2):
        np.add.at(traded, (legs[fills.pair, leg], fills.bar), fills.shares[:, leg])
        # a leg that is not traded has no price, and NaN times nothing would be NaN
        value = np.where(fills.shares[:, leg] == 0.0, 0.0, fills.shares[:, leg] * fills.prices[:, leg])
        np.add.at(flows, fills.bar, -value)
    np.add.at(costs, fills.bar, fills.cost)
    holdings = np.cumsum(traded, axis=1)
    # sums of what was bought and sold again leave rounding behind
    holdings[np.abs(holdings) < 1e-9 * np.maximum.accumulate(np.abs(holdings), axis=1)] = 0.0
    overnight = np.concatenate([np.zeros((len(market.symbols), 1)), holdings[:, :-1]], axis=1)
    dividends = np.cumsum((overnight * market.dividends).sum(axis=0))
    borrow = np.cumsum((np.maximum(-overnight, 0.0) * market.values[:, k.M_BORROW]).sum(axis=0))
    close = np.nan_to_num(market.values[:, k.M_CLOSE])
    spent = np.cumsum(costs)
    cash = capital + np.cumsum(flows) - spent + dividends - borrow + interest
    return Ledger(cash, (holdings * close).sum(axis=0), dividends, borrow, spent, interest, holdings)


def check_balance(ledger: Ledger, equity: Float1D, fills: Fills, first: int) -> float:
    """Largest difference between the ledger and the equity the run computed from price changes, money.

    Raises
    ------
    LedgerOutOfBalance
        It exceeds 1e-9 of the gross notional traded (of 1 at least), or of what costs or interest came to where that
        is more.
    """
    off = np.abs(ledger.equity[first:] - equity[first:])
    paid = [float(np.abs(flow).max(initial=0.0)) for flow in (ledger.costs, ledger.borrow, ledger.interest)]
    allowed = _TOLERANCE * max(1.0, float(fills.notional.sum()), float(np.abs(equity[first])), *paid)
    worst = float(off.max(initial=0.0))
    if not worst <= allowed:
        bar = first + int(np.argmax(~(off <= allowed)))
        raise LedgerOutOfBalance(
            f"at bar {bar} cash and positions are {ledger.equity[bar]:.6f} and capital and P&L {equity[bar]:.6f}: "
            "this is a fault of the engine; please report it with the run's manifest"
        )
    return worst
