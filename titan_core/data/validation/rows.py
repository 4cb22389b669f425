"""What a bar says about itself: rules that need no other row."""

from collections.abc import Callable

import numpy as np

from titan_core.data.files.batches import Batch
from titan_core.types import BoolArray, Float1D

__all__ = ["LARGEST_PRICE", "ROUNDING", "ROW_RULES", "SMALLEST_PRICE", "described", "first_broken"]

LARGEST_PRICE, SMALLEST_PRICE = 1e9, 1e-9
ROUNDING = 1e-6  # relative: adjusted prices are products of rounded factors
PRICES = ("open", "high", "low", "close")

Rule = Callable[[Batch], BoolArray]


def _any(batch: Batch, of: Callable[[Float1D], BoolArray], names: tuple[str, ...] = PRICES) -> BoolArray:
    broken = np.zeros(batch.n_rows, np.bool_)
    for name in names:
        broken |= of(getattr(batch, name))
    return broken


def _not_finite(batch: Batch) -> BoolArray:
    """No close, or an infinite number; open, high, low and volume may be missing."""
    every = (*PRICES, "volume", "adjusted", "dividend", "split")
    return np.isnan(batch.close) | _any(batch, np.isinf, every)


def _absurd(batch: Batch) -> BoolArray:
    return _any(batch, lambda x: (np.abs(x) > LARGEST_PRICE) | ((x > 0) & (x < SMALLEST_PRICE)))


def _non_positive(batch: Batch) -> BoolArray:
    return _any(batch, lambda x: x <= 0)


def _negative_volume(batch: Batch) -> BoolArray:
    return np.asarray(batch.volume < 0)


def _high_below_low(batch: Batch) -> BoolArray:
    return np.asarray(batch.high < batch.low * (1 - ROUNDING))


def _close_outside(batch: Batch) -> BoolArray:
    top, bottom = batch.high * (1 + ROUNDING), batch.low * (1 - ROUNDING)
    return _any(batch, lambda x: (x > top) | (x < bottom), ("open", "close"))


def _bad_action(batch: Batch) -> BoolArray:
    """A dividend or split that can be none. A split of zero means there was none, as some vendors write."""
    return np.asarray((batch.dividend < 0) | (batch.split < 0))


# In this order: a row is told its first broken rule only.
ROW_RULES: tuple[tuple[str, Rule], ...] = (
    ("not_finite", _not_finite),
    ("bad_number", _bad_action),
    ("absurd_price", _absurd),
    ("non_positive", _non_positive),
    ("negative_volume", _negative_volume),
    ("high_below_low", _high_below_low),
    ("close_outside", _close_outside),
)


def first_broken(batch: Batch) -> tuple[BoolArray, dict[str, BoolArray]]:
    """Which rows break no rule, and for each reason the rows whose first broken rule it is."""
    good = np.ones(batch.n_rows, np.bool_)
    broken = {}
    for reason, rule in ROW_RULES:
        found = rule(batch) & good
        if found.any():
            broken[reason] = found
            good &= ~found
    return good, broken


def described(batch: Batch, i: int, reason: str) -> str:
    """Words for row i's broken rule, naming column, value and what it was held against."""
    at = {
        name: float(getattr(batch, name)[i]) for name in (*PRICES, "volume", "adjusted", "dividend", "split")
    }
    if reason == "not_finite":
        infinite = [f"{name} is {value}" for name, value in at.items() if np.isinf(value)]
        return ", ".join(infinite) or "the close is empty or NaN"
    if reason == "bad_number":
        return ", ".join(f"{name} is {at[name]:g}" for name in ("dividend", "split") if at[name] < 0)
    if reason == "absurd_price":
        odd = {n: at[n] for n in PRICES if abs(at[n]) > LARGEST_PRICE or 0 < at[n] < SMALLEST_PRICE}
        return ", ".join(f"{name} is {value:g}" for name, value in odd.items())
    if reason == "non_positive":
        return ", ".join(f"{name} is {at[name]:g}" for name in PRICES if at[name] <= 0)
    if reason == "negative_volume":
        return f"volume is {at['volume']:g}"
    if reason == "high_below_low":
        return f"high {at['high']:g} is below low {at['low']:g}"
    outside = [n for n in ("open", "close") if at[n] > at["high"] or at[n] < at["low"]]
    bounds = f"outside {at['low']:g} to {at['high']:g}"
    return " and ".join(f"{name} {at[name]:g}" for name in outside) + f" is {bounds}"
