"""Dividends and splits that a close and an adjusted close imply, where a file has both and tells no actions."""

import numpy as np

from titan_core.data.files.batches import Batch
from titan_core.types import Float1D

__all__ = ["implied_actions"]

_LEAST_DIVIDEND = 5e-4  # of the price: less is rounding
_SPLIT_FROM = 1.2  # a larger step of the factor is a split, or its inverse a reverse split


def implied_actions(batch: Batch) -> tuple[Float1D, Float1D]:
    """Dividend and split of each row, from the step of adjusted/close.

    With k the step, a small k > 1 is a dividend D = P_t·(k − 1), so that (P_t + D)/P_{t-1} is the adjusted return;
    a large step is a split of ratio k. Steps within the rounding of the adjusted close are nothing.

    Parameters
    ----------
    batch : sorted by code and day, one row a day
    """
    n = batch.n_rows
    dividend, split = np.zeros(n), np.ones(n)
    if n < 2:
        return dividend, split
    same = batch.code[1:] == batch.code[:-1]
    with np.errstate(divide="ignore", invalid="ignore"):
        factor = np.where(batch.adjusted > 0, batch.adjusted / batch.close, np.nan)
        step = np.r_[np.nan, np.where(same, factor[1:] / factor[:-1], np.nan)]
        smaller = np.r_[np.nan, np.minimum(batch.adjusted[1:], batch.adjusted[:-1])]
        noise = np.maximum(_LEAST_DIVIDEND, 4 * _rounding(batch.adjusted) / smaller)
    is_split = (step >= _SPLIT_FROM) | (step <= 1 / _SPLIT_FROM)
    split[is_split] = step[is_split]
    paid = ~is_split & (step - 1 > noise)
    dividend[paid] = batch.close[paid] * (step[paid] - 1)
    return dividend, split


def _rounding(adjusted: Float1D) -> float:
    """Half a unit of the last decimal that the adjusted closes carry."""
    known = adjusted[np.isfinite(adjusted)][:20_000]
    for decimals in (2, 3, 4, 5, 6):
        if np.all(np.abs(np.round(known, decimals) - known) < 1e-9 * np.maximum(1.0, known)):
            return float(0.5 * 10.0**-decimals)
    return 0.0
