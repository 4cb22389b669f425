"""Bars, corporate actions and costs as the compiled market reads them; what is missing is refused here."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from titan_core.data import BarPanel
from titan_core.data.actions import CorporateAction
from titan_core.data.instants import Instants
from titan_core.errors import InvalidInput
from titan_core.simulation import kernels as k
from titan_core.simulation.costs import Costs, Delisting
from titan_core.types import BoolArray, Float1D, Float2D, Int1D

__all__ = ["Market", "build_market", "check_series", "market_notes"]

_DAYS_A_YEAR = 360.0
_LEAST_HISTORY = 5  # bars before a mean volume or a deviation is believed
_UNKNOWN_LONG, _UNKNOWN_SHORT = -0.30, 0.0


@dataclass(frozen=True, slots=True, eq=False)
class Market:
    """A market of n_symbols over n_bars, in shares of the first bar (later splits are in ``factor``).

    Attributes
    ----------
    symbols, timestamps : as in the panel
    values : (n_symbols, N_MARKET, n_bars), see `kernels`; closes are carried over bars a symbol has not
    costs : (n_symbols, N_COSTS)
    years : (n_bars,) calendar days since the bar before / 360
    has_bar, fills, lends, recalled : (n_symbols, n_bars) bool: it closed; it can be filled; it can be borrowed; a
        lender wants it back at this close
    delisted_at : (n_symbols,) first bar without it for good, n_bars where there is none
    dividends : (n_symbols, n_bars) cash for a share of the first bar
    """

    symbols: tuple[str, ...]
    timestamps: Instants
    values: Float2D
    costs: Float2D
    years: Float1D
    has_bar: BoolArray
    fills: BoolArray
    lends: BoolArray
    recalled: BoolArray
    delisted_at: Int1D
    dividends: Float2D


def check_series(bars: BarPanel, costs: Costs) -> None:
    """Refuse costs that need what the bars lack.

    Raises
    ------
    InvalidInput
        The message names the model, the series, and what to do.
    """
    needs: list[tuple[bool, str, tuple[str, ...]]] = [
        (costs.fill == "next_open", "fill next_open", ("open",)),
        (costs.fill == "mid_range", "fill mid_range", ("high", "low")),
        (costs.impact.is_on, "impact or participation", ("volume",)),
    ]
    for is_asked, model, fields in needs:
        lacking = [name for name in fields if getattr(bars, name) is None]
        if is_asked and lacking:
            raise InvalidInput(
                f"{model} needs {' and '.join(lacking)}, which these bars have not: choose another model, or load bars "
                "with them"
            )
    if bars.adjustment != "total_return":
        return
    for is_asked, model in (
        (costs.fill != "next_close", f"fill {costs.fill}"),
        (costs.impact.is_on, "impact or participation"),
        (costs.commission.per_share > 0.0, "a commission per share"),
        (costs.lot > 0.0, "whole lots"),
    ):
        if is_asked:
            raise InvalidInput(
                f"{model} needs raw prices and these are total-return: a share of an index is no share that is traded. "
                "Choose costs in bps and fills at the next close, or load raw bars"
            )


def build_market(bars: BarPanel, costs: Costs, delistings: Sequence[Delisting] = ()) -> Market:
    """The market of all the panel's symbols.

    Raises
    ------
    InvalidInput
        As `check_series`; also a delisting or borrow rate of a symbol that is not there, a delisted symbol that still
        trades, or a price at or below zero.
    """
    check_series(bars, costs)
    n, m = bars.n_bars, bars.n_symbols
    values = np.zeros((m, k.N_MARKET, n))
    days = np.diff(bars.timestamps.astype("datetime64[D]").astype(np.int64), prepend=np.int64(0)).astype(
        float
    )
    days[:1] = 0.0
    years = days / _DAYS_A_YEAR
    lends, rates = _borrow(bars, costs)
    dividends = np.zeros((m, n))
    for j in range(m):
        _check_prices(bars, j)
        actions = [
            a for a in bars.actions if a.symbol == bars.symbols[j] and bars.adjustment != "total_return"
        ]
        close = bars.close[:, j]
        factor, dividends[j] = _splits_and_dividends(bars, close, actions)
        _fill_rows(values[j], bars, j, factor, dividends[j], rates[j], years, costs)
    fills = ~np.isnan(values[:, k.M_FILL])
    if costs.impact.is_on:
        fills &= np.isfinite(values[:, k.M_VOLUME]) & np.isfinite(values[:, k.M_SIGMA])
    has_bar = np.ascontiguousarray(~np.isnan(bars.close.T))
    ends, cost_rows = _delistings(bars, costs, delistings)
    return Market(
        bars.symbols, bars.timestamps, values, cost_rows, years, has_bar, fills, lends,
        _recalls(bars, costs, has_bar), ends, dividends,
    )  # fmt: skip


def market_notes(bars: BarPanel, delistings: Sequence[Delisting], *, max_jump: float) -> tuple[str, ...]:
    """What a reader of the result should know of the bars: gaps, ends, great moves.

    Raises
    ------
    InvalidInput
        A close moves by more than ``max_jump`` in one bar and no split explains it.
    """
    notes: list[str] = []
    if bars.adjustment == "total_return":
        notes.append(
            "Prices are total-return only: no dividends or splits are booked; costs are in bps of index value"
        )
    prices = bars.prices("split").values if bars.adjustment == "raw" else bars.close
    for j, symbol in enumerate(bars.symbols):
        at = np.flatnonzero(~np.isnan(prices[:, j]))
        if not at.size:
            raise InvalidInput(f"{symbol} has no bar at all: leave it out or load its prices")
        moves = prices[at[1:], j] / prices[at[:-1], j] - 1.0
        wild = np.flatnonzero(np.abs(moves) > max_jump)
        if wild.size:
            when = bars.timestamps[at[wild[0] + 1]]
            raise InvalidInput(
                f"{symbol} moves by {moves[wild[0]]:+.0%} on {when} and no split is told: correct the bar or add the "
                f"split; if it is true, pass max_jump={math.ceil(abs(moves[wild[0]]) * 10) / 10}"
            )
        halved = int((moves < -0.45).sum())
        if halved:
            notes.append(
                f"{symbol} loses more than 45 % in one bar {halved} time(s): an untold split looks like that"
            )
        missing = int(at[-1] - at[0] + 1 - at.size)
        if missing:
            notes.append(f"{symbol} has no bar on {missing} of the days between its first and last")
        told = [d for d in delistings if d.symbol == symbol]
        if told and told[-1].timestamp > bars.timestamps[-1]:
            notes.append(
                f"{symbol} is delisted after the last bar here: a position still open then stays at its last price, "
                "and the return of its delisting is not booked"
            )
        if bars.n_bars - 1 - at[-1] > 5 and not told:
            notes.append(
                f"{symbol} ends on {bars.timestamps[at[-1]]}, {bars.n_bars - 1 - at[-1]} bars before the others, and "
                "no delisting is told: a position in it stays at its last price"
            )
    return tuple(notes)


def _check_prices(bars: BarPanel, j: int) -> None:
    for name in ("open", "high", "low", "close"):
        matrix = getattr(bars, name)
        if matrix is not None and (matrix[:, j] <= 0.0).any():
            at = int(np.argmax(matrix[:, j] <= 0.0))
            raise InvalidInput(
                f"{name} of {bars.symbols[j]} at {bars.timestamps[at]} is {matrix[at, j]}: a price must be above zero"
            )


def _splits_and_dividends(
    bars: BarPanel, close: Float1D, actions: list[CorporateAction]
) -> tuple[Float1D, Float1D]:
    """Shares that one of the first bar has become, and cash for one of the first bar, by bar."""
    has_bar = np.flatnonzero(~np.isnan(close))
    ratios, cash = np.ones(close.size), np.zeros(close.size)
    for action in actions:
        at = int(np.searchsorted(bars.timestamps[has_bar], action.timestamp, side="left"))
        if at == 0 or at == has_bar.size:
            continue
        bar = has_bar[at]
        if action.kind == "split":
            if bars.adjustment == "raw":
                ratios[bar] *= action.value
        else:
            cash[bar] += ratios[bar] * action.value
    factor: Float1D = np.cumprod(ratios).astype(np.float64)
    return factor, cash * factor / ratios


def _fill_rows(
    rows: Float2D,
    bars: BarPanel,
    j: int,
    factor: Float1D,
    dividends: Float1D,
    rates: Float1D,
    years: Float1D,
    costs: Costs,
) -> None:
    """One symbol's rows of the market."""
    price = bars.close[:, j] * factor
    at = np.where(np.isnan(price), -1, np.arange(price.size))
    last = np.maximum.accumulate(at)
    close = np.where(last >= 0, price[np.maximum(last, 0)], np.nan)
    move = np.nan_to_num(np.diff(close, prepend=close[:1]))
    before = np.nan_to_num(np.concatenate([close[:1], close[:-1]]))
    rows[k.M_CLOSE], rows[k.M_FACTOR] = close, factor
    rows[k.M_FILL] = _fill_price(bars, j, costs) * factor
    rows[k.M_LONG] = move + dividends
    rows[k.M_BORROW] = before * rates * years
    rows[k.M_SHORT] = rows[k.M_LONG] + rows[k.M_BORROW]
    if costs.impact.is_on and bars.volume is not None:
        window = costs.impact.window
        k.trailing_volume(bars.volume[:, j] / factor, window, _LEAST_HISTORY, rows[k.M_VOLUME])
        returns = np.full(price.size, np.nan)
        there = np.flatnonzero(at >= 0)
        returns[there[1:]] = np.diff(np.log(price[there]))
        k.trailing_sigma(returns, window, _LEAST_HISTORY, rows[k.M_SIGMA])


def _fill_price(bars: BarPanel, j: int, costs: Costs) -> Float1D:
    """Price at which orders are filled; NaN where the symbol did not close either."""
    close = bars.close[:, j]
    price = close
    if costs.fill == "next_open" and bars.open is not None:
        price = bars.open[:, j]
    elif costs.fill == "mid_range" and bars.high is not None and bars.low is not None:
        price = (bars.high[:, j] + bars.low[:, j]) / 2.0
    return np.where(np.isnan(close), np.nan, price)


def _known(bars: BarPanel, symbol: str, what: str) -> int:
    if symbol not in bars.symbols:
        raise InvalidInput(f"{what} is told of {symbol}, which has no column here")
    return bars.symbols.index(symbol)


def _borrow(bars: BarPanel, costs: Costs) -> tuple[BoolArray, Float2D]:
    """Whether each symbol can be borrowed at a bar, and the rate in force over the night that ends with it."""
    lends = np.ones((bars.n_symbols, bars.n_bars), np.bool_)
    rates = np.full((bars.n_symbols, bars.n_bars), costs.borrow.rate_annual)
    for term in sorted(costs.borrow.rates, key=lambda rate: rate.timestamp):
        j = _known(bars, term.symbol, "a borrow rate")
        at = int(np.searchsorted(bars.timestamps, term.timestamp, side="left"))
        lends[j, at:] = term.rate_annual is not None
        if term.rate_annual is not None:
            rates[j, at + 1 :] = term.rate_annual
    return lends, rates


def _recalls(bars: BarPanel, costs: Costs, has_bar: BoolArray) -> BoolArray:
    """Bars at whose close a recall is known; each is carried to the symbol's next bar."""
    recalled = np.zeros(has_bar.shape, np.bool_)
    for recall in costs.borrow.recalls:
        j = _known(bars, recall.symbol, "a recall")
        later = np.flatnonzero(has_bar[j] & (bars.timestamps >= recall.timestamp))
        if later.size:
            recalled[j, later[0]] = True
    return recalled


def _delistings(bars: BarPanel, costs: Costs, delistings: Sequence[Delisting]) -> tuple[Int1D, Float2D]:
    """First bar without each symbol for good, and the costs of all symbols."""
    ends = np.full(bars.n_symbols, bars.n_bars, np.int64)
    rows = np.zeros((bars.n_symbols, k.N_COSTS))
    rows[:, k.C_HALF_SPREAD] = [costs.half_spread_of(symbol) for symbol in bars.symbols]
    rows[:, k.C_COMMISSION], rows[:, k.C_PER_SHARE] = costs.commission.bps / 1e4, costs.commission.per_share
    rows[:, k.C_MINIMUM], rows[:, k.C_PER_ORDER] = costs.commission.minimum, costs.commission.per_order
    rows[:, k.C_IMPACT], rows[:, k.C_PARTICIPATION] = costs.impact.coefficient, costs.impact.participation
    rows[:, k.C_LOT] = costs.lot
    rows[:, k.C_DELISTED_LONG], rows[:, k.C_DELISTED_SHORT] = _UNKNOWN_LONG, _UNKNOWN_SHORT
    for delisting in delistings:
        j = _known(bars, delisting.symbol, "a delisting")
        at = int(np.searchsorted(bars.timestamps, delisting.timestamp, side="left"))
        if not np.isnan(bars.close[at:, j]).all():
            raise InvalidInput(
                f"{delisting.symbol} still has bars after its delisting at {delisting.timestamp}: correct the date"
            )
        ends[j] = at
        if delisting.value is not None:
            rows[j, k.C_DELISTED_LONG] = rows[j, k.C_DELISTED_SHORT] = delisting.value
    return ends, rows
