"""`scan_pairs`: every pair of a panel tested for cointegration, in both directions, and every look counted."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import Literal, TypeAlias

import numpy as np
import numpy.typing as npt

from titan_core.analysis.cointegration import mackinnon
from titan_core.analysis.cointegration.engle_granger import as_settings
from titan_core.analysis.cointegration.kernels import COLLINEAR, TESTED
from titan_core.analysis.cointegration.scan import kernels
from titan_core.analysis.cointegration.scan.kernels import Results, Settings
from titan_core.analysis.cointegration.scan.logs import mark_not_positive, positive_logs
from titan_core.analysis.cointegration.scan.plan import Family, families_of
from titan_core.analysis.cointegration.scan.reference import run_reference
from titan_core.analysis.cointegration.scan.result import PairScan
from titan_core.analysis.cointegration.scan.run import Pool, run, usable_cpus
from titan_core.checks import as_choice, as_count, as_fraction
from titan_core.data.panels import PricePanel
from titan_core.errors import InvalidInput
from titan_core.statistics.multiple_testing import adjust
from titan_core.types import FDR, Autolag, Float2D, Progress, ShouldStop, Trend

__all__ = ["METHODS", "Method", "Question", "blank_untested", "scan_pairs"]

Method: TypeAlias = Literal["products", "reference"]
METHODS: tuple[Method, ...] = ("products", "reference")

_PVALUE_CHUNK = 1 << 15

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
    take_logs: bool = False,
    method: Method = "products",
    progress: Progress | None = None,
    should_stop: ShouldStop | None = None,
    n_threads: int | None = None,
) -> PairScan:
    """Engle–Granger test of every pair of symbols, both directions, on the values as given or their logs.

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
    take_logs : test the logs of the prices, as on ``panel.log()``; but a symbol with a price at or below zero fails
        nothing, and its pairs have the reason "not_positive". A panel of logs is taken as it is.
    method : "products" is quick; "reference" runs `engle_granger` on one pair after the other, on one thread, and
        serves as the oracle: the same to about 1e-10, a hundred times slower.
    progress : called with (pairs done, pairs in all) from this thread.
    should_stop : asked from this thread at least every 0.1 s or so; True ends the scan.
    n_threads : threads to use, None for all CPUs this process may use; results do not depend on it.

    Returns
    -------
    PairScan

    Raises
    ------
    InvalidInput
        Not a PricePanel, an unknown option, fewer than two symbols, or a symbol without a family.
    Cancelled
        ``should_stop`` returned True; nothing is kept.
    """
    as_choice(method, "method", METHODS)
    threads = None if n_threads is None else as_count(n_threads, "n_threads", minimum=1)
    question = Question.of(
        panel,
        trend=trend,
        max_lag=max_lag,
        autolag=autolag,
        min_overlap=min_overlap,
        families=families,
        fdr=fdr,
        alpha=alpha,
        take_logs=take_logs,
    )
    values, groups, settings = question.values(), question.families, question.settings
    if method == "reference":
        results = run_reference(values, groups, settings, autolag, progress=progress, should_stop=should_stop)
    else:
        results = run(values, groups, settings, n_threads=threads, progress=progress, should_stop=should_stop)
    del values
    return question.answer(results, n_threads=threads, should_stop=should_stop)


@dataclass(frozen=True, slots=True)
class Question:
    """What a scan is asked, checked; and how its numbers become its answer."""

    panel: PricePanel
    settings: Settings
    families: list[Family]
    trend: Trend
    fdr: FDR
    alpha: float
    take_logs: bool

    @classmethod
    def of(
        cls,
        panel: PricePanel,
        *,
        trend: Trend = "c",
        max_lag: int | None = None,
        autolag: Autolag = "aic",
        min_overlap: int = 250,
        families: Mapping[str, str] | None = None,
        fdr: FDR = "by",
        alpha: float = 0.05,
        take_logs: bool = False,
    ) -> "Question":
        """Options of `scan_pairs`, refused as there."""
        if not isinstance(panel, PricePanel):
            raise InvalidInput(
                f"panel is a {type(panel).__name__}; scan_pairs takes a PricePanel: "
                "PricePanel.from_pandas(frame) or .from_arrow(table) makes one"
            )
        log_values = take_logs or panel.scale == "log"
        settings = as_settings(trend, max_lag, autolag, min_overlap=min_overlap, log_values=log_values)
        as_choice(fdr, "fdr", ("by", "bh"))
        level = as_fraction(alpha, "alpha")
        if panel.n_symbols < 2:
            raise InvalidInput(f"a scan needs at least two symbols; the panel has {panel.n_symbols}")
        groups = families_of(panel.symbols, families)
        return cls(panel, settings, groups, trend, fdr, level, take_logs)

    @property
    def n_pairs(self) -> int:
        """Pairs formed."""
        return sum(family.n_pairs for family in self.families)

    def values(self) -> Float2D:
        """What is tested, shape (n_symbols, n_bars)."""
        tested = positive_logs(self.panel) if self.take_logs else self.panel
        return np.ascontiguousarray(tested.values.T)

    def answer(self, results: Results, *, n_threads: int | None, should_stop: ShouldStop | None) -> PairScan:
        """p- and q-values over every pair, whose rows `results` holds; these are changed in place."""
        first, second = _columns(self.families)
        if self.take_logs:
            mark_not_positive(self.panel, first, second, results)
        blank_untested(results)
        pvalues = _pvalues(results.numbers[:, :, kernels.STATISTIC], self.trend, n_threads, should_stop)
        hypothesis = pvalues.min(axis=1)
        hypothesis *= 2.0
        np.minimum(hypothesis, 1.0, out=hypothesis)
        return PairScan(
            symbols=self.panel.symbols,
            first=first,
            second=second,
            numbers=results.numbers,
            pvalue=pvalues,
            hypothesis_pvalue=hypothesis,
            qvalue=adjust(hypothesis, self.fdr),
            lag=results.lags,
            correlation=results.correlation,
            n_obs=results.overlap,
            codes=results.codes,
            trend=self.trend,
            fdr=self.fdr,
            alpha=self.alpha,
        )


def blank_untested(results: Results) -> None:
    """NaN for whatever a failed test left behind; a collinear pair keeps its correlation."""
    failed = np.flatnonzero(results.codes != TESTED)
    results.numbers[failed] = np.nan
    results.lags[failed] = 0
    results.correlation[failed[results.codes[failed] != COLLINEAR]] = np.nan


def _columns(families: list[Family]) -> tuple[Columns, Columns]:
    """Panel columns of the first and second symbol of every pair."""
    n_pairs = sum(family.n_pairs for family in families)
    first, second = np.empty(n_pairs, dtype=np.int32), np.empty(n_pairs, dtype=np.int32)
    row = 0
    for family in families:
        columns = family.columns.astype(np.int32)
        for i in range(columns.size - 1):
            partners = columns[i + 1 :]
            first[row : row + partners.size] = columns[i]
            second[row : row + partners.size] = partners
            row += partners.size
    return first, second


def _pvalues(
    statistic: Float2D, trend: Trend, n_threads: int | None, should_stop: ShouldStop | None
) -> Float2D:
    """p-values (n_pairs, 2), a chunk at a time: the surfaces need several copies of what they work on."""
    pvalues = np.empty(statistic.shape)

    def task(at: int) -> int:
        part = slice(at, at + _PVALUE_CHUNK)
        pvalues[part] = mackinnon.pvalue(statistic[part], trend)
        return len(pvalues[part])

    tasks = (partial(task, at) for at in range(0, statistic.shape[0], _PVALUE_CHUNK))
    Pool(n_threads or usable_cpus(), statistic.shape[0], None, should_stop).work_through(tasks)
    return pvalues
