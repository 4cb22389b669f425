"""The rules of bars, one row after the other, as a person would hold them against a list."""

import math

from titan_core.data.validation.rows import LARGEST_PRICE, ROUNDING, SMALLEST_PRICE

PRICES = ("open", "high", "low", "close")


def broken_rule(row):
    """First rule a row breaks, None where it breaks none. ``row`` maps names to floats, NaN = missing."""
    everything = [row[n] for n in (*PRICES, "volume", "adjusted", "dividend", "split")]
    prices = [row[n] for n in PRICES if not math.isnan(row[n])]
    if math.isnan(row["close"]) or any(math.isinf(x) for x in everything):
        return "not_finite"
    if row["dividend"] < 0 or row["split"] < 0:
        return "bad_number"
    if any(abs(x) > LARGEST_PRICE or 0 < x < SMALLEST_PRICE for x in prices):
        return "absurd_price"
    if any(x <= 0 for x in prices):
        return "non_positive"
    if row["volume"] < 0:
        return "negative_volume"
    if row["high"] < row["low"] * (1 - ROUNDING):
        return "high_below_low"
    for name in ("open", "close"):
        if row[name] > row["high"] * (1 + ROUNDING) or row[name] < row["low"] * (1 - ROUNDING):
            return "close_outside"
    return None


def longest_rising(days):
    """Length of a longest subsequence that never falls, by looking at every pair."""
    best = []
    for i, day in enumerate(days):
        best.append(1 + max((best[j] for j in range(i) if days[j] <= day), default=0))
    return max(best, default=0)


def duplicates(rows):
    """(repeated, conflicting) positions of (symbol, day, values) rows, in their order."""
    by_day = {}
    for i, (symbol, day, _) in enumerate(rows):
        by_day.setdefault((symbol, day), []).append(i)
    repeated, conflicting = set(), set()
    for at in by_day.values():
        if len({repr(rows[i][2]) for i in at}) > 1:
            conflicting |= set(at)
        else:
            repeated |= set(at[1:])
    return repeated, conflicting


def total_return(closes, dividends, splits):
    """I_t = I_{t-1}·(S_t·P_t + D_t)/P_{t-1}, from the first close."""
    index = [closes[0]]
    for t in range(1, len(closes)):
        index.append(index[-1] * (splits[t] * closes[t] + dividends[t]) / closes[t - 1])
    return index
