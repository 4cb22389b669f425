"""Cointegration: one pair (`engle_granger`), all of them (`scan_pairs`), and what the findings are worth."""

from titan_core.analysis.cointegration.engle_granger import CointegrationTest, engle_granger
from titan_core.analysis.cointegration.null import (
    FWER_DRAWS,
    NullTally,
    add_draw,
    block_length_for,
    default_draws,
    lowest_statistics,
    null_panel,
    scan_null,
)
from titan_core.analysis.cointegration.outliers import OutlierRetest, retest_without_outliers
from titan_core.analysis.cointegration.reasons import REASONS
from titan_core.analysis.cointegration.scan.face import scan_pairs
from titan_core.analysis.cointegration.scan.logs import positive_logs
from titan_core.analysis.cointegration.scan.result import PairScan
from titan_core.analysis.cointegration.scan.split import PartResults, ScanPart, SplitScan

__all__ = [
    "FWER_DRAWS",
    "REASONS",
    "CointegrationTest",
    "NullTally",
    "OutlierRetest",
    "PairScan",
    "PartResults",
    "ScanPart",
    "SplitScan",
    "add_draw",
    "block_length_for",
    "default_draws",
    "engle_granger",
    "lowest_statistics",
    "null_panel",
    "positive_logs",
    "retest_without_outliers",
    "scan_null",
    "scan_pairs",
]
