"""The brain, compiled: one bar into a signal, a signal into a decision, a decision into shares.

`step` is what the live engine calls once a bar. The backtest calls the same three parts (`update_signal`, `decide`,
`target_shares`) in its own loop, so that a sweep computes a signal once for all thresholds that share it.
"""

import math

import numpy as np

from titan_core.analysis.spreads.kalman.kernels import STATE_SIZE, kalman_update
from titan_core.kernels import inlined, kernel
from titan_core.types import Float1D, Float2D

# Rules: how a spread becomes a z-score.
ROLLING, EWMA, KALMAN, OU = 0, 1, 2, 3

# Parameters of a rule, one float64 each. The first block decides the signal, the second what is done about it.
P_WINDOW, P_HEDGE_WINDOW, P_HALF_LIFE_WINDOW, P_HEDGE_RATIO, P_INTERCEPT = 0, 1, 2, 3, 4
P_BETA_VARIANCE, P_LEVEL_VARIANCE, P_NOISE_VARIANCE, P_IS_LOG, P_WANTS_HALF_LIFE = 5, 6, 7, 8, 9
P_ENTRY, P_EXIT, P_STOP_Z, P_STOP_LOSS, P_TAKE_PROFIT = 10, 11, 12, 13, 14
P_TIME_STOP, P_COOLDOWN, P_MAX_HALF_LIFE, P_REBALANCE = 15, 16, 17, 18
N_PARAMETERS = 19
N_SIGNAL_PARAMETERS = 10

# State between bars: counters, the filter, the last signal, then two rings (y and x), each written twice so that the
# last window always lies in one piece.
S_COUNT, S_POSITION, S_SIDE, S_HELD, S_WAIT = 0, 1, 2, 3, 4
S_MEAN, S_VARIANCE, S_FILTER = 5, 6, 7
S_SIGNAL = 12
N_HEAD = 17

# What a signal says of a bar.
Z, BETA, RATIO, HALF_LIFE, SPREAD = 0, 1, 2, 3, 4
N_SIGNAL = 5

# What one bar brings to `step`.
B_Y, B_X, B_PRICE_1, B_PRICE_2, B_FACTOR_1, B_FACTOR_2, B_LOT_1, B_LOT_2 = 0, 1, 2, 3, 4, 5, 6, 7
B_POSITION_1, B_POSITION_2, B_GROSS, B_PNL, B_FLOOR, B_CEILING, B_FLAGS, B_WORKING = (
    8,
    9,
    10,
    11,
    12,
    13,
    14,
    15,
)
N_BAR = 16

# Flags of a pair's bar.
DECIDES, FILLS_1, FILLS_2, MAY_BUY, MAY_SELL, MUST_SELL, MUST_COVER = 1, 2, 4, 8, 16, 32, 64
LENDS_2, LENDS_1, SETTLES_1, SETTLES_2 = 128, 256, 512, 1024

# Actions, and why.
HOLD, ENTER, LEAVE, REBALANCE = 0, 1, 2, 3
NO_REASON, ENTRY, EXIT, STOP_Z, STOP_LOSS, TAKE_PROFIT, TIME_STOP, FORCED, ADJUSTED = (
    0,
    1,
    2,
    3,
    4,
    5,
    6,
    7,
    8,
)

# Orders under way.
NOTHING, ENTERING, LEAVING, LEFT_OVER, ADJUSTING = 0, 1, 2, 3, 4


@kernel
def hedge_ratio_of(state: Float1D, y: int, x: int, n: int) -> float:
    """Least-squares slope of n values at ``state[y:]`` on those at ``state[x:]``, with a constant; NaN where flat."""
    mean_y = mean_x = 0.0
    for i in range(n):
        mean_y += state[y + i]
        mean_x += state[x + i]
    mean_y /= n
    mean_x /= n
    sxy = sxx = size = 0.0
    for i in range(n):
        d = state[x + i] - mean_x
        sxy += d * (state[y + i] - mean_y)
        sxx += d * d
        size += state[x + i] * state[x + i]
    return sxy / sxx if sxx > 1e-24 * size else np.nan


@kernel
def mean_and_deviation(state: Float1D, y: int, x: int, n: int, beta: float) -> tuple[float, float]:
    """Mean and sample deviation (ddof 1) of y - beta·x over n values; deviation NaN where it is flat.

    Four sums side by side: each addition waits for the one before, and a window is read at every bar.
    """
    a = b = c = d = 0.0
    whole = n - n % 4
    for i in range(0, whole, 4):
        a += state[y + i] - beta * state[x + i]
        b += state[y + i + 1] - beta * state[x + i + 1]
        c += state[y + i + 2] - beta * state[x + i + 2]
        d += state[y + i + 3] - beta * state[x + i + 3]
    for i in range(whole, n):
        a += state[y + i] - beta * state[x + i]
    mean = ((a + b) + (c + d)) / n
    a = b = c = d = 0.0
    for i in range(0, whole, 4):
        e = state[y + i] - beta * state[x + i] - mean
        f = state[y + i + 1] - beta * state[x + i + 1] - mean
        g = state[y + i + 2] - beta * state[x + i + 2] - mean
        h = state[y + i + 3] - beta * state[x + i + 3] - mean
        a += e * e
        b += f * f
        c += g * g
        d += h * h
    for i in range(whole, n):
        e = state[y + i] - beta * state[x + i] - mean
        a += e * e
    square = (a + b) + (c + d)
    last = abs(state[y + n - 1]) + abs(beta * state[x + n - 1])
    if square <= 1e-24 * n * last * last:
        return mean, np.nan
    return mean, math.sqrt(square / (n - 1.0))


@kernel
def autoregression(state: Float1D, y: int, x: int, n: int, beta: float) -> tuple[float, float, float]:
    """Least squares s_{t+1} = a + φ·s_t + ε over n values of s = y - beta·x: (φ, a, variance of ε, ddof 2)."""
    m = n - 1
    first = last = 0.0
    for i in range(m):
        first += state[y + i] - beta * state[x + i]
        last += state[y + i + 1] - beta * state[x + i + 1]
    first /= m
    last /= m
    sxx = sxy = syy = 0.0
    for i in range(m):
        d = state[y + i] - beta * state[x + i] - first
        e = state[y + i + 1] - beta * state[x + i + 1] - last
        sxx += d * d
        sxy += d * e
        syy += e * e
    size = abs(state[y + n - 1]) + abs(beta * state[x + n - 1])
    if sxx <= 1e-24 * n * size * size or m < 3:
        return np.nan, np.nan, np.nan
    slope = sxy / sxx
    return slope, last - slope * first, max(syy - slope * sxy, 0.0) / (m - 2.0)


@kernel
def half_life_of(slope: float) -> float:
    """Bars in which half of a deviation is gone, from the AR(1) slope; inf where it does not come back."""
    if not slope < 1.0:
        return np.inf
    return -math.log(2.0) / math.log(slope) if slope > 0.0 else 0.0


@kernel
def kalman_step(state: Float1D, p: Float1D, y: float, x: float) -> tuple[float, float, float]:
    """One bar of the random-walk regression y = β·x + level: (innovation, its variance F, β before the bar).

    It starts at the pair's hedge ratio, sure of it by ±1, with a level that fits the first bar.
    """
    filtered = state[S_FILTER : S_FILTER + STATE_SIZE]
    if state[S_COUNT] == 1.0:
        filtered[0], filtered[1] = y - p[P_HEDGE_RATIO] * x, p[P_HEDGE_RATIO]
        filtered[2], filtered[3], filtered[4] = x * x + p[P_NOISE_VARIANCE], -x, 1.0
    beta = filtered[1]
    innovation, variance = kalman_update(
        filtered, y, x, p[P_NOISE_VARIANCE], p[P_LEVEL_VARIANCE], p[P_BETA_VARIANCE]
    )
    return innovation, variance, beta


@kernel
def update_signal(rule_id: int, state: Float1D, p: Float1D, y: float, x: float) -> None:
    """Take in one bar both legs have; ``state[S_SIGNAL:]`` then holds z, β, dollar ratio, half-life and spread.

    NaN until the longest window the rule uses is full, and where the window is flat.
    """
    capacity = (state.size - N_HEAD) // 4
    at = int(state[S_POSITION])
    state[N_HEAD + at] = state[N_HEAD + capacity + at] = y
    state[N_HEAD + 2 * capacity + at] = state[N_HEAD + 3 * capacity + at] = x
    state[S_POSITION] = at + 1 if at + 1 < capacity else 0
    state[S_COUNT] += 1.0
    end_y = N_HEAD + capacity + at + 1
    end_x = end_y + 2 * capacity
    z = half_life = spread = np.nan
    beta = p[P_HEDGE_RATIO]
    window = int(p[P_WINDOW])
    if rule_id == KALMAN:
        spread, variance, beta = kalman_step(state, p, y, x)
        z = spread / math.sqrt(variance)
    elif p[P_HEDGE_WINDOW] > 0.0:
        n = int(p[P_HEDGE_WINDOW])
        beta = hedge_ratio_of(state, end_y - n, end_x - n, n) if state[S_COUNT] >= n else np.nan
    full = state[S_COUNT] >= capacity
    if rule_id == ROLLING and full:
        mean, deviation = mean_and_deviation(state, end_y - window, end_x - window, window, beta)
        spread = y - beta * x - mean
        z = spread / deviation
    elif rule_id == EWMA and not math.isnan(beta):
        spread, z = ewma_step(state, window, y - beta * x - ewma_level(state, p, end_y, end_x, beta))
    elif rule_id == OU and full:
        slope, constant, variance = autoregression(state, end_y - window, end_x - window, window, beta)
        half_life = half_life_of(slope)
        if 0.0 < slope < 1.0 and variance > 0.0:
            spread = y - beta * x - constant / (1.0 - slope)
            z = spread / math.sqrt(variance / (1.0 - slope * slope))
    if p[P_WANTS_HALF_LIFE] > 0.0 and full:
        n = int(p[P_HALF_LIFE_WINDOW])
        half_life = half_life_of(autoregression(state, end_y - n, end_x - n, n, beta)[0])
    if not full:
        z = np.nan
    state[S_SIGNAL + Z] = z
    state[S_SIGNAL + BETA] = beta
    state[S_SIGNAL + RATIO] = beta if p[P_IS_LOG] > 0.0 else beta * x / y
    state[S_SIGNAL + HALF_LIFE] = half_life
    state[S_SIGNAL + SPREAD] = spread


@kernel
def ewma_level(state: Float1D, p: Float1D, end_y: int, end_x: int, beta: float) -> float:
    """Constant of the rolling regression, so that a moving β does not move the spread; 0 for a frozen β."""
    n = int(p[P_HEDGE_WINDOW])
    if n == 0:
        return 0.0
    return mean_and_deviation(state, end_y - n, end_x - n, n, beta)[0]


@kernel
def ewma_step(state: Float1D, span: int, spread: float) -> tuple[float, float]:
    """Exponentially weighted mean and variance, weight 2/(span + 1) for the newest: (spread - mean, z)."""
    if math.isnan(state[S_MEAN]):
        state[S_MEAN], state[S_VARIANCE] = spread, 0.0
        return 0.0, np.nan
    weight = 2.0 / (span + 1.0)
    off = spread - state[S_MEAN]
    state[S_MEAN] += weight * off
    state[S_VARIANCE] = (1.0 - weight) * (state[S_VARIANCE] + weight * off * off)
    left = spread - state[S_MEAN]
    if state[S_VARIANCE] <= 1e-24 * spread * spread:
        return left, np.nan
    return left, left / math.sqrt(state[S_VARIANCE])


@kernel
def run_signals(rule_id: int, state: Float1D, p: Float1D, y: Float1D, x: Float1D, out: Float2D) -> None:
    """`update_signal` over all bars; NaN in a leg = no bar there, and no signal. ``out`` is (N_SIGNAL, n_bars)."""
    for t in range(y.size):
        if math.isnan(y[t]) or math.isnan(x[t]):
            for k in range(N_SIGNAL):
                out[k, t] = np.nan
            continue
        update_signal(rule_id, state, p, y[t], x[t])
        for k in range(N_SIGNAL):
            out[k, t] = state[S_SIGNAL + k]


@inlined
def decide(
    side: int,
    held: int,
    wait: int,
    working: int,
    flags: int,
    z: float,
    half_life: float,
    pnl: float,
    floor: float,
    ceiling: float,
    p: Float1D,
) -> tuple[int, int, int]:
    """What to do at a close: (action, side, reason). ``side`` is +1 where leg 1 is held long, -1 short, 0 flat.

    ``pnl`` is the open trade's, ``floor`` and ``ceiling`` its stop-loss and take-profit. NaN in z decides nothing.
    """
    action, goal, reason = HOLD, side, NO_REASON
    if side == 0:
        if working == NOTHING and wait == 0:
            size = abs(z)
            if size >= p[P_ENTRY] and size < p[P_STOP_Z]:
                if z < 0.0 and flags & MAY_BUY:
                    goal = 1
                elif z > 0.0 and flags & MAY_SELL:
                    goal = -1
                if p[P_WANTS_HALF_LIFE] > 0.0 and not half_life <= p[P_MAX_HALF_LIFE]:
                    goal = 0
                if goal != 0:
                    action, reason = ENTER, ENTRY
    elif working != LEAVING:
        towards = z * side
        if working == LEFT_OVER:
            action = LEAVE
        elif flags & (MUST_SELL if side > 0 else MUST_COVER):
            action, reason = LEAVE, FORCED
        elif pnl <= floor:
            action, reason = LEAVE, STOP_LOSS
        elif towards <= -p[P_STOP_Z]:
            action, reason = LEAVE, STOP_Z
        elif pnl >= ceiling:
            action, reason = LEAVE, TAKE_PROFIT
        elif towards >= -p[P_EXIT]:
            action, reason = LEAVE, EXIT
        elif p[P_TIME_STOP] > 0.0 and held >= p[P_TIME_STOP]:
            action, reason = LEAVE, TIME_STOP
        elif p[P_REBALANCE] > 0.0 and working == NOTHING and held % int(p[P_REBALANCE]) == 0:
            action, reason = REBALANCE, ADJUSTED
    return action, goal, reason


@inlined
def count_bars(side: int, before: int, held: int, wait: int, cooldown: int) -> tuple[int, int]:
    """Decisions since the position was opened, and those still to wait before the next entry."""
    if side != 0:
        return held + 1 if side == before else 1, 0
    if before != 0:
        return 0, cooldown
    return 0, wait - 1 if wait > 0 else 0


@inlined
def side_of(first: float, second: float) -> int:
    """+1 where the spread is held long, -1 short, 0 flat; one leg alone still tells."""
    if first > 0.0 or (first == 0.0 and second < 0.0):
        return 1
    return -1 if first < 0.0 or second > 0.0 else 0


@inlined
def whole_lots(shares: float, factor: float, lot: float) -> float:
    """Shares cut to whole lots, towards zero; ``factor`` turns first-bar shares into today's, lot 0 = any fraction."""
    if lot > 0.0:
        # a hair's breadth is added: 100 shares must not become 99 by rounding
        count = math.floor(abs(shares) * factor / lot * (1.0 + 1e-12))
        shares = math.copysign(count * lot / factor, shares)
    return shares


@inlined
def target_shares(
    side: int,
    gross: float,
    ratio: float,
    price_1: float,
    price_2: float,
    factor_1: float,
    factor_2: float,
    lot_1: float,
    lot_2: float,
) -> tuple[float, float]:
    """Signed shares of both legs for ``gross`` dollars over both; (0, 0) where there is no hedge or a leg rounds away.

    ``ratio`` is dollars of leg 2 against one dollar of leg 1.
    """
    first = second = 0.0
    if ratio > 0.0 and gross > 0.0 and ratio < np.inf:
        dollars = gross / (1.0 + ratio)
        first = whole_lots(side * dollars / price_1, factor_1, lot_1)
        second = whole_lots(-side * ratio * dollars / price_2, factor_2, lot_2)
        if first == 0.0 or second == 0.0:
            first = second = 0.0
    return first, second


@kernel
def step(rule_id: int, state: Float1D, p: Float1D, bar: Float1D) -> tuple[float, float, int, int]:
    """One bar of a pair that both legs have: (target shares of leg 1, of leg 2, action, reason); state moves on.

    Shares and prices are those of the first bar, before later splits; ``bar`` says the factors.
    """
    update_signal(rule_id, state, p, bar[B_Y], bar[B_X])
    first, second = bar[B_POSITION_1], bar[B_POSITION_2]
    side = side_of(first, second)
    held, wait = count_bars(
        side, int(state[S_SIDE]), int(state[S_HELD]), int(state[S_WAIT]), int(p[P_COOLDOWN])
    )
    state[S_SIDE], state[S_HELD], state[S_WAIT] = side, held, wait
    action, goal, reason = decide(
        side,
        held,
        wait,
        int(bar[B_WORKING]),
        int(bar[B_FLAGS]),
        state[S_SIGNAL + Z],
        state[S_SIGNAL + HALF_LIFE],
        bar[B_PNL],
        bar[B_FLOOR],
        bar[B_CEILING],
        p,
    )
    if action == LEAVE:
        first = second = 0.0
    elif action in (ENTER, REBALANCE):
        one, two = target_shares(
            goal,
            bar[B_GROSS],
            state[S_SIGNAL + RATIO],
            bar[B_PRICE_1],
            bar[B_PRICE_2],
            bar[B_FACTOR_1],
            bar[B_FACTOR_2],
            bar[B_LOT_1],
            bar[B_LOT_2],
        )
        if one != 0.0:
            first, second = one, two
        else:
            action, reason = HOLD, NO_REASON
    return first, second, action, reason


def new_state(capacity: int) -> Float1D:
    """A state that has seen nothing; ``capacity`` is the longest window."""
    state = np.zeros(N_HEAD + 4 * capacity)
    state[S_MEAN] = np.nan
    return state


def warm_up() -> None:
    """Compile the kernels of this module."""
    p = np.zeros(N_PARAMETERS)
    p[[P_WINDOW, P_HEDGE_WINDOW, P_HALF_LIFE_WINDOW]] = 3
    p[P_WANTS_HALF_LIFE] = p[P_NOISE_VARIANCE] = 1.0
    y, x = np.array([1.0, 2.0, 4.0, 3.0]), np.array([1.0, 2.5, 3.5, 3.0])
    for rule_id in (ROLLING, EWMA, KALMAN, OU):
        run_signals(rule_id, new_state(3), p, y, x, np.empty((N_SIGNAL, 4)))
    step(ROLLING, new_state(3), p, np.ones(N_BAR))
