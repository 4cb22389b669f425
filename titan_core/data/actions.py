"""Corporate actions: the splits and cash dividends that turn raw closes into returns."""

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal, TypeAlias, get_args

import numpy as np

from titan_core.data.instants import as_instant
from titan_core.errors import InvalidInput

__all__ = ["ActionKind", "CorporateAction", "sorted_actions"]

ActionKind: TypeAlias = Literal["split", "dividend"]


@dataclass(frozen=True, slots=True)
class CorporateAction:
    """One split or cash dividend of one symbol.

    It takes effect on the first bar of its symbol that closes at or after ``timestamp``, so the ex-date's
    midnight, open and close all mean the same bar.

    Attributes
    ----------
    symbol : str
    timestamp : numpy.datetime64[us], UTC
        The ex-date, or any moment after the previous close and up to the ex-date's close.
    kind : "split" or "dividend"
    value : float
        Split: new shares for one old share (4.0 for four-for-one, 0.1 for one-for-ten). Dividend: cash for
        one share held before the ex-date, in the price's currency.
    """

    symbol: str
    timestamp: np.datetime64
    kind: ActionKind
    value: float

    def __post_init__(self) -> None:
        """Check the kind and that the value makes sense for it."""
        object.__setattr__(self, "timestamp", as_instant(self.timestamp, f"action of {self.symbol}"))
        where = f"{self.kind} of {self.symbol} at {self.timestamp}"
        if self.kind not in get_args(ActionKind):
            raise InvalidInput(
                f"action of {self.symbol} at {self.timestamp}: kind {self.kind!r} is not split or dividend"
            )
        if not math.isfinite(self.value):
            raise InvalidInput(f"{where} has value {self.value}: a finite number is needed")
        if self.kind == "split" and self.value <= 0.0:
            raise InvalidInput(f"{where} has ratio {self.value}: new shares for one old share, so above zero")
        if self.kind == "dividend" and self.value < 0.0:
            raise InvalidInput(f"{where} pays {self.value}: a dividend can't be negative")


def sorted_actions(
    actions: Iterable[CorporateAction], symbols: tuple[str, ...]
) -> tuple[CorporateAction, ...]:
    """Actions by time, then symbol, then dividend before split; each must be of a known symbol."""
    known = set(symbols)
    rows = list(actions)
    for action in rows:
        if action.symbol not in known:
            raise InvalidInput(
                f"{action.kind} at {action.timestamp} is of {action.symbol}, which has no column here"
            )
    # at one instant the dividend comes first: it is paid on the old share (and "dividend" < "split")
    return tuple(sorted(rows, key=lambda a: (a.timestamp, a.symbol, a.kind, a.value)))
