"""`scan_pairs`: every pair of a panel tested for cointegration, in both directions, and every look counted."""

from collections.abc import Mapping
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from titan_core.analysis.cointegration import mackinnon
from titan_core.analysis.cointegration.engle_granger import as_settings
from titan_core.analysis.cointegration.kernels import COLLINEAR, TESTED
from titan_core.analysis.cointegration.scan import kernels
from titan_core.analysis.cointegration.scan.kernels import Results
from titan_core.analysis.cointegration.scan.plan import Family, families_of
from titan_core.analysis.cointegration.scan.result import PairScan
from titan_core.analysis.cointegration.scan.run import run
from titan_core.checks import as_choice, as_count, as_fraction
from titan_core.data.panels import PricePanel
from titan_core.errors import InvalidInput
from titan_core.statistics.multiple_testing import adjust
from titan_core.types import FDR, Autolag, Float2D, Progress, ShouldStop, Trend

__all__ = ["scan_pairs"]

_PVALUE_CHUNK = 1 << 18

Columns: TypeAlias = npt.NDArray[np.int32]


def scan_pairs(
    panel: PricePanel,
    *,
    trend: Trend = "c",
    max_lag: int | None = None,
    autolag: Autolag = "aic",
    min_overlap: int = 250,
    families: Mapping[str, str] | None = None,
    fdr: FDR = "by",
    alpha: float = 0.05,
    progress: Progress | None = None,
    should_stop: ShouldStop | None = None,
    n_threads: int | None = None,
) -> PairScan:
    """Engle–Granger test of every pair of symbols, both directions, on the values as given (take ``.log()`` first).

    Each test equals `engle_granger` on the bars both symbols have. A hypothesis is an unordered pair, its p-value
    ``min(1, 2·min(p₁, p₂))``; q-values are over all hypotheses tested. Pairs that cannot be tested have NaN and a
    reason, and are not counted.

    Parameters
    ----------
    panel : PricePanel of shape (n_bars, n_symbols), NaN = no bar; at least two symbols.
    trend, max_lag, autolag : as in `engle_granger`; the default max_lag follows each pair's own length.
    min_overlap : fewest bars in common for a pair to be tested.
    families : symbol -> label for every symbol; pairs are formed inside a label only. None forms all pairs.
    fdr : "by" (Benjamini–Yekutieli, any dependence) or "bh".
    alpha : level at which `PairScan.n_discoveries` counts.
    progress : called with (pairs done, pairs in all) from this thread.
    should_stop : asked from this thread at least every 0.1 s or so; True ends the scan.
    n_threads : threads to use, None for all CPUs this process may use; results do not depend on it.

    Returns
    -------
    PairScan

    Raises
    ------
    InvalidInput
        An unknown option, fewer than two symbols, or a symbol without a family.
    Cancelled
        ``should_stop`` returned True; nothing is kept.
    """
    log_values = panel.scale == "log"
    settings = as_settings(trend, max_lag, autolag, min_overlap=min_overlap, log_values=log_values)
    as_choice(fdr, "fdr", ("by", "bh"))
    level = as_fraction(alpha, "alpha")
    threads = None if n_threads is None else as_count(n_threads, "n_threads", minimum=1)
    if panel.n_symbols < 2:
        raise InvalidInput(f"a scan needs at least two symbols; the panel has {panel.n_symbols}")
    groups = families_of(panel.symbols, families)
    values = np.ascontiguousarray(panel.values.T)
    results = run(values, groups, settings, n_threads=threads, progress=progress, should_stop=should_stop)
    _blank_untested(results)
    first, second = _columns(groups)
    pvalues = _pvalues(results.numbers[:, :, kernels.STATISTIC], trend)
    hypothesis = np.minimum(1.0, 2.0 * pvalues.min(axis=1))
    return PairScan(
        symbols=panel.symbols,
        first=first,
        second=second,
        numbers=results.numbers,
        pvalue=pvalues,
        hypothesis_pvalue=hypothesis,
        qvalue=adjust(hypothesis, fdr),
        lag=results.lags,
        correlation=results.correlation,
        n_obs=results.overlap,
        codes=results.codes,
        trend=trend,
        fdr=fdr,
        alpha=level,
    )


def _blank_untested(results: Results) -> None:
    """NaN for whatever a failed test left behind; a collinear pair keeps its correlation."""
    failed = np.flatnonzero(results.codes != TESTED)
    results.numbers[failed] = np.nan
    results.lags[failed] = 0
    results.correlation[failed[results.codes[failed] != COLLINEAR]] = np.nan


def _columns(families: list[Family]) -> tuple[Columns, Columns]:
    """Panel columns of the first and second symbol of every pair."""
    first, second = [], []
    for family in families:
        i, j = np.triu_indices(family.columns.size, 1)
        first.append(family.columns[i].astype(np.int32))
        second.append(family.columns[j].astype(np.int32))
    return np.concatenate(first), np.concatenate(second)


def _pvalues(statistic: Float2D, trend: Trend) -> Float2D:
    """p-values (n_pairs, 2), a chunk at a time: the surfaces need several copies of what they work on."""
    pvalues = np.empty(statistic.shape)
    for at in range(0, statistic.shape[0], _PVALUE_CHUNK):
        part = slice(at, at + _PVALUE_CHUNK)
        pvalues[part] = mackinnon.pvalue(statistic[part], trend)
    return pvalues
