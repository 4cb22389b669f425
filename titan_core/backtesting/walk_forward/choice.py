"""How a window's scan becomes the pairs it trades."""

from collections.abc import Collection, Mapping
from dataclasses import asdict, dataclass
from typing import Any, Literal, TypeAlias, get_args

import numpy as np

from titan_core.analysis.cointegration import scan_pairs
from titan_core.checks import as_choice, as_count, as_fraction
from titan_core.data import BarPanel
from titan_core.errors import InvalidInput
from titan_core.strategy.parameters import TradedPair
from titan_core.types import FDR, Progress, ShouldStop

__all__ = ["Candidate", "Choice", "Chosen", "Selection", "candidates_of"]

Selection: TypeAlias = Literal["strongest", "discoveries"]
_GRACE = 5  # a symbol without a bar among a training's last five can't be traded after it


@dataclass(frozen=True, slots=True)
class Choice:
    """Which pairs of a scan are traded.

    Attributes
    ----------
    n_pairs : shares the account is cut into: at most so many pairs are traded at once
    selection : "discoveries" takes pairs with q <= alpha only, and may take none; "strongest" the lowest p-values
    alpha : of the false discovery rate
    max_per_symbol : pairs a symbol may be in; 0 = any number
    min_overlap, fdr : as in `scan_pairs`
    families : symbol -> label, declared beforehand: pairs are formed inside a label only. None forms all
    """

    n_pairs: int = 10
    selection: Selection = "strongest"
    alpha: float = 0.05
    max_per_symbol: int = 0
    min_overlap: int = 250
    fdr: FDR = "by"
    families: Mapping[str, str] | None = None

    def __post_init__(self) -> None:
        """Each value alone."""
        as_count(self.n_pairs, "n_pairs", minimum=1)
        as_choice(self.selection, "selection", get_args(Selection))
        as_fraction(self.alpha, "alpha")
        as_count(self.max_per_symbol, "max_per_symbol")
        as_count(self.min_overlap, "min_overlap", minimum=30)

    def as_dict(self) -> dict[str, Any]:
        """Plain JSON values."""
        return asdict(self) | {"families": None if self.families is None else dict(self.families)}


@dataclass(frozen=True, slots=True)
class Candidate:
    """A pair worth trading, as the training's scan saw it."""

    pair: TradedPair
    pvalue: float
    qvalue: float
    half_life: float


@dataclass(frozen=True, slots=True)
class Chosen:
    """What a training's scan came to: its pairs worth trading, and how many it tested and discovered."""

    candidates: tuple[Candidate, ...]
    n_tests: int
    n_discoveries: int

    def as_dict(self) -> dict[str, Any]:
        """Plain JSON values, from which `from_dict` makes the same to the last bit."""
        candidates = [
            [c.pair.symbol_1, c.pair.symbol_2]
            + [repr(x) for x in (c.pair.hedge_ratio, c.pair.intercept, c.pvalue, c.qvalue, c.half_life)]
            for c in self.candidates
        ]
        return {"candidates": candidates, "n_tests": self.n_tests, "n_discoveries": self.n_discoveries}

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> "Chosen":
        """The choice that `as_dict` wrote."""
        found = []
        for one, other, *numbers in values["candidates"]:
            ratio, intercept, pvalue, qvalue, half_life = map(float, numbers)
            found.append(Candidate(TradedPair(one, other, ratio, intercept), pvalue, qvalue, half_life))
        return cls(tuple(found), values["n_tests"], values["n_discoveries"])


def candidates_of(
    training: BarPanel,
    choice: Choice,
    *,
    gone: Collection[str] = (),
    progress: Progress | None = None,
    should_stop: ShouldStop | None = None,
    n_threads: int | None = None,
) -> Chosen:
    """Scan the training bars' total-return logs and choose, the lowest statistic first.

    A pair with β <= 0 is not traded, nor one with a leg that has no bar among the last five, or that is among ``gone``:
    symbols delisted by the first bar that would be traded. The next best takes its place.

    Raises
    ------
    InvalidInput
        As `scan_pairs`.
    Cancelled
        ``should_stop`` returned True.
    """
    panel = training.prices("total_return")
    if panel.n_bars < choice.min_overlap:
        raise InvalidInput(
            f"training has {panel.n_bars} bars and min_overlap is {choice.min_overlap}: no pair could be tested"
        )
    scan = scan_pairs(
        panel,
        take_logs=True,
        min_overlap=choice.min_overlap,
        families=choice.families,
        fdr=choice.fdr,
        alpha=choice.alpha,
        progress=progress,
        should_stop=should_stop,
        n_threads=n_threads,
    )
    alive = {
        symbol
        for symbol, column in zip(panel.symbols, panel.values[-_GRACE:].T, strict=True)
        if np.isfinite(column).any()
    }.difference(gone)
    rows = scan.better_directions()
    if choice.selection == "discoveries":
        rows = rows.filter(np.asarray(rows["qvalue"]) <= choice.alpha)
    found: list[Candidate] = []
    used: dict[str, int] = {}
    # enough to fill every share, refused ones aside: a table of millions of pairs is not walked through
    for row in rows.slice(0, 50 * choice.n_pairs).to_pylist():
        legs = row["symbol_1"], row["symbol_2"]
        full = choice.max_per_symbol and any(used.get(s, 0) >= choice.max_per_symbol for s in legs)
        if row["hedge_ratio"] <= 0.0 or full or not alive.issuperset(legs):
            continue
        for symbol in legs:
            used[symbol] = used.get(symbol, 0) + 1
        pair = TradedPair(*legs, float(row["hedge_ratio"]), float(row["intercept"]))
        found.append(Candidate(pair, float(row["pvalue"]), float(row["qvalue"]), float(row["half_life"])))
        if len(found) == choice.n_pairs:
            break
    return Chosen(tuple(found), scan.n_tests, scan.n_discoveries)
