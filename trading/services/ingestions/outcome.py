"""What became of a file, gathered bucket by bucket, as its report tells it."""

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from common.events import instant
from titan_core.data.files import REASONS, BarFile
from titan_core.data.files.report import WARNINGS
from titan_core.data.store import WriteResult
from titan_core.data.validation import CheckedBars
from titan_core.types import Adjustment
from trading.services.ingestions.storing import Stored
from trading.utils import as_datetime

__all__ = ["Outcome"]

_SYMBOLS = 1_000  # told one by one


@dataclass(slots=True)
class Outcome:
    """Counts of one file."""

    file: BarFile
    adjustment: Adjustment
    results: dict[str, WriteResult] = field(default_factory=dict)
    spans: dict[str, tuple[np.datetime64, np.datetime64]] = field(default_factory=dict)
    n_actions: int = 0
    n_new_symbols: int = 0

    def saw(self, checked: CheckedBars, symbols: list[str]) -> None:
        """Note how far the good bars of each symbol reach."""
        codes, first = np.unique(checked.bars.code, return_index=True)
        last = np.append(first, checked.bars.n_rows)[1:] - 1
        for code, start, end in zip(codes.tolist(), first, last, strict=True):
            self.spans[symbols[code]] = checked.timestamps[start], checked.timestamps[end]

    def add(self, stored: Stored) -> None:
        """Add what one bucket did."""
        self.results |= stored.results
        self.n_actions += stored.n_actions
        self.n_new_symbols += stored.n_new_symbols

    @property
    def total(self) -> WriteResult:
        """Bars of all symbols."""
        total = WriteResult(0, 0, 0)
        for result in self.results.values():
            total += result
        return total

    def sentence(self) -> str:
        """The outcome in one sentence."""
        total, aside = self.total, self.file.report.n_rejected
        parts = [f"{total.inserted:,} bars stored"]
        parts += [f"{total.changed:,} changed"] if total.changed else []
        parts += [f"{total.unchanged:,} were there already"] if total.unchanged else []
        parts += [f"{aside:,} rows set aside"] if aside else []
        return ", ".join(parts) + "."

    def as_dict(self) -> dict[str, Any]:
        """The report as it is kept; field names are the API's."""
        rows, found, total = self.file.report, self.file.recognised, self.total
        return {
            "rows_read": self.file.n_rows,
            "stored": total.inserted,
            "changed": total.changed,
            "unchanged": total.unchanged,
            "quarantined": rows.n_rejected,
            "warnings": rows.n_warnings,
            "actions": self.n_actions,
            "n_symbols": len(self.results),
            "new_symbols": self.n_new_symbols,
            "reasons": [
                {"reason": reason, "count": n, "is_warning": reason in WARNINGS, "message": REASONS[reason]}
                for reason, n in sorted(
                    rows.reasons.items(), key=lambda item: (item[0] in WARNINGS, -item[1], item[0])
                )
            ],
            "symbols": self._symbols(),
            "columns": found.columns,
            "layout": found.layout,
            "adjustment": self.adjustment,
            "notes": found.notes,
            "rows_kept": len(rows.rows),
        }

    def _symbols(self) -> list[dict[str, Any]]:
        aside = self.file.report.by_symbol
        nothing = WriteResult(0, 0, 0)
        tickers = sorted({*self.results, *aside} - {""}, key=lambda ticker: (-aside[ticker], ticker))
        told = []
        for ticker in tickers[:_SYMBOLS]:
            result, span = self.results.get(ticker, nothing), self.spans.get(ticker)
            told.append(
                {
                    "ticker": ticker,
                    "stored": result.inserted,
                    "changed": result.changed,
                    "unchanged": result.unchanged,
                    "quarantined": aside[ticker],
                    "first": instant(as_datetime(span[0])) if span else None,
                    "last": instant(as_datetime(span[1])) if span else None,
                }
            )
        return told
