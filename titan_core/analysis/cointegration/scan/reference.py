"""The scan as one plain test after another: the oracle of the quick way, and slow."""

import numpy as np

from titan_core.analysis.cointegration import kernels as one
from titan_core.analysis.cointegration.engle_granger import TRENDS, engle_granger
from titan_core.analysis.cointegration.scan import kernels
from titan_core.analysis.cointegration.scan.kernels import Results, Settings
from titan_core.analysis.cointegration.scan.plan import Family
from titan_core.analysis.spreads import half_life
from titan_core.errors import Cancelled, CollinearSeries, DegenerateSeries
from titan_core.types import Autolag, Float1D, Float2D, Progress, ShouldStop

__all__ = ["run_reference"]


def run_reference(
    values: Float2D,
    families: list[Family],
    settings: Settings,
    autolag: Autolag,
    *,
    progress: Progress | None,
    should_stop: ShouldStop | None,
) -> Results:
    """`engle_granger` of every pair of every family, both ways, on this thread; as `run` otherwise."""
    n_pairs = sum(family.n_pairs for family in families)
    results = kernels.empty_results(n_pairs)
    row = 0
    for family in families:
        for i, a in enumerate(family.columns):
            for b in family.columns[i + 1 :]:
                if should_stop is not None and should_stop():
                    raise Cancelled(f"the scan was stopped after {row:,} of {n_pairs:,} pairs")
                _test(values[a], values[b], settings, autolag, results, row)
                row += 1
                if progress is not None:
                    progress(row, n_pairs)
    return results


def _test(
    first: Float1D, second: Float1D, settings: Settings, autolag: Autolag, results: Results, row: int
) -> None:
    """Both directions of one pair, on the bars both have."""
    both = ~(np.isnan(first) | np.isnan(second))
    legs = first[both], second[both]
    results.overlap[row] = legs[0].size
    if legs[0].size < settings.min_overlap or kernels.lag_limit(legs[0].size, settings) < 0:
        results.codes[row] = one.OVERLAP
        return
    results.codes[row] = one.TESTED
    results.correlation[row] = _correlation(*legs, log_values=settings.log_values)
    for direction, (y, x) in enumerate((legs, legs[::-1])):
        try:
            test = engle_granger(
                y,
                x,
                trend=TRENDS[settings.n_terms],
                max_lag=None if settings.max_lag < 0 else settings.max_lag,
                autolag=autolag,
            )
        except CollinearSeries:
            results.codes[row] = one.COLLINEAR
        except DegenerateSeries:
            code = one.regress(y, x, settings.n_terms, np.empty(y.size), np.zeros(3))[1]
            results.codes[row] = one.CONSTANT if code == one.CONSTANT else one.SINGULAR
        else:
            life = half_life(test.residual)
            results.numbers[row, direction] = test.statistic, test.hedge_ratio, test.intercept, life
            results.lags[row, direction] = test.lag


def _correlation(y: Float1D, x: Float1D, *, log_values: bool) -> float:
    """Of log returns; NaN where prices have no logs."""
    if not log_values:
        if min(y.min(), x.min()) <= 0.0:
            return float("nan")
        y, x = np.log(y), np.log(x)
    with np.errstate(invalid="ignore", divide="ignore"):
        return float(np.corrcoef(np.diff(y), np.diff(x))[0, 1])
