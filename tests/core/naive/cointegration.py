"""Engle–Granger and the scan as plain loops over least squares; slow, and nothing shared with the engine."""

import itertools
import math

import numpy as np

TERMS = {"n": 0, "c": 1, "ct": 2, "ctt": 3}


def ols(y, columns):
    """Coefficients and residual of y on the columns, which are scaled first so that t² does not swamp the rest."""
    x = np.column_stack(columns)
    size = np.sqrt((x**2).sum(axis=0))
    coefficients = np.linalg.lstsq(x / size, y, rcond=None)[0] / size
    return coefficients, y - x @ coefficients


def lag_regression(e, lag, start):
    """t of the level, |t| of the last regressor, and RSS of Δe_t on e_{t-1} and ``lag`` lags, from t = start."""
    d = np.diff(e)
    y = d[start:]
    columns = [e[start:-1]] + [d[start - i : d.size - i] for i in range(1, lag + 1)]
    coefficients, residual = ols(y, columns)
    x = np.column_stack(columns)
    rss = residual @ residual
    errors = np.sqrt(np.diag(np.linalg.inv(x.T @ x)) * rss / (y.size - x.shape[1]))
    t = coefficients / errors
    return t[0], abs(t[-1]), rss


def choose_lag(e, max_lag, autolag):
    n = e.size - 1 - max_lag
    if autolag is None:
        return max_lag
    fits = [lag_regression(e, lag, max_lag) for lag in range(max_lag + 1)]
    if autolag == "t-stat":
        return max((lag for lag in range(max_lag + 1) if fits[lag][1] >= 1.6448536269514722), default=0)
    cost = 2.0 if autolag == "aic" else math.log(n)
    return min(range(max_lag + 1), key=lambda lag: n * math.log(fits[lag][2] / n) + cost * (lag + 1))


def engle_granger(y, x, trend="c", max_lag=None, autolag="aic"):
    """Statistic, lag, hedge ratio, intercept and half-life, as a dict."""
    n = y.size
    t = np.arange(1.0, n + 1)
    terms = TERMS[trend]
    coefficients, e = ols(y, [x] + [t**k for k in range(terms)])
    if max_lag is None:
        max_lag = min(n // 2 - 1, math.ceil(12 * (n / 100) ** 0.25))
    lag = choose_lag(e, max_lag, autolag)
    return {
        "statistic": lag_regression(e, lag, lag)[0],
        "lag": lag,
        "hedge_ratio": coefficients[0],
        "intercept": coefficients[1] if terms else 0.0,
        "half_life": half_life(e),
        "n_obs": n,
    }


def half_life(e):
    slope = ols(e[1:], [e[:-1], np.ones(e.size - 1)])[0][0]
    if slope >= 1:
        return math.inf
    return -math.log(2) / math.log(slope) if slope > 0 else 0.0


def scan(panel, families=None, min_overlap=250, **options):
    """Rows of both directions of every pair that can be tested, keyed by (dependent, other)."""
    rows = {}
    for a, b in itertools.permutations(range(len(panel.symbols)), 2):
        first, second = panel.symbols[a], panel.symbols[b]
        if families is not None and families[first] != families[second]:
            continue
        y, x = panel.values[:, a], panel.values[:, b]
        both = ~(np.isnan(y) | np.isnan(x))
        if both.sum() < min_overlap:
            continue
        rows[first, second] = engle_granger(y[both], x[both], **options)
        rows[first, second]["correlation"] = np.corrcoef(np.diff(y[both]), np.diff(x[both]))[0, 1]
    return rows


def step_up(pvalues, dependent):
    """q-values by their definition: the lowest level at which the test would be rejected."""
    p = [value for value in pvalues if not math.isnan(value)]
    n = len(p)
    factor = sum(1 / k for k in range(1, n + 1)) if dependent else 1.0
    ranked = sorted(p)
    return [
        math.nan
        if math.isnan(value)
        else min([1.0] + [ranked[j] * n * factor / (j + 1) for j in range(n) if ranked[j] >= value])
        for value in pvalues
    ]
