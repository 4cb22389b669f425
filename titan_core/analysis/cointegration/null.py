"""A scan's own null: what the very same scan finds on a market like this one in which nothing is cointegrated.

A draw is made by the stationary bootstrap of Politis & Romano (1994) of the joint rows of first differences (log
returns), cumulated: every symbol gets a unit root of its own, while what moves together on a day still does, and
volatility clusters, fat tails and short autocorrelation stay. Bars that are missing stay missing.

Every draw is scanned with the scan's own settings. The mean number of its discoveries says how much of the real number
the method produces by itself. From 199 draws on, the Romano–Wolf step-down gives each pair a p-value that holds the
chance of even one false discovery: its lowest statistic is compared with the lowest over it and every weaker pair of
each draw.

References
----------
Romano & Wolf (2005), "Stepwise multiple testing as formalized data snooping", Econometrica 73(4), 1237–1282; (2016),
"Efficient computation of adjusted p-values for resampling-based stepdown multiple testing", Statistics & Probability
Letters 113, 38–40.
"""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from titan_core.analysis.cointegration.scan.face import scan_pairs
from titan_core.analysis.cointegration.scan.kernels import STATISTIC
from titan_core.analysis.cointegration.scan.result import PairScan
from titan_core.checks import as_count
from titan_core.data.panels import PricePanel
from titan_core.errors import DegenerateSeries, InvalidInput
from titan_core.statistics.bootstrap import optimal_block_length, stationary_indices
from titan_core.types import Float1D, Float2D, Int1D, Progress, ShouldStop

__all__ = [
    "FWER_DRAWS",
    "NullTally",
    "add_draw",
    "block_length_for",
    "default_draws",
    "lowest_statistics",
    "null_panel",
    "scan_null",
]

# Fewest draws from which a family-wise p-value is worth showing: it can then be as low as 0.5 %.
FWER_DRAWS = 199
# Pairs re-tested on the null by default, and the most draws that buys a small scan.
_BUDGET, _MOST, _USUAL_LAG = 640_000, 20, 27
# Symbols whose autocorrelation decides the block length.
_SAMPLED = 100
_NOMINAL = 0.05


@dataclass(frozen=True, slots=True, eq=False)
class NullTally:
    """What the draws made so far came to.

    Attributes
    ----------
    discoveries, nominal : tuple of int, one a draw
        Pairs with q at most alpha, and with p at most 5 %.
    exceeded : ndarray of shape (n_kept,)
        For the pairs with the lowest statistics, the lowest first: in how many draws it or a weaker pair (of all
        tested) went as low.
    """

    discoveries: tuple[int, ...] = ()
    nominal: tuple[int, ...] = ()
    exceeded: Int1D = field(default_factory=lambda: np.zeros(0, dtype=np.int64), repr=False)

    @property
    def n_draws(self) -> int:
        """Draws made."""
        return len(self.discoveries)

    @property
    def mean_discoveries(self) -> float:
        """NaN without draws."""
        return float(np.mean(self.discoveries)) if self.discoveries else math.nan

    @property
    def mean_nominal(self) -> float:
        """NaN without draws."""
        return float(np.mean(self.nominal)) if self.nominal else math.nan

    def fwer_pvalues(self) -> Float1D:
        """Romano–Wolf p-values of the pairs kept, the lowest statistic first: (1 + exceeded) / (1 + draws), rising."""
        return np.maximum.accumulate((1.0 + self.exceeded) / (1.0 + self.n_draws))

    def as_dict(self) -> dict[str, Any]:
        """Plain JSON values, from which `from_dict` makes an equal one."""
        return {
            "discoveries": list(self.discoveries),
            "nominal": list(self.nominal),
            "exceeded": self.exceeded.tolist(),
        }

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> "NullTally":
        """A tally as it was kept."""
        return cls(
            tuple(values["discoveries"]),
            tuple(values["nominal"]),
            np.array(values["exceeded"], dtype=np.int64),
        )


def default_draws(n_pairs: int, max_lag: int | None = None) -> int:
    """Draws a scan of this many pairs can afford: 20 for small ones, 5 for 500 symbols, 1 for thousands.

    A test's cost grows with the square of its largest lag, so long lags leave room for fewer; None counts as the
    default rule's 27 at ten years.
    """
    work = n_pairs if max_lag is None else n_pairs * max_lag**2 // _USUAL_LAG**2
    return max(1, min(_MOST, _BUDGET // max(1, work)))


def lowest_statistics(scan: PairScan) -> Float1D:
    """The lower of both directions' statistics of each pair, NaN where not tested: `scan_null`'s ``observed``."""
    return np.asarray(scan.numbers[:, :, STATISTIC].min(axis=1))


def block_length_for(panel: PricePanel) -> float:
    """Mean block length for a panel: the median over (at most 100) symbols of `optimal_block_length`, or n^⅓ if more.

    Daily returns hardly correlate, so the first rule alone would nearly draw bars one by one and break volatility
    clusters up; n^⅓, 14 bars for ten years, is its own order of magnitude.
    """
    lengths = [1.0]
    for column in np.unique(np.linspace(0, panel.n_symbols - 1, _SAMPLED).astype(int)):
        series = panel.values[:, column]
        steps = np.diff(series[~np.isnan(series)])
        if steps.size >= 20:
            try:
                lengths.append(optimal_block_length(steps))
            except DegenerateSeries:
                continue
    return max(float(np.median(lengths)), float(np.cbrt(panel.n_bars)), 1.0)


def null_panel(panel: PricePanel, *, seed: int, draw: int, block_length: float | None = None) -> PricePanel:
    """One draw of a panel's null, the same for the same seed and number; NaN exactly where the panel has NaN.

    Each symbol's differences are those between its own bars, one over a gap belonging to the bar after it. On days
    before its first bar or after its last a symbol has none: there its own history is repeated, so that a symbol of
    three years meets one of ten on resampled days of both.
    """
    length = block_length_for(panel) if block_length is None else block_length
    generator = np.random.default_rng(np.random.SeedSequence(seed, spawn_key=(draw,)))
    steps, first = _steps(panel.values)
    values = np.empty_like(steps, shape=panel.values.shape)
    values[0] = first
    if panel.n_bars > 1:
        rows = stationary_indices(panel.n_bars - 1, length, generator)
        np.cumsum(steps[rows], axis=0, out=values[1:])
        values[1:] += first
    values[np.isnan(panel.values)] = np.nan
    return replace(panel, values=values)


def _steps(values: Float2D) -> tuple[Float2D, Float1D]:
    """Differences (n_bars - 1, n_symbols) without holes, and first values; zero for a symbol of fewer than two bars."""
    steps = np.diff(values, axis=0)
    first = np.zeros(values.shape[1])
    missing = np.isnan(values)
    for column in range(values.shape[1]):
        bars = np.flatnonzero(~missing[:, column])
        if bars.size:
            first[column] = values[bars[0], column]
        if bars.size == values.shape[0]:
            continue
        own = np.zeros(values.shape[0])
        own[bars[1:]] = np.diff(values[bars, column])
        if bars.size > 1:
            history = own[bars[0] + 1 : bars[-1] + 1]
            steps[:, column] = history[(np.arange(steps.shape[0]) - bars[0]) % history.size]
        else:
            steps[:, column] = 0.0
    return steps, first


def scan_null(
    panel: PricePanel,
    observed: Float1D,
    *,
    draws: int,
    seed: int,
    block_length: float | None = None,
    n_kept: int = 0,
    tally: NullTally | None = None,
    on_draw: Callable[[NullTally], None] | None = None,
    progress: Progress | None = None,
    should_stop: ShouldStop | None = None,
    **options: Any,
) -> NullTally:
    """Scan draws of a panel's null as the panel itself was scanned.

    Parameters
    ----------
    panel : PricePanel as scanned: of logs, as a rule (`positive_logs`).
    observed : `lowest_statistics` of the scan.
    draws : how many to make in all.
    seed : the same seed gives the same draws, one by one, wherever a run was resumed.
    block_length : mean block in bars; None for `block_length_for`.
    n_kept : for how many of the lowest statistics exceedances are counted, for `NullTally.fwer_pvalues`.
    tally : draws made before, to go on from.
    on_draw : called with the tally after each draw, to keep it.
    progress, should_stop : as in `scan_pairs`; progress counts the pairs of all draws.
    options : the scan's own: trend, max_lag, autolag, min_overlap, families, fdr, alpha, n_threads.

    Raises
    ------
    InvalidInput
        An unknown option, or statistics of another number of pairs than the scan forms.
    Cancelled
        ``should_stop`` returned True; what ``on_draw`` was given last still stands.
    """
    as_count(draws, "draws")
    formed = int(np.count_nonzero(~np.isnan(observed)))
    done = tally or NullTally(exceeded=np.zeros(min(as_count(n_kept, "n_kept"), formed), dtype=np.int64))
    length = block_length_for(panel) if block_length is None else block_length
    for draw in range(done.n_draws, draws):
        made = scan_pairs(
            null_panel(panel, seed=seed, draw=draw, block_length=length),
            progress=_shifted(progress, draw, draws),
            should_stop=should_stop,
            **options,
        )
        done = add_draw(done, made, observed, n_kept=n_kept)
        if on_draw is not None:
            on_draw(done)
    return done


def add_draw(tally: NullTally, made: PairScan, observed: Float1D, *, n_kept: int = 0) -> NullTally:
    """A tally with one draw more, that of scanning `null_panel` of its number; the rest as in `scan_null`.

    Raises
    ------
    InvalidInput
        Statistics of another number of pairs than the scan of the draw formed.
    """
    statistics = np.asarray(observed, dtype=np.float64)
    if made.codes.size != statistics.size:
        raise InvalidInput(f"observed holds {statistics.size} pairs; this scan forms {made.codes.size}")
    order = np.argsort(statistics, kind="stable")[: int(np.count_nonzero(~np.isnan(statistics)))]
    kept = min(as_count(n_kept, "n_kept"), order.size)
    exceeded = tally.exceeded if tally.exceeded.size else np.zeros(kept, dtype=np.int64)
    return NullTally(
        (*tally.discoveries, made.n_discoveries),
        (*tally.nominal, int(np.count_nonzero(made.hypothesis_pvalue <= _NOMINAL))),
        exceeded + (_lowest_from(lowest_statistics(made), order)[:kept] <= statistics[order[:kept]]),
    )


def _lowest_from(drawn: Float1D, order: Int1D) -> Float1D:
    """For each place in the order the lowest statistic of that pair and all after it; untested pairs don't count."""
    ranked = np.nan_to_num(drawn[order], nan=np.inf)
    return np.minimum.accumulate(ranked[::-1])[::-1]


def _shifted(progress: Progress | None, draw: int, draws: int) -> Progress | None:
    """Progress of one draw as a part of all."""
    if progress is None:
        return None
    report = progress
    return lambda done, total: report(draw * total + done, draws * total)
