"""What a scan's findings are worth: candidates without their outliers, and the same scan on its own null."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from titan_core.analysis import (
    FWER_DRAWS,
    NullTally,
    OutlierRetest,
    default_draws,
    positive_logs,
    retest_without_outliers,
    scan_null,
)
from titan_core.data import PricePanel
from titan_core.types import Float1D, Int1D, Progress, ShouldStop
from trading.services.scans.table import ScanTable

__all__ = [
    "USUAL",
    "Checks",
    "draw_null",
    "draws_of",
    "n_kept",
    "pairs_of",
    "retest",
    "scan_options",
    "seed_of",
]

# What a scan does unless it is asked for something else; no draws given means as many as its size allows.
USUAL: dict[str, Any] = {
    "trend": "c",
    "autolag": "aic",
    "max_lag": None,
    "fdr": "by",
    "alpha": 0.05,
    "min_overlap": 250,
    "within_sectors": False,
    "null_draws": None,
}


@dataclass(frozen=True, slots=True)
class Checks:
    """Both checks of a scan; rows of ``outliers`` are the table's kept ones, in order."""

    null: NullTally | None
    outliers: OutlierRetest

    def fwer_pvalues(self) -> Float1D | None:
        """Of the kept rows, in order; None with too few draws."""
        return self.null.fwer_pvalues() if self.null and self.null.n_draws >= FWER_DRAWS else None


def scan_options(parameters: dict[str, Any], families: dict[str, str] | None) -> dict[str, Any]:
    """A scan's parameters as the engine takes them."""
    names = ("trend", "max_lag", "autolag", "min_overlap", "fdr", "alpha")
    return {name: parameters[name] for name in names} | {"families": families}


def draws_of(parameters: dict[str, Any], n_pairs: int) -> int:
    """Draws of the null a scan makes: as asked for, or what its size allows; none where nothing was tested."""
    asked = parameters.get("null_draws")
    return (
        0
        if n_pairs == 0
        else default_draws(n_pairs, parameters.get("max_lag"))
        if asked is None
        else int(asked)
    )


def seed_of(panel_hash: str) -> int:
    """Seed of a panel's null: the same data gives the same draws."""
    return int(panel_hash[:8], 16)


def retest(
    panel: PricePanel,
    table: ScanTable,
    parameters: dict[str, Any],
    *,
    should_stop: ShouldStop | None = None,
    n_threads: int | None = None,
) -> OutlierRetest:
    """The table's kept rows without their three most influential bars."""
    pairs, lags = pairs_of(table)
    return retest_without_outliers(
        positive_logs(panel),
        pairs,
        lags,
        trend=parameters["trend"],
        should_stop=should_stop,
        n_threads=n_threads,
    )


def pairs_of(table: ScanTable) -> tuple[list[tuple[str, str]], Int1D]:
    """The kept rows' pairs, the dependent symbol first, and their lag orders."""
    kept = table.kept
    first, second = table.symbols("symbol_1")[kept], table.symbols("symbol_2")[kept]
    return list(zip(first, second, strict=True)), table.numbers("lag")[kept].astype(np.int64)


def n_kept(table: ScanTable, draws: int) -> int:
    """Rows that get a family-wise p-value: the kept ones where the draws are enough for it."""
    return int(table.kept.size) if draws >= FWER_DRAWS else 0


def draw_null(
    panel: PricePanel,
    table: ScanTable,
    parameters: dict[str, Any],
    families: dict[str, str] | None,
    *,
    seed: int,
    draws: int,
    tally: NullTally | None = None,
    on_draw: Callable[[NullTally], None] | None = None,
    progress: Progress | None = None,
    should_stop: ShouldStop | None = None,
    n_threads: int | None = None,
) -> NullTally:
    """The same scan on draws of its own null; family-wise p-values where the draws are enough for them."""
    return scan_null(
        positive_logs(panel),
        table.lowest,
        draws=draws,
        seed=seed,
        n_kept=n_kept(table, draws),
        tally=tally,
        on_draw=on_draw,
        progress=progress,
        should_stop=should_stop,
        n_threads=n_threads,
        **scan_options(parameters, families),
    )
