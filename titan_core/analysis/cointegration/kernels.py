"""Engle–Granger in compiled form: residuals, lag products, and the augmented Dickey–Fuller test that rests on them.

Notation. A pair's residual e_0 … e_{n-1} has differences d_j = e_{j+1} - e_j. The test regresses d_j on e_j and
d_{j-1} … d_{j-p}, without constant, on j = p … n-2. The lag order p is chosen among 0 … m on the common sample
j = m … n-2, and the chosen regression is run again on its own, longer sample.

Every sum of products this takes follows from c_k = Σ_{j=m}^{n-2} d_j d_{j-k}, Σ e_j² and the first and last few e_j:

- Σ d_{j-i} d_{j-k} moves along its diagonal by one product at either edge of the sample;
- Σ e_j d_j telescopes to (e_{n-1}² - e_m² - c_0) / 2, and Σ e_j d_{j-i-1} = Σ e_j d_{j-i} + c_i + edges.

One Cholesky factorisation with the columns in lag order (e, d_{-1}, …, d_{-m}) then gives every order's residual sum
of squares: each column takes its squared projection off. Eight pairs go side by side in the last dimension.
"""

import math

import numpy as np

from titan_core.kernels import LANES, kernel
from titan_core.types import BoolArray, Float1D, Float2D, Int1D

# What a pair came to; the words are in `reasons`.
TESTED, COLLINEAR, CONSTANT, OVERLAP, SINGULAR, PENDING = range(6)

# Rules for the lag order; AIC and BIC are told apart by their penalty.
FIXED, CRITERION, T_STATISTIC = range(3)

# A Cholesky pivot this small against its column has lost too many digits: the pair is redone by QR.
_PIVOT_FLOOR = 1e-6
# The same for the residual sum of squares against the sum it was taken from.
_RSS_FLOOR = 1e-6
# QR: a column this close to the ones before it carries nothing of its own.
_RANK_FLOOR = 1e-10
# 1 - R² under which a pair counts as collinear: 100 √ε, statsmodels' own limit.
COLLINEAR_LIMIT = 100.0 * math.sqrt(np.finfo(np.float64).eps)
# 1 - R² under which sums of products lose too much to cancellation: the pair is redone by QR.
ILL_CONDITIONED_LIMIT = 1e-4
# 95 % point of the normal, the limit of the t-statistic rule.
_T_LIMIT = 1.6448536269514722


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
def choose_lags(
    c: Float2D,
    head: Float2D,
    tail: Float2D,
    squares: Float1D,
    n_bars: Float1D,
    rule: int,
    penalty: Float1D,
    factor: Float2D,
    lag: Int1D,
    lost: BoolArray,
) -> None:
    """Lag order of eight residuals at once, among 0 … m, on the sample all orders share.

    c (m+1, LANES) lag products; head (m+1, LANES) e_0 … e_m; tail (m+2, LANES) e_{n-1} … e_{n-2-m}; squares (LANES,)
    Σ e²; penalty (LANES,) what one more regressor costs in the criterion; factor (m+1, m+2, LANES) scratch. ``lag`` is
    set, and ``lost`` where rounding would decide: those are redone by QR.

    The criterion n·log RSS + penalty·k is compared without logs: order p beats q when RSS_p < RSS_q·exp(-penalty·(p-q)/n).
    """
    m = c.shape[0] - 1
    lanes = range(LANES)
    first = np.empty((m + 1, LANES))  # d_{m-i}, i = 1 … m: differences that enter as the sample slides back
    last = np.empty((m + 1, LANES))  # d_{n-1-i}: those that leave
    level = np.empty(
        (m + 2, LANES)
    )  # Σ e², then Σ e d_{j-i} for i = 1 … m, then Σ e d_j: column e of the Gram matrix
    band = c.copy()  # band[r] = Σ d_{j-k} d_{j-k-r} while column k is at work
    rss, bar, shrink = np.empty(LANES), np.zeros(LANES), np.empty(LANES)
    for lane in lanes:
        lag[lane] = 0
        lost[lane] = False
        level[0, lane] = squares[lane] - tail[0, lane] * tail[0, lane]
        level[m + 1, lane] = 0.5 * (
            tail[0, lane] * tail[0, lane] - head[m, lane] * head[m, lane] - c[0, lane]
        )
        rss[lane] = c[0, lane]
        shrink[lane] = math.exp(-penalty[lane] / (n_bars[lane] - 1.0 - m))
    for i in range(m):
        for lane in lanes:
            level[0, lane] -= head[i, lane] * head[i, lane]
            first[i + 1, lane] = head[m - i, lane] - head[m - i - 1, lane]
            last[i + 1, lane] = tail[i, lane] - tail[i + 1, lane]
    for i in range(m):
        above = level[i] if i > 0 else level[m + 1]
        for lane in lanes:
            level[i + 1, lane] = (
                above[lane]
                + c[i, lane]
                + head[m, lane] * first[i + 1, lane]
                - tail[0, lane] * last[i + 1, lane]
            )
    for k in range(m + 1):
        column = factor[k]
        if k == 0:
            for i in range(m + 2):
                for lane in lanes:
                    column[i, lane] = level[i, lane]
        else:
            for r in range(m + 1 - k):
                for lane in lanes:
                    band[r, lane] += first[k + r, lane] * first[k, lane] - last[k + r, lane] * last[k, lane]
                    column[k + r, lane] = band[r, lane]
            for lane in lanes:
                column[m + 1, lane] = c[k, lane]
        _eliminate(factor, k, m + 2, lost)
        for lane in lanes:
            z = column[m + 1, lane]
            rss[lane] -= z * z
            if rule == CRITERION:
                bar[lane] *= shrink[lane]
                if k == 0 or rss[lane] < bar[lane]:
                    bar[lane] = rss[lane]
                    lag[lane] = k
            elif z * z * (n_bars[lane] - 2.0 - m - k) >= _T_LIMIT * _T_LIMIT * rss[lane]:
                lag[lane] = k
    for lane in lanes:
        if not rss[lane] > _RSS_FLOOR * c[0, lane]:
            lost[lane] = True


@kernel
def _eliminate(factor: Float2D, k: int, n_rows: int, lost: BoolArray) -> None:
    """Column k of the Cholesky factor of eight matrices: columns before it taken off, then scaled by its pivot."""
    column = factor[k]
    lanes = range(LANES)
    before = column[k].copy()
    whole = k - k % 4
    for j in range(0, whole, 4):
        f0, f1, f2, f3 = factor[j], factor[j + 1], factor[j + 2], factor[j + 3]
        for i in range(k, n_rows):
            for lane in lanes:
                column[i, lane] -= (f0[i, lane] * f0[k, lane] + f1[i, lane] * f1[k, lane]) + (
                    f2[i, lane] * f2[k, lane] + f3[i, lane] * f3[k, lane]
                )
    for j in range(whole, k):
        f0 = factor[j]
        for i in range(k, n_rows):
            for lane in lanes:
                column[i, lane] -= f0[i, lane] * f0[k, lane]
    scale = np.empty(LANES)
    for lane in lanes:
        pivot = column[k, lane]
        if pivot > _PIVOT_FLOOR * before[lane]:
            scale[lane] = 1.0 / math.sqrt(pivot)
        else:
            lost[lane] = True
            scale[lane] = 0.0
    for i in range(k, n_rows):
        for lane in lanes:
            column[i, lane] *= scale[lane]


@kernel
def t_statistic(
    c: Float1D, head: Float1D, tail: Float1D, squares: float, n_bars: int, lag: int, factor: Float2D
) -> float:
    """Dickey–Fuller t at a given lag order p, on that order's own sample j = p … n-2; NaN where rounding would decide.

    c, head, tail and squares as in `choose_lags`, for one residual; factor (>= p+2, >= p+2) is scratch. The level goes
    last here, so its t is the last projection over the residual standard deviation.
    """
    m, p = c.size - 1, lag
    e0, en = head[p], tail[0]
    total = squares - en * en
    for i in range(p):
        total -= head[i] * head[i]
    band = np.empty(p + 1)
    for k in range(p + 1):  # the sample grows by j = p … m-1
        band[k] = c[k]
        for j in range(p, m):
            band[k] += (head[j + 1] - head[j]) * (head[j - k + 1] - head[j - k])
    rhs = band.copy()
    level = np.empty(p + 1)
    level[0] = 0.5 * (en * en - e0 * e0 - rhs[0])
    for i in range(p):
        level[i + 1] = level[i] + rhs[i] + e0 * (head[p - i] - head[p - i - 1]) - en * (tail[i] - tail[i + 1])
    rss = rhs[0]
    # rows of the factor: d_{-1} … d_{-p}, the level, the right-hand side
    for k in range(p + 1):
        column = factor[k]
        if k < p:
            head_k, tail_k = head[p - k] - head[p - k - 1], tail[k] - tail[k + 1]
            for r in range(p - k):
                head_r, tail_r = head[p - k - r] - head[p - k - r - 1], tail[k + r] - tail[k + r + 1]
                band[r] += head_r * head_k - tail_r * tail_k
                column[k + r] = band[r]
            column[p] = level[k + 1]
            column[p + 1] = rhs[k + 1]
        else:
            column[p] = total
            column[p + 1] = level[0]
        before = column[k]
        for j in range(k):
            f = factor[j, k]
            for i in range(k, p + 2):
                column[i] -= factor[j, i] * f
        if not column[k] > _PIVOT_FLOOR * before:
            return np.nan
        scale = 1.0 / math.sqrt(column[k])
        for i in range(k, p + 2):
            column[i] *= scale
        rss -= column[p + 1] * column[p + 1]
    if not rss > _RSS_FLOOR * rhs[0]:
        return np.nan
    return float(factor[p, p + 1] / math.sqrt(rss / (n_bars - 2.0 - 2.0 * p)))


@kernel
def half_life(
    c0: float, head: Float1D, tail: Float1D, squares: float, total: float, n_bars: int, max_lag: int
) -> float:
    """Half-life -ln 2 / ln φ from the sums at hand, φ the slope of e_{t+1} on e_t and a constant."""
    e0, en = head[0], tail[0]
    square_steps = c0
    for j in range(max_lag):
        step = head[j + 1] - head[j]
        square_steps += step * step
    inner = squares - en * en
    sxx = inner - (total - en) * (total - en) / (n_bars - 1.0)
    sxy = inner + 0.5 * (en * en - e0 * e0 - square_steps) - (total - en) * (total - e0) / (n_bars - 1.0)
    if not sxx > 0.0:
        return np.nan
    slope = sxy / sxx
    if slope >= 1.0:
        return np.inf
    return -math.log(2.0) / math.log(slope) if slope > 0.0 else 0.0


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
def _lag_columns(e: Float1D, lag: int, level_first: bool) -> Float2D:
    """Regressors and right-hand side (last) of the Dickey–Fuller regression of order ``lag``, (n-1-lag, lag+2)."""
    n = e.size - 1 - lag
    columns = np.empty((n, lag + 2))
    shift, level = (1, 0) if level_first else (0, lag)
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
        columns = _lag_columns(e, max_lag, True)
        squares = np.zeros(max_lag + 1)
        if not _orthogonalise(columns, squares):
            return np.nan, 0
        lag = 0
        for k in range(max_lag + 1):
            if rule == CRITERION:
                if squares[k] < squares[lag] * math.exp(-penalty * (k - lag) / rows):
                    lag = k
            elif columns[k, max_lag + 1] ** 2 * (rows - k - 1) >= _T_LIMIT * _T_LIMIT * squares[k]:
                lag = k
    columns = _lag_columns(e, lag, False)
    squares = np.zeros(lag + 1)
    if not _orthogonalise(columns, squares):
        return np.nan, lag
    return columns[lag, lag + 1] / math.sqrt(squares[lag] / (e.size - 2.0 - 2.0 * lag)), lag


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
