"""z-scores of the four rules, the obvious way: every bar anew from the bars up to it."""

import numpy as np


def rolling_beta(y, x, t, n):
    return np.polyfit(x[t - n + 1 : t + 1], y[t - n + 1 : t + 1], 1)[0]


def z_scores(y, x, *, rule, hedge_ratio, window, hedge_window=0, variances=(1e-6, 1e-7, 1e-4)):
    """z and β of every bar; ``y`` and ``x`` have no gaps."""
    if rule == "kalman":
        return kalman(y, x, hedge_ratio, window, variances)
    n, first = y.size, max(window, hedge_window) - 1
    z, beta = np.full(n, np.nan), np.full(n, np.nan)
    mean = variance = None
    for t in range(n):
        b = hedge_ratio
        if hedge_window:
            b = rolling_beta(y, x, t, hedge_window) if t >= hedge_window - 1 else np.nan
        beta[t] = b
        if rule == "ewma" and not np.isnan(b):
            level = 0.0
            if hedge_window:
                level = (y - b * x)[t - hedge_window + 1 : t + 1].mean()
            s, w = y[t] - b * x[t] - level, 2.0 / (window + 1)
            if mean is None:
                mean, variance = s, 0.0
            else:
                d = s - mean
                mean, variance = mean + w * d, (1 - w) * (variance + w * d * d)
            if t >= first and variance > 0:
                z[t] = (s - mean) / np.sqrt(variance)
        if t < first or rule == "ewma":
            continue
        s = (y - b * x)[t - window + 1 : t + 1]
        if rule == "rolling":
            z[t] = (s[-1] - s.mean()) / s.std(ddof=1)
        else:
            slope, constant = np.polyfit(s[:-1], s[1:], 1)
            error = s[1:] - constant - slope * s[:-1]
            if 0 < slope < 1:
                spread = np.sqrt(error @ error / (window - 3) / (1 - slope**2))
                z[t] = (s[-1] - constant / (1 - slope)) / spread
    return z, beta


def kalman(y, x, hedge_ratio, window, variances):
    """The textbook filter with matrices."""
    q_beta, q_level, r = variances
    n = y.size
    z, beta = np.full(n, np.nan), np.full(n, np.nan)
    theta = np.array([y[0] - hedge_ratio * x[0], hedge_ratio])
    cov = np.array([[x[0] ** 2 + r, -x[0]], [-x[0], 1.0]])
    for t in range(n):
        cov = cov + np.diag([q_level, q_beta])
        h = np.array([1.0, x[t]])
        beta[t] = theta[1]
        e, f = y[t] - h @ theta, h @ cov @ h + r
        if t >= window - 1:
            z[t] = e / np.sqrt(f)
        gain = cov @ h / f
        theta, cov = theta + gain * e, cov - np.outer(gain, h @ cov)
    return z, beta
