"""`PairScan`: what a scan found, as columns."""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from titan_core.analysis.cointegration.kernels import TESTED
from titan_core.analysis.cointegration.reasons import REASON_OF_CODE
from titan_core.analysis.cointegration.scan.kernels import HALF_LIFE, HEDGE_RATIO, INTERCEPT, STATISTIC
from titan_core.checks import as_choice, as_fraction
from titan_core.types import FDR, BoolArray, Float1D, Float2D, Trend

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["PairScan"]

_OF_DIRECTION = ("statistic", "pvalue", "lag", "hedge_ratio", "intercept", "half_life")
_OF_PAIR = ("qvalue", "hypothesis_pvalue", "correlation", "n_obs")
_NUMBER = {"statistic": STATISTIC, "hedge_ratio": HEDGE_RATIO, "intercept": INTERCEPT, "half_life": HALF_LIFE}


@dataclass(frozen=True, slots=True, eq=False)
class PairScan:
    """Every pair of a scan; arrays have a row a pair, and a column a direction: first on second, second on first.

    Attributes
    ----------
    symbols : tuple of str, the panel's
    first, second : ndarray of shape (n_pairs,), int32
        Columns of the panel, first < second.
    numbers : ndarray of shape (n_pairs, 2, 4)
        Statistic, hedge ratio, intercept, half-life (bars; inf = no reversion). NaN where not tested.
    pvalue : ndarray of shape (n_pairs, 2)
    hypothesis_pvalue, qvalue : ndarray of shape (n_pairs,)
        min(1, 2·min(p₁, p₂)), and its false discovery rate over all pairs tested. NaN where not tested.
    lag : ndarray of shape (n_pairs, 2)
    correlation : ndarray of shape (n_pairs,)
        Of log returns between bars both have. NaN where prices have no logs.
    n_obs : ndarray of shape (n_pairs,)
        Bars both have.
    codes : ndarray of shape (n_pairs,)
        Outcome; `reasons` counts them in words.
    trend, fdr, alpha
        As asked for.
    """

    symbols: tuple[str, ...]
    first: npt.NDArray[np.int32] = field(repr=False)
    second: npt.NDArray[np.int32] = field(repr=False)
    numbers: npt.NDArray[np.float64] = field(repr=False)
    pvalue: Float2D = field(repr=False)
    hypothesis_pvalue: Float1D = field(repr=False)
    qvalue: Float1D = field(repr=False)
    lag: npt.NDArray[np.int16] = field(repr=False)
    correlation: Float1D = field(repr=False)
    n_obs: npt.NDArray[np.int32] = field(repr=False)
    codes: npt.NDArray[np.uint8] = field(repr=False)
    trend: Trend
    fdr: FDR
    alpha: float

    @property
    def tested(self) -> BoolArray:
        """Which pairs were tested, shape (n_pairs,)."""
        return np.equal(self.codes, TESTED)

    @property
    def n_tests(self) -> int:
        """Hypotheses: unordered pairs tested."""
        return int(np.count_nonzero(self.codes == TESTED))

    @property
    def n_skipped(self) -> int:
        """Pairs formed and not tested."""
        return self.codes.size - self.n_tests

    @property
    def n_discoveries(self) -> int:
        """Hypotheses with q at or below alpha."""
        return int(np.count_nonzero(self.qvalue <= self.alpha))

    def reasons(self) -> dict[str, int]:
        """How many pairs were not tested, by reason; only reasons that occur."""
        codes, counts = np.unique(self.codes[self.codes != TESTED], return_counts=True)
        return {REASON_OF_CODE[int(code)]: int(n) for code, n in zip(codes, counts, strict=True)}

    def matrix(self, name: str) -> Float2D:
        """One number of every pair as a matrix, shape (n_symbols, n_symbols): row dependent, column the other leg.

        ``name`` is a numeric column of `to_arrow`. NaN on the diagonal and where a pair was not formed or tested.
        """
        as_choice(name, "name", (*_OF_DIRECTION, *_OF_PAIR))
        square = np.full((len(self.symbols), len(self.symbols)), np.nan)
        for direction, (i, j) in enumerate(((self.first, self.second), (self.second, self.first))):
            values = self._column(name, direction).astype(np.float64)
            if name != "n_obs":
                values[~self.tested] = np.nan
            square[i, j] = values
        return square

    def to_arrow(self) -> Any:
        """Pyarrow Table of both directions of every pair formed, two rows a pair, the dependent symbol first.

        Columns: symbol_1, symbol_2 (dictionary), statistic, pvalue, qvalue, lag, hedge_ratio, intercept, correlation,
        half_life, n_obs, reason (dictionary; null where tested), hypothesis_pvalue. Numbers are null where not tested.
        """
        rows = np.arange(2 * self.codes.size)
        return self._table(rows // 2, rows % 2)

    def to_pandas(self) -> "pd.DataFrame":
        """`to_arrow` as a pandas DataFrame; symbols and reasons as categories."""
        frame: pd.DataFrame = self.to_arrow().to_pandas()
        return frame

    def better_directions(self, max_pvalue: float | None = None) -> Any:
        """Table like `to_arrow` of the direction with the lower statistic of each tested pair, the lowest first.

        ``max_pvalue`` drops directions with a larger p-value.
        """
        rows = np.flatnonzero(self.tested)
        statistic = self.numbers[:, :, STATISTIC]
        direction = (statistic[rows, 1] < statistic[rows, 0]).astype(np.int64)
        if max_pvalue is not None:
            keep = self.pvalue[rows, direction] <= as_fraction(max_pvalue, "max_pvalue")
            rows, direction = rows[keep], direction[keep]
        order = np.argsort(statistic[rows, direction], kind="stable")
        return self._table(rows[order], direction[order])

    def _column(self, name: str, direction: Any) -> npt.NDArray[Any]:
        """Values of one numeric column for all pairs in a direction."""
        if name in _NUMBER:
            return self.numbers[:, direction, _NUMBER[name]]
        values: npt.NDArray[Any] = getattr(self, name)
        return values[:, direction] if values.ndim == 2 else values

    def _table(self, rows: npt.NDArray[np.int64], direction: npt.NDArray[np.int64]) -> Any:
        import pyarrow as pa

        untested = self.codes[rows] != TESTED
        swapped = direction == 1
        codes = sorted(REASON_OF_CODE)
        names = pa.array(self.symbols, pa.string())
        reasons = pa.array([REASON_OF_CODE[code] for code in codes], pa.string())

        def number(values: npt.NDArray[Any]) -> Any:
            return pa.array(values, mask=untested)

        def maybe(values: Float1D) -> Any:
            return pa.array(values, from_pandas=True)

        def symbol(columns: npt.NDArray[np.int32]) -> Any:
            return pa.DictionaryArray.from_arrays(pa.array(columns), names)

        first, second = self.first[rows], self.second[rows]
        index = np.searchsorted(codes, self.codes[rows]).astype(np.int8)
        return pa.table(
            {
                "symbol_1": symbol(np.where(swapped, second, first)),
                "symbol_2": symbol(np.where(swapped, first, second)),
                "statistic": number(self.numbers[rows, direction, STATISTIC]),
                "pvalue": number(self.pvalue[rows, direction]),
                "qvalue": number(self.qvalue[rows]),
                "lag": number(self.lag[rows, direction]),
                "hedge_ratio": number(self.numbers[rows, direction, HEDGE_RATIO]),
                "intercept": number(self.numbers[rows, direction, INTERCEPT]),
                "correlation": maybe(self.correlation[rows]),
                "half_life": number(self.numbers[rows, direction, HALF_LIFE]),
                "n_obs": pa.array(self.n_obs[rows]),
                "reason": pa.DictionaryArray.from_arrays(pa.array(index, mask=~untested), reasons),
                "hypothesis_pvalue": number(self.hypothesis_pvalue[rows]),
            }
        )
