"""The market's clock, compiled: one pair through all its bars, with costs, and the sums its metrics are made of."""

from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from titan_core.kernels import borrowing, inlined
from titan_core.simulation.kernels import (
    C_DELISTED_LONG,
    C_DELISTED_SHORT,
    C_HALF_SPREAD,
    C_LOT,
    K_CAPITAL,
    K_COMPOUNDS,
    K_CREDIT,
    K_DEBIT,
    K_EXPIRES,
    K_LEGGING,
    K_LIMIT,
    M_CLOSE,
    M_FACTOR,
    M_FILL,
    M_LONG,
    M_SHORT,
    M_SIGMA,
    M_VOLUME,
    N_COSTS,
    N_MARKET,
    N_TERMS,
    commission_of,
    impact_of,
    share_filled,
)
from titan_core.strategy.kernels import (
    ADJUSTING,
    DECIDES,
    ENTER,
    ENTERING,
    FILLS_1,
    FILLS_2,
    HALF_LIFE,
    HOLD,
    LEAVE,
    LEAVING,
    LEFT_OVER,
    LENDS_1,
    LENDS_2,
    MAY_BUY,
    MAY_SELL,
    MUST_COVER,
    MUST_SELL,
    N_PARAMETERS,
    N_SIGNAL,
    NO_REASON,
    NOTHING,
    P_COOLDOWN,
    P_ENTRY,
    P_STOP_LOSS,
    P_TAKE_PROFIT,
    RATIO,
    SETTLES_1,
    SETTLES_2,
    Z,
    count_bars,
    decide,
    side_of,
    target_shares,
    whole_lots,
)
from titan_core.types import Float1D, Float2D, Int1D

# A market is (n_symbols, N_MARKET, n_bars).
Market: TypeAlias = npt.NDArray[np.float64]
Flags: TypeAlias = npt.NDArray[np.int32]

# What a run adds up.
T_EQUITY, T_RETURNS, T_SUM, T_SQUARES, T_CUBES, T_FOURTHS, T_DOWNSIDE, T_DRAWDOWN, T_UNDERWATER = range(9)
T_TRADES, T_WINS, T_WON, T_LOST, T_HELD, T_EXPOSED, T_TRADED, T_COSTS, T_OPEN = range(9, 18)
N_TOTALS = 18

# Rows of the path, one value a bar.
PATH_EQUITY, PATH_FIRST, PATH_SECOND, PATH_CREDIT, PATH_DEBIT, PATH_TARGET_1, PATH_TARGET_2 = range(7)
N_PATH = 7

# Columns of the blotter, one row a fill of both legs (or a settlement of a delisted one).
F_BAR, F_DECIDED, F_PAIR, F_TRADE, F_REASON, F_SHARES_1, F_SHARES_2, F_PRICE_1, F_PRICE_2 = range(9)
F_SPREAD, F_COMMISSION, F_IMPACT, F_LEGGING = range(9, 13)
N_BLOTTER = 13
SETTLED = -1.0


# A pair's account and order between bars.
X_FIRST, X_SECOND, X_TARGET_1, X_TARGET_2, X_DECIDED_1, X_DECIDED_2 = range(6)
X_WORKING, X_AGE, X_DECIDED, X_REASON, X_SIDE, X_HELD, X_WAIT = range(6, 13)
X_PNL, X_ENTRY_PNL, X_GROSS, X_FLOOR, X_CEILING, X_ENTERED = range(13, 19)
X_TRADES, X_WINS, X_WON, X_LOST, X_BARS, X_EXPOSED, X_TRADED, X_SPENT = range(19, 27)
N_STATE = 27

# What the returns add up to, while they do.
A_CUBES, A_FOURTHS, A_DOWNSIDE, A_PEAK, A_PEAK_AT, A_DRAWDOWN, A_UNDERWATER, A_OLD = range(8)
N_SUMS = 8


@borrowing
def start_state(s: Float1D) -> None:
    """Flat, nothing ordered, nothing earned."""
    s[:] = 0.0
    s[X_FLOOR], s[X_CEILING] = -np.inf, np.inf


@borrowing
def wanted_shares(
    s: Float1D, market: Market, a: int, b: int, flag: int, i: np.uintp, terms: Float1D
) -> tuple[float, float]:
    """Shares the order under way would trade on this bar; (0, 0) where it can't be filled. The order grows older.

    An entry is given up where the shares to be sold can't be borrowed, and waits where the pair's prices have moved
    against it, since its decision, by more than the limit.
    """
    s[X_AGE] += 1.0
    d_1, d_2 = s[X_TARGET_1] - s[X_FIRST], s[X_TARGET_2] - s[X_SECOND]
    # what rounding leaves of a leg that need not move is no order, and pays no fee
    d_1 = d_1 if abs(d_1) > 1e-12 * abs(s[X_TARGET_1]) else 0.0
    d_2 = d_2 if abs(d_2) > 1e-12 * abs(s[X_TARGET_2]) else 0.0
    if (d_1 != 0.0 and flag & FILLS_1 == 0) or (d_2 != 0.0 and flag & FILLS_2 == 0):
        d_1 = d_2 = 0.0
    elif s[X_WORKING] == ENTERING:
        if flag & (LENDS_2 if s[X_TARGET_1] > 0.0 else LENDS_1) == 0:
            s[X_WORKING] = NOTHING
            d_1 = d_2 = 0.0
        elif terms[K_LIMIT] < np.inf:
            one, two = s[X_DECIDED_1], s[X_DECIDED_2]
            adverse = d_1 * (market[a, M_FILL, i] - one) + d_2 * (market[b, M_FILL, i] - two)
            if adverse > terms[K_LIMIT] * (abs(d_1) * one + abs(d_2) * two):
                d_1 = d_2 = 0.0
    return d_1, d_2


@borrowing
def shares_filled(
    s: Float1D,
    market: Market,
    a: int,
    b: int,
    i: np.uintp,
    costs: Float2D,
    d_1: float,
    d_2: float,
    part: float,
) -> tuple[float, float]:
    """The ``part`` of both legs that is filled, in whole lots; an entry that would get one leg alone gets none."""
    if part >= 1.0:
        return d_1, d_2
    q_1 = whole_lots(part * d_1, market[a, M_FACTOR, i], costs[a, C_LOT])
    q_2 = whole_lots(part * d_2, market[b, M_FACTOR, i], costs[b, C_LOT])
    if s[X_FIRST] == 0.0 and (q_1 == 0.0 or q_2 == 0.0):
        q_1 = q_2 = 0.0
    return q_1, q_2


@borrowing
def close_trade(s: Float1D, t: int) -> None:
    """Book the trade as a win or a loss, all its costs in it."""
    net = s[X_PNL] - s[X_ENTRY_PNL]
    s[X_BARS] += t - s[X_ENTERED]
    if net > 0.0:
        s[X_WINS] += 1.0
        s[X_WON] += net
    else:
        s[X_LOST] -= net


@borrowing
def leg_cost(
    market: Market, k: int, i: np.uintp, costs: Float2D, q: float, net: float, gross: float
) -> tuple[float, float, float]:
    """Half-spread, commission and impact of one leg's fill: its share of what the net order of its symbol costs."""
    if q == 0.0 or net == 0.0:
        return 0.0, 0.0, 0.0
    value, share = net * market[k, M_FILL, i], abs(q) / gross
    spread = costs[k, C_HALF_SPREAD] * value * share
    commission = commission_of(net, value, market[k, M_FACTOR, i], costs[k]) * share
    impact = impact_of(net, value, market[k, M_VOLUME, i], market[k, M_SIGMA, i], costs[k]) * share
    return spread, commission, impact


@borrowing
def book_fill(
    s: Float1D,
    market: Market,
    a: int,
    b: int,
    t: int,
    i: np.uintp,
    p: Float1D,
    costs: Float2D,
    terms: Float1D,
    q_1: float,
    q_2: float,
    net_1: float,
    net_2: float,
    gross_1: float,
    gross_2: float,
    whole: bool,
    record: bool,
    pair: int,
    blotter: Float2D,
    rows: int,
) -> int:
    """Trade q shares of both legs at this bar's fill prices, pay for it, and mark what was bought at the close."""
    spread_1, commission_1, impact_1 = leg_cost(market, a, i, costs, q_1, net_1, gross_1)
    spread_2, commission_2, impact_2 = leg_cost(market, b, i, costs, q_2, net_2, gross_2)
    price_1, price_2 = market[a, M_FILL, i], market[b, M_FILL, i]
    v_1 = abs(q_1) * price_1 if q_1 != 0.0 else 0.0
    v_2 = abs(q_2) * price_2 if q_2 != 0.0 else 0.0
    legging = terms[K_LEGGING] * min(v_1, v_2)
    cost = spread_1 + spread_2 + commission_1 + commission_2 + impact_1 + impact_2 + legging
    if s[X_FIRST] == 0.0 and s[X_SECOND] == 0.0:
        s[X_ENTRY_PNL], s[X_GROSS], s[X_ENTERED] = s[X_PNL], 0.0, t
        s[X_TRADES] += 1.0
    if s[X_WORKING] == ENTERING:
        s[X_GROSS] += v_1 + v_2
        s[X_FLOOR] = s[X_ENTRY_PNL] - p[P_STOP_LOSS] * s[X_GROSS]
        s[X_CEILING] = s[X_ENTRY_PNL] + p[P_TAKE_PROFIT] * s[X_GROSS]
    gain = 0.0
    if q_1 != 0.0:
        gain += q_1 * (market[a, M_CLOSE, i] - price_1)
    if q_2 != 0.0:
        gain += q_2 * (market[b, M_CLOSE, i] - price_2)
    s[X_PNL] += gain - cost
    s[X_TRADED] += v_1 + v_2
    s[X_SPENT] += cost
    if record:
        line = blotter[rows]
        line[F_BAR], line[F_DECIDED], line[F_PAIR] = t, s[X_DECIDED], pair
        line[F_TRADE], line[F_REASON] = s[X_TRADES] - 1.0, s[X_REASON]
        line[F_SHARES_1], line[F_SHARES_2], line[F_PRICE_1], line[F_PRICE_2] = q_1, q_2, price_1, price_2
        line[F_SPREAD], line[F_COMMISSION] = spread_1 + spread_2, commission_1 + commission_2
        line[F_IMPACT], line[F_LEGGING] = impact_1 + impact_2, legging
        rows += 1
    if whole:
        s[X_FIRST], s[X_SECOND], s[X_WORKING] = s[X_TARGET_1], s[X_TARGET_2], NOTHING
    else:
        s[X_FIRST] += q_1
        s[X_SECOND] += q_2
    if s[X_FIRST] == 0.0 and s[X_SECOND] == 0.0:
        close_trade(s, t)
    return rows


@borrowing
def grow_old(s: Float1D, terms: Float1D) -> None:
    """Orders expire; an exit that did is decided again at the next close, an entry is forgotten."""
    if s[X_WORKING] != NOTHING and s[X_AGE] >= terms[K_EXPIRES]:
        s[X_WORKING] = LEFT_OVER if s[X_WORKING] == LEAVING else NOTHING


@borrowing
def settle(
    s: Float1D,
    market: Market,
    a: int,
    b: int,
    t: int,
    i: np.uintp,
    flag: int,
    costs: Float2D,
    record: bool,
    pair: int,
    blotter: Float2D,
    rows: int,
) -> int:
    """A delisted leg is paid out at its last close and the delisting return; the other leg stays, unhedged."""
    q_1 = -s[X_FIRST] if flag & SETTLES_1 else 0.0
    q_2 = -s[X_SECOND] if flag & SETTLES_2 else 0.0
    s[X_WORKING] = NOTHING
    if q_1 == 0.0 and q_2 == 0.0:
        return rows
    loss_1 = costs[a, C_DELISTED_LONG] if q_1 < 0.0 else costs[a, C_DELISTED_SHORT]
    loss_2 = costs[b, C_DELISTED_LONG] if q_2 < 0.0 else costs[b, C_DELISTED_SHORT]
    if q_1 != 0.0:
        s[X_PNL] -= q_1 * market[a, M_CLOSE, i] * loss_1
    if q_2 != 0.0:
        s[X_PNL] -= q_2 * market[b, M_CLOSE, i] * loss_2
    if record:
        line = blotter[rows]
        line[:] = 0.0
        line[F_BAR], line[F_DECIDED], line[F_PAIR], line[F_TRADE] = t, t, pair, s[X_TRADES] - 1.0
        line[F_REASON], line[F_SHARES_1], line[F_SHARES_2] = SETTLED, q_1, q_2
        line[F_PRICE_1] = market[a, M_CLOSE, i] * (1.0 + loss_1)
        line[F_PRICE_2] = market[b, M_CLOSE, i] * (1.0 + loss_2)
        rows += 1
    s[X_FIRST] += q_1
    s[X_SECOND] += q_2
    if s[X_FIRST] == 0.0 and s[X_SECOND] == 0.0:
        close_trade(s, t)
    return rows


@borrowing
def place_order(
    s: Float1D,
    market: Market,
    a: int,
    b: int,
    t: int,
    i: np.uintp,
    action: int,
    goal: int,
    reason: int,
    wanted: float,
    ratio: float,
    costs: Float2D,
) -> None:
    """Turn a decision of this close into an order for later bars; one that rounds to nothing is none."""
    if action == LEAVE:
        s[X_TARGET_1] = s[X_TARGET_2] = 0.0
        if s[X_WORKING] != LEFT_OVER:
            s[X_REASON], s[X_DECIDED] = reason, t
        s[X_WORKING], s[X_AGE] = LEAVING, 0.0
        return
    one, two = target_shares(
        goal,
        wanted,
        ratio,
        market[a, M_CLOSE, i],
        market[b, M_CLOSE, i],
        market[a, M_FACTOR, i],
        market[b, M_FACTOR, i],
        costs[a, C_LOT],
        costs[b, C_LOT],
    )
    if one != 0.0:
        s[X_TARGET_1], s[X_TARGET_2], s[X_AGE] = one, two, 0.0
        s[X_DECIDED_1], s[X_DECIDED_2] = market[a, M_CLOSE, i], market[b, M_CLOSE, i]
        s[X_REASON], s[X_DECIDED] = reason, t
        s[X_WORKING] = ENTERING if action == ENTER else ADJUSTING


@borrowing
def write_path(
    path: Float2D, start: int, stop: int, n_1: float, n_2: float, credit: float, paid: float
) -> None:
    """Bars on which nothing was ordered. A loop: numba's slices take long to compile."""
    for u in range(start, stop):
        path[PATH_FIRST, u] = path[PATH_TARGET_1, u] = n_1
        path[PATH_SECOND, u] = path[PATH_TARGET_2, u] = n_2
        path[PATH_CREDIT, u], path[PATH_DEBIT, u] = credit, paid


@inlined
def ruined(flag: int, equity: float) -> int:
    """With nothing left there are exits only."""
    return flag if equity > 0.0 else (flag | MUST_SELL | MUST_COVER) & ~(MAY_BUY | MAY_SELL)


@borrowing
def add_returns(
    equity: Float1D, start: int, end: int, edges: Int1D, block: int, sums: Float1D, blocks: Float2D
) -> int:
    """Add the returns of bars start..end to the sums; bars that were left out since the last call had none.

    Block k takes the returns of bars edges[k] + 1 .. edges[k + 1]; the block that ``end`` lies in is returned.
    """
    cubes, fourths, downside = sums[A_CUBES], sums[A_FOURTHS], sums[A_DOWNSIDE]
    peak, peak_at, drawdown = sums[A_PEAK], int(sums[A_PEAK_AT]), sums[A_DRAWDOWN]
    underwater, old = int(sums[A_UNDERWATER]), sums[A_OLD]
    if old >= peak:
        peak_at = start - 1
    t = start
    while t <= end:
        while t > edges[block + 1]:
            block += 1
        total, squares = blocks[0, block], blocks[1, block]
        stop = min(end, edges[block + 1])
        while t <= stop:
            now = equity[np.uintp(t)]
            r = now / old - 1.0 if old > 0.0 else 0.0
            square = r * r
            total += r
            squares += square
            cubes += square * r
            fourths += square * square
            # chosen, not branched on: the sign of a return can't be predicted
            downside += square if r < 0.0 else 0.0
            above = now >= peak
            peak = now if above else peak
            length = t - peak_at
            length = 0 if above and length == 1 else length  # from one high to the next nothing was lost
            underwater = length if length > underwater else underwater
            peak_at = t if above else peak_at
            depth = 1.0 - now / peak
            drawdown = depth if depth > drawdown else drawdown
            old = now
            t += 1
        blocks[0, block], blocks[1, block] = total, squares
    sums[A_CUBES], sums[A_FOURTHS], sums[A_DOWNSIDE] = cubes, fourths, downside
    sums[A_PEAK], sums[A_PEAK_AT], sums[A_DRAWDOWN] = peak, peak_at, drawdown
    sums[A_UNDERWATER], sums[A_OLD] = underwater, old
    return block


@borrowing
def write_totals(
    s: Float1D, sums: Float1D, blocks: Float2D, equity: float, first: int, last: int, totals: Float1D
) -> None:
    """Everything the metrics need, once the last bar is through."""
    total = squares = 0.0
    for k in range(blocks.shape[1]):
        total += blocks[0, k]
        squares += blocks[1, k]
    ended_at = last if sums[A_OLD] >= sums[A_PEAK] else int(sums[A_PEAK_AT])
    totals[T_EQUITY], totals[T_RETURNS], totals[T_SUM], totals[T_SQUARES] = (
        equity,
        last - first,
        total,
        squares,
    )
    totals[T_CUBES], totals[T_FOURTHS], totals[T_DOWNSIDE] = sums[A_CUBES], sums[A_FOURTHS], sums[A_DOWNSIDE]
    totals[T_DRAWDOWN], totals[T_UNDERWATER] = sums[A_DRAWDOWN], max(sums[A_UNDERWATER], last - ended_at)
    totals[T_TRADES], totals[T_WINS], totals[T_WON], totals[T_LOST] = (
        s[X_TRADES],
        s[X_WINS],
        s[X_WON],
        s[X_LOST],
    )
    totals[T_HELD], totals[T_EXPOSED], totals[T_TRADED] = s[X_BARS], s[X_EXPOSED], s[X_TRADED]
    totals[T_COSTS] = s[X_SPENT]
    totals[T_OPEN] = 1.0 if s[X_FIRST] != 0.0 or s[X_SECOND] != 0.0 else 0.0


@inlined
def run_pair(
    market: Market,
    years: Float1D,
    flags: Flags,
    signal: Float2D,
    size: Float1D,
    p: Float1D,
    costs: Float2D,
    terms: Float1D,
    first: int,
    edges: Int1D,
    record: bool,
    path: Float2D,
    blotter: Float2D,
    totals: Float1D,
    blocks: Float2D,
    scratch: Float1D,
) -> int:
    """One pair from bar ``first`` on; returns the number of blotter rows.

    Within a bar: what was held earns and pays; the order of an earlier close is filled; a delisted leg is settled;
    the account is marked; at the close the rule decides. So nothing is filled at a price known when decided.

    Two short loops take the bars on which nothing is ordered: flat ones, of which only a large z can make more, and
    held ones, where only gains and the rule's own question are left. All else goes the long way.
    """
    s, sums = scratch[:N_STATE], scratch[N_STATE:]
    start_state(s)
    sums[:] = 0.0
    blocks[:] = 0.0
    zs, lives, ratios, equities = signal[Z], signal[HALF_LIFE], signal[RATIO], path[PATH_EQUITY]
    capital, debit, lending = terms[K_CAPITAL], terms[K_DEBIT], terms[K_CREDIT]
    last = flags.size - 1
    credit = paid = 0.0
    equity = capital
    sums[A_PEAK] = sums[A_OLD] = capital
    sums[A_PEAK_AT] = first
    plain = debit == 0.0 and lending == 0.0
    rows = block = 0
    opened = first + 1  # first bar whose return is not yet in the sums
    enter_at, cooldown = p[P_ENTRY], int(p[P_COOLDOWN])
    t = first - 1
    while t < last:
        t += 1
        begun = t
        n_1, n_2 = s[X_FIRST], s[X_SECOND]
        flat, idle = n_1 == 0.0 and n_2 == 0.0, s[X_WORKING] == NOTHING
        action, goal, reason = HOLD, 0, NO_REASON
        marked = False
        if flat and idle and s[X_WAIT] <= 1.0 and s[X_SIDE] == 0.0 and lending == 0.0:
            while t < last and not abs(zs[np.uintp(t)]) >= enter_at:
                t += 1
            if t > begun:
                s[X_WAIT] = 0.0
                opened = t
                if record:
                    for u in range(begun, t):
                        equities[u] = equity
                    write_path(path, begun, t, 0.0, 0.0, credit, paid)
        elif idle and plain and not flat:
            gains_1 = market[0, M_LONG] if n_1 > 0.0 else market[0, M_SHORT]
            gains_2 = market[1, M_LONG] if n_2 > 0.0 else market[1, M_SHORT]
            pnl, floor, ceiling = s[X_PNL], s[X_FLOOR], s[X_CEILING]
            side, before, held = side_of(n_1, n_2), int(s[X_SIDE]), int(s[X_HELD])
            while True:
                i = np.uintp(t)  # unsigned: numba need not ask whether it counts from the end
                flag = flags[i]
                if flag & (SETTLES_1 | SETTLES_2):
                    t -= 1
                    break
                pnl += n_1 * gains_1[i] + n_2 * gains_2[i]
                equity = capital + pnl + credit
                equities[i] = equity
                if flag & DECIDES:
                    held, _ = count_bars(side, before, held, 0, cooldown)
                    before = side
                    action, goal, reason = decide(
                        side, held, 0, NOTHING, ruined(flag, equity), zs[i], lives[i], pnl, floor, ceiling, p
                    )
                    if action != HOLD:
                        break
                if t == last:
                    break
                t += 1
            marked = t >= begun
            s[X_PNL], s[X_SIDE], s[X_HELD] = pnl, before, held
            s[X_EXPOSED] += t - begun + 1
            if record and marked:
                write_path(path, begun, t + 1, n_1, n_2, credit, paid)
            if not marked:
                t = begun
        i = np.uintp(t)
        flag = flags[i]
        if not marked:
            if not flat:
                gain = n_1 * market[0, M_LONG if n_1 > 0.0 else M_SHORT, i]
                gain += n_2 * market[1, M_LONG if n_2 > 0.0 else M_SHORT, i]
                if not plain:
                    loan = -equity
                    if n_1 > 0.0:
                        loan += n_1 * market[0, M_CLOSE, t - 1]
                    if n_2 > 0.0:
                        loan += n_2 * market[1, M_CLOSE, t - 1]
                    if loan > 0.0:
                        paid += loan * debit * years[i]
                        gain -= loan * debit * years[i]
                    else:
                        credit -= loan * lending * years[i]
                s[X_PNL] += gain
                s[X_EXPOSED] += 1.0
            elif lending > 0.0 and t > first:
                credit += equity * lending * years[i]
            if s[X_WORKING] != NOTHING and s[X_WORKING] != LEFT_OVER:
                d_1, d_2 = wanted_shares(s, market, 0, 1, flag, i, terms)
                part = share_filled(d_1, market[0, M_VOLUME, i], 1.0, costs[0])
                part = share_filled(d_2, market[1, M_VOLUME, i], part, costs[1])
                q_1, q_2 = shares_filled(s, market, 0, 1, i, costs, d_1, d_2, part)
                if q_1 != 0.0 or q_2 != 0.0:
                    rows = book_fill(
                        s, market, 0, 1, t, i, p, costs, terms, q_1, q_2, abs(q_1), abs(q_2), abs(q_1), abs(q_2),
                        part >= 1.0, record, 0, blotter, rows,
                    )  # fmt: skip
                grow_old(s, terms)
            if flag & (SETTLES_1 | SETTLES_2):
                rows = settle(s, market, 0, 1, t, i, flag, costs, record, 0, blotter, rows)
            equity = capital + s[X_PNL] + credit
            equities[i] = equity
            if record:
                path[PATH_FIRST, i], path[PATH_SECOND, i] = s[X_FIRST], s[X_SECOND]
                path[PATH_CREDIT, i], path[PATH_DEBIT, i] = credit, paid
            if flag & DECIDES:
                side = side_of(s[X_FIRST], s[X_SECOND])
                held, wait = count_bars(side, int(s[X_SIDE]), int(s[X_HELD]), int(s[X_WAIT]), cooldown)
                s[X_SIDE], s[X_HELD], s[X_WAIT] = side, held, wait
                action, goal, reason = decide(
                    side, held, wait, int(s[X_WORKING]), ruined(flag, equity), zs[i], lives[i],
                    s[X_PNL], s[X_FLOOR], s[X_CEILING], p,
                )  # fmt: skip
            if not flat and s[X_FIRST] == 0.0 and s[X_SECOND] == 0.0 and t > first:
                block = add_returns(equities, opened, t, edges, block, sums, blocks)
                opened = t + 1
        if action != HOLD:
            wanted = s[X_GROSS]
            if action == ENTER:
                wanted = size[i] * (equity if terms[K_COMPOUNDS] > 0.0 else capital)
            place_order(s, market, 0, 1, t, i, action, goal, reason, wanted, ratios[i], costs)
        if record:
            ordered = s[X_WORKING] != NOTHING
            path[PATH_TARGET_1, i] = s[X_TARGET_1] if ordered else s[X_FIRST]
            path[PATH_TARGET_2, i] = s[X_TARGET_2] if ordered else s[X_SECOND]
    if equity != sums[A_OLD]:
        add_returns(equities, opened, last, edges, block, sums, blocks)
    write_totals(s, sums, blocks, equity, first, last, totals)
    return rows


@borrowing
def run_grid(
    market: Market,
    years: Float1D,
    flags: Flags,
    signal: Float2D,
    size: Float1D,
    parameters: Float2D,
    costs: Float2D,
    terms: Float1D,
    first: int,
    edges: Int1D,
    record: bool,
    path: Float2D,
    blotter: Float2D,
    totals: Float2D,
    blocks: npt.NDArray[np.float64],
    scratch: Float1D,
) -> int:
    """`run_pair` for every row of ``parameters``, which share one signal; returns the last one's blotter rows.

    Where ``record`` is false nothing but the sums is kept, and ``path`` needs one row, ``blotter`` none. This is the
    only entry, for one run and for many: the same machine code, so the same bits.
    """
    rows = 0
    for k in range(parameters.shape[0]):
        rows = run_pair(
            market, years, flags, signal, size, parameters[k], costs, terms, first, edges, record, path, blotter,
            totals[k], blocks[k], scratch,
        )  # fmt: skip
    return rows


def warm_up() -> None:
    """Compile the kernels of this module."""
    n = 4
    record = True
    run_grid(
        np.ones((2, N_MARKET, n)), np.ones(n), np.ones(n, np.int32), np.ones((N_SIGNAL, n)), np.ones(n),
        np.ones((1, N_PARAMETERS)), np.ones((2, N_COSTS)), np.ones(N_TERMS), 0, np.array([0, n - 1]), record,
        np.empty((N_PATH, n)), np.empty((2 * n, N_BLOTTER)), np.empty((1, N_TOTALS)), np.empty((1, 2, 1)),
        np.empty(N_STATE + N_SUMS),
    )  # fmt: skip
