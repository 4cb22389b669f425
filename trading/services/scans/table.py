"""The result table of a scan, read for what the application asks: better directions, skipped pairs, counts."""

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt

from titan_core.types import BoolArray, Float1D, Int1D

__all__ = ["KEPT_PVALUE", "MAX_CANDIDATES", "NOMINAL", "NUMBERS", "ScanTable"]

KEPT_PVALUE = 0.10
MAX_CANDIDATES = 5_000
NOMINAL = 0.05
NUMBERS = (
    "statistic",
    "pvalue",
    "hypothesis_pvalue",
    "qvalue",
    "lag",
    "hedge_ratio",
    "intercept",
    "correlation",
    "half_life",
    "n_obs",
)


@dataclass(frozen=True)
class ScanTable:
    """Both directions of every pair formed, two rows a pair, as `PairScan.to_arrow` writes them."""

    table: Any

    @cached_property
    def is_tested(self) -> BoolArray:
        """One truth a row."""
        return np.asarray(
            self.table.column("reason").is_null().to_numpy(zero_copy_only=False), dtype=np.bool_
        )

    def numbers(self, name: str) -> Float1D:
        """A numeric column as doubles, NaN where there is none."""
        column = self.table.column(name).cast("float64")
        return np.asarray(column.to_numpy(zero_copy_only=False), dtype=np.float64)

    @cached_property
    def lowest(self) -> Float1D:
        """The lower statistic of each pair formed, NaN where not tested."""
        return np.asarray(self.numbers("statistic").reshape(-1, 2).min(axis=1))

    @cached_property
    def better(self) -> Int1D:
        """Rows of the better direction of each tested pair, most negative statistic first: the ranks.

        The first direction wins a tie, and pairs that tie keep their order, so that ranks are the same every time.
        """
        statistic = self.numbers("statistic").reshape(-1, 2)
        pairs = np.flatnonzero(self.is_tested[::2])
        direction = (statistic[pairs, 1] < statistic[pairs, 0]).astype(np.int64)
        order = np.argsort(statistic[pairs, direction], kind="stable")
        rows: Int1D = (2 * pairs + direction)[order]
        return rows

    @cached_property
    def skipped(self) -> Int1D:
        """First rows of the pairs that could not be tested."""
        rows: Int1D = 2 * np.flatnonzero(~self.is_tested[::2])
        return rows

    @property
    def n_tests(self) -> int:
        """Unordered pairs tested."""
        return int(self.better.size)

    @property
    def n_skipped(self) -> int:
        """Unordered pairs formed and not tested."""
        return int(self.skipped.size)

    def n_discoveries(self, alpha: float) -> int:
        """Pairs with q at most alpha."""
        return int(np.count_nonzero(self.numbers("qvalue")[self.better] <= alpha))

    @property
    def n_nominal(self) -> int:
        """Pairs with an uncorrected hypothesis p at most 5 %."""
        return int(np.count_nonzero(self.numbers("hypothesis_pvalue")[self.better] <= NOMINAL))

    def reasons(self) -> dict[str, int]:
        """How many pairs were not tested, by reason."""
        counted = self.table.column("reason").cast("string").take(self.skipped).value_counts()
        found = {item["values"].as_py(): item["counts"].as_py() for item in counted}
        return {str(reason): int(count) for reason, count in sorted(found.items())}

    @property
    def kept(self) -> Int1D:
        """Rows worth a database row: hypothesis p at most 0.10, the best 5,000."""
        rows = self.better[self.numbers("hypothesis_pvalue")[self.better] <= KEPT_PVALUE]
        return rows[:MAX_CANDIDATES]

    def symbols(self, name: str) -> npt.NDArray[np.object_]:
        """``symbol_1`` or ``symbol_2`` of every row."""
        return np.asarray(
            self.table.column(name).cast("string").to_numpy(zero_copy_only=False), dtype=np.object_
        )
