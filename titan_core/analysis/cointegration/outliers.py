"""Does a finding hang on three bars? The re-test of candidates without their most influential ones.

A missed spin-off, split or bad print is one bar, and one bar can make a pair look cointegrated: where the residual
stands far off and comes back in a single jump, that bar is a row of the Dickey–Fuller regression with a huge level and
a huge opposite change.

**Influence** of a bar is the DFBETAS of the level coefficient ρ in the pair's Dickey–Fuller regression (its residual
and the lag order of the scan), for the row of the change into that bar:

    DFBETAS_t = (ρ - ρ₍ₜ₎) / (s₍ₜ₎ · √[(X'X)⁻¹]ρρ),

ρ₍ₜ₎ and s₍ₜ₎ being the coefficient and the residual standard deviation without the row: Belsley, Kuh & Welsch (1980),
Regression Diagnostics, §2.1. It says by how many standard errors the bar moves what the test is about, either way, and
a jump cannot hide behind the residual variance it inflates, as it can in the change of the t-statistic.

**Deleting** a bar drops the row of its change: the test then knows nothing of how the spread came from the bar before
to this one, so a jump that closed a gap no longer counts as reversion. Residual and lag order are held. The other way,
closing the gap in both legs so that all later levels shift, is worse: it plants a lasting shift in a spread that had
none, and by simulation strikes out 4 to 10 % of pairs of 500 to 2,520 bars with a half-life of a week, whose t is
about -8 to -13; dropping rows strikes out none of them, and catches as many jumps.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np
import numpy.typing as npt

from titan_core.analysis.cointegration import kernels, mackinnon
from titan_core.analysis.cointegration.engle_granger import TRENDS
from titan_core.analysis.cointegration.scan.run import Pool, usable_cpus
from titan_core.checks import as_choice, as_count
from titan_core.data.panels import PricePanel
from titan_core.errors import InvalidInput
from titan_core.types import BoolArray, Float1D, Float2D, Int1D, Progress, ShouldStop, Trend

__all__ = ["N_OUTLIERS", "OutlierRetest", "retest_without_outliers"]

N_OUTLIERS = 3
_CHUNK = 32


@dataclass(frozen=True, slots=True, eq=False)
class OutlierRetest:
    """What is left of pairs without their most influential bars, in the order given.

    Attributes
    ----------
    statistic : ndarray of shape (n_pairs,)
        Dickey–Fuller t of the direction given; NaN where nothing can be tested without these bars.
    hypothesis_pvalue : ndarray of shape (n_pairs,)
        min(1, 2·p), the pair's p as far as this direction carries it: comparable with a scan's where the direction is
        the better one.
    bars : ndarray of shape (n_pairs, n_outliers)
        Panel rows of the bars left out, the most influential first; -1 where there was none to leave out.
    """

    statistic: Float1D
    hypothesis_pvalue: Float1D
    bars: Int1D

    @classmethod
    def together(cls, parts: Sequence["OutlierRetest"], *, trend: Trend = "c") -> "OutlierRetest":
        """What `retest_without_outliers` makes of all pairs, from what it made of some of them after the other."""
        statistic = np.concatenate([part.statistic for part in parts])
        return cls(statistic, _hypothesis(statistic, trend), np.concatenate([part.bars for part in parts]))

    def crosses(self, before: npt.ArrayLike, alpha: float) -> BoolArray:
        """Which pairs had p at most alpha and have not without these bars (or can't be tested without them)."""
        return np.asarray((np.asarray(before) <= alpha) & ~(self.hypothesis_pvalue <= alpha))


def retest_without_outliers(
    panel: PricePanel,
    pairs: Sequence[tuple[str, str]],
    lags: npt.ArrayLike,
    *,
    trend: Trend = "c",
    n_outliers: int = N_OUTLIERS,
    progress: Progress | None = None,
    should_stop: ShouldStop | None = None,
    n_threads: int | None = None,
) -> OutlierRetest:
    """Test pairs again without the bars that weigh most in each; see the module for what that means.

    Parameters
    ----------
    panel : PricePanel of shape (n_bars, n_symbols), NaN = no bar: what was scanned, logs as a rule.
    pairs : (dependent symbol, other symbol) of each pair: the better direction, as a rule.
    lags : array-like of shape (n_pairs,): the lag order each was tested with in that direction.
    trend : as in `scan_pairs`.
    n_outliers : bars to leave out of each pair.
    progress, should_stop, n_threads : as in `scan_pairs`.

    Raises
    ------
    InvalidInput
        A symbol is not in the panel, the trend is unknown, or there is not one lag a pair.
    Cancelled
        ``should_stop`` returned True.
    """
    n_terms = TRENDS.index(as_choice(trend, "trend", TRENDS))
    as_count(n_outliers, "n_outliers", minimum=1)
    threads = usable_cpus() if n_threads is None else as_count(n_threads, "n_threads", minimum=1)
    columns, orders = _columns(panel, pairs), np.asarray(lags, dtype=np.int64)
    if orders.shape != (len(pairs),):
        raise InvalidInput(
            f"lags must hold one lag order for each of {len(pairs)} pairs: shape {orders.shape}"
        )
    values = np.ascontiguousarray(panel.values.T)
    statistic = np.full(len(pairs), np.nan)
    bars = np.full((len(pairs), n_outliers), -1, dtype=np.int64)

    def task(at: int) -> int:
        rows = range(at, min(at + _CHUNK, len(pairs)))
        for p in rows:
            statistic[p] = _retest(values[columns[p]], int(orders[p]), n_terms, bars[p])
        return len(rows)

    pool = Pool(threads, len(pairs), progress, should_stop)
    pool.work_through(partial(task, at) for at in range(0, len(pairs), _CHUNK))
    return OutlierRetest(statistic, _hypothesis(statistic, trend), bars)


def _hypothesis(statistic: Float1D, trend: Trend) -> Float1D:
    return np.minimum(1.0, 2.0 * mackinnon.pvalue(statistic, trend))


def _columns(panel: PricePanel, pairs: Sequence[tuple[str, str]]) -> Int1D:
    """Columns (n_pairs, 2) of the pairs' symbols."""
    column = {symbol: j for j, symbol in enumerate(panel.symbols)}
    unknown = sorted({symbol for pair in pairs for symbol in pair if symbol not in column})
    if unknown:
        raise InvalidInput(f"the panel has no {', '.join(unknown[:5])}: give pairs of its own symbols")
    return np.array([[column[a], column[b]] for a, b in pairs], dtype=np.int64).reshape(-1, 2)


def _retest(legs: Float2D, lag: int, n_terms: int, bars: Int1D) -> float:
    """Statistic of one pair without its most influential bars, which go to ``bars``; NaN where there is none."""
    both = np.flatnonzero(~np.isnan(legs).any(axis=0))
    if both.size < 2 * lag + 4 + bars.size:
        return float("nan")
    y, x = legs[:, both]
    residual, weights = np.empty(y.size), np.empty(y.size)
    _, code = kernels.regress(y, x, n_terms, residual, np.zeros(3))
    if code != kernels.TESTED or not kernels.influence(residual, lag, weights):
        return float("nan")
    heaviest = np.argsort(-np.abs(weights), kind="stable")[: bars.size]
    heaviest = heaviest[weights[heaviest] != 0.0]
    bars[: heaviest.size] = both[heaviest]
    return float(kernels.dickey_fuller_without(residual, lag, heaviest))
