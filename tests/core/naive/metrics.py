"""Metrics the obvious way, one bar after the other."""

import math


def returns(equity):
    return [equity[t] / equity[t - 1] - 1.0 for t in range(1, len(equity))]


def mean(x):
    return math.fsum(x) / len(x)


def deviation(x):
    m = mean(x)
    return math.sqrt(math.fsum((v - m) ** 2 for v in x) / (len(x) - 1))


def sharpe(x, periods):
    return mean(x) / deviation(x) * math.sqrt(periods)


def sortino(x, periods):
    return mean(x) / math.sqrt(mean([min(v, 0.0) ** 2 for v in x])) * math.sqrt(periods)


def omega(x):
    return math.fsum(v for v in x if v > 0.0) / math.fsum(-v for v in x if v < 0.0)


def maximum_drawdown(equity):
    worst, high = 0.0, equity[0]
    for value in equity:
        high = max(high, value)
        worst = max(worst, 1.0 - value / high)
    return worst


def drawdown_length(equity):
    longest, high, at, fell = 0, equity[0], 0, False
    for t, value in enumerate(equity):
        if value >= high:
            if fell:
                longest = max(longest, t - at)
            high, at, fell = value, t, False
        else:
            fell = True
            longest = max(longest, t - at)
    return longest


def value_at_risk(x, tail):
    return -sorted(x)[math.ceil(tail) - 1]


def expected_shortfall(x, tail):
    total, left = 0.0, tail
    for value in sorted(x):
        part = min(1.0, left)
        total += part * value
        left -= part
        if left <= 0.0:
            break
    return -total / tail
