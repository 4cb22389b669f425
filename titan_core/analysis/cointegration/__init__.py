"""Cointegration: one pair (`engle_granger`) and all of them (`scan_pairs`)."""

from titan_core.analysis.cointegration.engle_granger import CointegrationTest, engle_granger
from titan_core.analysis.cointegration.reasons import REASONS
from titan_core.analysis.cointegration.scan.face import scan_pairs
from titan_core.analysis.cointegration.scan.result import PairScan

__all__ = ["REASONS", "CointegrationTest", "PairScan", "engle_granger", "scan_pairs"]
