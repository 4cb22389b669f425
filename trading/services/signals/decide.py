"""What the rule decides about a pair, bar by bar, through the step that the live engine and the backtest share.

Signals are rebuilt from the whole history each time: a few thousand bars take milliseconds, and a state kept between
nights could not follow a corrected bar. An order decided at a close is taken as filled at the next bar both legs have,
as the backtest fills it at the next close.
"""

from dataclasses import dataclass

import numpy as np

from titan_core.backtesting import backtest_pair
from titan_core.data import PricePanel
from titan_core.data.instants import Instants
from titan_core.simulation import Borrow, Commission, Costs
from titan_core.strategy import RULES, Rule, TradedPair, new_state
from titan_core.strategy import kernels as k
from titan_core.types import Float1D
from trading.models import Signal

__all__ = ["COSTS", "MIN_TRADES", "Decision", "Reading", "Track", "read_pair", "track_of"]

MIN_TRADES = 10  # fewer past trades are no measure of anything
# What a trade must earn more than to count as won.
COSTS = Costs(half_spread_bps=2.0, commission=Commission(bps=1.0), borrow=Borrow(rate_annual=0.005))

_T = Signal.Type
_ENTRIES = {1: _T.ENTRY_LONG, -1: _T.ENTRY_SHORT}
_EXITS = {1: _T.EXIT_LONG, -1: _T.EXIT_SHORT}
_STOPS = {1: _T.STOP_LONG, -1: _T.STOP_SHORT}


@dataclass(frozen=True, slots=True)
class Decision:
    """One decision at a close; ``bar`` counts the bars both legs have."""

    bar: int
    timestamp: np.datetime64
    kind: str
    z_score: float
    spread: float


@dataclass(frozen=True, slots=True)
class Reading:
    """A pair read to its last bar."""

    decisions: list[Decision]
    timestamps: Instants
    z_score: float
    side: int


@dataclass(frozen=True, slots=True, eq=False)
class Track:
    """Past trades of the rule on a pair: when each was decided and when its outcome was known, and whether it won."""

    decided: Instants
    known: Instants
    won: Float1D

    def share(self, at: np.datetime64, after: np.datetime64 | None) -> tuple[float | None, int]:
        """The share that won of those known at `at` and decided after `after`, and how many; None while too few."""
        counted = self.known <= at
        if after is not None:
            counted &= self.decided > after
        n = int(counted.sum())
        return (float(self.won[counted].mean()) if n >= MIN_TRADES else None), n


def read_pair(panel: PricePanel, rule: Rule, pair: TradedPair) -> Reading:
    """Every decision of the rule on these prices, columns of leg 1 and leg 2; bars only one leg has decide nothing."""
    prices = np.ascontiguousarray(panel.values)
    levels = np.log(prices) if pair.scale == "log" else prices
    state, vector, rule_id = new_state(rule), rule.vector(pair), RULES[rule.name]
    bar = np.zeros(k.N_BAR)
    bar[[k.B_FACTOR_1, k.B_FACTOR_2, k.B_GROSS]] = 1.0
    bar[k.B_FLOOR], bar[k.B_CEILING] = -np.inf, np.inf
    bar[k.B_FLAGS] = k.DECIDES | k.FILLS_1 | k.FILLS_2 | k.MAY_BUY | k.MAY_SELL | k.LENDS_1 | k.LENDS_2
    held = target = (0.0, 0.0)
    decisions: list[Decision] = []
    for t in range(prices.shape[0]):
        held = target
        bar[k.B_Y], bar[k.B_X] = levels[t]
        bar[k.B_PRICE_1], bar[k.B_PRICE_2] = prices[t]
        bar[k.B_POSITION_1], bar[k.B_POSITION_2] = held
        first, second, action, reason = k.step(rule_id, state, vector, bar)
        target = (first, second)
        if action not in (k.ENTER, k.LEAVE):
            continue
        if action == k.ENTER:
            kind = _ENTRIES[k.side_of(first, second)]
        else:
            kind = (_EXITS if reason == k.EXIT else _STOPS)[k.side_of(*held)]
        z, spread = state[k.S_SIGNAL + k.Z], state[k.S_SIGNAL + k.SPREAD]
        decisions.append(Decision(t, panel.timestamps[t], str(kind), float(z), float(spread)))
    side = k.side_of(*target)
    return Reading(decisions, panel.timestamps, float(state[k.S_SIGNAL + k.Z]), side)


def track_of(panel: PricePanel, rule: Rule, pair: TradedPair) -> Track:
    """The same rule traded at `COSTS`; trades that are still open say nothing yet."""
    trades = backtest_pair(panel, pair, rule=rule, costs=COSTS, capital=1e6).trades
    closed = np.asarray(trades["exit_reason"]) != "open"
    return Track(
        np.asarray(trades["entry_decided_at"])[closed],
        np.asarray(trades["exit_filled_at"])[closed],
        (np.asarray(trades["net_pnl"])[closed] > 0.0).astype(np.float64),
    )
