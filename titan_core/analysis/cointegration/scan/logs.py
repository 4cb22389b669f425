"""Logs for a scan: a symbol whose prices have none is set aside instead of failing all the others."""

from dataclasses import replace

import numpy as np
import numpy.typing as npt

from titan_core.analysis.cointegration.kernels import NOT_POSITIVE
from titan_core.analysis.cointegration.scan.kernels import Results
from titan_core.data.panels import PricePanel
from titan_core.types import BoolArray

__all__ = ["mark_not_positive", "positive_logs", "without_logs"]


def positive_logs(panel: PricePanel) -> PricePanel:
    """Logs of a panel's prices; a symbol with any price at or below zero is left without bars (all NaN)."""
    if panel.scale == "log":
        return panel
    values = panel.values.copy()
    values[:, without_logs(panel)] = np.nan
    np.log(values, out=values)
    return replace(panel, values=values, scale="log")


def without_logs(panel: PricePanel) -> BoolArray:
    """Which symbols have a price at or below zero, shape (n_symbols,); none where values are logs already."""
    if panel.scale == "log":
        return np.zeros(panel.n_symbols, dtype=np.bool_)
    return np.asarray((panel.values <= 0.0).any(axis=0))


def mark_not_positive(
    panel: PricePanel, first: npt.NDArray[np.int32], second: npt.NDArray[np.int32], results: Results
) -> None:
    """Give the pairs of symbols without logs that reason, and the number of bars both have."""
    flagged = without_logs(panel)
    rows = np.flatnonzero(flagged[first] | flagged[second])
    if not rows.size:
        return
    present = ~np.isnan(panel.values)
    shared = {
        int(column): np.count_nonzero(present & present[:, [column]], axis=0)
        for column in np.flatnonzero(flagged)
    }
    results.codes[rows] = NOT_POSITIVE
    for row in rows:
        i, j = int(first[row]), int(second[row])
        results.overlap[row] = shared[i][j] if i in shared else shared[j][i]
