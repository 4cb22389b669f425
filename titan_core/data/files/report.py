"""Rows that were set aside: every one counted, the first of them kept to be shown."""

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

import numpy as np

__all__ = ["REASONS", "WARNINGS", "Rejected", "RowReport"]

# What each reason means, for people, with its mend.
REASONS: dict[str, str] = {
    "bad_date": "The date can't be read, or can't be right. Mend the cell.",
    "bad_number": "A cell that should be a number is none, or the row has too many or too few cells. Mend the row.",
    "no_symbol": "The row names no symbol, or none that can be a ticker. Write one, such as KO or BRK.B.",
    "not_finite": "A price is missing, NaN or infinite. Leave the row out, or give the price.",
    "absurd_price": "A price is larger than any market has seen, or too small to be one. Check the unit.",
    "non_positive": "A price is zero or negative. Leave the row out, or mend it.",
    "negative_volume": "The volume is negative. Leave it empty where it is not known.",
    "high_below_low": "The high is below the low. Check the order of the columns.",
    "close_outside": "The open or close lies outside high and low. Check the order of the columns, and adjust all "
    "of them alike.",
    "holiday": "The exchange was shut on that day. Check the date, the time zone and the calendar.",
    "out_of_order": "The date breaks the order of the rows around it, so it may be a wrong one. Sort the file if the "
    "dates are right.",
    "duplicate": "The symbol has another row of that day. The same row again is dropped; of rows that differ, none is "
    "believed.",
    "unadjusted_split": "The price jumps as in a split that the file does not say, or other than the split it says. "
    "The bar is set aside, and the move is left out of the total-return index. Add the split, or correct it.",
    "rebuilt_differs": "Price, dividends and splits give another return than the provider's adjusted close, by more "
    "than 1 %. The bar is set aside, and the move is left out of the total-return index. Correct the action.",
    "missing_session": "The exchange was open and there is no bar.",
    "shuffled": "The rows are in no order of date; they were sorted.",
    "large_move": "The price jumps as in a split. The file says its prices are adjusted, so the bar is stored.",
}
WARNINGS = frozenset({"missing_session", "shuffled", "large_move"})
KEPT = 20_000  # rows of one report; a file of garbage has more, and nobody reads them


@dataclass(frozen=True, slots=True)
class Rejected:
    """One row that was set aside, or a warning.

    Attributes
    ----------
    row : line of the file, its header being line 1; None where no single line is meant
    symbol : as far as the row tells
    timestamp : close of its session (datetime64[us]), or its midnight where it has none; None without a date
    reason : key of `REASONS`
    message : what is wrong with which value, for the person who must mend it
    values : the row's cells
    """

    row: int | None
    symbol: str
    timestamp: np.datetime64 | None
    reason: str
    message: str
    values: dict[str, Any] = field(default_factory=dict)

    @property
    def is_warning(self) -> bool:
        """Whether the bar was stored all the same."""
        return self.reason in WARNINGS


class RowReport:
    """Counts by reason and symbol, and the first rows of each kind."""

    def __init__(self, kept: int = KEPT) -> None:
        self.rows: list[Rejected] = []
        self.reasons: Counter[str] = Counter()
        self.by_symbol: Counter[str] = Counter()  # without warnings
        self._room = kept

    @property
    def n_rejected(self) -> int:
        """Rows that were not stored."""
        return sum(count for reason, count in self.reasons.items() if reason not in WARNINGS)

    @property
    def n_warnings(self) -> int:
        """Things told of bars that were stored."""
        return sum(count for reason, count in self.reasons.items() if reason in WARNINGS)

    def add(self, reason: str, rows: Iterable[int], make: Callable[[int], Rejected]) -> None:
        """Count these rows (indices of the caller's own); ``make`` is called for those there is room to keep.

        A reason that floods the report leaves room for the others: none takes more than half of what is left.
        """
        indices = list(rows)
        if not indices:
            return
        self.reasons[reason] += len(indices)
        room = max(min(len(indices), 200), (self._room - len(self.rows)) // 2)
        room = min(room, max(self._room - len(self.rows), 0))
        self.rows.extend(make(i) for i in indices[:room])

    def count_symbols(self, symbols: Iterable[str]) -> None:
        """Note whose rows were rejected."""
        self.by_symbol.update(symbols)
