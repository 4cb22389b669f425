"""Analysis: which pairs are cointegrated, and how their spreads behave."""

from titan_core.analysis.cointegration import REASONS, CointegrationTest, PairScan, engle_granger, scan_pairs
from titan_core.analysis.spreads import half_life, rolling_z_score, spread

__all__ = [
    "REASONS",
    "CointegrationTest",
    "PairScan",
    "engle_granger",
    "half_life",
    "rolling_z_score",
    "scan_pairs",
    "spread",
]
