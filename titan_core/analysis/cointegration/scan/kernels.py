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
    CRITERION,
    FIXED,
    ILL_CONDITIONED_LIMIT,
    OVERLAP,
    PENDING,
    SINGULAR,
    TESTED,
    choose_lags,
    default_max_lag,
    dickey_fuller,
    dot,
    flat,
    half_life,
    lag_products,
    regress,
    remove_trend,
    t_statistic,
)
from titan_core.kernels import LANES, kernel
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
    """Symbols prepared on one set of bars: rows are symbols in matrices over time, columns elsewhere."""

    levels: np.ndarray  # (k, n) trend removed
    steps: np.ndarray  # (k, n-1) their differences
    returns: np.ndarray  # (k, n-1) log returns, centred, of unit length
    own: np.ndarray  # (m+1, k) lag products of steps
    head: np.ndarray  # (m+1, k) first levels
    tail: np.ndarray  # (m+2, k) last levels, the last one first
    squares: np.ndarray  # (k,) sum of squared levels
    spread: np.ndarray  # (k,) the sum of squares R² is measured against
    total: np.ndarray  # (k,) sum of levels
    trend: np.ndarray  # (3, k) coefficients of what was removed
    flat: np.ndarray  # (k,) bool: constant, or nothing but trend


class Lanes(NamedTuple):
    """Eight residuals at work, and scratch for their factorisation."""

    c: np.ndarray
    head: np.ndarray
    tail: np.ndarray
    squares: np.ndarray
    total: np.ndarray
    n_bars: np.ndarray
    penalty: np.ndarray
    lag: np.ndarray
    lost: np.ndarray
    factor: np.ndarray
    one_c: np.ndarray
    one_head: np.ndarray
    one_tail: np.ndarray
    one_factor: np.ndarray


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
def new_lanes(max_lag: int) -> Lanes:
    """Room for eight residuals with lags up to ``max_lag``."""
    m = max_lag
    return Lanes(
        np.zeros((m + 1, LANES)),
        np.zeros((m + 1, LANES)),
        np.zeros((m + 2, LANES)),
        np.ones(LANES),
        np.zeros(LANES),
        np.ones(LANES),
        np.zeros(LANES),
        np.zeros(LANES, dtype=np.int64),
        np.zeros(LANES, dtype=np.bool_),
        np.zeros((m + 1, m + 2, LANES)),
        np.zeros(m + 1),
        np.zeros(m + 1),
        np.zeros(m + 2),
        np.zeros((m + 1, m + 2)),
    )


@kernel
def settle(lanes: Lanes, n_used: int, rule: int, statistic: Float1D, life: Float1D) -> None:
    """Lag order, t-statistic and half-life of the first n_used lanes; NaN statistic where rounding would decide."""
    m = lanes.c.shape[0] - 1
    if rule == FIXED:
        lanes.lag[:] = m
        lanes.lost[:] = False
    else:
        choose_lags(
            lanes.c,
            lanes.head,
            lanes.tail,
            lanes.squares,
            lanes.n_bars,
            rule,
            lanes.penalty,
            lanes.factor,
            lanes.lag,
            lanes.lost,
        )
    for lane in range(n_used):
        n_bars = int(lanes.n_bars[lane])
        lanes.one_c[:] = lanes.c[:, lane]
        lanes.one_head[:] = lanes.head[:, lane]
        lanes.one_tail[:] = lanes.tail[:, lane]
        statistic[lane] = np.nan
        if not lanes.lost[lane]:
            statistic[lane] = t_statistic(
                lanes.one_c,
                lanes.one_head,
                lanes.one_tail,
                lanes.squares[lane],
                n_bars,
                lanes.lag[lane],
                lanes.one_factor,
            )
        life[lane] = half_life(
            lanes.one_c[0], lanes.one_head, lanes.one_tail, lanes.squares[lane], lanes.total[lane], n_bars, m
        )


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
    side = Side(
        rows.copy(),
        np.empty((k, n - 1)),
        np.empty((k, n - 1)),
        np.empty((m + 1, k)),
        np.empty((m + 1, k)),
        np.empty((m + 2, k)),
        np.empty(k),
        np.empty(k),
        np.empty(k),
        np.zeros((3, k)),
        np.zeros(k, dtype=np.bool_),
    )
    coefficients, products = np.zeros(3), np.zeros(m + 1)
    for s in range(k):
        raw, level, step = rows[s], side.levels[s], side.steps[s]
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
    triangle: bool,
    settings: Settings,
    results: Results,
) -> None:
    """Both directions of every pair (a, b) of two prepared sides; where ``triangle`` only b > a.

    cross (ka, kb) products of levels; symmetric (m+1, ka, kb) symmetrised lag products of steps; results hold ka·kb
    rows, a-major. What products can't settle is left PENDING.
    """
    m, ka, kb = symmetric.shape[0] - 1, symmetric.shape[1], symmetric.shape[2]
    n = first.levels.shape[1]
    lanes = new_lanes(m)
    lanes.n_bars[:] = n
    lanes.penalty[:] = penalty_of(n, m, settings)
    statistic, life = np.empty(LANES), np.empty(LANES)
    slope = np.empty(LANES)
    for a in range(ka):
        start = a + 1 if triangle else 0
        for at in range(start, kb, LANES):
            used = min(LANES, kb - at)
            for direction in range(2):
                for lane in range(LANES):
                    b = at + min(lane, used - 1)
                    slope[lane] = cross[a, b] / (second.squares[b] if direction == 0 else first.squares[a])
                    _fill_lane(lanes, lane, first, a, second, b, symmetric, slope[lane], direction)
                settle(lanes, used, settings.rule, statistic, life)
                for lane in range(used):
                    b = at + lane
                    _store(results, a * kb + b, direction, first, a, second, b, slope[lane], lanes, lane)
                    results.numbers[a * kb + b, direction, STATISTIC] = statistic[lane]
                    results.numbers[a * kb + b, direction, HALF_LIFE] = life[lane]
                    if math.isnan(statistic[lane]) and results.codes[a * kb + b] == TESTED:
                        results.codes[a * kb + b] = PENDING


@kernel
def _fill_lane(
    lanes: Lanes,
    lane: int,
    first: Side,
    a: int,
    second: Side,
    b: int,
    symmetric: np.ndarray,
    slope: float,
    direction: int,
) -> None:
    """Lag products and edges of the residual of one pair in one direction."""
    m = lanes.c.shape[0] - 1
    y_scale, x_scale = (1.0, -slope) if direction == 0 else (-slope, 1.0)
    for k in range(m + 1):
        lanes.c[k, lane] = (
            y_scale * y_scale * first.own[k, a]
            + y_scale * x_scale * symmetric[k, a, b]
            + x_scale * x_scale * second.own[k, b]
        )
        lanes.head[k, lane] = y_scale * first.head[k, a] + x_scale * second.head[k, b]
    for k in range(m + 2):
        lanes.tail[k, lane] = y_scale * first.tail[k, a] + x_scale * second.tail[k, b]
    lanes.total[lane] = y_scale * first.total[a] + x_scale * second.total[b]
    own, other = (
        (first.squares[a], second.squares[b]) if direction == 0 else (second.squares[b], first.squares[a])
    )
    lanes.squares[lane] = own - slope * slope * other


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
        share = lanes.squares[lane] / first.spread[a]
        cancelled = lanes.squares[lane] / first.squares[a]
    else:
        results.numbers[row, 1, INTERCEPT] = second.trend[0, b] - slope * first.trend[0, a]
        share = lanes.squares[lane] / second.spread[b]
        cancelled = lanes.squares[lane] / second.squares[b]
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
        if n < settings.min_overlap or limit < 0:
            results.codes[p] = OVERLAP
            continue
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
            lanes.squares[used] = dot(e, e)
            lanes.total[used] = e.sum()
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
    """Room for n_pairs, nothing tested yet."""
    return Results(
        np.full((n_pairs, 2, N_NUMBERS), np.nan),
        np.zeros((n_pairs, 2), dtype=np.int16),
        np.zeros(n_pairs, dtype=np.int32),
        np.full(n_pairs, np.nan),
        np.full(n_pairs, PENDING, dtype=np.uint8),
    )


def warm_up() -> None:
    """Compile the scan, for both ways it goes."""
    rows = np.random.default_rng(0).normal(size=(3, 40)).cumsum(axis=1)
    settings = Settings(n_terms=1, max_lag=2, rule=CRITERION, bic=False, min_overlap=20, log_values=True)
    engle_granger_pairs(rows, np.array([0, 1]), np.array([2, 2]), settings, empty_results(2))
    side = prepare(rows, 2, settings)
    triangle = True
    engle_granger_block(side, side, np.eye(3), np.zeros((3, 3, 3)), triangle, settings, empty_results(9))
