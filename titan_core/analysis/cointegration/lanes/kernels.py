"""The augmented Dickey–Fuller test from sums of products, eight residuals at a time.

Notation. A residual e_0 … e_{n-1} has differences d_j = e_{j+1} - e_j. The test regresses d_j on e_j and
d_{j-1} … d_{j-p}, without constant, on j = p … n-2. The lag order p is chosen among 0 … m on the common sample
j = m … n-2, and the chosen regression is run again on its own, longer sample.

Every sum of products this takes follows from c_k = Σ_{j=m}^{n-2} d_j d_{j-k}, Σ e_j² and the first and last few e_j:

- Σ d_{j-i} d_{j-k} moves along its diagonal by one product at either edge of the sample;
- Σ e_j d_j telescopes to (e_{n-1}² - e_m² - c_0) / 2, and Σ e_j d_{j-i-1} = Σ e_j d_{j-i} + c_i + edges.

One Cholesky factorisation with the columns in lag order (e, d_{-1}, …, d_{-m}) then gives every order's residual sum
of squares: each column takes its squared projection off.

The eight go along the last dimension, in whole vectors: `LANES` doubles that one instruction (or two, or four) handles.
Loops over them in plain numba stay scalar, because arrays might overlap; hence the few vector operations made here.
"""

import math
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
from llvmlite import ir
from numba import types
from numba.extending import intrinsic

from titan_core.kernels import inlined, kernel
from titan_core.types import BoolArray, Float1D, Float2D

__all__ = ["LANES", "Lanes", "add_product", "new_lanes", "product", "settle"]

# One AVX-512 register of doubles, two of AVX2, four of SSE.
LANES = 8

# Rules for the lag order; AIC and BIC are told apart by their penalty.
FIXED, CRITERION, T_STATISTIC = range(3)

# 95 % point of the normal, the limit of the t-statistic rule.
T_LIMIT = 1.6448536269514722

# A Cholesky pivot this small against its column has lost too many digits: the pair is redone by QR.
_PIVOT_FLOOR = 1e-6
# The same for the residual sum of squares against the sum it was taken from.
_RSS_FLOOR = 1e-6

_VECTOR = ir.VectorType(ir.DoubleType(), LANES)


def _row(context: Any, builder: Any, array_type: Any, array: Any, index: Any) -> Any:
    """Pointer to row ``index`` of an array (rows, LANES), as a vector."""
    data = context.make_array(array_type)(context, builder, array).data
    offset = builder.mul(index, ir.Constant(index.type, LANES))
    return builder.bitcast(builder.gep(data, [offset]), _VECTOR.as_pointer())


def _vector_operation(combine: Callable[[Any, Any, Any, Any], Any]) -> Any:
    """Make ``operation(out, i, a, j, b, k)``: row i of out becomes combine(out[i], a[j], b[k]), lane by lane."""

    def operation(_: Any, out: Any, i: Any, a: Any, j: Any, b: Any, k: Any) -> Any:
        def codegen(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
            rows = [
                _row(context, builder, signature.args[at], arguments[at], arguments[at + 1])
                for at in (0, 2, 4)
            ]
            old, left, right = (builder.load(row, align=8) for row in rows)
            builder.store(combine(builder, old, left, right), rows[0], align=8)
            return context.get_dummy_value()

        return types.void(out, types.intp, a, types.intp, b, types.intp), codegen

    return intrinsic(operation)


product = _vector_operation(lambda build, _, a, b: build.fmul(a, b))
difference = _vector_operation(lambda build, _, a, b: build.fsub(a, b))
copy = _vector_operation(lambda build, _, a, b: a)
add = _vector_operation(lambda build, _, a, b: build.fadd(a, b))
add_product = _vector_operation(lambda build, old, a, b: build.fadd(old, build.fmul(a, b)))
subtract_product = _vector_operation(lambda build, old, a, b: build.fsub(old, build.fmul(a, b)))


def _subtract_four_products(_: Any, a: Any, i: Any, j: Any, k: Any, step: Any) -> Any:
    """Row i of a loses a[j]·a[k] + a[j+step]·a[k+step] + … (four of them): one load and store of row i for four."""

    def codegen(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        array, i, j, k, step = arguments
        products = []
        for q in range(4):
            shift = builder.mul(step, ir.Constant(step.type, q))
            left, right = (
                builder.load(
                    _row(context, builder, signature.args[0], array, builder.add(at, shift)), align=8
                )
                for at in (j, k)
            )
            products.append(builder.fmul(left, right))
        total = builder.fadd(builder.fadd(products[0], products[1]), builder.fadd(products[2], products[3]))
        target = _row(context, builder, signature.args[0], array, i)
        builder.store(builder.fsub(builder.load(target, align=8), total), target, align=8)
        return context.get_dummy_value()

    return types.void(a, types.intp, types.intp, types.intp, types.intp), codegen


def _slide(_: Any, band: Any, r: Any, first: Any, last: Any, k: Any, out: Any, i: Any) -> Any:
    """Row r of band gains first[k+r]·first[k] - last[k+r]·last[k], and goes to row i of out as well."""

    def codegen(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        band, r, first, last, k, out, i = arguments
        kinds = signature.args

        def product_of(kind: Any, edge: Any) -> Any:
            rows = (_row(context, builder, kind, edge, at) for at in (builder.add(k, r), k))
            return builder.fmul(*(builder.load(row, align=8) for row in rows))

        target = _row(context, builder, kinds[0], band, r)
        change = builder.fsub(product_of(kinds[2], first), product_of(kinds[3], last))
        value = builder.fadd(builder.load(target, align=8), change)
        builder.store(value, target, align=8)
        builder.store(value, _row(context, builder, kinds[5], out, i), align=8)
        return context.get_dummy_value()

    return types.void(band, types.intp, first, last, types.intp, out, types.intp), codegen


subtract_four_products: Any = intrinsic(_subtract_four_products)
slide: Any = intrinsic(_slide)


class Lanes(NamedTuple):
    """Eight residuals at work, and room for their factorisation; arrays (rows, LANES), except where said."""

    c: np.ndarray  # (m+1) lag products of differences
    head: np.ndarray  # (m+1) e_0 … e_m
    tail: np.ndarray  # (m+2) e_{n-1} … e_{n-2-m}
    squares: np.ndarray  # (1) Σ e²
    total: np.ndarray  # (1) Σ e
    n_bars: np.ndarray  # (LANES,) n
    penalty: np.ndarray  # (LANES,) what one more regressor costs in the criterion
    lag: np.ndarray  # (LANES,) int64, the order chosen
    lost: np.ndarray  # (LANES,) bool, rounding would decide
    first: np.ndarray  # (m+1) d_{m-i}: differences that enter as the sample slides back
    last: np.ndarray  # (m+1) d_{n-1-i}: those that leave
    level: np.ndarray  # (m+2) Σ e², Σ e d_{j-i} for i = 1 … m, Σ e d_j: column e of the Gram matrix
    band: np.ndarray  # (m+1) Σ d_{j-k} d_{j-k-r} while column k is at work
    factor: np.ndarray  # ((m+1)·(m+2)) columns of the Cholesky factor, the right-hand side as their last row
    scratch: np.ndarray  # (4)
    one: np.ndarray  # (m+1, m+2) plain matrix, for the regression of one residual
    lines: np.ndarray  # (5, m+2) plain vectors for the same


@kernel
def new_lanes(max_lag: int) -> Lanes:
    """Room for eight residuals with lags up to ``max_lag``."""
    m = max_lag
    return Lanes(
        np.zeros((m + 1, LANES)),
        np.zeros((m + 1, LANES)),
        np.zeros((m + 2, LANES)),
        np.ones((1, LANES)),
        np.zeros((1, LANES)),
        np.ones(LANES),
        np.zeros(LANES),
        np.zeros(LANES, dtype=np.int64),
        np.zeros(LANES, dtype=np.bool_),
        np.zeros((m + 1, LANES)),
        np.zeros((m + 1, LANES)),
        np.zeros((m + 2, LANES)),
        np.zeros((m + 1, LANES)),
        np.zeros(((m + 1) * (m + 2), LANES)),
        np.zeros((4, LANES)),
        np.zeros((m + 1, m + 2)),
        np.zeros((5, m + 2)),
    )


@kernel
def settle(lanes: Lanes, n_used: int, rule: int, statistic: Float1D, life: Float1D) -> None:
    """Lag order, t-statistic and half-life of the first n_used lanes; NaN statistic where rounding would decide."""
    m = lanes.c.shape[0] - 1
    _edges(lanes.head, lanes.tail, lanes.first, lanes.last)
    if rule == FIXED:
        lanes.lag[:] = m
        lanes.lost[:] = False
    else:
        _choose(lanes, rule)
    _half_lives(lanes, n_used, life)
    for lane in range(n_used):
        statistic[lane] = np.nan
        if not lanes.lost[lane]:
            statistic[lane] = _t_statistic(lanes, lane)


@inlined
def _edges(head: Float2D, tail: Float2D, first: Float2D, last: Float2D) -> None:
    """Differences at either end of the sample."""
    m = head.shape[0] - 1
    for i in range(m):
        difference(first, i + 1, head, m - i, head, m - i - 1)
        difference(last, i + 1, tail, i, tail, i + 1)


@kernel
def _level_products(lanes: Lanes) -> None:
    """The column of e: Σ e² on the sample, Σ e d_{j-i} for i = 1 … m, and Σ e d_j last."""
    c, head, tail, level = lanes.c, lanes.head, lanes.tail, lanes.level
    first, last, squares = lanes.first, lanes.last, lanes.squares
    m = c.shape[0] - 1
    copy(level, 0, squares, 0, squares, 0)
    subtract_product(level, 0, tail, 0, tail, 0)
    for i in range(m):
        subtract_product(level, 0, head, i, head, i)
    for lane in range(LANES):
        level[m + 1, lane] = 0.5 * (
            tail[0, lane] * tail[0, lane] - head[m, lane] * head[m, lane] - c[0, lane]
        )
    for i in range(m):
        add(level, i + 1, level, i if i > 0 else m + 1, c, i)
        add_product(level, i + 1, head, m, first, i + 1)
        subtract_product(level, i + 1, tail, 0, last, i + 1)


@kernel
def _choose(lanes: Lanes, rule: int) -> None:
    """Lag order of eight residuals at once, among 0 … m, on the sample all orders share.

    n·log RSS + penalty·k is compared without logs: p beats q < p where RSS_p < RSS_q·exp(-penalty·(p-q)/n).
    """
    c, n_bars, penalty, lag, lost = lanes.c, lanes.n_bars, lanes.penalty, lanes.lag, lanes.lost
    level, band, first, last = lanes.level, lanes.band, lanes.first, lanes.last
    factor, scratch = lanes.factor, lanes.scratch
    m = c.shape[0] - 1
    rss, bar, shrink = np.empty(LANES), np.zeros(LANES), np.empty(LANES)
    for lane in range(LANES):
        lag[lane] = 0
        lost[lane] = False
        rss[lane] = c[0, lane]
        shrink[lane] = math.exp(-penalty[lane] / (n_bars[lane] - 1.0 - m))
    _level_products(lanes)
    for k in range(m + 1):
        copy(band, k, c, k, c, k)
    for k in range(m + 1):
        _gram_column(factor, k, c, level, band, first, last)
        _eliminate(factor, k, m + 2, scratch, lost)
        rhs = k * (m + 2) + m + 1
        for lane in range(LANES):
            z = factor[rhs, lane]
            rss[lane] -= z * z
            if rule == CRITERION:
                bar[lane] *= shrink[lane]
                if k == 0 or rss[lane] < bar[lane]:
                    bar[lane] = rss[lane]
                    lag[lane] = k
            elif z * z * (n_bars[lane] - 2.0 - m - k) >= T_LIMIT * T_LIMIT * rss[lane]:
                lag[lane] = k
    for lane in range(LANES):
        if not rss[lane] > _RSS_FLOOR * c[0, lane]:
            lost[lane] = True


@inlined
def _gram_column(
    factor: Float2D, k: int, c: Float2D, level: Float2D, band: Float2D, first: Float2D, last: Float2D
) -> None:
    """Column k of the Gram matrix into the factor: the level's as it is, a lag's by sliding the one before it."""
    m = c.shape[0] - 1
    at = k * (m + 2)
    if k == 0:
        for i in range(m + 2):
            copy(factor, i, level, i, level, i)
        return
    for r in range(m + 1 - k):
        slide(band, r, first, last, k, factor, at + k + r)
    copy(factor, at + m + 1, c, k, c, k)


@inlined
def _eliminate(factor: Float2D, k: int, height: int, scratch: Float2D, lost: BoolArray) -> None:
    """Take the columns before k off it, then scale it by its pivot; columns are ``height`` rows of the factor each."""
    at, whole = k * height, k - k % 4
    copy(scratch, 0, factor, at + k, factor, at + k)
    for j in range(0, whole, 4):
        for i in range(k, height):
            subtract_four_products(factor, at + i, j * height + i, j * height + k, height)
    for j in range(whole, k):
        for i in range(k, height):
            subtract_product(factor, at + i, factor, j * height + i, factor, j * height + k)
    for lane in range(LANES):
        pivot = factor[at + k, lane]
        if pivot > _PIVOT_FLOOR * scratch[0, lane]:
            scratch[1, lane] = 1.0 / math.sqrt(pivot)
        else:
            lost[lane] = True
            scratch[1, lane] = 0.0
    for i in range(k, height):
        product(factor, at + i, factor, at + i, scratch, 1)


@kernel
def _half_lives(lanes: Lanes, n_used: int, life: Float1D) -> None:
    """Half-life -ln 2 / ln φ from the sums at hand, φ the slope of e_{t+1} on e_t and a constant."""
    c, head, tail, first, scratch = lanes.c, lanes.head, lanes.tail, lanes.first, lanes.scratch
    squares, totals, n_bars = lanes.squares, lanes.total, lanes.n_bars
    copy(scratch, 2, c, 0, c, 0)  # Σ d² over all bars
    for i in range(1, c.shape[0]):
        add_product(scratch, 2, first, i, first, i)
    for lane in range(n_used):
        n, e0, en, total = n_bars[lane], head[0, lane], tail[0, lane], totals[0, lane]
        inner = squares[0, lane] - en * en
        sxx = inner - (total - en) * (total - en) / (n - 1.0)
        sxy = inner + 0.5 * (en * en - e0 * e0 - scratch[2, lane])
        sxy -= (total - en) * (total - e0) / (n - 1.0)
        slope = sxy / sxx
        if not sxx > 0.0:
            life[lane] = np.nan
        elif slope >= 1.0:
            life[lane] = np.inf
        else:
            life[lane] = -math.log(2.0) / math.log(slope) if slope > 0.0 else 0.0


@kernel
def _t_statistic(lanes: Lanes, lane: int) -> float:
    """Dickey–Fuller t of one lane at its lag order p, on that order's own sample j = p … n-2.

    NaN where rounding would decide. The level's column goes last here, so its t is its projection over the residual
    standard deviation.
    """
    p, factor, head, last_steps = lanes.lag[lane], lanes.one, lanes.head, lanes.last
    lines = lanes.lines  # made once: room asked for anew would cost as much as the arithmetic
    rhs, level, first, last, band = lines[0], lines[1], lines[2], lines[3], lines[4]
    squares = _own_sample(lanes, lane, rhs, level)
    for i in range(1, p + 1):
        first[i] = head[p - i + 1, lane] - head[p - i, lane]
        last[i] = last_steps[i, lane]
    band[: p + 1] = rhs[: p + 1]
    rss = rhs[0]
    for k in range(1, p + 2):  # columns d_{-1} … d_{-p}, the level; rows alike, then the right-hand side
        column, row = factor[k - 1], k - 1
        if k <= p:
            for r in range(p + 1 - k):
                band[r] += first[k + r] * first[k] - last[k + r] * last[k]
                column[row + r] = band[r]
            column[p] = level[k]
            column[p + 1] = rhs[k]
        else:
            column[p] = squares
            column[p + 1] = level[0]
        before = column[row]
        for j in range(row):
            taken = factor[j, row]
            for i in range(row, p + 2):
                column[i] -= factor[j, i] * taken
        if not column[row] > _PIVOT_FLOOR * before:
            return float(np.nan)
        scale = 1.0 / math.sqrt(column[row])
        for i in range(row, p + 2):
            column[i] *= scale
        rss -= column[p + 1] * column[p + 1]
    if not rss > _RSS_FLOOR * rhs[0]:
        return float(np.nan)
    return float(factor[p, p + 1] / math.sqrt(rss / (lanes.n_bars[lane] - 2.0 - 2.0 * p)))


@kernel
def _own_sample(lanes: Lanes, lane: int, rhs: Float1D, level: Float1D) -> float:
    """Lag products, products with the level, and Σ e² (returned) of one lane on the sample of its own lag order."""
    c, head, first, last = lanes.c, lanes.head, lanes.first, lanes.last
    m, p = c.shape[0] - 1, lanes.lag[lane]
    e0, en = head[p, lane], lanes.tail[0, lane]
    squares = lanes.squares[0, lane] - en * en
    for i in range(p):
        squares -= head[i, lane] * head[i, lane]
    for k in range(p + 1):
        rhs[k] = c[k, lane]
    for i in range(1, m - p + 1):  # the sample grows by j = p … m-1
        step = first[i, lane]
        for k in range(p + 1):
            rhs[k] += step * first[i + k, lane]
    level[0] = 0.5 * (en * en - e0 * e0 - rhs[0])
    for i in range(p):
        level[i + 1] = (
            level[i] + rhs[i] + e0 * (head[p - i, lane] - head[p - i - 1, lane]) - en * last[i + 1, lane]
        )
    return float(squares)


def warm_up() -> None:
    """Compile what is called from here on down; the scan's kernels compile it with their own callers."""
    statistic, life = np.empty(LANES), np.empty(LANES)
    settle(new_lanes(2), LANES, CRITERION, statistic, life)
