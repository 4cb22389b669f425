"""Engle–Granger in compiled form: trends, the cointegrating regression, lag products, Dickey–Fuller by QR."""

import math

import numpy as np

from titan_core.analysis.cointegration.lanes.kernels import CRITERION, FIXED, LANES, T_LIMIT
from titan_core.kernels import kernel
from titan_core.types import Float1D, Float2D, Int1D

# What a pair came to; the words are in `reasons`.
TESTED, COLLINEAR, CONSTANT, OVERLAP, SINGULAR, PENDING, NOT_POSITIVE = range(7)

# QR: a column this close to the ones before it carries nothing of its own.
_RANK_FLOOR = 1e-10
# 1 - R² under which a pair counts as collinear: 100 √ε, statsmodels' own limit.
COLLINEAR_LIMIT = 100.0 * math.sqrt(np.finfo(np.float64).eps)
# 1 - R² under which sums of products lose too much to cancellation: the pair is redone by QR.
ILL_CONDITIONED_LIMIT = 1e-4


@kernel
def dot(a: Float1D, b: Float1D) -> float:
    """Sum of products in eight interleaved partial sums: quicker and more exact than one, and always the same."""
    n = a.size
    s0 = s1 = s2 = s3 = s4 = s5 = s6 = s7 = 0.0
    whole = n - n % 8
    for i in range(0, whole, 8):
        s0 += a[i] * b[i]
        s1 += a[i + 1] * b[i + 1]
        s2 += a[i + 2] * b[i + 2]
        s3 += a[i + 3] * b[i + 3]
        s4 += a[i + 4] * b[i + 4]
        s5 += a[i + 5] * b[i + 5]
        s6 += a[i + 6] * b[i + 6]
        s7 += a[i + 7] * b[i + 7]
    total = ((s0 + s4) + (s1 + s5)) + ((s2 + s6) + (s3 + s7))
    for i in range(whole, n):
        total += a[i] * b[i]
    return total


@kernel
def remove_trend(x: Float1D, n_terms: int, coefficients: Float1D) -> None:
    """Project x off 1, t, t² (the first n_terms of them), in place; coefficients of t = 1 … n go to ``coefficients``.

    The polynomials 1, u and u² - mean(u²) are orthogonal on the symmetric grid u, and the projection is run twice, so
    what is left is orthogonal to working precision.
    """
    n = x.size
    coefficients[:] = 0.0
    if n_terms == 0:
        return
    grid = np.ones((n_terms, n))
    if n_terms > 1:
        for t in range(n):
            grid[1, t] = (2.0 * t - (n - 1.0)) / (n - 1.0)
    mean_square = 0.0
    if n_terms > 2:
        mean_square = dot(grid[1], grid[1]) / n
        for t in range(n):
            grid[2, t] = grid[1, t] * grid[1, t] - mean_square
    fitted = np.zeros(3)
    for _ in range(2):
        for k in range(n_terms):
            a = dot(x, grid[k]) / dot(grid[k], grid[k])
            fitted[k] += a
            for t in range(n):
                x[t] -= a * grid[k, t]
    # back to powers of t = 1 … n: u = slope·t + shift
    slope, shift = 2.0 / (n - 1.0), -(n + 1.0) / (n - 1.0)
    a0, a1, a2 = fitted[0] - fitted[2] * mean_square, fitted[1], fitted[2]
    coefficients[0] = a0 + a1 * shift + a2 * shift * shift
    coefficients[1] = slope * (a1 + 2.0 * a2 * shift)
    coefficients[2] = a2 * slope * slope


@kernel
def lag_products(d: Float1D, max_lag: int, out: Float1D) -> None:
    """out[k] = Σ_{j ≥ max_lag} d_j d_{j-k} for k = 0 … max_lag: all lags in one pass over d."""
    n = d.size
    width = (max_lag + LANES) // LANES * LANES
    backwards = np.zeros(n + width)  # d reversed, so that rising lags lie next to each other
    for j in range(n):
        backwards[n - 1 - j] = d[j]
    sums = np.zeros(width)
    whole = n - (n - max_lag) % 4
    for j in range(max_lag, whole, 4):
        d0, d1, d2, d3 = d[j], d[j + 1], d[j + 2], d[j + 3]
        at = backwards[n - 4 - j : n - 1 - j + width]
        for k in range(width):
            sums[k] += (d0 * at[k + 3] + d1 * at[k + 2]) + (d2 * at[k + 1] + d3 * at[k])
    for j in range(whole, n):
        at = backwards[n - 1 - j : n - 1 - j + width]
        for k in range(width):
            sums[k] += d[j] * at[k]
    out[: max_lag + 1] = sums[: max_lag + 1]


@kernel
def default_max_lag(n_bars: int) -> int:
    """Schwert's rule, at most what leaves as many observations as regressors: as statsmodels' ``adfuller``."""
    return int(min(n_bars // 2 - 1, math.ceil(12.0 * (n_bars / 100.0) ** 0.25)))


@kernel
def _orthogonalise(columns: Float2D, squares: Float1D) -> bool:
    """QR by modified Gram–Schmidt, in place: column k (over rows) becomes its projections on q_0 … q_{k-1} and norm.

    columns (n_rows, n_columns), the right-hand side last; on return row k of ``columns`` up to n_columns - 2 holds
    r_{k,k} … r_{k,last}, and ``squares`` the residual sum of squares of the right-hand side after each column.
    False where a column depends on those before it.
    """
    n, width = columns.shape
    triangle = np.zeros((width, width))
    norms = np.zeros(width)
    for t in range(n):
        for i in range(width):
            norms[i] += columns[t, i] * columns[t, i]
    rhs_square = norms[width - 1]
    for k in range(width - 1):
        r = triangle[k]
        for t in range(n):
            a = columns[t, k]
            for i in range(k, width):
                r[i] += a * columns[t, i]
        pivot = math.sqrt(r[k])
        if not pivot > _RANK_FLOOR * math.sqrt(norms[k]):
            return False
        for i in range(k, width):
            r[i] /= pivot
        for t in range(n):
            a = columns[t, k] / pivot
            for i in range(k + 1, width):
                columns[t, i] -= r[i] * a
        left = 0.0
        for t in range(n):
            left += columns[t, width - 1] * columns[t, width - 1]
        squares[k] = left
    for k in range(width - 1):
        columns[k, :] = triangle[k]
    return bool(squares[width - 2] > _RANK_FLOOR * _RANK_FLOOR * rhs_square)


@kernel
def _lag_columns(e: Float1D, lag: int, level: int) -> Float2D:
    """Dickey–Fuller regression of order ``lag``: (n-1-lag, lag+2), right-hand side last, the level in its column."""
    n = e.size - 1 - lag
    columns = np.empty((n, lag + 2))
    shift = 1 if level == 0 else 0
    for t in range(n):
        j = t + lag
        columns[t, level] = e[j]
        for i in range(lag):
            columns[t, shift + i] = e[j - i] - e[j - i - 1]
        columns[t, lag + 1] = e[j + 1] - e[j]
    return columns


@kernel
def dickey_fuller(e: Float1D, max_lag: int, rule: int, penalty: float) -> tuple[float, int]:
    """Augmented Dickey–Fuller t (no constant) and lag order of one series, by QR; NaN where its lags are collinear."""
    lag = max_lag
    rows = e.size - 1 - max_lag
    if rule != FIXED:
        columns = _lag_columns(e, max_lag, 0)
        squares = np.zeros(max_lag + 1)
        if not _orthogonalise(columns, squares):
            return np.nan, 0
        lag = 0
        for k in range(max_lag + 1):
            if rule == CRITERION:
                if squares[k] < squares[lag] * math.exp(-penalty * (k - lag) / rows):
                    lag = k
            elif columns[k, max_lag + 1] ** 2 * (rows - k - 1) >= T_LIMIT * T_LIMIT * squares[k]:
                lag = k
    columns = _lag_columns(e, lag, lag)
    squares = np.zeros(lag + 1)
    if not _orthogonalise(columns, squares):
        return np.nan, lag
    return columns[lag, lag + 1] / math.sqrt(squares[lag] / (e.size - 2.0 - 2.0 * lag)), lag


@kernel
def influence(e: Float1D, lag: int, out: Float1D) -> bool:
    """DFBETAS of the level in the Dickey–Fuller regression of order ``lag``: out[j+1] for the row of e_{j+1} - e_j.

    (ρ - ρ without the row) over its standard error, the residual variance being that without the row. By QR with the
    level last: with q its orthogonal column, r the residual, h the leverage, it is q_t·r_t / ((1 - h_t)·s_(t)). Bars
    that end no row get 0. False where a column depends on the others.
    """
    out[:] = 0.0
    columns = _lag_columns(e, lag, lag)
    n, width = columns.shape
    leverage, r = np.zeros(n), np.zeros(width)
    for k in range(width - 1):
        before = 0.0
        r[:] = 0.0
        for t in range(n):
            a = columns[t, k]
            for i in range(k, width):
                r[i] += a * columns[t, i]
        for t in range(n):
            before += (e[t + lag] if k == lag else e[t + lag - k] - e[t + lag - k - 1]) ** 2
        pivot = math.sqrt(r[k])
        if not pivot > _RANK_FLOOR * math.sqrt(before):
            return False
        for t in range(n):
            q = columns[t, k] / pivot
            columns[t, k] = q
            leverage[t] += q * q
            for i in range(k + 1, width):
                columns[t, i] -= r[i] / pivot * q
    rss = 0.0
    for t in range(n):
        rss += columns[t, width - 1] ** 2
    for t in range(n):
        left = 1.0 - leverage[t]
        residual = columns[t, width - 1]
        if left > _RANK_FLOOR:
            variance = (rss - residual * residual / left) / (n - width)
            if variance > 0.0:
                out[t + lag + 1] = columns[t, width - 2] * residual / (left * math.sqrt(variance))
    return True


@kernel
def dickey_fuller_without(e: Float1D, lag: int, bars: Int1D) -> float:
    """Dickey–Fuller t of order ``lag`` with the rows of the changes into ``bars`` left out; NaN where collinear."""
    columns = _lag_columns(e, lag, lag)
    kept = 0
    for t in range(columns.shape[0]):
        out = False
        for bar in bars:
            out = out or t + lag + 1 == bar
        if not out:
            columns[kept] = columns[t]
            kept += 1
    squares = np.zeros(lag + 1)
    if kept < lag + 2 or not _orthogonalise(columns[:kept], squares):
        return float(np.nan)
    return float(columns[lag, lag + 1] / math.sqrt(squares[lag] / (kept - lag - 1.0)))


@kernel
def regress(
    y: Float1D, x: Float1D, n_terms: int, residual: Float1D, coefficients: Float1D
) -> tuple[float, int]:
    """Hedge ratio of y on x and 1, t, t² (n_terms of them), by projections run twice; and what came of it.

    ``residual`` and ``coefficients`` (3,) are set. Returns (hedge ratio, TESTED | COLLINEAR | CONSTANT).
    """
    n = y.size
    own, other = np.zeros(3), np.zeros(3)
    centred = y - y.mean()
    spread_y, spread_x = y.copy(), x.copy()
    terms = max(n_terms, 1)
    remove_trend(spread_y, terms, own)
    remove_trend(spread_x, terms, other)
    if flat(spread_y, y) or flat(spread_x, x):
        return np.nan, CONSTANT
    total = dot(centred, centred)
    if n_terms == 0:
        spread_y, spread_x = y, x
        own[:], other[:] = 0.0, 0.0
        total = dot(y, y)
    square = dot(spread_x, spread_x)
    slope = dot(spread_x, spread_y) / square
    for t in range(n):
        residual[t] = spread_y[t] - slope * spread_x[t]
    again = dot(spread_x, residual) / square
    slope += again
    for t in range(n):
        residual[t] -= again * spread_x[t]
    for k in range(3):
        coefficients[k] = own[k] - slope * other[k]
    if dot(residual, residual) <= COLLINEAR_LIMIT * total:
        return slope, COLLINEAR
    return slope, TESTED


@kernel
def flat(deviations: Float1D, values: Float1D) -> bool:
    """Whether nothing but rounding is left of a series once its trend is taken off."""
    return dot(deviations, deviations) <= 1e-24 * dot(values, values)


def warm_up() -> None:
    """Compile the kernels a single test uses; the scan's own module compiles the rest."""
    y, x = np.random.default_rng(0).normal(size=(2, 40)).cumsum(axis=1)
    residual = np.empty(40)
    regress(y, x, 1, residual, np.zeros(3))
    dickey_fuller(residual, 2, CRITERION, 2.0)
    influence(residual, 2, np.zeros(40))
    dickey_fuller_without(residual, 2, np.array([5, 7]))
