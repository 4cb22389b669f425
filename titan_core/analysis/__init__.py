"""Analysis: which pairs are cointegrated, and how their spreads behave."""

from titan_core.analysis.cointegration import (
    FWER_DRAWS,
    REASONS,
    CointegrationTest,
    NullTally,
    OutlierRetest,
    PairScan,
    block_length_for,
    default_draws,
    engle_granger,
    lowest_statistics,
    null_panel,
    positive_logs,
    retest_without_outliers,
    scan_null,
    scan_pairs,
)
from titan_core.analysis.spreads import half_life, rolling_z_score, spread

__all__ = [
    "FWER_DRAWS",
    "REASONS",
    "CointegrationTest",
    "NullTally",
    "OutlierRetest",
    "PairScan",
    "block_length_for",
    "default_draws",
    "engle_granger",
    "half_life",
    "lowest_statistics",
    "null_panel",
    "positive_logs",
    "retest_without_outliers",
    "rolling_z_score",
    "scan_null",
    "scan_pairs",
    "spread",
]
