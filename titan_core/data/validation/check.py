"""All rules together: what of a file's rows may be stored, with which actions, and why the rest may not."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np

from titan_core.data.calendars import session_closes, sessions_between
from titan_core.data.files.batches import NUMBERS, Batch
from titan_core.data.files.options import FileOptions
from titan_core.data.files.report import Rejected, RowReport
from titan_core.data.instants import Instants
from titan_core.data.validation import order, rows
from titan_core.data.validation.implied import implied_actions
from titan_core.data.validation.jumps import Jumps, find_jumps
from titan_core.errors import InvalidInput
from titan_core.types import Adjustment, BoolArray, Float1D, Int1D

__all__ = ["Actions", "CheckedBars", "check_bars", "resolve_adjustment"]

_INTRADAY_SHARE = 0.01


@dataclass(frozen=True, slots=True)
class Actions:
    """Splits and dividends, by symbol and time."""

    code: Int1D
    timestamps: Instants
    kinds: tuple[str, ...]
    values: Float1D

    @property
    def size(self) -> int:
        """How many."""
        return self.code.size


@dataclass(frozen=True, slots=True)
class CheckedBars:
    """Bars that may be stored, by symbol and time, with their actions.

    Attributes
    ----------
    bars : Batch, sorted by code and day
    timestamps : ndarray of shape (n,), datetime64[us]; close of each bar's session
    actions : the file's own, and in place of each move that nothing explains one split that leaves it out
    """

    bars: Batch
    timestamps: Instants
    actions: Actions


def resolve_adjustment(options: FileOptions, fields: frozenset[str]) -> tuple[Adjustment, str]:
    """What the file's prices are, and that said in words."""
    if options.adjustment != "auto":
        return options.adjustment, ""
    told = {"dividend", "split"} & fields
    if "close" not in fields:
        return "total_return", "Only adjusted closes are there: they were stored as a total-return index."
    if told:
        return "raw", "Prices were taken as quoted (raw), with the file's dividends and splits."
    if "adjusted" in fields:
        return "raw", (
            "Prices were taken as quoted; the file tells no dividends or splits, so they were taken from the ratio "
            "of its adjusted close to its close."
        )
    return "raw", (
        "The file tells neither dividends nor splits nor adjusted closes: prices were taken as quoted (raw), "
        "and returns leave dividends out. Say adjustment=total_return if they are adjusted already."
    )


def check_bars(
    batch: Batch,
    symbols: list[str],
    report: RowReport,
    *,
    calendar: str,
    adjustment: Adjustment,
    fields: frozenset[str],
) -> CheckedBars:
    """Hold rows against every rule; what breaks one goes to the report with words and values.

    Parameters
    ----------
    batch : every row of the symbols in it, in the order of the file
    symbols : tickers by code
    fields : which columns the file has

    Raises
    ------
    InvalidInput
        A symbol has several bars a day: intraday bars.
    """
    teller = _Teller(symbols, report, fields)
    batch = _as_adjusted(batch, adjustment, fields)
    batch = batch.take(np.lexsort((batch.row, batch.code)))
    _refuse_intraday(batch, symbols)
    good, broken = rows.first_broken(batch)
    for reason, mask in broken.items():
        teller.tell(reason, batch, mask, lambda i, r=reason: rows.described(batch, i, r))  # type: ignore[misc]  # mypy can't infer defaults of lambdas
    sessions, closes = _schedule(calendar, batch.day)
    at = np.minimum(np.searchsorted(sessions, batch.day), sessions.size - 1)
    open_day = (sessions[at] == batch.day) if sessions.size else np.zeros(batch.n_rows, np.bool_)
    shut = good & ~open_day
    teller.tell("holiday", batch, shut, lambda i: f"{_day(batch.day[i])} is no session of {calendar}")
    good &= open_day
    placed, orphans = batch.take(good), batch.take(~good & open_day)
    placed = _in_order(placed, teller)
    placed = _without_duplicates(placed, teller)
    return _joined(placed, orphans, teller, (sessions, closes), adjustment, fields)


def _in_order(batch: Batch, teller: "_Teller") -> Batch:
    """Rows in place, sorted by day."""
    out, shuffled = order.disorder(batch.code, batch.day)
    teller.tell(
        "out_of_order", batch, out, lambda i: f"{_day(batch.day[i])} breaks the order of the rows around it"
    )
    teller.tell_symbols("shuffled", batch, shuffled, "the rows are in no order of date; they were sorted")
    kept = batch.take(~out)
    return kept.take(np.lexsort((kept.row, kept.day, kept.code)))


def _without_duplicates(batch: Batch, teller: "_Teller") -> Batch:
    repeated, conflicting = order.duplicates(batch)
    day = batch.day
    teller.tell(
        "duplicate", batch, repeated, lambda i: f"the same bar of {_day(day[i])} stands in an earlier row"
    )
    teller.tell(
        "duplicate",
        batch,
        conflicting,
        lambda i: f"another row of {_day(day[i])} says otherwise, so neither is believed: keep one",
    )
    return batch.take(~(repeated | conflicting))


def _joined(
    batch: Batch,
    orphans: Batch,
    teller: "_Teller",
    schedule: tuple[Int1D, Instants],
    adjustment: Adjustment,
    fields: frozenset[str],
) -> CheckedBars:
    """Rules that need the row before, then the bars and actions that stand."""
    sessions, closes = schedule
    told = bool({"dividend", "split"} & fields)
    is_implied = adjustment == "raw" and not told and {"adjusted", "close"} <= fields
    if is_implied:
        dividend, split = implied_actions(batch)
        batch, orphans = (
            batch.with_prices(dividend=dividend, split=split),
            orphans.take(np.zeros(0, np.int64)),
        )
    with_provider = adjustment == "raw" and told and "adjusted" in fields
    carried = _carrying(batch, orphans)
    jumps = find_jumps(carried, with_provider=with_provider)
    aside = np.zeros(batch.n_rows, np.bool_)
    if adjustment == "raw":
        aside = jumps.split | jumps.differs
        teller.tell("rebuilt_differs", batch, jumps.differs, lambda i: _differs(carried, jumps, i))
        teller.tell("unadjusted_split", batch, jumps.split, lambda i: _split(carried, jumps, i))
    else:
        teller.tell("large_move", batch, jumps.split, lambda i: _split(carried, jumps, i))
    _tell_missing(batch, orphans, teller, sessions)
    actions = _actions(batch, orphans, jumps, aside, (sessions, closes))
    bars = batch.take(~aside)
    return CheckedBars(bars, closes[np.searchsorted(sessions, bars.day)], actions)


def _as_adjusted(batch: Batch, adjustment: Adjustment, fields: frozenset[str]) -> Batch:
    """Prices and actions as the adjustment means them: no NaN among actions, an adjusted close where that is stored."""
    dividend = np.where(np.isnan(batch.dividend), 0.0, batch.dividend)
    split = np.where(np.isnan(batch.split) | (batch.split == 0.0), 1.0, batch.split)
    if adjustment == "total_return":
        dividend, split = np.where(dividend < 0, dividend, 0.0), np.where(split < 0, split, 1.0)
        if "adjusted" in fields:
            with np.errstate(divide="ignore", invalid="ignore"):
                scale = batch.adjusted / batch.close if "close" in fields else np.full(batch.n_rows, np.nan)
            others = {name: getattr(batch, name) * scale for name in ("open", "high", "low")}
            batch = batch.with_prices(close=batch.adjusted, **others)
    elif adjustment == "split":
        split = np.where(split < 0, split, 1.0)
    return batch.with_prices(dividend=dividend, split=split)


def _refuse_intraday(batch: Batch, symbols: list[str]) -> None:
    """Several times of day on a day of a symbol, on more than a few days: these are no daily bars."""
    if not batch.time.any():
        return
    by_day = np.lexsort((batch.time, batch.day, batch.code))
    code, day, time = batch.code[by_day], batch.day[by_day], batch.time[by_day]
    same_day = (code[1:] == code[:-1]) & (day[1:] == day[:-1])
    several = same_day & (time[1:] != time[:-1])
    n_days = batch.n_rows - int(same_day.sum())
    if several.sum() > max(2.0, _INTRADAY_SHARE * n_days):
        i = int(np.argmax(several))
        raise InvalidInput(
            f"{symbols[int(code[i])]} has several bars on {_day(day[i])}: these are intraday bars, and this release "
            "stores daily ones; bring them down to one bar a day (first open, highest high, lowest low, last close)"
        )


def _carrying(batch: Batch, orphans: Batch) -> Batch:
    """The bars, with actions of rows that were set aside moved to the next bar, where they take effect."""
    has_action = (orphans.dividend > 0) | ((orphans.split > 0) & (orphans.split != 1.0))
    if not has_action.any():
        return batch
    dividend, split = batch.dividend.copy(), batch.split.copy()
    key = batch.code * 10_000_000 + batch.day
    waiting = orphans.take(has_action)
    for i in np.lexsort((waiting.day, waiting.code))[
        ::-1
    ]:  # the latest first: the earlier ones come before it
        at = int(np.searchsorted(key, waiting.code[i] * 10_000_000 + waiting.day[i]))
        if at < key.size and batch.code[at] == waiting.code[i]:
            ratio = waiting.split[i] if waiting.split[i] > 0 else 1.0
            dividend[at] = max(waiting.dividend[i], 0.0) + ratio * dividend[at]
            split[at] *= ratio
    return batch.with_prices(dividend=dividend, split=split)


def _actions(
    batch: Batch, orphans: Batch, jumps: Jumps, aside: BoolArray, schedule: tuple[Int1D, Instants]
) -> Actions:
    """The file's actions; a row set aside for its move leaves one split that makes that day's return nothing."""
    sessions, closes = schedule
    bridge = aside & ~jumps.spike
    before = batch.close[jumps.previous]
    parts = []
    for source, mask, name, values in (
        (batch, ~bridge & (batch.dividend > 0), "dividend", batch.dividend),
        (batch, ~bridge & (batch.split != 1.0), "split", batch.split),
        (batch, bridge, "split", before / batch.close),
        (orphans, orphans.dividend > 0, "dividend", orphans.dividend),
        (orphans, (orphans.split > 0) & (orphans.split != 1.0), "split", orphans.split),
    ):
        at = np.flatnonzero(mask & np.isfinite(values) & (values > 0))
        parts.append((source.code[at], source.day[at], np.full(at.size, name), values[at]))
    code, day, kind, value = (np.concatenate(column) for column in zip(*parts, strict=True))
    # one of a kind on a day: a row and its repeated neighbour may both tell it
    key = np.rec.fromarrays([code, day, kind])
    _, first = np.unique(key, return_index=True)
    return Actions(
        code[first],
        closes[np.searchsorted(sessions, day[first])],
        tuple(kind[first].tolist()),
        value[first].astype(np.float64),
    )


def _tell_missing(batch: Batch, orphans: Batch, teller: "_Teller", sessions: Int1D) -> None:
    """One warning a run of sessions without any row, between a symbol's first and last."""
    code = np.concatenate([batch.code, orphans.code])
    at = np.searchsorted(sessions, np.concatenate([batch.day, orphans.day]))
    by = np.lexsort((at, code))
    code, at = code[by], at[by]
    gap = np.flatnonzero((code[1:] == code[:-1]) & (at[1:] - at[:-1] > 1))

    def make(i: int) -> Rejected:
        first, last = sessions[at[gap[i]] + 1], sessions[at[gap[i] + 1] - 1]
        n = int(at[gap[i] + 1] - at[gap[i]] - 1)
        span = f"{_day(first)}" if n == 1 else f"{_day(first)} to {_day(last)} ({n} sessions)"
        symbol = teller.symbols[int(code[gap[i]])]
        return Rejected(None, symbol, _midnight(first), "missing_session", f"{symbol} has no bar on {span}")

    teller.report.add("missing_session", range(gap.size), make)


def _differs(batch: Batch, jumps: Jumps, i: int) -> str:
    told = (
        f"price, dividend {batch.dividend[i]:g} and split {batch.split[i]:g} make a return of "
        f"{jumps.growth[i] - 1:+.2%}, the adjusted close {jumps.provider[i] - 1:+.2%}"
    )
    return f"{told}; {_consequence(jumps, i)}"


def _split(batch: Batch, jumps: Jumps, i: int) -> str:
    before, close = batch.close[jumps.previous[i]], batch.close[i]
    if not np.isnan(jumps.ratio[i]):
        ratio = float(jumps.ratio[i])
        words = f"{ratio:g} for 1" if ratio > 1 else f"1 for {1 / ratio:g}"
        told = f"the close goes from {before:g} to {close:g} as in a split of {words}, which the file does not tell"
    else:
        told = (
            f"the close goes from {before:g} to {close:g}, which the split of {batch.split[i]:g} does not explain: "
            f"a return of {jumps.growth[i] - 1:+.1%} is left"
        )
    return f"{told}; {_consequence(jumps, i)}"


def _consequence(jumps: Jumps, i: int) -> str:
    return "the bar is left out" if jumps.spike[i] else "the bar and its move are left out"


class _Teller:
    """Makes rejected rows of a sorted batch."""

    def __init__(self, symbols: list[str], report: RowReport, fields: frozenset[str]) -> None:
        self.symbols, self.report = symbols, report
        self._names = [name for name in NUMBERS if name in fields]

    def tell(self, reason: str, batch: Batch, mask: BoolArray, words: Callable[[int], str]) -> None:
        """Count the rows of a mask, and describe those that are kept."""
        at = np.flatnonzero(mask)
        if not at.size:
            return

        def make(i: int) -> Rejected:
            values: dict[str, Any] = {"date": _day(batch.day[i])}
            values |= {name: _number(getattr(batch, name)[i]) for name in self._names}
            row, symbol = int(batch.row[i]), self.symbols[int(batch.code[i])]
            said = f"row {row}, {symbol} {_day(batch.day[i])}: {words(i)}"
            return Rejected(row, symbol, _midnight(batch.day[i]), reason, said, values)

        self.report.add(reason, at.tolist(), make)
        if reason != "large_move":
            codes, counts = np.unique(batch.code[at], return_counts=True)
            for code, count in zip(codes.tolist(), counts.tolist(), strict=True):
                self.report.by_symbol[self.symbols[code]] += count

    def tell_symbols(self, reason: str, batch: Batch, codes: Int1D, words: str) -> None:
        """Say something of whole symbols."""

        def make(code: int) -> Rejected:
            symbol = self.symbols[code]
            return Rejected(None, symbol, None, reason, f"{symbol}: {words}")

        self.report.add(reason, codes.tolist(), make)


def _schedule(calendar: str, day: Int1D) -> tuple[Int1D, Instants]:
    """Sessions (days since 1970) that span the rows, and their closes."""
    if not day.size:
        return np.empty(0, np.int64), np.empty(0, "M8[us]")
    first, last = (int(x).__index__() for x in (day.min(), day.max()))
    return _sessions(calendar, first, last)


@lru_cache(maxsize=8)
def _sessions(calendar: str, first: int, last: int) -> tuple[Int1D, Instants]:
    days = sessions_between(calendar, np.datetime64(first, "D"), np.datetime64(last, "D"))
    return days.astype(np.int64), session_closes(calendar, days)


def _day(day: Any) -> str:
    return str(np.datetime64(int(day), "D"))


def _midnight(day: Any) -> np.datetime64:
    return np.datetime64(int(day) * 86_400_000_000, "us")


def _number(value: float) -> float | str | None:
    if np.isnan(value):
        return None
    return float(value) if np.isfinite(value) else str(value)
