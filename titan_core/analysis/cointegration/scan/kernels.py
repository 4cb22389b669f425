"""The scan's compiled part: many pairs at once, by lag products of the pair or one pair's residual after another.

Where many symbols share their bars, a residual's lag products are quadratic in the hedge ratio,
c_k(y - βx) = c_k(y) - β·s_k(y, x) + β²·c_k(x), with s_k the symmetrised cross product that matrix products give for
a whole block and that serves both directions (`engle_granger_block`). Elsewhere each pair's residual is formed and its
products are taken in one pass (`engle_granger_pairs`); so are pairs too ill-conditioned for the first way.
"""

import math
from typing import NamedTuple

import numpy as np

from titan_core.analysis.cointegration.kernels import (
    CONSTANT,
    ILL_CONDITIONED_LIMIT,
    PENDING,
    SINGULAR,
    TESTED,
    default_max_lag,
    dickey_fuller,
    dot,
    flat,
    lag_products,
    regress,
    remove_trend,
)
from titan_core.analysis.cointegration.lanes.kernels import (
    CRITERION,
    LANES,
    Lanes,
    add_product,
    new_lanes,
    product,
    settle,
)
from titan_core.kernels import kernel
from titan_core.types import Float1D, Float2D, Int1D

# Columns of a result row.
STATISTIC, HEDGE_RATIO, INTERCEPT, HALF_LIFE = range(4)
N_NUMBERS = 4


class Settings(NamedTuple):
    """What every pair of a scan is tested with; plain numbers, for compiled code."""

    n_terms: int  # deterministic terms: 0 none, 1 constant, 2 trend, 3 squared trend
    max_lag: int  # -1: Schwert's rule
    rule: int  # FIXED | CRITERION | T_STATISTIC
    bic: bool  # the criterion's penalty: ln n a regressor, else 2
    min_overlap: int
    log_values: bool  # values are logs already, so their differences are log returns


class Results(NamedTuple):
    """Outcome of P pairs; the middle axis is the direction: first on second, second on first."""

    numbers: np.ndarray  # (P, 2, N_NUMBERS) float64
    lags: np.ndarray  # (P, 2) int16
    overlap: np.ndarray  # (P,) int32
    correlation: np.ndarray  # (P,) float64
    codes: np.ndarray  # (P,) uint8


class Side(NamedTuple):
    """Symbols prepared on one set of bars; zeros pad their number up to whole vectors, k' = 8·ceil(k / 8)."""

    levels: np.ndarray  # (k', n) trend removed
    steps: np.ndarray  # (k', n-1) their differences
    returns: np.ndarray  # (k', n-1) log returns, centred, of unit length
    own: np.ndarray  # (m+1, k') lag products of steps
    head: np.ndarray  # (m+1, k') first levels
    tail: np.ndarray  # (m+2, k') last levels, the last one first
    squares: np.ndarray  # (k',) sum of squared levels
    spread: np.ndarray  # (k',) the sum of squares R² is measured against
    total: np.ndarray  # (k',) sum of levels
    trend: np.ndarray  # (3, k') coefficients of what was removed
    flat: np.ndarray  # (k',) bool: constant, or nothing but trend
    n_symbols: int  # k


@kernel
def lag_limit(n_bars: int, settings: Settings) -> int:
    """Largest lag order for a pair of n_bars, or -1 where that leaves no degree of freedom."""
    limit = settings.max_lag if settings.max_lag >= 0 else default_max_lag(n_bars)
    if limit < 0 or n_bars < 2 * limit + 3 or n_bars < settings.n_terms + 4:
        return -1
    return limit


@kernel
def penalty_of(n_bars: int, max_lag: int, settings: Settings) -> float:
    """What one more regressor costs in the information criterion."""
    return math.log(n_bars - 1.0 - max_lag) if settings.bic else 2.0


@kernel
def log_returns(values: Float1D, log_values: bool, out: Float1D) -> None:
    """Log returns, centred and scaled to unit length: their products are correlations. NaN where there are none."""
    n = values.size - 1
    for t in range(n):
        if log_values:
            out[t] = values[t + 1] - values[t]
        elif values[t] > 0.0 and values[t + 1] > 0.0:
            out[t] = math.log(values[t + 1] / values[t])
        else:
            out[t] = np.nan
    out -= out.mean()
    out -= out.mean()
    size = math.sqrt(dot(out, out))
    if size > 0.0:
        out /= size
    else:
        out[:] = np.nan


@kernel
def prepare(rows: Float2D, max_lag: int, settings: Settings) -> Side:
    """Everything about symbols on one set of bars that does not depend on their partner; rows (k, n), no NaN."""
    k, n = rows.shape
    m, terms = max_lag, settings.n_terms
    width = (k + LANES - 1) // LANES * LANES
    side = Side(
        np.zeros((width, n)),
        np.zeros((width, n - 1)),
        np.zeros((width, n - 1)),
        np.zeros((m + 1, width)),
        np.zeros((m + 1, width)),
        np.zeros((m + 2, width)),
        np.zeros(width),
        np.zeros(width),
        np.zeros(width),
        np.zeros((3, width)),
        np.zeros(width, dtype=np.bool_),
        k,
    )
    coefficients, products = np.zeros(3), np.zeros(m + 1)
    for s in range(k):
        raw, level, step = rows[s], side.levels[s], side.steps[s]
        level[:] = raw
        remove_trend(level, max(terms, 1), coefficients)
        side.flat[s] = flat(level, raw)
        if terms == 0:
            level[:] = raw
            coefficients[:] = 0.0
            side.spread[s] = dot(raw, raw)
        else:
            centred = raw - raw.mean()
            side.spread[s] = dot(centred, centred)
        side.trend[:, s] = coefficients
        for t in range(n - 1):
            step[t] = level[t + 1] - level[t]
        log_returns(raw, settings.log_values, side.returns[s])
        lag_products(step, m, products)
        side.own[:, s] = products
        side.head[:, s] = level[: m + 1]
        for i in range(m + 2):
            side.tail[i, s] = level[n - 1 - i]
        side.squares[s] = dot(level, level)
        side.total[s] = level.sum() if terms == 0 else 0.0
    return side


@kernel
def engle_granger_block(
    first: Side,
    second: Side,
    cross: Float2D,
    symmetric: np.ndarray,
    inside: int,
    settings: Settings,
    results: Results,
) -> None:
    """Both directions of every pair (a, b) of two prepared sides; where ``inside`` is 1, of one side with b > a only.

    cross (ka', kb') products of levels; symmetric (m+1, ka', kb') symmetrised lag products of steps; results hold
    ka·kb rows, a-major. What products can't settle is left PENDING.
    """
    m, width = symmetric.shape[0] - 1, symmetric.shape[2]
    n, kb = first.levels.shape[1], second.n_symbols
    lanes = new_lanes(m)
    lanes.n_bars[:] = n
    lanes.penalty[:] = penalty_of(n, m, settings)
    statistic, life, slope = np.empty(LANES), np.empty(LANES), np.empty(LANES)
    parts = symmetric.reshape(-1, LANES)
    own = _broadcast(m)
    for a in range(first.n_symbols):
        _spread_symbol(first, a, own)
        for at in range((a + 1) // LANES * LANES if inside == 1 else 0, width, LANES):
            for direction in range(2):
                for lane in range(LANES):
                    size = second.squares[at + lane] if direction == 0 else first.squares[a]
                    slope[lane] = cross[a, at + lane] / size
                _fill(lanes, own, first, a, second, at, parts, slope, direction)
                settle(lanes, LANES, settings.rule, statistic, life)
                for lane in range(a + 1 - at if inside == 1 and a >= at else 0, min(LANES, kb - at)):
                    b = at + lane
                    _store(results, a * kb + b, direction, first, a, second, b, slope[lane], lanes, lane)
                    results.numbers[a * kb + b, direction, STATISTIC] = statistic[lane]
                    results.numbers[a * kb + b, direction, HALF_LIFE] = life[lane]
                    if math.isnan(statistic[lane]) and results.codes[a * kb + b] == TESTED:
                        results.codes[a * kb + b] = PENDING


@kernel
def _broadcast(max_lag: int) -> tuple[Float2D, Float2D, Float2D, Float2D]:
    """Room for one symbol's products and edges in every lane, and for weights."""
    m = max_lag
    return np.zeros((m + 1, LANES)), np.zeros((m + 1, LANES)), np.zeros((m + 2, LANES)), np.zeros((5, LANES))


@kernel
def _spread_symbol(side: Side, s: int, own: tuple[Float2D, Float2D, Float2D, Float2D]) -> None:
    """Copy one symbol's products and edges to all lanes."""
    products, head, tail, _ = own
    for k in range(products.shape[0]):
        products[k, :] = side.own[k, s]
        head[k, :] = side.head[k, s]
    for k in range(tail.shape[0]):
        tail[k, :] = side.tail[k, s]


@kernel
def _fill(
    lanes: Lanes,
    own: tuple[Float2D, Float2D, Float2D, Float2D],
    first: Side,
    a: int,
    second: Side,
    at: int,
    parts: Float2D,
    slope: Float1D,
    direction: int,
) -> None:
    """Products and edges of eight residuals: symbol a with eight of the other side, u·a + v·b with one of u, v = 1."""
    m, ka, strips = lanes.c.shape[0] - 1, first.own.shape[1], second.own.shape[1] // LANES
    products, head, tail, weights = own
    for lane in range(LANES):
        b = at + lane
        u, v = (1.0, -slope[lane]) if direction == 0 else (-slope[lane], 1.0)
        weights[0, lane], weights[1, lane], weights[2, lane] = u * u, u * v, v * v
        weights[3, lane], weights[4, lane] = u, v
        lanes.total[0, lane] = u * first.total[a] + v * second.total[b]
        kept, taken = (first.squares[a], second.squares[b])
        if direction == 1:
            kept, taken = taken, kept
        lanes.squares[0, lane] = kept - slope[lane] * slope[lane] * taken
    strip = at // LANES
    c, heads, tails = lanes.c, lanes.head, lanes.tail
    other, other_head = second.own.reshape(-1, LANES), second.head.reshape(-1, LANES)
    other_tail = second.tail.reshape(-1, LANES)
    for k in range(m + 1):
        product(c, k, weights, 0, products, k)
        add_product(c, k, weights, 1, parts, (k * ka + a) * strips + strip)
        add_product(c, k, weights, 2, other, k * strips + strip)
        product(heads, k, weights, 3, head, k)
        add_product(heads, k, weights, 4, other_head, k * strips + strip)
    for k in range(m + 2):
        product(tails, k, weights, 3, tail, k)
        add_product(tails, k, weights, 4, other_tail, k * strips + strip)


@kernel
def _store(
    results: Results,
    row: int,
    direction: int,
    first: Side,
    a: int,
    second: Side,
    b: int,
    slope: float,
    lanes: Lanes,
    lane: int,
) -> None:
    """Coefficients of one direction, and what its R² says of the pair; the first direction resets the row."""
    n = first.levels.shape[1]
    if direction == 0:
        results.codes[row] = TESTED
        results.overlap[row] = n
        results.numbers[row, 0, INTERCEPT] = first.trend[0, a] - slope * second.trend[0, b]
        share = lanes.squares[0, lane] / first.spread[a]
        cancelled = lanes.squares[0, lane] / first.squares[a]
    else:
        results.numbers[row, 1, INTERCEPT] = second.trend[0, b] - slope * first.trend[0, a]
        share = lanes.squares[0, lane] / second.spread[b]
        cancelled = lanes.squares[0, lane] / second.squares[b]
    results.numbers[row, direction, HEDGE_RATIO] = slope
    results.lags[row, direction] = lanes.lag[lane]
    if first.flat[a] or second.flat[b]:
        results.codes[row] = CONSTANT
    elif results.codes[row] == TESTED and not (
        share > ILL_CONDITIONED_LIMIT and cancelled > ILL_CONDITIONED_LIMIT
    ):
        results.codes[row] = PENDING


@kernel
def engle_granger_pairs(
    rows: Float2D, first: Int1D, second: Int1D, settings: Settings, results: Results
) -> None:
    """Both directions of the pairs (first, second) of rows (n_symbols, n_bars), on the bars both have (not NaN).

    Every pair must have bars enough for `lag_limit`; the plan of the scan lets no other through.

    Each pair's residual is formed explicitly, by projections run twice; where even then rounding would decide the lag
    order or the statistic, the lag regression is done by QR as well.
    """
    n_total = rows.shape[1]
    y_buffer, x_buffer, e_buffer = np.empty(n_total), np.empty(n_total), np.empty(n_total)
    d_buffer, products, coefficients = np.empty(n_total), np.zeros(1), np.zeros(3)
    lanes = new_lanes(0)
    lane_row, lane_direction = np.zeros(LANES, dtype=np.int64), np.zeros(LANES, dtype=np.int64)
    used, m = 0, 0
    for p in range(first.size):
        n = _common(rows[first[p]], rows[second[p]], y_buffer, x_buffer)
        results.overlap[p] = n
        limit = lag_limit(n, settings)
        if limit != m or used > LANES - 2:
            _flush(lanes, used, settings.rule, lane_row, lane_direction, results)
            used = 0
            if limit != m:
                m = limit
                lanes = new_lanes(m)
                products = np.zeros(m + 1)
        y, x, e, d = y_buffer[:n], x_buffer[:n], e_buffer[:n], d_buffer[: n - 1]
        results.codes[p] = TESTED
        log_returns(y, settings.log_values, d)
        log_returns(x, settings.log_values, e[: n - 1])
        results.correlation[p] = dot(d, e[: n - 1])
        for direction in range(2):
            slope, code = (
                regress(y, x, settings.n_terms, e, coefficients)
                if direction == 0
                else regress(x, y, settings.n_terms, e, coefficients)
            )
            if code != TESTED:
                results.codes[p] = code
            results.numbers[p, direction, HEDGE_RATIO] = slope
            results.numbers[p, direction, INTERCEPT] = coefficients[0]
            if results.codes[p] != TESTED:
                break
            for t in range(n - 1):
                d[t] = e[t + 1] - e[t]
            lag_products(d, m, products)
            lanes.c[:, used] = products
            lanes.head[:, used] = e[: m + 1]
            for i in range(m + 2):
                lanes.tail[i, used] = e[n - 1 - i]
            lanes.squares[0, used] = dot(e, e)
            lanes.total[0, used] = e.sum()
            lanes.n_bars[used] = n
            lanes.penalty[used] = penalty_of(n, m, settings)
            lane_row[used], lane_direction[used] = p, direction
            used += 1
    _flush(lanes, used, settings.rule, lane_row, lane_direction, results)
    for p in range(first.size):
        if results.codes[p] == PENDING:
            n = _common(rows[first[p]], rows[second[p]], y_buffer, x_buffer)
            _by_qr(y_buffer[:n], x_buffer[:n], p, settings, results)


@kernel
def _common(first: Float1D, second: Float1D, y: Float1D, x: Float1D) -> int:
    """Copy the bars both have, in order; how many there are."""
    n = 0
    for t in range(first.size):
        if not (math.isnan(first[t]) or math.isnan(second[t])):
            y[n] = first[t]
            x[n] = second[t]
            n += 1
    return n


@kernel
def _flush(
    lanes: Lanes,
    used: int,
    rule: int,
    lane_row: Int1D,
    lane_direction: Int1D,
    results: Results,
) -> None:
    """Settle the lanes in use and write them to their rows."""
    if used == 0:
        return
    statistic, life = np.empty(LANES), np.empty(LANES)
    settle(lanes, used, rule, statistic, life)
    for lane in range(used):
        p, direction = lane_row[lane], lane_direction[lane]
        results.numbers[p, direction, STATISTIC] = statistic[lane]
        results.numbers[p, direction, HALF_LIFE] = life[lane]
        results.lags[p, direction] = lanes.lag[lane]
        if math.isnan(statistic[lane]) and results.codes[p] == TESTED:
            results.codes[p] = PENDING


@kernel
def _by_qr(y: Float1D, x: Float1D, p: int, settings: Settings, results: Results) -> None:
    """Redo the lag regressions of both directions of one pair by QR."""
    e, coefficients = np.empty(y.size), np.zeros(3)
    m = lag_limit(y.size, settings)
    penalty = penalty_of(y.size, m, settings)
    results.codes[p] = TESTED
    for direction in range(2):
        if direction == 0:
            regress(y, x, settings.n_terms, e, coefficients)
        else:
            regress(x, y, settings.n_terms, e, coefficients)
        statistic, lag = dickey_fuller(e, m, settings.rule, penalty)
        results.numbers[p, direction, STATISTIC] = statistic
        results.lags[p, direction] = lag
        if math.isnan(statistic):
            results.codes[p] = SINGULAR


def empty_results(n_pairs: int) -> Results:
    """Room for n_pairs, nothing tested yet; numbers are whatever memory held, until their pair is worked on."""
    return Results(
        np.empty((n_pairs, 2, N_NUMBERS)),
        np.zeros((n_pairs, 2), dtype=np.int16),
        np.zeros(n_pairs, dtype=np.int32),
        np.empty(n_pairs),
        np.full(n_pairs, PENDING, dtype=np.uint8),
    )


def warm_up() -> None:
    """Compile the scan, for both ways it goes."""
    rows = np.random.default_rng(0).normal(size=(3, 40)).cumsum(axis=1)
    settings = Settings(n_terms=1, max_lag=2, rule=CRITERION, bic=False, min_overlap=20, log_values=True)
    engle_granger_pairs(rows, np.array([0, 1]), np.array([2, 2]), settings, empty_results(2))
    side = prepare(rows, 2, settings)
    products, symmetric = np.eye(8), np.zeros((3, 8, 8))
    engle_granger_block(side, side, products, symmetric, 1, settings, empty_results(9))
