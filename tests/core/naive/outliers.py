"""The outlier re-test by leaving rows out of least squares, one by one."""

import numpy as np

from tests.core.naive.cointegration import TERMS, ols


def regression(y, x, lag, trend):
    """Right-hand side, columns (level first) and the bar each row's change leads into."""
    t = np.arange(1.0, y.size + 1)
    e = ols(y, [x] + [t**k for k in range(TERMS[trend])])[1]
    d = np.diff(e)
    columns = np.column_stack([e[lag:-1]] + [d[lag - i : d.size - i] for i in range(1, lag + 1)])
    return d[lag:], columns, np.arange(lag + 1, y.size)


def level(right, columns):
    """Coefficient of the level, and the residual standard deviation."""
    beta, residual = ols(right, columns.T)
    return beta[0], np.sqrt(residual @ residual / (right.size - columns.shape[1]))


def spread_of(columns):
    """Standard error of the level's coefficient for a residual standard deviation of one."""
    return np.sqrt(np.linalg.inv(columns.T @ columns)[0, 0])


def dfbetas(right, columns):
    """(ρ - ρ without the row) over its standard error, the residual deviation being that without the row."""
    whole = level(right, columns)[0]
    moved = []
    for row in range(right.size):
        kept = np.arange(right.size) != row
        without, deviation = level(right[kept], columns[kept])
        moved.append((whole - without) / (deviation * spread_of(columns)))
    return np.array(moved)


def retest(y, x, lag, trend="c", n_outliers=3):
    """Statistic without the heaviest rows, and their bars, the heaviest first."""
    right, columns, bars = regression(y, x, lag, trend)
    heaviest = np.argsort(-np.abs(dfbetas(right, columns)), kind="stable")[:n_outliers]
    kept = np.setdiff1d(np.arange(right.size), heaviest)
    rho, deviation = level(right[kept], columns[kept])
    return rho / (deviation * spread_of(columns[kept])), bars[heaviest]
