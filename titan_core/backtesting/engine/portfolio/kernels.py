"""Many pairs on one account, compiled: the same clock as one pair's, with what they share: equity, limits, orders."""

import numpy as np
import numpy.typing as npt

from titan_core.backtesting.engine.kernels import (
    A_OLD,
    A_PEAK,
    A_PEAK_AT,
    N_BLOTTER,
    N_STATE,
    N_SUMS,
    N_TOTALS,
    T_COSTS,
    T_EXPOSED,
    T_HELD,
    T_LOST,
    T_OPEN,
    T_TRADED,
    T_TRADES,
    T_WINS,
    T_WON,
    X_BARS,
    X_CEILING,
    X_EXPOSED,
    X_FIRST,
    X_FLOOR,
    X_GROSS,
    X_HELD,
    X_LOST,
    X_PNL,
    X_SECOND,
    X_SIDE,
    X_SPENT,
    X_TARGET_1,
    X_TRADED,
    X_TRADES,
    X_WAIT,
    X_WINS,
    X_WON,
    X_WORKING,
    Flags,
    Market,
    add_returns,
    book_fill,
    grow_old,
    place_order,
    ruined,
    settle,
    shares_filled,
    start_state,
    wanted_shares,
    write_totals,
)
from titan_core.kernels import borrowing
from titan_core.risk.kernels import N_LIMITS, limit_entries
from titan_core.simulation.kernels import (
    K_CAPITAL,
    K_COMPOUNDS,
    K_CREDIT,
    K_DEBIT,
    M_BORROW,
    M_CLOSE,
    M_LONG,
    M_VOLUME,
    N_COSTS,
    N_MARKET,
    N_TERMS,
    share_filled,
)
from titan_core.strategy.kernels import (
    ADJUSTING,
    DECIDES,
    ENTER,
    ENTERING,
    ENTRY,
    HALF_LIFE,
    HOLD,
    LEFT_OVER,
    N_PARAMETERS,
    N_SIGNAL,
    NOTHING,
    P_COOLDOWN,
    P_ENTRY,
    RATIO,
    SETTLES_1,
    SETTLES_2,
    Z,
    count_bars,
    decide,
    side_of,
)
from titan_core.types import Float1D, Float2D, Int1D

# Rows of the book's path, one value a bar.
BOOK_EQUITY, BOOK_GROSS, BOOK_NET, BOOK_AIMED, BOOK_OPEN, BOOK_CREDIT, BOOK_DEBIT = range(7)
N_BOOK = 7

# Working space of a symbol, and of a pair.
W_DEMAND, W_NET, W_GROSS, W_HELD = range(4)
N_SYMBOL_WORK = 4
V_FIRST, V_SECOND, V_PART, V_GOAL, V_FACTOR, V_WAKES = range(6)
N_PAIR_WORK = 6


@borrowing
def share_borrowing(states: Float2D, legs: Int1D, symbols: Float2D, lent: Float1D) -> None:
    """The part of each symbol's short shares that must be borrowed: longs of other pairs lend to shorts first."""
    symbols[W_HELD] = 0.0
    symbols[W_GROSS] = 0.0
    for j in range(states.shape[0]):
        for k in range(2):
            shares = states[j, X_FIRST + k]
            symbols[W_HELD, legs[2 * j + k]] += shares
            if shares < 0.0:
                symbols[W_GROSS, legs[2 * j + k]] -= shares
    for m in range(lent.size):
        short = symbols[W_GROSS, m]
        lent[m] = max(-symbols[W_HELD, m], 0.0) / short if short > 0.0 else 1.0


@borrowing
def fill_orders(
    states: Float2D,
    market: Market,
    legs: Int1D,
    flags: Flags,
    t: int,
    parameters: Float2D,
    costs: Float2D,
    terms: Float1D,
    symbols: Float2D,
    pairs: Float2D,
    record: bool,
    blotter: Float2D,
    rows: int,
) -> int:
    """Fill all pairs' orders of this bar together.

    A symbol's orders are netted: only what is left goes to the market and costs, shared by size among the pairs.
    """
    i, n = np.uintp(t), states.shape[0]
    symbols[W_DEMAND : W_GROSS + 1] = 0.0
    for j in range(n):
        s, a, b = states[j], legs[2 * j], legs[2 * j + 1]
        pairs[V_FIRST, j] = pairs[V_SECOND, j] = 0.0
        if s[X_WORKING] != NOTHING and s[X_WORKING] != LEFT_OVER:
            d_1, d_2 = wanted_shares(s, market, a, b, flags[j, i], i, terms)
            pairs[V_FIRST, j], pairs[V_SECOND, j] = d_1, d_2
            symbols[W_DEMAND, a] += abs(d_1)
            symbols[W_DEMAND, b] += abs(d_2)
    for j in range(n):
        d_1, d_2, a, b = pairs[V_FIRST, j], pairs[V_SECOND, j], legs[2 * j], legs[2 * j + 1]
        if d_1 != 0.0 or d_2 != 0.0:
            part = share_filled(
                symbols[W_DEMAND, a] if d_1 != 0.0 else 0.0, market[a, M_VOLUME, i], 1.0, costs[a]
            )
            part = share_filled(
                symbols[W_DEMAND, b] if d_2 != 0.0 else 0.0, market[b, M_VOLUME, i], part, costs[b]
            )
            q_1, q_2 = shares_filled(states[j], market, a, b, i, costs, d_1, d_2, part)
            pairs[V_FIRST, j], pairs[V_SECOND, j], pairs[V_PART, j] = q_1, q_2, part
            symbols[W_NET, a] += q_1
            symbols[W_NET, b] += q_2
            symbols[W_GROSS, a] += abs(q_1)
            symbols[W_GROSS, b] += abs(q_2)
    for j in range(n):
        q_1, q_2, a, b = pairs[V_FIRST, j], pairs[V_SECOND, j], legs[2 * j], legs[2 * j + 1]
        s = states[j]
        if q_1 != 0.0 or q_2 != 0.0:
            rows = book_fill(
                s, market, a, b, t, i, parameters[j], costs, terms, q_1, q_2,
                abs(symbols[W_NET, a]), abs(symbols[W_NET, b]), symbols[W_GROSS, a], symbols[W_GROSS, b],
                pairs[V_PART, j] >= 1.0, record, j, blotter, rows,
            )  # fmt: skip
        if s[X_WORKING] != LEFT_OVER:
            grow_old(s, terms)
    return rows


@borrowing
def place_entries(
    states: Float2D,
    market: Market,
    legs: Int1D,
    sectors: Int1D,
    signals: npt.NDArray[np.float64],
    sizes: Float2D,
    t: int,
    equity: float,
    costs: Float2D,
    terms: Float1D,
    limits: Float1D,
    pairs: Float2D,
    exposures: Float2D,
    by_symbol: Float1D,
    by_sector: Float1D,
) -> None:
    """Cut all entries decided at this close to what the limits leave, and order them."""
    i, n = np.uintp(t), states.shape[0]
    base = equity if terms[K_COMPOUNDS] > 0.0 else terms[K_CAPITAL]
    for j in range(n):
        s = states[j]
        ordered = s[X_WORKING] == ENTERING or s[X_WORKING] == ADJUSTING
        for k in range(2):
            shares = s[X_TARGET_1 + k] if ordered else s[X_FIRST + k]
            exposures[0, 2 * j + k] = shares * market[legs[2 * j + k], M_CLOSE, i] if shares != 0.0 else 0.0
            exposures[1, 2 * j + k] = 0.0
        ratio, goal = signals[j, RATIO, i], pairs[V_GOAL, j]
        if goal != 0.0 and ratio > 0.0 and ratio < np.inf:
            dollars = sizes[j, i] * base / (1.0 + ratio)
            exposures[1, 2 * j] = goal * dollars
            exposures[1, 2 * j + 1] = -goal * ratio * dollars
    limit_entries(
        equity, limits, legs, sectors, exposures[0], exposures[1], pairs[V_FACTOR], by_symbol, by_sector
    )
    for j in range(n):
        if pairs[V_GOAL, j] != 0.0 and pairs[V_FACTOR, j] > 0.0:
            wanted = sizes[j, i] * base * pairs[V_FACTOR, j]
            place_order(
                states[j], market, legs[2 * j], legs[2 * j + 1], t, i, ENTER, int(pairs[V_GOAL, j]), ENTRY,
                wanted, signals[j, RATIO, i], costs,
            )  # fmt: skip


@borrowing
def run_portfolio(
    market: Market,
    years: Float1D,
    legs: Int1D,
    sectors: Int1D,
    flags: Flags,
    signals: npt.NDArray[np.float64],
    sizes: Float2D,
    parameters: Float2D,
    costs: Float2D,
    terms: Float1D,
    limits: Float1D,
    first: int,
    edges: Int1D,
    record: bool,
    states: Float2D,
    pairs: Float2D,
    symbols: Float2D,
    lent: Float2D,
    exposures: Float2D,
    by_symbol: Float1D,
    by_sector: Float1D,
    sums: Float1D,
    path: Float2D,
    blotter: Float2D,
    totals: Float1D,
    blocks: Float2D,
) -> int:
    """All pairs from bar ``first`` on, in the order of a pair's own bar; returns the number of blotter rows.

    A pair that is flat with nothing ordered sleeps until the next bar whose z could be an entry. Sums over pairs run
    in the order given; the face sorts the pairs, so that the order they were named in can't matter.
    """
    n, last = states.shape[0], flags.shape[1] - 1
    capital, debit, lending = terms[K_CAPITAL], terms[K_DEBIT], terms[K_CREDIT]
    plain = debit == 0.0 and lending == 0.0
    equity, credit, paid = capital, 0.0, 0.0
    sums[:] = 0.0
    sums[A_PEAK] = sums[A_OLD] = capital
    sums[A_PEAK_AT] = first
    blocks[:] = 0.0
    for j in range(n):
        start_state(states[j])
        pairs[V_WAKES, j] = first
    now = lent[0]
    now[:] = 1.0
    symbols[:] = 0.0
    rows = open_pairs = live = 0
    for t in range(first, last + 1):
        i = np.uintp(t)
        if not plain and t > first:
            loan = -equity
            if open_pairs > 0:
                for m in range(market.shape[0]):
                    if symbols[W_HELD, m] > 0.0:
                        loan += symbols[W_HELD, m] * market[m, M_CLOSE, t - 1]
            if loan > 0.0:
                paid += loan * debit * years[i]
            else:
                credit -= loan * lending * years[i]
        settles = False
        if open_pairs > 0 or live > 0:
            for j in range(n):
                s = states[j]
                n_1, n_2 = s[X_FIRST], s[X_SECOND]
                if n_1 != 0.0 or n_2 != 0.0:
                    a, b = legs[2 * j], legs[2 * j + 1]
                    g_1, g_2 = market[a, M_LONG, i], market[b, M_LONG, i]
                    if n_1 < 0.0:
                        g_1 += now[a] * market[a, M_BORROW, i]
                    if n_2 < 0.0:
                        g_2 += now[b] * market[b, M_BORROW, i]
                    s[X_PNL] += n_1 * g_1 + n_2 * g_2
                    s[X_EXPOSED] += 1.0
                if flags[j, i] & (SETTLES_1 | SETTLES_2) != 0:
                    settles = True
        changed = False
        if live > 0:
            rows = fill_orders(
                states,
                market,
                legs,
                flags,
                t,
                parameters,
                costs,
                terms,
                symbols,
                pairs,
                record,
                blotter,
                rows,
            )
            changed = True
        if settles:
            for j in range(n):
                if flags[j, i] & (SETTLES_1 | SETTLES_2) != 0:
                    a, b = legs[2 * j], legs[2 * j + 1]
                    rows = settle(states[j], market, a, b, t, i, flags[j, i], costs, record, j, blotter, rows)
            changed = True
        if changed:
            if record:
                now = lent[t + 1]  # the row of this bar says what was lent over the night before it
            share_borrowing(states, legs, symbols, now)
            open_pairs = 0
            for j in range(n):
                if states[j, X_FIRST] != 0.0 or states[j, X_SECOND] != 0.0:
                    open_pairs += 1
        pnl = 0.0
        for j in range(n):
            pnl += states[j, X_PNL]
        equity = capital + pnl + credit - paid
        path[BOOK_EQUITY, i] = equity
        live = 0
        entries = False
        for j in range(n):
            if pairs[V_WAKES, j] > t:
                continue
            s, p, flag, signal = states[j], parameters[j], flags[j, i], signals[j]
            pairs[V_GOAL, j] = 0.0
            if flag & DECIDES:
                side = side_of(s[X_FIRST], s[X_SECOND])
                held, wait = count_bars(
                    side, int(s[X_SIDE]), int(s[X_HELD]), int(s[X_WAIT]), int(p[P_COOLDOWN])
                )
                s[X_SIDE], s[X_HELD], s[X_WAIT] = side, held, wait
                action, goal, reason = decide(
                    side, held, wait, int(s[X_WORKING]), ruined(flag, equity), signal[Z, i], signal[HALF_LIFE, i],
                    s[X_PNL], s[X_FLOOR], s[X_CEILING], p,
                )  # fmt: skip
                if action == ENTER:
                    pairs[V_GOAL, j] = goal
                    entries = True
                elif action != HOLD:
                    place_order(
                        s, market, legs[2 * j], legs[2 * j + 1], t, i, action, goal, reason, s[X_GROSS],
                        signal[RATIO, i], costs,
                    )  # fmt: skip
        if entries:
            place_entries(
                states, market, legs, sectors, signals, sizes, t, equity, costs, terms, limits, pairs, exposures,
                by_symbol, by_sector,
            )  # fmt: skip
        for j in range(n):
            s = states[j]
            if s[X_WORKING] != NOTHING and s[X_WORKING] != LEFT_OVER:
                live += 1
            elif (
                pairs[V_WAKES, j] <= t
                and s[X_WORKING] == NOTHING
                and s[X_SIDE] == 0.0
                and s[X_WAIT] <= 1.0
                and s[X_FIRST] == 0.0
                and s[X_SECOND] == 0.0
            ):
                pairs[V_GOAL, j] = 0.0
                zs, at, enter_at = signals[j, Z], t + 1, parameters[j, P_ENTRY]
                while at <= last and not abs(zs[np.uintp(at)]) >= enter_at:
                    at += 1
                if at > t + 1:
                    s[X_WAIT] = 0.0
                pairs[V_WAKES, j] = at
        if record:
            gross = net = aimed = 0.0
            for j in range(n):
                ordered = states[j, X_WORKING] != NOTHING
                for k in range(2):
                    shares = states[j, X_FIRST + k]
                    goal = states[j, X_TARGET_1 + k] if ordered else shares
                    if shares != 0.0 or goal != 0.0:
                        price = market[legs[2 * j + k], M_CLOSE, i]
                        gross += abs(shares) * price
                        net += shares * price
                        aimed += abs(goal) * price
            path[BOOK_GROSS, i], path[BOOK_NET, i], path[BOOK_AIMED, i] = gross, net, aimed
            path[BOOK_OPEN, i] = open_pairs
            path[BOOK_CREDIT, i], path[BOOK_DEBIT, i] = credit, paid
            if not changed:
                following = lent[t + 1]
                for m in range(now.size):
                    following[m] = now[m]
                now = following
    if last > first:
        add_returns(path[BOOK_EQUITY], first + 1, last, edges, 0, sums, blocks)
    write_totals(states[0], sums, blocks, equity, first, last, totals)
    totals[T_TRADES : T_HELD + 1] = 0.0
    totals[T_TRADED] = totals[T_COSTS] = totals[T_EXPOSED] = 0.0
    for j in range(n):
        s = states[j]
        totals[T_TRADES] += s[X_TRADES]
        totals[T_WINS] += s[X_WINS]
        totals[T_WON] += s[X_WON]
        totals[T_LOST] += s[X_LOST]
        totals[T_HELD] += s[X_BARS]
        totals[T_EXPOSED] += s[X_EXPOSED]
        totals[T_TRADED] += s[X_TRADED]
        totals[T_COSTS] += s[X_SPENT]
    totals[T_OPEN] = open_pairs
    return rows


def warm_up() -> None:
    """Compile the kernels of this module."""
    n = 4
    run_portfolio(
        np.ones((2, N_MARKET, n)), np.ones(n), np.array([0, 1]), np.zeros(2, np.int64), np.ones((1, n), np.int32),
        np.ones((1, N_SIGNAL, n)), np.ones((1, n)), np.ones((1, N_PARAMETERS)), np.ones((2, N_COSTS)),
        np.ones(N_TERMS), np.ones(N_LIMITS), 0, np.array([0, n - 1]), True, np.ones((1, N_STATE)),
        np.ones((N_PAIR_WORK, 1)), np.ones((N_SYMBOL_WORK, 2)), np.ones((n + 1, 2)), np.ones((2, 2)), np.ones(6),
        np.ones(2), np.ones(N_SUMS), np.ones((N_BOOK, n)), np.ones((9, N_BLOTTER)), np.ones(N_TOTALS),
        np.ones((2, 1)),
    )  # fmt: skip
