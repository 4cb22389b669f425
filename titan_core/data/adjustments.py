"""Adjusted prices built forward from the first bar, so that no later bar or action changes an earlier one."""

from typing import TYPE_CHECKING

import numpy as np

from titan_core.data.actions import CorporateAction
from titan_core.data.instants import Instants
from titan_core.errors import InvalidInput
from titan_core.types import Adjustment, Float1D, Float2D

if TYPE_CHECKING:
    from titan_core.data.panels import BarPanel

__all__ = ["adjusted_closes", "growth_factors"]

_STRENGTH: dict[Adjustment, int] = {"raw": 0, "split": 1, "total_return": 2}


def adjusted_closes(bars: "BarPanel", adjustment: Adjustment) -> Float2D:
    r"""Closes (n_bars, n_symbols) under an equal or stronger adjustment, in units of the first bar's price.

    The total-return index is :math:`I_t = I_{t-1}(S_t P_t + D_t)/P_{t-1}` with :math:`I_0 = P_0`, where
    :math:`t-1` is the symbol's last earlier bar, :math:`S_t` the new shares for one old share and :math:`D_t`
    the cash for one old share that took effect since. It is computed as
    :math:`P_t \prod_{k \le t}(S_k + D_k/P_k)`, the same number, which without actions is the close itself to
    the last bit. "split" leaves the cash out.

    Raises
    ------
    InvalidInput
        ``adjustment`` is weaker than the bars' own (an adjustment can't be undone), or a dividend meets a
        close that is not above zero.
    """
    if _STRENGTH[adjustment] < _STRENGTH[bars.adjustment]:
        raise InvalidInput(
            f"these bars are {bars.adjustment} and {adjustment} was asked: an adjustment can't be undone; "
            f"load {adjustment} bars"
        )
    if adjustment == bars.adjustment:
        return bars.close
    with_splits, with_cash = bars.adjustment == "raw", adjustment == "total_return"
    columns = {symbol: j for j, symbol in enumerate(bars.symbols)}
    by_symbol: dict[str, list[CorporateAction]] = {}
    for action in bars.actions:
        if with_splits if action.kind == "split" else with_cash:
            by_symbol.setdefault(action.symbol, []).append(action)
    adjusted = bars.close.copy()
    for symbol, actions in by_symbol.items():
        adjusted[:, columns[symbol]] *= growth_factors(
            bars.timestamps, bars.close[:, columns[symbol]], actions
        )
    return adjusted


def growth_factors(timestamps: Instants, close: Float1D, actions: list[CorporateAction]) -> Float1D:
    """Shares that one share of the first bar has become by each bar, from splits and reinvested dividends.

    Parameters
    ----------
    timestamps : ndarray of shape (n_bars,), datetime64[us]
    close : ndarray of shape (n_bars,), price units, NaN = no bar
    actions : list of CorporateAction of this one symbol, in order of effect

    Returns
    -------
    ndarray of shape (n_bars,)
        1.0 on the first bar. An action counts from the first bar with a close at or after it; one before the
        first bar, or after the last, counts for nothing. Several between two bars follow each other: a
        dividend later than a split is for one new share, one at the same instant for one old share.
    """
    has_bar = np.flatnonzero(~np.isnan(close))
    shares, cash = np.ones(close.size), np.zeros(close.size)  # of one share held since the bar before
    for action in actions:
        at = int(np.searchsorted(timestamps[has_bar], action.timestamp, side="left"))
        if at == 0 or at == has_bar.size:
            continue
        bar = has_bar[at]
        if action.kind == "split":
            shares[bar] *= action.value
        else:
            cash[bar] += shares[bar] * action.value
            _check_reinvestable(action, timestamps[bar], float(close[bar]))
    paid = cash > 0.0
    shares[paid] += cash[paid] / close[paid]
    return np.asarray(np.cumprod(shares), np.float64)


def _check_reinvestable(action: CorporateAction, timestamp: np.datetime64, close: float) -> None:
    """Cash buys shares at the close, which must be above zero for that."""
    if close <= 0.0:
        raise InvalidInput(
            f"{action.symbol} closed at {close} on {timestamp}: "
            f"its dividend of {action.value} can't be reinvested at such a price"
        )
